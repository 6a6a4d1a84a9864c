// SPDX-License-Identifier: GPL-3.0-or-later
// A generation request in canonical form. Optional members are absent where the client was silent:
// absent is never a default.
#pragma once

#include "core/protocol/conversation/message.h"

#include <QByteArrayList>

namespace tollgate::protocol {

struct Tool
{
    enum class Kind { Function, Custom, Hosted };
    Kind kind = Kind::Function;
    QByteArray name;
    QByteArray description;
    QByteArray schema; // Function: JSON Schema text; empty: no parameters
    std::optional<bool> strict;
    QByteArray grammar; // Custom: the "format" object; empty: free text
    Wire owner = Wire::Chat; // Hosted: whose tool, and its native object
    QByteArray hosted;
    std::optional<CacheMark> cache;
    Native native;
    bool operator==(const Tool &) const = default;
};

struct ToolChoice
{
    enum class Mode { Auto, None, Required, Named };
    std::optional<Mode> mode;
    QByteArray name; // Named
    QByteArrayList allowed; // a subset of the tools by name; empty: all
    std::optional<bool> parallel;
    bool operator==(const ToolChoice &) const = default;
};

struct OutputFormat
{
    enum class Kind { Text, JsonObject, Schema };
    Kind kind = Kind::Text;
    QByteArray name;
    QByteArray description;
    QByteArray schema;
    std::optional<bool> strict;
    bool operator==(const OutputFormat &) const = default;
};

struct ReasoningSpec
{
    enum class Mode { Unset, Off, On, Adaptive };
    enum class Show { Unset, None, Summary, Full };
    Mode mode = Mode::Unset;
    QByteArray effort; // none, minimal, low, medium, high, xhigh, max
    std::optional<std::int64_t> budget; // tokens; -1: dynamic (Gemini)
    Show show = Show::Unset;
    bool operator==(const ReasoningSpec &) const = default;
};

struct Sampling
{
    // As spelt by the client, so that no digit changes on its way; empty: absent.
    QByteArray temperature;
    QByteArray topP;
    QByteArray topK;
    QByteArray presencePenalty;
    QByteArray frequencyPenalty;
    QByteArray seed;
    QByteArray logitBias; // JSON object
    std::optional<bool> logprobs;
    QByteArray topLogprobs;
    bool operator==(const Sampling &) const = default;
};

struct GenerateRequest
{
    Wire source = Wire::Chat;
    QByteArray model;
    bool stream = false;
    bool includeUsage = false; // Chat: stream_options.include_usage
    std::vector<Message> messages; // System ones stand where the client put them
    std::vector<Tool> tools;
    ToolChoice toolChoice;
    OutputFormat format;
    QByteArray verbosity;
    std::optional<std::int64_t> maxOutput;
    QByteArrayList stop;
    std::int64_t candidates = 1;
    Sampling sampling;
    ReasoningSpec reasoning;
    QByteArrayList modalities; // empty: text
    QByteArray serviceTier;
    QByteArray userId; // user, safety_identifier, metadata.user_id
    QByteArray metadata; // JSON object; empty: none
    QByteArray cacheKey; // prompt_cache_key
    std::optional<CacheMark> cache; // for the whole request
    std::optional<bool> store;
    QByteArray previousResponseId;
    Native native;
    bool operator==(const GenerateRequest &) const = default;
};

} // namespace tollgate::protocol
