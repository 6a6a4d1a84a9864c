// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/readblocks.h"

#include "core/codecs/messages/writeblocks.h"

#include <QHash>

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

Part opaque(JsonValue block)
{
    return {Opaque{Dialect::Messages, block["type"].string(), block.json()}};
}

Part readText(JsonValue block)
{
    Part part;
    Text text{block["text"].string(), {}};
    const JsonValue citations = block["citations"];
    for (const JsonValue child : citations) {
        if (auto citation = readCitation(child))
            text.citations.push_back(*std::move(citation));
    }
    // {"enabled": …} asks for citations in a document; it is no list of them.
    if (citations.isObject())
        keep(part.native, Dialect::Messages, "citations", citations.json());
    part.body = std::move(text);
    part.cache = readCacheMark(block, part.native);
    keepTold(part.native, block, {"type", "text", "citations", "cache_control"});
    return part;
}

// "content" sources nest blocks; their text is what other vendors get.
QByteArray textOf(JsonValue content)
{
    if (content.isString())
        return content.string();
    QByteArray text;
    for (const JsonValue block : content) {
        const QByteArray piece = block["text"].string();
        if (!piece.isEmpty())
            text += (text.isEmpty() ? "" : "\n") + piece;
    }
    return text;
}

// Whether the source said nothing but what `media` can hold.
bool readSource(JsonValue source, Media &media)
{
    const JsonValue type = source["type"];
    if (type.is("base64")) {
        media.source = Media::Source::Base64;
        media.mime = source["media_type"].string();
        media.data = source["data"].string();
        return source.size() == 3;
    }
    if (type.is("url")) {
        media.source = Media::Source::Url;
        media.data = source["url"].string();
        return source.size() == 2;
    }
    if (type.is("file")) {
        media.source = Media::Source::FileId;
        media.owner = Dialect::Messages;
        media.data = source["file_id"].string();
        return source.size() == 2;
    }
    media.source = Media::Source::PlainText;
    media.mime = "text/plain";
    media.data = type.is("text") ? source["data"].string() : textOf(source["content"]);
    return type.is("text") && source["media_type"].is("text/plain") && source.size() == 3;
}

Part readMedia(JsonValue block)
{
    const JsonValue source = block["source"];
    const JsonValue type = source["type"];
    const bool document = block["type"].is("document");
    const bool known = type.is("base64") || type.is("url") || type.is("file")
        || (document && (type.is("text") || type.is("content")));
    if (!known)
        return opaque(block);
    Part part;
    Media media;
    media.kind = document ? Media::Kind::Document : Media::Kind::Image;
    if (!readSource(source, media))
        keep(part.native, Dialect::Messages, "source", source.json());
    if (document) {
        media.title = block["title"].string();
        media.context = block["context"].string();
    }
    part.body = std::move(media);
    part.cache = readCacheMark(block, part.native);
    if (document)
        keepTold(part.native, block, {"type", "source", "title", "context", "cache_control"});
    else
        keepTold(part.native, block, {"type", "source", "cache_control"});
    return part;
}

std::optional<Part> readThinking(JsonValue block)
{
    Part part;
    Reasoning reasoning;
    if (block["type"].is("redacted_thinking")) {
        reasoning.sealed = Sealed{Sealed::Owner::AnthropicRedacted, block["data"].string(), {}};
        if (reasoning.sealed->data.isEmpty())
            return {};
        keepTold(part.native, block, {"type", "data"});
    } else {
        reasoning.text = block["thinking"].string();
        const QByteArray signature = block["signature"].string();
        if (!signature.isEmpty())
            reasoning.sealed = unwrapSeal(signature, Sealed::Owner::Anthropic);
        if (reasoning.text.isEmpty() && !reasoning.sealed)
            return {};
        keepTold(part.native, block, {"type", "thinking", "signature"});
    }
    part.body = std::move(reasoning);
    return part;
}

Part readToolUse(JsonValue block)
{
    Part part;
    ToolCall call;
    call.callId = block["id"].string();
    call.name = block["name"].string();
    const JsonValue input = block["input"];
    call.arguments = input.isSet() ? input.json() : QByteArray("{}");
    part.cache = readCacheMark(block, part.native);
    keepTold(part.native, block, {"type", "id", "name", "input", "cache_control"});
    if (call.name == kAnswerTool)
        part.body = Text{call.arguments, {}};
    else
        part.body = std::move(call);
    return part;
}

// Whether a block inside a result is all in `result.parts` now.
bool readInner(JsonValue block, ToolResult &result)
{
    std::optional<Part> part = readBlock(block);
    if (!part)
        return false;
    const bool plain = part->native.empty() && !part->cache;
    if (auto *text = std::get_if<Text>(&part->body)) {
        result.parts.emplace_back(std::move(*text));
        return plain;
    }
    if (auto *media = std::get_if<Media>(&part->body)) {
        result.parts.emplace_back(std::move(*media));
        return plain;
    }
    // search_result and its like: their words, for a vendor that does not know the block.
    QByteArray words = block["title"].string();
    const QByteArray body = textOf(block["content"]);
    if (!words.isEmpty() && !body.isEmpty())
        words += '\n';
    words += body;
    if (words.isEmpty())
        words = block["tool_name"].string();
    if (!words.isEmpty())
        result.parts.emplace_back(Text{std::move(words), {}});
    return false;
}

Part readToolResult(JsonValue block)
{
    Part part;
    ToolResult result;
    result.callId = block["tool_use_id"].string();
    result.error = block["is_error"].isTrue();
    const JsonValue content = block["content"];
    bool plain = true;
    if (content.isString()) {
        result.parts.emplace_back(Text{content.string(), {}});
    } else {
        for (const JsonValue inner : content)
            plain = readInner(inner, result) && plain;
    }
    part.body = std::move(result);
    if (!plain)
        keep(part.native, Dialect::Messages, kInnerContent, content.json());
    part.cache = readCacheMark(block, part.native);
    keepTold(part.native, block, {"type", "tool_use_id", "content", "is_error", "cache_control"});
    return part;
}

} // namespace

std::optional<Citation> readCitation(JsonValue citation)
{
    if (!citation.isObject())
        return {};
    Citation read;
    read.url = citation["url"].string();
    if (read.url.isEmpty() && citation["type"].is("search_result_location"))
        read.url = citation["source"].string();
    read.title = citation["title"].string();
    if (read.title.isEmpty())
        read.title = citation["document_title"].string();
    read.citedText = citation["cited_text"].string();
    // Ours, see writeCitation(): no vendor would know it again.
    if (citation["type"].is("web_search_result_location") && citation["encrypted_index"].is(""))
        return read;
    read.owner = Dialect::Messages;
    read.json = citation.json();
    return read;
}

std::optional<Part> readBlock(JsonValue block)
{
    const QByteArray type = block["type"].string();
    if (type == "text")
        return readText(block);
    if (type == "image" || type == "document")
        return readMedia(block);
    if (type == "thinking" || type == "redacted_thinking")
        return readThinking(block);
    if (type == "tool_use")
        return readToolUse(block);
    if (type == "tool_result")
        return readToolResult(block);
    return opaque(block);
}

Result<std::vector<Part>> readContent(JsonValue content, const QByteArray &param)
{
    std::vector<Part> parts;
    if (content.isString()) {
        parts.push_back({Text{content.string(), {}}});
        return parts;
    }
    if (!content.isArray()) {
        return refused(QStringLiteral("“%1” must be text or a list of content blocks.")
                           .arg(QString::fromUtf8(param)),
                       param);
    }
    qsizetype index = 0;
    for (const JsonValue block : content) {
        if (!block["type"].isString()) {
            const QByteArray at = param + '.' + QByteArray::number(index);
            return refused(QStringLiteral("“%1” is no content block: it has no type.")
                               .arg(QString::fromUtf8(at)),
                           at);
        }
        if (auto part = readBlock(block))
            parts.push_back(*std::move(part));
        ++index;
    }
    restoreSeals(parts);
    return parts;
}

bool carriesSeal(const Reasoning &reasoning)
{
    return reasoning.text.isEmpty() && reasoning.sealed
        && reasoning.sealed->owner == Sealed::Owner::Gemini && !reasoning.sealed->id.isEmpty();
}

void restoreSeals(std::vector<Part> &parts)
{
    const auto carrier = [](const Part &part) {
        const auto *reasoning = std::get_if<Reasoning>(&part.body);
        return reasoning && carriesSeal(*reasoning);
    };
    if (std::none_of(parts.begin(), parts.end(), carrier))
        return;
    std::vector<Part> kept;
    QHash<QByteArray, Sealed> seals; // by call
    for (Part &part : parts) {
        if (!carrier(part)) {
            kept.push_back(std::move(part));
            continue;
        }
        Sealed seal = *std::get<Reasoning>(part.body).sealed;
        const QByteArray id = std::exchange(seal.id, {});
        if (id != kSealOfPrevious)
            seals.insert(id, std::move(seal));
        else if (!kept.empty())
            kept.back().sealed = std::move(seal);
    }
    for (Part &part : kept) {
        auto *call = std::get_if<ToolCall>(&part.body);
        if (call && seals.contains(call->callId))
            call->sealed = seals.value(call->callId);
    }
    parts = std::move(kept);
}

} // namespace tollgate::codecs::messages
