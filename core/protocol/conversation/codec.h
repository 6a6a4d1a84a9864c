// SPDX-License-Identifier: GPL-3.0-or-later
// One codec a wire format: bytes to canonical values and back. Pure; a codec holds no state, its
// stream readers and writers hold that of one stream.
#pragma once

#include "core/base/result.h"
#include "core/protocol/conversation/event.h"
#include "core/protocol/conversation/request.h"
#include "core/protocol/conversation/response.h"

#include <QByteArrayList>

#include <memory>

namespace tollgate::protocol {

// What a target can take and how, as far as it changes the encoding: facts of the model and of the
// vendor, from the catalogue and the provider's row.
struct Target
{
    QByteArray model; // the vendor's name
    std::int64_t maxOutputTokens = 0; // 0: unknown
    bool takesSampling = true; // temperature, top_p, top_k
    bool takesImageUrls = true;
    bool takesReasoningContent = false; // wants reasoning_content back (DeepSeek-like)
    bool takesDeveloperRole = false;
    bool takesStrictSchemas = true;
    bool takesParallelToolCalls = true;
    bool maxCompletionTokens = false; // spells the limit max_completion_tokens
    bool adaptiveThinking = false; // Anthropic: adaptive + effort instead of a budget
    bool thinkingLevels = false; // Gemini 3: thinkingLevel instead of thinkingBudget
    bool midConversationSystem = false; // Anthropic's newest models
    QByteArrayList efforts; // names accepted; empty: unknown, pass on
};

// What could not be carried over: told to the client in x-tollgate-dropped and kept in the record.
struct Dropped
{
    QByteArrayList members; // canonical, short names: "seed", "logit_bias", "tool:web_search"
    void note(QByteArray member);
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
    virtual ~StreamDecoder() = default;
    // One event of the wire: SSE `type` and `data`, one NDJSON line, or one binary message.
    // Appends what it means. What cannot be read becomes a StreamFailure.
    virtual void read(QByteArrayView type, QByteArrayView data, std::vector<StreamEvent> &out) = 0;
    // The bytes are over: closes open parts and adds StreamEnd, or StreamFailure where the stream
    // was cut before its end.
    virtual void finish(std::vector<StreamEvent> &out) = 0;
};

// Writes one client stream.
class StreamEncoder
{
public:
    virtual ~StreamEncoder() = default;
    // Appends the bytes to send, SSE or NDJSON framing included. A StreamFailure ends the stream
    // with an error in the dialect's own grammar, never with its success terminator.
    virtual void write(const StreamEvent &event, QByteArray &out) = 0;
};

// What the client asked for that its answer must echo or obey.
struct AnswerContext
{
    QByteArray requestId;
    QByteArray model; // as the client named it
    std::int64_t nowS = 0;
    bool includeUsage = false; // Chat
    bool sse = true; // Gemini without alt=sse: a JSON array
    const GenerateRequest *request = nullptr; // may be echoed (Responses)
};

class Codec
{
public:
    virtual ~Codec() = default;
    [[nodiscard]] virtual Wire wire() const = 0;
    // InvalidRequest with `param` for what the dialect forbids or the gateway cannot carry.
    [[nodiscard]] virtual Result<GenerateRequest> decodeRequest(QByteArrayView body) const = 0;
    [[nodiscard]] virtual Result<EncodedRequest> encodeRequest(const GenerateRequest &request,
                                                               const Target &target) const
        = 0;
    // UpstreamFailed where the body is no answer; an error told inside a 200 likewise.
    [[nodiscard]] virtual Result<GenerateResponse> decodeResponse(QByteArrayView body) const = 0;
    [[nodiscard]] virtual QByteArray encodeResponse(const GenerateResponse &response,
                                                    const AnswerContext &context) const
        = 0;
    [[nodiscard]] virtual std::unique_ptr<StreamDecoder> streamDecoder() const = 0;
    [[nodiscard]] virtual std::unique_ptr<StreamEncoder>
    streamEncoder(const AnswerContext &context) const = 0;
};

} // namespace tollgate::protocol
