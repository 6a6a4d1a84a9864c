// SPDX-License-Identifier: GPL-3.0-or-later
// A generation request in canonical form. Members are absent (nullopt or empty) where the client
// was silent: absent is never a default.
#pragma once

#include "core/conversation/message.h"

#include <QByteArrayList>

namespace tollgate::conversation {

struct Tool
{
    enum class Kind {
        Function,
        Custom, // free-text input (OpenAI "custom")
        Hosted, // run by the vendor: web search, code execution …
    };
    Kind kind = Kind::Function;
    QByteArray name;
    QByteArray description;
    QByteArray schema; // Function: JSON Schema text of the parameters; empty: none given
    std::optional<bool> strict;
    QByteArray format; // Custom: the "format" object; empty: free text
    QByteArray hostedType; // Hosted: "web_search_20250305", "googleSearch" …
    Dialect owner = Dialect::Chat; // Hosted: whose tool `json` is
    QByteArray json; // Hosted: the native object
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
    enum class Kind { Unset, Text, JsonObject, Schema };
    Kind kind = Kind::Unset;
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
    QByteArray effort; // none, minimal, low, medium, high, xhigh, max; empty: not said
    std::optional<std::int64_t> budget; // tokens; -1: dynamic (Gemini)
    Show show = Show::Unset;
    bool operator==(const ReasoningSpec &) const = default;
};

// As spelt by the client, so that no digit changes on its way; empty: absent.
struct Sampling
{
    QByteArray temperature;
    QByteArray topP;
    QByteArray topK;
    QByteArray minP;
    QByteArray presencePenalty;
    QByteArray frequencyPenalty;
    QByteArray repetitionPenalty;
    QByteArray seed;
    QByteArray logitBias; // JSON object
    std::optional<bool> logprobs;
    QByteArray topLogprobs;
    bool operator==(const Sampling &) const = default;
};

struct Request
{
    Dialect source = Dialect::Chat;
    QByteArray model;
    bool stream = false;
    bool includeUsage = false; // Chat: stream_options.include_usage
    std::vector<Message> messages; // System ones stand where the client put them
    std::vector<Tool> tools;
    ToolChoice toolChoice;
    OutputFormat format;
    QByteArray verbosity;
    QByteArrayList modalities; // empty: not said
    std::optional<std::int64_t> maxOutput;
    QByteArrayList stop;
    std::optional<std::int64_t> candidates; // n
    Sampling sampling;
    ReasoningSpec reasoning;
    QByteArray serviceTier;
    QByteArray userId; // user, safety_identifier, metadata.user_id
    QByteArray metadata; // JSON object; empty: none
    QByteArray cacheKey; // prompt_cache_key
    std::optional<CacheMark> cache; // for the whole request (Anthropic's automatic caching)
    std::optional<bool> store;
    QByteArray previousResponseId;
    Native native;
    bool operator==(const Request &) const = default;
};

} // namespace tollgate::conversation
