// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/messagewriter.h"
#include "core/codecs/chat/thinking.h"
#include "core/codecs/chat/usage.h"
#include "core/conversation/customtools.h"
#include "core/conversation/media.h"

#include <algorithm>

namespace tollgate::codecs::chat {
namespace {

template <class T> bool has(const Message &message)
{
    return std::any_of(message.parts.begin(), message.parts.end(),
                       [](const Part &part) { return std::holds_alternative<T>(part.body); });
}

class AnswerWriter
{
public:
    AnswerWriter(const Response &response, const AnswerContext &context)
        : m_response(response)
        , m_context(context)
    {
    }
    [[nodiscard]] QByteArray write();

private:
    void writeCandidate(const Candidate &candidate);
    void writeMessage(const Message &message);
    void writeContent(const Message &message);
    void writeThoughts(const Message &message);
    void writeAnnotations(const Message &message);
    void writeMedia(const Message &message);
    void writeCalls(const Message &message);

    const Response &m_response;
    const AnswerContext &m_context;
    JsonWriter m_out;
};

// One string: clients of this dialect expect no other form of an answer. What only its own dialect
// understands (Mistral's references) is left out.
void AnswerWriter::writeContent(const Message &message)
{
    QByteArray text;
    QByteArray refusal;
    for (const Part &part : message.parts) {
        if (const auto *said = std::get_if<Text>(&part.body))
            text += said->text;
        else if (const auto *declined = std::get_if<Refusal>(&part.body))
            refusal += declined->text;
    }
    m_out.key("content");
    if (has<Text>(message))
        m_out.string(text);
    else
        m_out.null();
    m_out.key("refusal");
    if (has<Refusal>(message))
        m_out.string(refusal);
    else
        m_out.null();
}

void AnswerWriter::writeThoughts(const Message &message)
{
    if (const QByteArray plain = plainThoughts(message.parts); !plain.isEmpty())
        m_out.member("reasoning_content", plain);
    if (std::none_of(message.parts.begin(), message.parts.end(), needsDetails))
        return;
    m_out.key("reasoning_details").beginArray();
    int index = 0;
    for (const Part &part : message.parts) {
        if (std::holds_alternative<Reasoning>(part.body))
            writeDetails(m_out, part, index);
    }
    m_out.endArray();
}

void AnswerWriter::writeAnnotations(const Message &message)
{
    bool open = false;
    std::int64_t offset = 0;
    for (const Part &part : message.parts) {
        const auto *text = std::get_if<Text>(&part.body);
        if (!text)
            continue;
        for (const Citation &citation : text->citations) {
            if (citation.url.isEmpty() && citation.owner != Dialect::Chat)
                continue; // a place in a document: no annotation says that
            if (!std::exchange(open, true))
                m_out.key("annotations").beginArray();
            writeAnnotation(m_out, citation, offset);
        }
        offset += codePoints(text->text);
    }
    if (open)
        m_out.endArray();
}

void AnswerWriter::writeMedia(const Message &message)
{
    bool images = false;
    bool audio = false;
    for (const Part &part : message.parts) {
        const auto *media = std::get_if<Media>(&part.body);
        if (!media)
            continue;
        if (media->kind == Media::Kind::Audio && !std::exchange(audio, true)) {
            m_out.key("audio").beginObject().member("data", media->data);
            if (nativeOf(part.native, Dialect::Chat, "id").isEmpty())
                m_out.member("id", "audio_" + m_context.requestId);
            writeNative(m_out, part.native, Dialect::Chat);
            m_out.endObject();
        }
        images = images || media->kind == Media::Kind::Image;
    }
    if (!images)
        return;
    m_out.key("images").beginArray(); // OpenRouter's form
    for (const Part &part : message.parts) {
        const auto *media = std::get_if<Media>(&part.body);
        if (!media || media->kind != Media::Kind::Image)
            continue;
        m_out.beginObject().member("type", "image_url").key("image_url").beginObject();
        m_out.member("url",
                     media->source == Media::Source::Base64 ? dataUrl(media->mime, media->data)
                                                            : media->data);
        m_out.endObject();
        writeNative(m_out, part.native, Dialect::Chat, {"url"});
        m_out.endObject();
    }
    m_out.endArray();
}

void AnswerWriter::writeCalls(const Message &message)
{
    bool open = false;
    for (const Part &part : message.parts) {
        const auto *call = std::get_if<ToolCall>(&part.body);
        if (!call || call->kind == ToolCall::Kind::Hosted)
            continue;
        if (asksForFunctionCall(m_context)) {
            m_out.key("function_call").beginObject().member("name", call->name);
            m_out.member("arguments",
                         call->arguments.isEmpty() ? QByteArray("{}") : call->arguments);
            m_out.endObject();
            return; // one at most, in that form
        }
        if (!std::exchange(open, true))
            m_out.key("tool_calls").beginArray();
        m_out.beginObject();
        writeCallMembers(m_out, callForClient(*call, m_context));
        writeNative(m_out, part.native, Dialect::Chat);
        m_out.endObject();
    }
    if (open)
        m_out.endArray();
}

void AnswerWriter::writeMessage(const Message &message)
{
    m_out.beginObject().member("role", "assistant");
    writeContent(message);
    writeThoughts(message);
    writeAnnotations(message);
    writeMedia(message);
    writeCalls(message);
    writeNative(m_out, message.native, Dialect::Chat);
    m_out.endObject();
}

void AnswerWriter::writeCandidate(const Candidate &candidate)
{
    m_out.beginObject().member("index", candidate.index);
    m_out.key("message");
    writeMessage(candidate.message);
    m_out.key("logprobs");
    if (candidate.logprobs.isEmpty())
        m_out.null();
    else
        m_out.raw(candidate.logprobs);
    QByteArray reason = finishReason(candidate.stop);
    if (reason == "tool_calls" && asksForFunctionCall(m_context))
        reason = "function_call";
    m_out.member("finish_reason", reason);
    writeNative(m_out, candidate.native, Dialect::Chat);
    m_out.endObject();
}

QByteArray AnswerWriter::write()
{
    m_out.beginObject();
    m_out.member("id", idOf(m_response.id, m_context));
    m_out.member("object", "chat.completion");
    m_out.member("created", m_response.createdS > 0 ? m_response.createdS : m_context.nowS);
    m_out.member("model", m_context.model.isEmpty() ? m_response.model : m_context.model);
    m_out.key("choices").beginArray();
    for (const Candidate &candidate : m_response.candidates)
        writeCandidate(candidate);
    if (m_response.candidates.empty()) { // the prompt itself was refused
        Candidate blocked;
        blocked.stop.reason = StopReason::ContentFilter;
        writeCandidate(blocked);
    }
    m_out.endArray();
    if (m_response.usage) {
        m_out.key("usage");
        writeUsage(m_out, *m_response.usage);
    }
    if (m_response.source == Dialect::Chat && !m_response.serviceTier.isEmpty())
        m_out.member("service_tier", m_response.serviceTier);
    writeNative(m_out, m_response.native, Dialect::Chat);
    m_out.endObject();
    return m_out.take();
}

} // namespace

bool asksForFunctionCall(const AnswerContext &context)
{
    return context.request
        && !nativeOf(context.request->native, Dialect::Chat, "functions").isEmpty();
}

ToolCall callForClient(const ToolCall &call, const AnswerContext &context)
{
    ToolCall told = call;
    if (call.kind != ToolCall::Kind::Function)
        return told;
    if (auto text = unbridge(call.name, call.arguments, context.request)) {
        told.kind = ToolCall::Kind::Custom;
        told.arguments = *std::move(text);
    }
    return told;
}

void writeAnnotation(JsonWriter &out, const Citation &citation, std::int64_t offset)
{
    if (citation.owner == Dialect::Chat && offset == 0 && !citation.json.isEmpty()) {
        out.raw(citation.json);
        return;
    }
    out.beginObject().member("type", "url_citation").key("url_citation").beginObject();
    out.member("url", citation.url).member("title", citation.title);
    if (citation.start >= 0) {
        out.member("start_index", citation.start + offset);
        out.member("end_index", std::max(citation.end, citation.start) + offset);
    }
    out.endObject().endObject();
}

QByteArray idOf(const QByteArray &vendors, const AnswerContext &context)
{
    return !vendors.isEmpty() ? vendors : "chatcmpl-" + context.requestId;
}

QByteArray writeAnswer(const Response &response, const AnswerContext &context)
{
    return AnswerWriter(response, context).write();
}

} // namespace tollgate::codecs::chat
