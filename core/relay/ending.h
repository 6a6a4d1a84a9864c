// SPDX-License-Identifier: GPL-3.0-or-later
// What the ways of delivering an answer have in common: how they end. Internal to this room.
#pragma once

#include "core/relay/call.h"

namespace tollgate::relay {

// The channel answered with what is no answer.
[[nodiscard]] Error badAnswer(const Attempt &attempt, const QString &what, const char *code);
// What a vendor said, with the channel's key and what looks like one taken out.
[[nodiscard]] QByteArray withoutKey(const Attempt &attempt, QByteArray said);
// Nothing came back, or not an HTTP success.
[[nodiscard]] Ending failedEnding(const Call &call, const Attempt &attempt, Error error);
// The fields that the client gets with this answer.
[[nodiscard]] Headers answerHeaders(const Call &call, const Attempt &attempt);

} // namespace tollgate::relay
