// SPDX-License-Identifier: GPL-3.0-or-later
// A generation's answer in canonical form, whole.
#pragma once

#include "core/base/error.h"
#include "core/base/tokencounts.h"
#include "core/conversation/message.h"

namespace tollgate::conversation {

// protocols.md's stop reasons: each dialect's spelling is its codec's business.
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
    Blocked, // block list, personal data, image safety
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
    bool operator==(const Stop &) const = default;
};

struct Usage
{
    TokenCounts counts;
    bool estimated = false; // counted here, for want of the vendor's figures
    bool suspect = false; // UsageFigures::suspect(): some figure was nonsense and was clamped
    Native native; // the vendor's further figures: server tools, predictions, cost …
    bool operator==(const Usage &) const = default;
};

struct Candidate
{
    std::int64_t index = 0;
    Message message{Role::Assistant};
    Stop stop;
    QByteArray logprobs; // Chat's {"content": […], "refusal": …} object
    Native native;
    bool operator==(const Candidate &) const = default;
};

struct Response
{
    Dialect source = Dialect::Chat;
    QByteArray id;
    QByteArray model;
    std::int64_t createdS = 0; // 0: not said
    std::vector<Candidate> candidates;
    std::optional<Usage> usage;
    QByteArray serviceTier;
    QByteArray promptBlocked; // the vendor's reason, where the prompt itself was refused
    Native native;
    bool operator==(const Response &) const = default;
};

} // namespace tollgate::conversation
