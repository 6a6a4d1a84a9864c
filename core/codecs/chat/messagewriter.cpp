// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/messagewriter.h"

#include "core/codecs/chat/thinking.h"
#include "core/conversation/customtools.h"
#include "core/conversation/media.h"
#include "core/conversation/seal.h"
#include "core/conversation/toolpairs.h"

#include <algorithm>

namespace tollgate::codecs::chat {

void writeCallMembers(JsonWriter &out, const ToolCall &call)
{
    out.member("id", call.callId);
    if (call.kind == ToolCall::Kind::Custom) {
        out.member("type", "custom").key("custom").beginObject();
        out.member("name", call.name).member("input", call.arguments).endObject();
    } else {
        out.member("type", "function").key("function").beginObject();
        out.member("name", call.name);
        out.member("arguments", call.arguments.isEmpty() ? QByteArray("{}") : call.arguments);
        out.endObject();
    }
    if (call.sealed) {
        out.key("extra_content").beginObject().key("google").beginObject();
        out.member("thought_signature", wrapSeal(*call.sealed, Sealed::Owner::Gemini));
        out.endObject().endObject();
    }
}

void MessageWriter::refuse(const char *param, const QString &message)
{
    if (m_failed)
        return;
    m_failed.emplace();
    m_failed->kind = ErrorKind::InvalidRequest;
    m_failed->message = message;
    m_failed->param = param;
}

void MessageWriter::writeNatives(const Native &bag, std::initializer_list<QByteArrayView> except)
{
    for (const QByteArray &name : foreignNames(bag, Dialect::Chat))
        m_dropped.note(name);
    if (!m_target.refusesUnknown)
        writeNative(m_out, bag, Dialect::Chat, except);
}

// A text that can stand as the content itself.
bool MessageWriter::isPlain(const Part &part) const
{
    return std::holds_alternative<Text>(part.body) && !part.cache
        && std::none_of(part.native.begin(), part.native.end(),
                        [](const NativeMember &member) { return member.owner == Dialect::Chat; });
}

// Notes what is left out.
bool MessageWriter::writable(const Part &part)
{
    if (const auto *opaque = std::get_if<Opaque>(&part.body);
        opaque && opaque->owner != Dialect::Chat) {
        m_dropped.note("part:" + opaque->type);
        return false;
    }
    if (const auto *result = std::get_if<ToolResult>(&part.body)) {
        m_dropped.note("tool:" + result->hostedType);
        return false;
    }
    return !std::holds_alternative<ToolCall>(part.body);
}

void MessageWriter::writeMedia(const Media &media, const Part &part)
{
    using Kind = Media::Kind;
    using Source = Media::Source;
    if (const QByteArray file = nativeOf(part.native, Dialect::Chat, "file"); !file.isEmpty()) {
        m_out.member("type", "file").key("file").raw(file);
        return;
    }
    if (media.kind == Kind::Document && media.source == Source::PlainText) {
        const QByteArray &title = media.title.isEmpty() ? media.filename : media.title;
        m_out.member("type", "text");
        m_out.member("text", title.isEmpty() ? media.data : title + ":\n" + media.data);
        return;
    }
    if (media.source == Source::FileId || media.kind == Kind::Document) {
        const bool ours = media.owner == Dialect::Chat || media.owner == Dialect::Responses;
        if (media.source == Source::Url || (media.source == Source::FileId && !ours))
            return refuse("messages",
                          QStringLiteral("This model takes no files by reference: send "
                                         "the content itself."));
        m_out.member("type", "file").key("file").beginObject();
        if (!media.filename.isEmpty())
            m_out.member("filename", media.filename);
        else if (media.source == Source::Base64)
            m_out.member("filename", "document." + extensionOfMime(media.mime));
        if (media.source == Source::FileId)
            m_out.member("file_id", media.data);
        else
            m_out.member("file_data", dataUrl(media.mime, media.data));
        m_out.endObject();
        return;
    }
    if (media.kind == Kind::Audio) {
        if (media.source != Source::Base64)
            return refuse(
                "messages",
                QStringLiteral("This model takes no sound by URL: send the data itself."));
        const QByteArray known = extensionOfMime(media.mime);
        const QByteArray format
            = known.isEmpty() ? media.mime.mid(media.mime.indexOf('/') + 1) : known;
        m_out.member("type", "input_audio").key("input_audio").beginObject();
        m_out.member("data", media.data).member("format", format).endObject();
        return;
    }
    if (media.source == Source::Url && !m_target.takesImageUrls)
        return refuse("messages",
                      QStringLiteral("This model takes no pictures by URL: send the data itself."));
    const char *name = media.kind == Kind::Video ? "video_url" : "image_url";
    m_out.member("type", name).key(name).beginObject();
    if (const QByteArray spelt = nativeOf(part.native, Dialect::Chat, "url"); !spelt.isEmpty())
        m_out.key("url").raw(spelt);
    else
        m_out.member("url",
                     media.source == Source::Base64 ? dataUrl(media.mime, media.data) : media.data);
    if (!media.detail.isEmpty())
        m_out.member("detail", media.detail);
    m_out.endObject();
}

// What no part has a place for.
void MessageWriter::noteUnwritten(const Part &part)
{
    if (part.sealed)
        m_dropped.note("signature");
    if (const auto *text = std::get_if<Text>(&part.body); text && !text->citations.empty())
        m_dropped.note("citations");
    if (const auto *media = std::get_if<Media>(&part.body)) {
        if (!media->context.isEmpty())
            m_dropped.note("document.context");
    }
    for (const QByteArray &name : foreignNames(part.native, Dialect::Chat))
        m_dropped.note(name);
}

void MessageWriter::writePart(const Part &part)
{
    if (const auto *opaque = std::get_if<Opaque>(&part.body)) {
        m_out.raw(opaque->json);
        return;
    }
    m_out.beginObject();
    noteUnwritten(part);
    if (const auto *text = std::get_if<Text>(&part.body)) {
        m_out.member("type", "text").member("text", text->text);
    } else if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
        m_out.member("type", "refusal").member("refusal", refusal->text);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        writeMedia(*media, part);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        m_out.member("type", "thinking").key("thinking").beginArray().beginObject();
        m_out.member("type", "text").member("text", paragraphs(*reasoning));
        m_out.endObject().endArray();
    }
    if (!writeCacheMark(m_out, part.cache, part.native, m_style.cacheControl))
        m_dropped.note("cache_control");
    writeNatives(part.native,
                 {"url", "file", "cache_control", "prompt_cache_breakpoint", "reasoning_details"});
    m_out.endObject();
}

void MessageWriter::writeContent(const std::vector<const Part *> &parts, bool assistant)
{
    if (parts.empty()) {
        if (assistant)
            m_out.key("content").null();
        else
            m_out.member("content", "");
    } else if (parts.size() == 1 && isPlain(*parts.front())) {
        noteUnwritten(*parts.front());
        m_out.member("content", std::get<Text>(parts.front()->body).text);
    } else {
        m_out.key("content").beginArray();
        for (const Part *part : parts)
            writePart(*part);
        m_out.endArray();
    }
}

void MessageWriter::writeUser(const Message &message)
{
    const bool system = message.role == Role::System;
    std::vector<const Part *> parts;
    for (const Part &part : message.parts) {
        const auto *result = std::get_if<ToolResult>(&part.body);
        if (result && result->hostedType.isEmpty())
            continue;
        if (writable(part))
            parts.push_back(&part);
    }
    m_out.beginObject();
    const bool developer = m_target.takesDeveloperRole
        && (message.developer || m_request.source != Dialect::Chat || !m_target.takesSystemRole);
    m_out.member("role",
                 !system                        ? "user"
                     : developer                ? "developer"
                     : m_target.takesSystemRole ? "system"
                                                : "user");
    writeContent(parts, false);
    if (!message.name.isEmpty())
        m_out.member("name", message.name);
    writeNatives(message.native);
    m_out.endObject();
}

void MessageWriter::writeThoughts(const Message &message)
{
    using Back = ReasoningStyle::Back;
    const bool any = std::any_of(message.parts.begin(), message.parts.end(), [](const Part &part) {
        return std::holds_alternative<Reasoning>(part.body);
    });
    const bool calls
        = std::any_of(message.parts.begin(), message.parts.end(),
                      [](const Part &part) { return std::holds_alternative<ToolCall>(part.body); });
    if (m_style.back == Back::Details && any) {
        // Vendors refuse seals they did not make; those of other dialects are named by format.
        if (const QByteArray plain = plainThoughts(message.parts); !plain.isEmpty())
            m_out.member("reasoning", plain);
        m_out.key("reasoning_details").beginArray();
        int index = 0;
        for (const Part &part : message.parts) {
            if (std::holds_alternative<Reasoning>(part.body))
                writeDetails(m_out, part, index);
        }
        m_out.endArray();
        return;
    }
    if (m_target.wantsReasoningContent) {
        const QByteArray plain = plainThoughts(message.parts);
        // DeepSeek answers 400 to a turn with calls that lacks the member.
        if (!plain.isEmpty() || calls)
            m_out.member("reasoning_content", plain);
        return;
    }
    if (any && m_style.back != Back::Parts)
        m_dropped.note("reasoning");
}

void MessageWriter::writeCall(const Part &part, const ToolCall &call)
{
    m_out.beginObject();
    ToolCall written = call;
    if (call.kind == ToolCall::Kind::Custom && !m_style.customTools) {
        written.kind = ToolCall::Kind::Function;
        written.arguments = bridgeArguments(call.arguments);
    }
    // OpenAI refuses members it does not know.
    const bool takesExtra = m_style.name != "openai" && !m_target.refusesUnknown;
    if (!takesExtra && written.sealed && m_request.source != Dialect::Chat) {
        m_dropped.note("signature");
        written.sealed.reset();
    }
    writeCallMembers(m_out, written);
    if (!writeCacheMark(m_out, part.cache, part.native, m_style.cacheControl))
        m_dropped.note("cache_control");
    writeNatives(part.native, {"cache_control", "prompt_cache_breakpoint"});
    m_out.endObject();
}

void MessageWriter::writeCalls(const Message &message)
{
    bool open = false;
    for (const Part &part : message.parts) {
        const auto *call = std::get_if<ToolCall>(&part.body);
        if (!call)
            continue;
        if (call->kind == ToolCall::Kind::Hosted) {
            m_dropped.note("tool:" + call->hostedType);
            continue;
        }
        if (!std::exchange(open, true))
            m_out.key("tool_calls").beginArray();
        writeCall(part, *call);
    }
    if (open)
        m_out.endArray();
}

void MessageWriter::writeAssistant(const Message &message)
{
    std::vector<const Part *> parts;
    for (const Part &part : message.parts) {
        const bool thought = std::holds_alternative<Reasoning>(part.body);
        if (thought && m_style.back != ReasoningStyle::Back::Parts)
            continue;
        if (std::holds_alternative<Media>(part.body)) {
            // No place for what an assistant drew or said; OpenAI's audio is named by its id.
            m_dropped.note("media");
            continue;
        }
        if (writable(part))
            parts.push_back(&part);
    }
    m_out.beginObject().member("role", "assistant");
    writeContent(parts, true);
    if (!message.name.isEmpty())
        m_out.member("name", message.name);
    writeThoughts(message);
    writeCalls(message);
    writeNatives(message.native);
    m_out.endObject();
}

void MessageWriter::writeResult(const Part &part)
{
    const auto &result = std::get<ToolResult>(part.body);
    QByteArrayList texts;
    for (const auto &piece : result.parts) {
        if (const auto *text = std::get_if<Text>(&piece))
            texts += text->text;
        else if (const auto &media = std::get<Media>(piece);
                 media.source == Media::Source::PlainText)
            texts += media.data;
        else
            texts += "[a picture or file, in the next message]";
    }
    if (texts.isEmpty() && !result.structured.isEmpty())
        texts += result.structured;
    if (result.error && !texts.isEmpty() && !texts.first().startsWith("Error"))
        texts.first().prepend("Error: ");
    else if (result.error && texts.isEmpty())
        texts += "Error";
    m_out.beginObject().member("role", "tool").member("tool_call_id", result.callId);
    const QByteArray marked = nativeOf(part.native, Dialect::Chat, "cache_control");
    if (texts.size() <= 1 && !part.cache) {
        m_out.member("content", texts.isEmpty() ? QByteArray() : texts.first());
    } else {
        m_out.key("content").beginArray();
        for (qsizetype i = 0; i < texts.size(); ++i) {
            m_out.beginObject().member("type", "text").member("text", texts[i]);
            if (i + 1 == texts.size()
                && !writeCacheMark(m_out, part.cache, part.native, m_style.cacheControl))
                m_dropped.note("cache_control");
            m_out.endObject();
        }
        m_out.endArray();
    }
    writeNatives(part.native, {"cache_control", "prompt_cache_breakpoint"});
    m_out.endObject();
}

void MessageWriter::writeMessage(const Message &message)
{
    if (message.role == Role::Assistant)
        return writeAssistant(message);
    std::vector<Part> shown; // media of results: the dialect has text only there
    bool rest = message.parts.empty();
    for (const Part &part : message.parts) {
        const auto *result = std::get_if<ToolResult>(&part.body);
        if (!result || !result->hostedType.isEmpty()) {
            rest = true;
            continue;
        }
        writeResult(part);
        for (const auto &piece : result->parts) {
            const auto *media = std::get_if<Media>(&piece);
            if (!media || media->source == Media::Source::PlainText)
                continue;
            shown.push_back(
                Part{Text{"From the result of the tool call " + result->callId + ":", {}}});
            shown.push_back(Part{*media});
        }
    }
    if (!rest && shown.empty())
        return;
    Message said = message;
    said.parts.insert(said.parts.begin(), shown.begin(), shown.end());
    writeUser(said);
}

void MessageWriter::writeHints(const QByteArrayList &hints)
{
    if (hints.isEmpty())
        return;
    Message message;
    message.role = Role::System;
    message.parts.push_back(Part{Text{hints.join("\n"), {}}});
    writeUser(message);
}

Result<void> MessageWriter::write(const QByteArrayList &hints)
{
    m_out.beginArray();
    const std::vector<Message> messages = pairTools(m_request.messages);
    // Behind the client's own instructions, so that those stay the head of the prompt's cache.
    auto at = std::find_if(messages.begin(), messages.end(),
                           [](const Message &message) { return message.role != Role::System; });
    for (auto message = messages.begin(); message != messages.end(); ++message) {
        if (message == at)
            writeHints(hints);
        writeMessage(*message);
    }
    if (at == messages.end())
        writeHints(hints);
    m_out.endArray();
    if (m_failed)
        return failure(*m_failed);
    return {};
}

} // namespace tollgate::codecs::chat
