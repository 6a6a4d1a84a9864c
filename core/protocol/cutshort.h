// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a stream that the gateway cuts short: what its dialect says where an answer has
// reached its maximum length, with the usage, and the usual terminator.
#pragma once

#include "core/base/tokencounts.h"
#include "core/protocol/answerfacts.h"
#include "core/protocol/endpoint.h"

namespace tollgate::protocol {

struct CutShort
{
    const AnswerFacts &soFar;
    TokenCounts usage;
    QByteArray model; // where the provider has named none
    std::int64_t createdS = 0;
    bool tellUsage = false; // Chat: the client asked for a chunk of usage
};

// "length", "max_tokens", ...: what the dialect calls an answer that was cut at its maximum.
[[nodiscard]] QByteArray lengthReason(Dialect dialect);
// Closes what the stream has begun, and the stream. Bytes to send behind its last whole event.
[[nodiscard]] QByteArray endAtLength(const Endpoint &endpoint, const CutShort &cut);

} // namespace tollgate::protocol
