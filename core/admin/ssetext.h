// SPDX-License-Identifier: GPL-3.0-or-later
// A kept stream cut into its events for people to look at, whatever its dialect; what is broken is
// shown as it is. Pure.
#pragma once

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <vector>

namespace tollgate::admin {

struct StreamEvent
{
    std::int64_t offsetUs = -1; // when its last byte went out; -1: not known
    QByteArray type; // of its "event:" line or its data's "type"; "comment"; "[DONE]"
    QString delta; // the text that it adds to the answer, if it adds any
    QByteArray raw;
    bool whole = true; // its empty line came
};

// Server-sent events, or one JSON object a line. `timing` as store::BodyKind::Timing has it.
[[nodiscard]] std::vector<StreamEvent> streamEvents(const QByteArray &answer,
                                                    const QByteArray &timing, int most);

} // namespace tollgate::admin
