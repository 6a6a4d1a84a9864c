// SPDX-License-Identifier: GPL-3.0-or-later
// A generation's answer in canonical form, whole.
#pragma once

#include "core/base/error.h"
#include "core/base/tokencounts.h"
#include "core/protocol/conversation/message.h"

namespace tollgate::protocol {

enum class StopReason {
    None, // not said (yet)
    End,
    StopSequence,
    MaxTokens,
    ContextFull,
    ToolUse,
    ContentFilter,
    Refusal,
    Recitation,
    Blocked, // blocklist, personal data, image safety
    BadToolCall,
    Paused,
    Compaction,
    Cancelled,
    Error,
    Other,
};

struct Stop
{
    StopReason reason = StopReason::None;
    QByteArray sequence; // the stop sequence that was met
    QByteArray native; // as the vendor spelt it
    Wire owner = Wire::Chat;
    bool operator==(const Stop &) const = default;
};

struct Candidate
{
    std::int64_t index = 0;
    Message message;
    Stop stop;
    QByteArray logprobs; // JSON, in the source's form
    Native native;
    bool operator==(const Candidate &) const = default;
};

struct GenerateResponse
{
    Wire source = Wire::Chat;
    QByteArray id;
    QByteArray model;
    std::int64_t createdS = 0; // 0: not said
    std::vector<Candidate> candidates;
    std::optional<TokenCounts> usage;
    QByteArray serviceTier;
    QByteArray promptBlocked; // reason, where the prompt itself was refused
    Native native;
    bool operator==(const GenerateResponse &) const = default;
};

} // namespace tollgate::protocol
