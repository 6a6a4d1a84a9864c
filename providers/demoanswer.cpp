// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/demoanswer.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/meter.h"
#include "core/protocol/peek.h"
#include "providers/demoprompt.h"
#include "providers/demoresponses.h"

#include <algorithm>

namespace tollgate::providers {

using protocol::Dialect;
using protocol::Endpoint;

namespace {

constexpr char kModel[] = "demo/echo";
constexpr char kNote[] = "\n\n(This is the demo of Tollgate: your own words, no model, no cost.)";
constexpr qsizetype kLongestEcho = 32 * 1024;

// At spaces, each with the word before it; what has none is cut at 24 bytes, never inside a
// character.
std::vector<QByteArray> intoWords(const QByteArray &text)
{
    constexpr qsizetype kLongest = 24;
    std::vector<QByteArray> words;
    qsizetype from = 0;
    while (from < text.size()) {
        qsizetype to = from;
        while (to < text.size() && text[to] != ' ' && text[to] != '\n' && to - from < kLongest)
            ++to;
        while (to < text.size() && (text[to] == ' ' || text[to] == '\n'))
            ++to;
        while (to < text.size() && (static_cast<unsigned char>(text[to]) & 0xC0) == 0x80)
            ++to;
        words.push_back(text.mid(from, to - from));
        from = to;
    }
    return words;
}

QByteArray atCharacter(QByteArray text, qsizetype most)
{
    if (text.size() <= most)
        return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
        --most;
    return text.first(most);
}

QByteArray sse(const QByteArray &type, const QByteArray &json)
{
    return (type.isEmpty() ? QByteArray() : "event: " + type + '\n') + "data: " + json + "\n\n";
}

JsonWriter &usage(JsonWriter &json, const DemoAnswer &answer)
{
    json.key("usage").beginObject();
    json.member("prompt_tokens", answer.inputTokens)
        .member("completion_tokens", answer.outputTokens)
        .member("total_tokens", answer.inputTokens + answer.outputTokens);
    return json.endObject();
}

// --- Chat and Completions

JsonWriter chatHead(const DemoAnswer &answer, const char *prefix, const char *object)
{
    JsonWriter json;
    json.beginObject()
        .member("id", prefix + answer.id)
        .member("object", object)
        .member("created", answer.createdS)
        .member("model", kModel);
    return json;
}

void finishReason(JsonWriter &json, const DemoAnswer &answer, bool end)
{
    json.key("logprobs").null().key("finish_reason");
    if (end)
        json.string(QByteArrayView(answer.cut ? "length" : "stop"));
    else
        json.null();
}

QByteArray chatBody(const DemoAnswer &answer)
{
    JsonWriter json = chatHead(answer, "chatcmpl-", "chat.completion");
    json.key("choices").beginArray().beginObject().member("index", 0);
    json.key("message").beginObject().member("role", "assistant").member("content", answer.text());
    json.key("refusal").null().endObject();
    finishReason(json, answer, true);
    json.endObject().endArray();
    usage(json, answer).endObject();
    return json.take();
}

enum class Place { Start, Middle, End };

QByteArray chatChunk(const DemoAnswer &answer, Place place, const QByteArray &word)
{
    JsonWriter json = chatHead(answer, "chatcmpl-", "chat.completion.chunk");
    json.key("choices").beginArray().beginObject().member("index", 0);
    json.key("delta").beginObject();
    if (place == Place::Start)
        json.member("role", "assistant").member("content", "").key("refusal").null();
    else if (place == Place::Middle)
        json.member("content", word);
    json.endObject();
    finishReason(json, answer, place == Place::End);
    json.endObject().endArray();
    if (answer.includeUsage)
        json.key("usage").null();
    json.endObject();
    return sse({}, json.take());
}

QByteArray textBody(const DemoAnswer &answer, const QByteArray &text, bool end, bool withUsage)
{
    JsonWriter json = chatHead(answer, "cmpl-", "text_completion");
    json.key("choices").beginArray().beginObject().member("index", 0).member("text", text);
    finishReason(json, answer, end);
    json.endObject().endArray();
    if (withUsage)
        usage(json, answer);
    json.endObject();
    return json.take();
}

QByteArray usageChunk(const DemoAnswer &answer, const char *prefix, const char *object)
{
    JsonWriter json = chatHead(answer, prefix, object);
    json.key("choices").beginArray().endArray();
    usage(json, answer).endObject();
    return sse({}, json.take());
}

std::vector<QByteArray> chatEvents(const DemoAnswer &answer, bool chat)
{
    std::vector<QByteArray> events;
    if (chat)
        events.push_back(chatChunk(answer, Place::Start, {}));
    for (const QByteArray &word : answer.words)
        events.push_back(chat ? chatChunk(answer, Place::Middle, word)
                              : sse({}, textBody(answer, word, false, false)));
    events.push_back(chat ? chatChunk(answer, Place::End, {})
                          : sse({}, textBody(answer, {}, true, false)));
    if (answer.includeUsage)
        events.push_back(chat ? usageChunk(answer, "chatcmpl-", "chat.completion.chunk")
                              : usageChunk(answer, "cmpl-", "text_completion"));
    events.push_back(QByteArrayLiteral("data: [DONE]\n\n"));
    return events;
}

// --- Messages

void messageUsage(JsonWriter &json, const DemoAnswer &answer, std::int64_t output)
{
    json.key("usage").beginObject();
    json.member("input_tokens", answer.inputTokens)
        .member("cache_creation_input_tokens", 0)
        .member("cache_read_input_tokens", 0)
        .member("output_tokens", output);
    json.endObject();
}

void message(JsonWriter &json, const DemoAnswer &answer, bool whole)
{
    json.beginObject()
        .member("id", "msg_" + answer.id)
        .member("type", "message")
        .member("role", "assistant")
        .member("model", kModel);
    json.key("content").beginArray();
    if (whole)
        json.beginObject().member("type", "text").member("text", answer.text()).endObject();
    json.endArray().key("stop_reason");
    if (whole)
        json.string(QByteArrayView(answer.cut ? "max_tokens" : "end_turn"));
    else
        json.null();
    json.key("stop_sequence").null();
    messageUsage(json, answer, whole ? answer.outputTokens : 1);
    json.endObject();
}

std::vector<QByteArray> messageEvents(const DemoAnswer &answer)
{
    std::vector<QByteArray> events;
    JsonWriter start;
    start.beginObject().member("type", "message_start").key("message");
    message(start, answer, false);
    start.endObject();
    events.push_back(
        sse("message_start", start.take())
        + sse(
            "content_block_start",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"));
    for (const QByteArray &word : answer.words) {
        JsonWriter delta;
        delta.beginObject().member("type", "content_block_delta").member("index", 0);
        delta.key("delta").beginObject().member("type", "text_delta").member("text", word);
        delta.endObject().endObject();
        events.push_back(sse("content_block_delta", delta.take()));
    }
    JsonWriter end;
    end.beginObject().member("type", "message_delta").key("delta").beginObject();
    end.member("stop_reason", answer.cut ? "max_tokens" : "end_turn").key("stop_sequence").null();
    end.endObject();
    messageUsage(end, answer, answer.outputTokens);
    end.endObject();
    events.push_back(sse("content_block_stop", R"({"type":"content_block_stop","index":0})")
                     + sse("message_delta", end.take())
                     + sse("message_stop", R"({"type":"message_stop"})"));
    return events;
}

// --- Gemini

QByteArray geminiChunk(const DemoAnswer &answer, const QByteArray &text, bool end)
{
    JsonWriter json;
    json.beginObject().key("candidates").beginArray().beginObject();
    json.key("content").beginObject().key("parts").beginArray();
    json.beginObject().member("text", text).endObject().endArray();
    json.member("role", "model").endObject();
    if (end)
        json.member("finishReason", answer.cut ? "MAX_TOKENS" : "STOP");
    json.member("index", 0).endObject().endArray();
    if (end) {
        json.key("usageMetadata").beginObject();
        json.member("promptTokenCount", answer.inputTokens)
            .member("candidatesTokenCount", answer.outputTokens)
            .member("totalTokenCount", answer.inputTokens + answer.outputTokens);
        json.endObject();
    }
    json.member("modelVersion", kModel).member("responseId", answer.id).endObject();
    return json.take();
}

std::vector<QByteArray> geminiEvents(const DemoAnswer &answer, bool asSse)
{
    std::vector<QByteArray> events;
    for (std::size_t i = 0; i < answer.words.size(); ++i) {
        const bool end = i + 1 == answer.words.size();
        const QByteArray json = geminiChunk(answer, answer.words[i], end);
        if (asSse)
            events.push_back("data: " + json + "\r\n\r\n");
        else
            events.push_back((i == 0 ? "[" : ",\r\n") + json + (end ? "]" : ""));
    }
    return events;
}

QByteArray countBody(const Endpoint &endpoint, const DemoAnswer &answer)
{
    JsonWriter json;
    json.beginObject()
        .member(endpoint.dialect == Dialect::Gemini ? "totalTokens" : "input_tokens",
                answer.inputTokens)
        .endObject();
    return json.take();
}

} // namespace

QByteArray DemoAnswer::text() const
{
    QByteArray all;
    for (const QByteArray &word : words)
        all += word;
    return all;
}

DemoAnswer echo(const Endpoint &endpoint, QByteArrayView body, QByteArray id, std::int64_t createdS)
{
    DemoAnswer answer;
    answer.id = std::move(id);
    answer.createdS = createdS;
    const QByteArray said = lastUserText(endpoint.dialect, body);
    QByteArray text = said.isEmpty() ? QByteArrayLiteral("You said nothing that could be repeated.")
                                     : atCharacter(said, kLongestEcho);
    text += kNote;
    if (const auto asked = protocol::peek(endpoint, body)) {
        answer.includeUsage = asked->asksUsage;
        // Three bytes a token, as estimates count.
        const qsizetype most = asked->maxOutput ? *asked->maxOutput * 3 : text.size();
        answer.cut = text.size() > most;
        text = atCharacter(text, most);
    }
    answer.inputTokens = std::max<std::int64_t>(protocol::estimateTokens(said.size()), 1);
    answer.outputTokens = protocol::estimateTokens(text.size());
    answer.words = intoWords(text);
    if (answer.words.empty())
        answer.words.emplace_back(); // a limit of 0: an answer without a word is still one
    return answer;
}

QByteArray demoBody(const Endpoint &endpoint, const DemoAnswer &answer)
{
    if (endpoint.operation == protocol::Operation::CountTokens)
        return countBody(endpoint, answer);
    switch (endpoint.dialect) {
    case Dialect::Completions:
        return textBody(answer, answer.text(), true, true);
    case Dialect::Responses:
        return demoResponse(answer);
    case Dialect::Gemini:
        return geminiChunk(answer, answer.text(), true);
    case Dialect::Messages: {
        JsonWriter json;
        message(json, answer, true);
        return json.take();
    }
    default:
        return chatBody(answer);
    }
}

std::vector<QByteArray> demoEvents(const Endpoint &endpoint, const DemoAnswer &answer)
{
    switch (endpoint.dialect) {
    case Dialect::Completions:
        return chatEvents(answer, false);
    case Dialect::Responses:
        return demoResponseEvents(answer);
    case Dialect::Gemini:
        return geminiEvents(answer, endpoint.sse);
    case Dialect::Messages:
        return messageEvents(answer);
    default:
        return chatEvents(answer, true);
    }
}

} // namespace tollgate::providers
