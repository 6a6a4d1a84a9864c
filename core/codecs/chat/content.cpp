// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/content.h"

#include "core/codecs/chat/thinking.h"
#include "core/conversation/media.h"
#include "core/conversation/seal.h"
#include "core/conversation/toolpairs.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::chat {
namespace {

Part withExtras(std::variant<Text, Media> body, JsonValue part,
                std::initializer_list<QByteArrayView> known)
{
    Part made;
    std::visit([&](auto &value) { made.body = std::move(value); }, body);
    made.cache = readCacheMark(part);
    for (const JsonValue member : part) {
        const bool read = std::any_of(known.begin(), known.end(),
                                      [&](QByteArrayView name) { return member.keyIs(name); });
        if (!read && member.isSet())
            keep(made.native, Dialect::Chat, member.key(), member.json());
    }
    return made;
}

Part readUrl(JsonValue part, QByteArrayView name, Media::Kind kind)
{
    const JsonValue inner = part[name];
    const QByteArray url = inner.isString() ? inner.string() : inner["url"].string();
    Media media = mediaFromUrl(kind, url);
    media.detail = inner["detail"].string();
    const bool exact = media.source == Media::Source::Url || dataUrl(media.mime, media.data) == url;
    Part made = withExtras(std::move(media), part, {"type", name});
    if (!exact)
        keep(made.native, Dialect::Chat, "url",
             inner.isString() ? inner.json() : inner["url"].json());
    return made;
}

Part readAudio(JsonValue part)
{
    const JsonValue audio = part["input_audio"];
    Media media;
    media.kind = Media::Kind::Audio;
    const QByteArray format = audio["format"].string();
    const QByteArray data = audio["data"].string();
    if (const auto url = parseDataUrl(data)) { // Alibaba's form
        media.mime = url->mime;
        media.data = url->base64;
    } else {
        media.mime = mimeOfExtension(format);
        media.data = data;
    }
    if (media.mime.isEmpty() && !format.isEmpty())
        media.mime = "audio/" + format;
    return withExtras(std::move(media), part, {"type", "input_audio"});
}

Part readFile(JsonValue part)
{
    const JsonValue file = part["file"];
    Media media;
    media.kind = Media::Kind::Document;
    if (const QByteArray id = file["file_id"].string(); !id.isEmpty()) {
        media.source = Media::Source::FileId;
        media.data = id;
    } else {
        const QByteArray data = file["file_data"].string();
        media = mediaFromUrl(Media::Kind::Document, data);
        media.kind = media.mime.isEmpty() ? media.kind : kindOfMime(media.mime);
    }
    media.filename = file["filename"].string();
    const bool isFile = media.kind != Media::Kind::Document;
    Part made = withExtras(std::move(media), part, {"type", "file"});
    if (isFile) // a picture sent as a file goes back as one
        keep(made.native, Dialect::Chat, "file", file.json());
    return made;
}

Part readThinkingPart(JsonValue part)
{
    Reasoning reasoning;
    const JsonValue thinking = part["thinking"];
    if (thinking.isString())
        reasoning.text = thinking.string();
    for (const JsonValue piece : thinking)
        reasoning.text += piece["text"].string();
    Part made{std::move(reasoning)};
    keepUnknown(made.native, Dialect::Chat, part, {"type", "thinking", "closed"});
    return made;
}

std::optional<Part> readPart(JsonValue part)
{
    if (part.isString())
        return Part{Text{part.string(), {}}};
    const QByteArray type = part["type"].string();
    if (type == "text" || type == "input_text" || type == "output_text") {
        if (!part["text"].isString()) // gateways were seen to send null
            return {};
        return withExtras(Text{part["text"].string(), {}}, part, {"type", "text"});
    }
    if (type == "refusal")
        return Part{Refusal{part["refusal"].string()}};
    if (type == "image_url")
        return readUrl(part, "image_url", Media::Kind::Image);
    if (type == "video_url")
        return readUrl(part, "video_url", Media::Kind::Video);
    if (type == "input_audio")
        return readAudio(part);
    if (type == "file")
        return readFile(part);
    if (type == "thinking")
        return readThinkingPart(part);
    return Part{Opaque{Dialect::Chat, type, part.json()}};
}

// Gemini signs its calls: OpenRouter tells that in an encrypted detail with the call's id.
void giveSealsToCalls(std::vector<Part> &parts)
{
    for (std::size_t i = 0; i < parts.size();) {
        const auto *reasoning = std::get_if<Reasoning>(&parts[i].body);
        ToolCall *signedCall = nullptr;
        if (reasoning && reasoning->sealed && reasoning->sealed->owner == Sealed::Owner::Gemini) {
            for (Part &other : parts) {
                auto *call = std::get_if<ToolCall>(&other.body);
                if (call && !call->sealed && call->callId == reasoning->sealed->id)
                    signedCall = call;
            }
        }
        if (!signedCall) {
            ++i;
            continue;
        }
        signedCall->sealed = Sealed{Sealed::Owner::Gemini, reasoning->sealed->data, {}};
        if (reasoning->text.isEmpty()) {
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            std::get<Reasoning>(parts[i].body).sealed.reset();
            parts[i].native.clear();
            ++i;
        }
    }
}

QByteArray argumentsOf(JsonValue value)
{
    return value.isString() ? value.string() : value.isSet() ? value.json() : QByteArray();
}

Part readCall(JsonValue call, QByteArrayView salt, std::int64_t position)
{
    ToolCall made;
    const JsonValue custom = call["custom"];
    if (call["type"].is("custom") || (custom.isObject() && !call["function"].isObject())) {
        made.kind = ToolCall::Kind::Custom;
        made.name = custom["name"].string();
        made.arguments = custom["input"].string();
    } else {
        made.name = call["function"]["name"].string();
        made.arguments = argumentsOf(call["function"]["arguments"]);
    }
    made.callId = call["id"].string();
    if (made.callId.isEmpty())
        made.callId = stableCallId(salt.toByteArray() + '/' + made.name, made.arguments, position);
    made.sealed = readCallSeal(call);
    Part part{std::move(made)};
    const bool sealedHere = std::get<ToolCall>(part.body).sealed.has_value();
    for (const JsonValue member : call) {
        static constexpr std::array kKnown{QByteArrayView("type"),   QByteArrayView("id"),
                                           QByteArrayView("index"),  QByteArrayView("function"),
                                           QByteArrayView("custom"), QByteArrayView("role")};
        const bool known = std::any_of(kKnown.begin(), kKnown.end(),
                                       [&](QByteArrayView name) { return member.keyIs(name); });
        if (!known && member.isSet() && !(sealedHere && member.keyIs("extra_content")))
            keep(part.native, Dialect::Chat, member.key(), member.json());
    }
    part.cache = readCacheMark(call);
    return part;
}

void readCalls(std::vector<Part> &parts, JsonValue message, QByteArrayView salt)
{
    const JsonValue calls = message["tool_calls"];
    std::int64_t position = 0;
    if (calls.isObject()) // iFlytek
        parts.push_back(readCall(calls, salt, position++));
    else
        for (const JsonValue call : calls) {
            if (call.isObject())
                parts.push_back(readCall(call, salt, position++));
        }
    // Behind its successor, which is the same call where both are told.
    const JsonValue legacy = message["function_call"];
    if (const QByteArray name = legacy["name"].string(); !name.isEmpty() && position == 0) {
        const QByteArray arguments = argumentsOf(legacy["arguments"]);
        ToolCall made;
        made.name = name;
        made.arguments = arguments;
        made.callId = stableCallId(salt.toByteArray() + '/' + name, arguments, position);
        parts.push_back(Part{std::move(made)});
    }
}

void readProducedMedia(std::vector<Part> &parts, JsonValue message)
{
    const JsonValue audio = message["audio"];
    if (const QByteArray data = audio["data"].string(); !data.isEmpty()) {
        Media media;
        media.kind = Media::Kind::Audio;
        media.data = data;
        Part part{std::move(media)};
        keepUnknown(part.native, Dialect::Chat, audio, {"data"});
        parts.push_back(std::move(part));
    }
    for (const JsonValue image : message["images"]) {
        if (image["type"].is("image_url") || image["image_url"])
            parts.push_back(readUrl(image, "image_url", Media::Kind::Image));
    }
}

} // namespace

std::vector<Part> readContent(JsonValue content)
{
    std::vector<Part> parts;
    if (content.isString()) {
        if (QByteArray text = content.string(); !text.isEmpty())
            parts.push_back(Part{Text{std::move(text), {}}});
        return parts;
    }
    if (content.isObject()) {
        if (auto part = readPart(content))
            parts.push_back(*std::move(part));
        return parts;
    }
    for (const JsonValue element : content) {
        if (auto part = readPart(element))
            parts.push_back(*std::move(part));
    }
    return parts;
}

Citation readAnnotation(JsonValue annotation)
{
    Citation citation;
    citation.json = annotation.json();
    const JsonValue url = annotation["url_citation"];
    citation.url = url["url"].string();
    citation.title = url["title"].string();
    citation.citedText = url["content"].string();
    citation.start = url["start_index"].integer().value_or(-1);
    citation.end = url["end_index"].integer().value_or(-1);
    return citation;
}

void addAnnotations(std::vector<Part> &parts, JsonValue annotations)
{
    if (!annotations.isArray() || annotations.size() == 0)
        return;
    Text *last = nullptr;
    for (Part &part : parts) {
        if (auto *text = std::get_if<Text>(&part.body))
            last = text;
    }
    if (!last) {
        parts.push_back(Part{Text{}});
        last = &std::get<Text>(parts.back().body);
    }
    for (const JsonValue annotation : annotations)
        last->citations.push_back(readAnnotation(annotation));
}

std::optional<Sealed> readCallSeal(JsonValue call)
{
    const QByteArray signature = call["extra_content"]["google"]["thought_signature"].string();
    if (signature.isEmpty())
        return {};
    return unwrapSeal(signature, Sealed::Owner::Gemini);
}

Message readAssistant(JsonValue source, QByteArrayView salt)
{
    Message message;
    message.role = Role::Assistant;
    message.name = source["name"].string();
    message.parts = readThoughts(source);
    std::vector<Part> content = readContent(source["content"]);
    std::move(content.begin(), content.end(), std::back_inserter(message.parts));
    if (const QByteArray refusal = source["refusal"].string(); !refusal.isEmpty())
        message.parts.push_back(Part{Refusal{refusal}});
    addAnnotations(message.parts, source["annotations"]);
    readProducedMedia(message.parts, source);
    readCalls(message.parts, source, salt);
    giveSealsToCalls(message.parts);
    const bool produced = !source["audio"]["data"].string().isEmpty();
    for (const JsonValue member : source) {
        static constexpr std::array kKnown{
            QByteArrayView("role"),          QByteArrayView("content"),
            QByteArrayView("name"),          QByteArrayView("refusal"),
            QByteArrayView("annotations"),   QByteArrayView("tool_calls"),
            QByteArrayView("function_call"), QByteArrayView("reasoning_content"),
            QByteArrayView("reasoning"),     QByteArrayView("reasoning_details"),
            QByteArrayView("images"),        QByteArrayView("cache_control")};
        const bool known = std::any_of(kKnown.begin(), kKnown.end(),
                                       [&](QByteArrayView name) { return member.keyIs(name); });
        // In a history the audio is named by its id alone.
        if (known || !member.isSet() || (member.keyIs("audio") && produced))
            continue;
        keep(message.native, Dialect::Chat, member.key(), member.json());
    }
    return message;
}

} // namespace tollgate::codecs::chat
