// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/cutshort.h"

#include "core/base/jsonwriter.h"

namespace tollgate::protocol {
namespace {

QByteArray modelOf(const CutShort &cut)
{
    return cut.soFar.servedModel.isEmpty() ? cut.model : cut.soFar.servedModel;
}

void beginChunk(JsonWriter &json, Dialect dialect, const CutShort &cut)
{
    const bool chat = dialect == Dialect::Chat;
    json.beginObject()
        .member("id", cut.soFar.vendorId)
        .member("object", chat ? "chat.completion.chunk" : "text_completion")
        .member("created", cut.createdS)
        .member("model", modelOf(cut));
    json.key("choices").beginArray();
}

QByteArray chatEnd(Dialect dialect, const CutShort &cut)
{
    JsonWriter json;
    beginChunk(json, dialect, cut);
    for (int index = 0; index < 128; ++index) {
        const auto word = static_cast<std::size_t>(index / 64);
        if ((cut.soFar.openChoices[word] >> (index % 64) & 1) == 0)
            continue;
        json.beginObject().member("index", index);
        if (dialect == Dialect::Chat)
            json.key("delta").beginObject().endObject();
        else
            json.member("text", "");
        json.key("logprobs").null();
        json.member("finish_reason", lengthReason(dialect)).endObject();
    }
    json.endArray().endObject();
    QByteArray out = "data: " + json.take() + "\n\n";
    if (cut.tellUsage) {
        beginChunk(json, dialect, cut);
        json.endArray().key("usage").beginObject();
        json.member("prompt_tokens", cut.usage.totalInput())
            .member("completion_tokens", cut.usage.totalOutput())
            .member("total_tokens", cut.usage.total());
        json.endObject().endObject();
        out += "data: " + json.take() + "\n\n";
    }
    return out + "data: [DONE]\n\n";
}

QByteArray messagesEnd(const CutShort &cut)
{
    QByteArray out;
    JsonWriter json;
    if (cut.soFar.openBlock >= 0) {
        json.beginObject()
            .member("type", "content_block_stop")
            .member("index", cut.soFar.openBlock)
            .endObject();
        out += "event: content_block_stop\ndata: " + json.take() + "\n\n";
    }
    json.beginObject().member("type", "message_delta").key("delta").beginObject();
    json.member("stop_reason", lengthReason(Dialect::Messages)).key("stop_sequence").null();
    json.endObject().key("usage").beginObject();
    json.member("output_tokens", cut.usage.totalOutput()).endObject().endObject();
    out += "event: message_delta\ndata: " + json.take() + "\n\n";
    return out + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

QByteArray responsesEnd(const CutShort &cut)
{
    JsonWriter json;
    json.beginObject()
        .member("type", "response.incomplete")
        .member("sequence_number", cut.soFar.sequence + 1);
    json.key("response").beginObject();
    json.member("id", cut.soFar.vendorId)
        .member("object", "response")
        .member("created_at", cut.createdS)
        .member("status", "incomplete")
        .member("model", modelOf(cut));
    json.key("incomplete_details").beginObject();
    json.member("reason", lengthReason(Dialect::Responses)).endObject();
    for (const char *name : {"error", "instructions"})
        json.key(name).null();
    // The events before have told the items, piece by piece.
    for (const char *name : {"output", "tools"})
        json.key(name).beginArray().endArray();
    json.key("metadata").beginObject().endObject();
    json.member("parallel_tool_calls", true).member("tool_choice", "auto");
    json.key("usage").beginObject();
    json.member("input_tokens", cut.usage.totalInput());
    json.key("input_tokens_details").beginObject();
    json.member("cached_tokens", cut.usage.cacheRead).endObject();
    json.member("output_tokens", cut.usage.totalOutput());
    json.key("output_tokens_details").beginObject();
    json.member("reasoning_tokens", cut.usage.reasoning).endObject();
    json.member("total_tokens", cut.usage.total()).endObject();
    json.endObject().endObject();
    return "event: response.incomplete\ndata: " + json.take() + "\n\n";
}

QByteArray geminiEnd(const Endpoint &endpoint, const CutShort &cut)
{
    JsonWriter json;
    json.beginObject().key("candidates").beginArray().beginObject();
    json.key("content").beginObject().key("parts").beginArray().beginObject();
    json.member("text", "").endObject().endArray().member("role", "model").endObject();
    json.member("finishReason", lengthReason(Dialect::Gemini)).member("index", 0);
    json.endObject().endArray().key("usageMetadata").beginObject();
    json.member("promptTokenCount", cut.usage.totalInput())
        .member("candidatesTokenCount", cut.usage.totalOutput())
        .member("totalTokenCount", cut.usage.total());
    json.endObject().member("modelVersion", modelOf(cut));
    json.member("responseId", cut.soFar.vendorId).endObject();
    return endpoint.sse ? "data: " + json.take() + "\r\n\r\n" : ",\r\n" + json.take() + ']';
}

} // namespace

QByteArray lengthReason(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Messages:
        return "max_tokens";
    case Dialect::Responses:
        return "max_output_tokens";
    case Dialect::Gemini:
        return "MAX_TOKENS";
    default:
        return "length";
    }
}

QByteArray endAtLength(const Endpoint &endpoint, const CutShort &cut)
{
    switch (endpoint.dialect) {
    case Dialect::Messages:
        return messagesEnd(cut);
    case Dialect::Responses:
        return responsesEnd(cut);
    case Dialect::Gemini:
        return geminiEnd(endpoint, cut);
    default:
        return chatEnd(endpoint.dialect, cut);
    }
}

} // namespace tollgate::protocol
