// SPDX-License-Identifier: GPL-3.0-or-later
// What Claude's APIs do not take, or take in bounds only.
#pragma once

#include "core/codecs/messages/arrange.h"

namespace tollgate::codecs::messages {

// Notes what no Claude can be told; InvalidRequest where leaving it out would change the meaning.
[[nodiscard]] Result<void> checkRequest(const Request &request, Dropped &dropped);

struct FitSampling
{
    QByteArray temperature;
    QByteArray topP;
    QByteArray topK;
};
// `own`: the client speaks this dialect and knows its rules. `thinks`: thinking fixes the
// temperature.
[[nodiscard]] FitSampling fitSampling(const Sampling &sampling, const Target &target, bool thinks,
                                      bool own, Dropped &dropped);
// Sequences of nothing but whitespace are refused by the vendor.
[[nodiscard]] QByteArrayList stopSequences(const QByteArrayList &stop, Dropped &dropped);
[[nodiscard]] QByteArray serviceTierOf(const QByteArray &tier, Dropped &dropped);
// At most four marks are taken; the later ones cover more.
void limitCacheMarks(Arranged &arranged, std::vector<Tool> &tools, Dropped &dropped);

} // namespace tollgate::codecs::messages
