// SPDX-License-Identifier: GPL-3.0-or-later
// The pieces that a whole answer and the chunks of a streamed one share.
#pragma once

#include "core/codecs/gemini/details.h"

namespace tollgate::codecs::gemini {

// What stands beside a candidate's content once it is complete.
struct CandidateEnd
{
    std::int64_t index = 0;
    conversation::Stop stop;
    std::vector<CitedText> cited;
    QByteArray logprobs; // Chat's elements
    Native native;

    void write(JsonWriter &out, Dialect source) const;
};

// The members that say whose answer this is.
struct Envelope
{
    QByteArray id;
    QByteArray model;
    QByteArray requestId;
    QByteArray askedModel;
    Native native;

    void write(JsonWriter &out) const;
};

} // namespace tollgate::codecs::gemini
