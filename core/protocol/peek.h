// SPDX-License-Identifier: GPL-3.0-or-later
// A look into a request body: validated once as JSON, a handful of members read, nothing decoded.
// And the surgical edits that leave every other byte as the client sent it.
#pragma once

#include "core/protocol/endpoint.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::protocol {

struct JsonLimits
{
    int depth = 128; // at most 1024 is honoured
    qsizetype keys = 100'000;
};

struct Span // a byte range of the body; length 0: absent
{
    qsizetype at = 0;
    qsizetype length = 0;
};

struct Peek
{
    QByteArray model;
    bool stream = false;
    bool asksUsage = false; // stream_options.include_usage is true
    std::optional<std::int64_t>
        maxOutput; // max_tokens, max_completion_tokens, max_output_tokens, …
    std::int64_t choices = 1; // n, candidateCount, best_of; times the prompts of a batch
    // An upper bound of the input tokens; see inputCeiling() in the source for the rule.
    std::int64_t inputTokensCeiling = 0;
    bool inputElsewhere = false; // part of the input is not in the body: the bound is a guess there
    QByteArray sessionHint; // prompt_cache_key, metadata.user_id …; may be empty

    // Where the edits go. Top-level value ranges in the body.
    Span modelValue;
    std::vector<Span> nestedModels; // Gemini batches name the model once an element
    Span streamValue;
    Span streamOptionsValue; // the whole object, or null
    Span includeUsageValue;
    Span maxOutputValue;
    // The object that the maximum lives in, or null: Gemini's generationConfig, Ollama's options.
    Span generationConfigValue;
    qsizetype objectStart = 0; // just behind the opening brace
    bool emptyObject = false;
    QByteArray maxOutputName; // the member's name as the client wrote it; empty if absent
};

// Strict JSON (RFC 8259) in valid UTF-8 without a byte order mark, within the limits.
[[nodiscard]] Result<void> validateJson(QByteArrayView bytes, const JsonLimits &limits = {});

// InvalidRequest with `param` where the body is not acceptable JSON, not an object, nested too
// deep, names model/stream/max tokens twice, or gives them a wrong type or an absurd value.
[[nodiscard]] Result<Peek> peek(const Endpoint &endpoint, QByteArrayView body,
                                const JsonLimits &limits = {});

struct Edits
{
    QByteArray model; // empty: leave it
    bool stream = false; // ask for one, where the body says it (not Gemini's)
    bool addIncludeUsage = false; // Chat and Completions streams
    std::optional<std::int64_t> maxOutput;
    // The member to add where the client gave none; empty takes the dialect's usual one. Chat has
    // two: OpenAI's reasoning models refuse max_tokens, most compatible servers know nothing else.
    QByteArray maxOutputName;
};

// The body with the edits applied; the very same bytes (shared, not copied) when there are none.
[[nodiscard]] QByteArray applyEdits(const QByteArray &body, const Endpoint &endpoint,
                                    const Peek &peek, const Edits &edits);

} // namespace tollgate::protocol
