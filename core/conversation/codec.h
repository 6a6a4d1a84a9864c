// SPDX-License-Identifier: GPL-3.0-or-later
// One codec a dialect: bytes to canonical values and back. Pure; a codec holds no state, its stream
// readers and writers hold that of one stream.
#pragma once

#include "core/base/result.h"
#include "core/conversation/dropped.h"
#include "core/conversation/event.h"
#include "core/conversation/request.h"
#include "core/conversation/response.h"
#include "core/conversation/untold.h"

#include <memory>

namespace tollgate::conversation {

// What a target takes and how, as far as it changes the encoding: facts of the model (from the
// catalogue) and of the vendor (from the provider's row). The defaults are those of the dialect's
// own vendor.
struct Target
{
    QByteArray model; // the vendor's name
    std::int64_t maxOutputTokens = 0; // the model's limit; 0: unknown
    bool takesSampling = true; // temperature, top_p, top_k
    bool takesImageUrls = true; // else the media room has fetched them already
    bool takesSystemRole = true;
    bool takesDeveloperRole = false; // Chat: "developer" instead of "system"
    bool takesStrictSchemas = true;
    bool takesJsonSchema = true; // else response_format json_object and an instruction
    bool takesRequiredChoice = true; // else auto and an instruction
    bool takesParallelToolCalls = true;
    bool takesStreamOptions = true;
    bool refusesUnknown = false; // answers 400 to members it does not know (Mistral)
    bool wantsReasoningContent
        = false; // wants reasoning_content of tool turns back (DeepSeek, Kimi)
    bool maxCompletionTokens = false; // Chat: spells the limit max_completion_tokens
    bool adaptiveThinking = false; // Anthropic: adaptive and effort instead of a budget
    bool thinkingLevels = false; // Gemini 3: thinkingLevel instead of thinkingBudget
    bool signsCalls = false; // Gemini 3: wants a thoughtSignature with each step's first call
    bool jsonSchemaTools = true; // Gemini: parametersJsonSchema instead of the OpenAPI subset
    bool midConversationSystem = false; // Anthropic's newest models
    bool takesPrefill = true; // Anthropic: an answer that the client begins
    bool takesTemperatureAndTopP = false; // Anthropic: both at once
    bool takesReasoning = true; // else the model does not reason, and is not asked to
    bool alwaysThinks = false; // reasoning cannot be switched off
    QByteArrayList efforts; // names accepted; empty: unknown, the dialect's usual ones
    QByteArray reasoningStyle; // Chat-compatible vendors: how reasoning is asked for, see chat.h
    bool thinkTags = false; // Chat-compatible vendors: think aloud, in <think> tags
    bool answersStreamsOnly = false;
    // Above this many tokens of output asked for, an answer is given as a stream only; 0: never.
    std::int64_t longestWhole = 0;
};

struct EncodedRequest
{
    QByteArray body;
    Dropped dropped;
};

// Reads the events of one upstream stream.
class StreamDecoder
{
public:
    StreamDecoder() = default;
    virtual ~StreamDecoder() = default;
    StreamDecoder(const StreamDecoder &) = delete;
    StreamDecoder &operator=(const StreamDecoder &) = delete;
    // One event of the wire: SSE `event` and `data`, one NDJSON line, or one binary message's event
    // type and payload. Appends what it means. An error event becomes a StreamFailure; data that is
    // not the dialect's is ignored where it can be and a StreamFailure where it cannot.
    virtual void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) = 0;
    // The bytes are over. Ends what is open and adds StreamEnd where the answer was complete, or a
    // StreamFailure (UpstreamFailed, "truncated") where it was cut. Nothing after a StreamEnd or
    // StreamFailure that read() gave.
    virtual void finish(StreamEvents &out) = 0;
};

// Writes one client stream.
class StreamEncoder
{
public:
    StreamEncoder() = default;
    virtual ~StreamEncoder() = default;
    StreamEncoder(const StreamEncoder &) = delete;
    StreamEncoder &operator=(const StreamEncoder &) = delete;
    // Appends the bytes to send, SSE or NDJSON framing included; may append none. A StreamFailure
    // ends the stream with an error in the dialect's own grammar, never with its terminator. Any
    // sequence of events is answered with a grammatical stream; the usage of the last UsageReport
    // is told where the dialect tells usage.
    virtual void write(const StreamEvent &event, QByteArray &out) = 0;
};

// What the client asked for that its answer echoes or obeys. Outlives the encoder.
struct AnswerContext
{
    QByteArray requestId; // ours: "req_…"
    QByteArray model; // as the client named it
    std::int64_t nowS = 0;
    bool includeUsage = false; // Chat: the client asked for the usage chunk
    bool sse = true; // Gemini without alt=sse: one JSON array
    const Request *request = nullptr; // echoed by Responses; tells which tools were Custom
};

class Codec
{
public:
    Codec() = default;
    virtual ~Codec() = default;
    Codec(const Codec &) = delete;
    Codec &operator=(const Codec &) = delete;

    [[nodiscard]] virtual Dialect dialect() const = 0;

    // InvalidRequest with `param` for what the dialect forbids or the gateway cannot carry.
    // Dialects that name model and stream in the path (Gemini) leave them for the caller to fill
    // in.
    [[nodiscard]] virtual Result<Request> decodeRequest(QByteArrayView body) const = 0;
    // InvalidRequest where the target cannot do what was asked and leaving it out would change the
    // meaning; otherwise what was left out is noted.
    [[nodiscard]] virtual Result<EncodedRequest> encodeRequest(const Request &request,
                                                               const Target &target) const
        = 0;
    // UpstreamFailed where the body is no answer of this dialect, or an error told inside a 200.
    [[nodiscard]] virtual Result<Response> decodeResponse(QByteArrayView body) const = 0;
    [[nodiscard]] virtual QByteArray encodeResponse(const Response &response,
                                                    const AnswerContext &context) const
        = 0;
    // What such an answer has a place for.
    [[nodiscard]] virtual AnswerPlaces answerPlaces(const AnswerContext &) const { return {}; }
    [[nodiscard]] virtual std::unique_ptr<StreamDecoder> streamDecoder() const = 0;
    [[nodiscard]] virtual std::unique_ptr<StreamEncoder>
    streamEncoder(const AnswerContext &context) const = 0;
};

} // namespace tollgate::conversation
