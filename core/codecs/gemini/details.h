// SPDX-License-Identifier: GPL-3.0-or-later
// What comes beside a candidate's text: sources it rests on, and probabilities of its tokens.
#pragma once

#include "core/codecs/gemini/wire.h"

namespace tollgate::codecs::gemini {

// Sources of groundingMetadata or citationMetadata. Their offsets are bytes of `text`; those told
// are code points. A place that is not in the text is left out of the citation.
[[nodiscard]] std::vector<conversation::Citation> groundingCitations(JsonValue metadata,
                                                                     const QByteArray &text);
[[nodiscard]] std::vector<conversation::Citation> sourceCitations(JsonValue metadata,
                                                                  const QByteArray &text);
// The reverse: a groundingMetadata object for the texts of one candidate, or empty.
struct CitedText
{
    std::int64_t part = 0; // its index among the candidate's parts
    QByteArray text;
    std::vector<conversation::Citation> citations;
};
[[nodiscard]] QByteArray groundingMetadata(const std::vector<CitedText> &texts);

// The elements of Chat's logprobs.content for a logprobsResult, without brackets; and back.
[[nodiscard]] QByteArray chatLogprobs(JsonValue logprobsResult);
[[nodiscard]] QByteArray logprobsResult(const QByteArray &chatContent);

} // namespace tollgate::codecs::gemini
