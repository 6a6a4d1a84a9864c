// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/writeblocks.h"

#include "core/conversation/customtools.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::messages {
namespace {

constexpr std::array<QByteArrayView, 4> kImages{"image/jpeg", "image/png", "image/gif",
                                                "image/webp"};

// The vendor compares the type told with the bytes; clients of other dialects often guess.
QByteArray trueMime(const Media &media, bool keepMime)
{
    if (keepMime && !media.mime.isEmpty())
        return media.mime;
    const QByteArray sniffed = sniffMime(media.data);
    return sniffed.isEmpty() ? media.mime : sniffed;
}

bool isText(QByteArrayView mime)
{
    return mime.startsWith("text/") || mime == "application/json" || mime == "application/xml";
}

void writeTextSource(JsonWriter &out, QByteArrayView text)
{
    out.member("type", "text").member("media_type", "text/plain").member("data", text);
}

// The source of a document or image, in the object that is open.
Result<void> writeSource(JsonWriter &out, const Media &media, bool keepMime)
{
    const bool image = media.kind == Media::Kind::Image;
    switch (media.source) {
    case Media::Source::Url:
        out.member("type", "url").member("url", media.data);
        return {};
    case Media::Source::FileId:
        if (media.owner != Dialect::Messages)
            return refused(QStringLiteral("A file uploaded to another provider cannot be sent to "
                                          "this one: send the file itself."),
                           "messages");
        out.member("type", "file").member("file_id", media.data);
        return {};
    case Media::Source::PlainText:
        writeTextSource(out, media.data);
        return {};
    case Media::Source::Base64:
        break;
    }
    const QByteArray mime = trueMime(media, keepMime);
    const bool known = image ? std::find(kImages.begin(), kImages.end(), mime) != kImages.end()
                             : mime == "application/pdf";
    if (!image && !known && isText(mime)) {
        writeTextSource(out, QByteArray::fromBase64(media.data));
        return {};
    }
    if (!known && !keepMime) {
        return refused(
            QStringLiteral("This provider takes no %1 here: send JPEG, PNG, GIF or WebP "
                           "images, PDF or text documents.")
                .arg(QString::fromUtf8(mime.isEmpty() ? QByteArray("data of unknown type") : mime)),
            "messages");
    }
    out.member("type", "base64").member("media_type", mime).member("data", media.data);
    return {};
}

Result<void> writeToolResult(JsonWriter &out, const ToolResult &result, const Part &part,
                             bool keepMime)
{
    out.beginObject().member("type", "tool_result").member("tool_use_id", wireId(result.callId));
    const QByteArray spelt = nativeOf(part.native, Dialect::Messages, kInnerContent);
    const auto said = [](const std::variant<Text, Media> &piece) {
        const auto *text = std::get_if<Text>(&piece);
        return !text || !text->text.isEmpty();
    };
    if (!spelt.isEmpty()) {
        out.key("content").raw(spelt);
    } else if (std::any_of(result.parts.begin(), result.parts.end(), said)) {
        out.key("content").beginArray();
        for (const std::variant<Text, Media> &piece : result.parts) {
            if (!said(piece))
                continue;
            if (const auto *text = std::get_if<Text>(&piece)) {
                writeText(out, *text, {});
            } else if (auto written = writeMedia(out, std::get<Media>(piece), {}, keepMime);
                       !written) {
                return written;
            }
        }
        out.endArray();
    } else if (result.parts.empty() && !result.structured.isEmpty()) {
        out.member("content", result.structured);
    }
    if (result.error)
        out.member("is_error", true);
    writeTail(out, part.cache, part.native, {kInnerContent});
    out.endObject();
    return {};
}

} // namespace

bool canCite(const Citation &citation)
{
    return (citation.owner == Dialect::Messages && !citation.json.isEmpty())
        || !citation.url.isEmpty();
}

void writeCitation(JsonWriter &out, const Citation &citation)
{
    if (citation.owner == Dialect::Messages && !citation.json.isEmpty()) {
        out.raw(citation.json);
        return;
    }
    out.beginObject().member("type", "web_search_result_location").member("url", citation.url);
    out.member("title", citation.title).member("encrypted_index", "");
    out.member("cited_text", citation.citedText).endObject();
}

void writeText(JsonWriter &out, const Text &text, const Part &part)
{
    out.beginObject().member("type", "text").member("text", text.text);
    if (std::any_of(text.citations.begin(), text.citations.end(), canCite)) {
        out.key("citations").beginArray();
        for (const Citation &citation : text.citations) {
            if (canCite(citation))
                writeCitation(out, citation);
        }
        out.endArray();
    }
    writeTail(out, part.cache, part.native);
    out.endObject();
}

void writeThinking(JsonWriter &out, QByteArrayView text, QByteArrayView signature)
{
    out.beginObject().member("type", "thinking").member("thinking", text);
    out.member("signature", signature).endObject();
}

void writeToolUse(JsonWriter &out, const ToolCall &call, const Part &part)
{
    const QByteArray input = call.kind == ToolCall::Kind::Custom ? bridgeArguments(call.arguments)
                                                                 : argumentsObject(call.arguments);
    out.beginObject().member("type", "tool_use").member("id", wireId(call.callId));
    out.member("name", wireId(call.name, kLongestToolName)).key("input").raw(input);
    writeTail(out, part.cache, part.native);
    out.endObject();
}

Result<void> writeMedia(JsonWriter &out, const Media &media, const Part &part, bool keepMime)
{
    const bool document = media.kind == Media::Kind::Document;
    if (!document && media.kind != Media::Kind::Image) {
        return refused(media.kind == Media::Kind::Audio
                           ? QStringLiteral("This provider takes no audio: send the words as text.")
                           : QStringLiteral("This provider takes no video: send pictures from it."),
                       "messages");
    }
    out.beginObject().member("type", document ? "document" : "image").key("source");
    const QByteArray spelt = nativeOf(part.native, Dialect::Messages, "source");
    if (!spelt.isEmpty()) {
        out.raw(spelt);
    } else {
        out.beginObject();
        if (auto written = writeSource(out, media, keepMime); !written)
            return written;
        out.endObject();
    }
    if (document) {
        const QByteArray &title = media.title.isEmpty() ? media.filename : media.title;
        if (!title.isEmpty())
            out.member("title", title);
        if (!media.context.isEmpty())
            out.member("context", media.context);
    }
    writeTail(out, part.cache, part.native, {"source"});
    out.endObject();
    return {};
}

QByteArray signatureOf(const Reasoning &reasoning)
{
    return reasoning.sealed ? wrapSeal(*reasoning.sealed, Sealed::Owner::Anthropic) : QByteArray();
}

QByteArray carrierOf(const Sealed &seal, const QByteArray &id)
{
    return wrapSeal({seal.owner, seal.data, id}, Sealed::Owner::Anthropic);
}

Result<void> writeRequestPart(JsonWriter &out, const Part &part, Dialect source, Dropped &dropped)
{
    for (const QByteArray &name : foreignNames(part.native, Dialect::Messages))
        dropped.note(name);
    const bool own = source == Dialect::Messages;
    if (const auto *text = std::get_if<Text>(&part.body)) {
        // Only what the vendor gave may be cited back to it.
        Text cited{text->text, {}};
        for (const Citation &citation : text->citations) {
            if (citation.owner == Dialect::Messages && !citation.json.isEmpty())
                cited.citations.push_back(citation);
            else
                dropped.note("citations");
        }
        writeText(out, cited, part);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        if (!media->detail.isEmpty() && media->detail != "auto")
            dropped.note("detail");
        return writeMedia(out, *media, part, own);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        if (reasoning->sealed && reasoning->sealed->owner == Sealed::Owner::AnthropicRedacted) {
            out.beginObject().member("type", "redacted_thinking");
            out.member("data", reasoning->sealed->data);
        } else {
            out.beginObject().member("type", "thinking").member("thinking", reasoning->text);
            out.member("signature", signatureOf(*reasoning));
        }
        writeNative(out, part.native, Dialect::Messages);
        out.endObject();
    } else if (const auto *call = std::get_if<ToolCall>(&part.body)) {
        writeToolUse(out, *call, part);
    } else if (const auto *result = std::get_if<ToolResult>(&part.body)) {
        return writeToolResult(out, *result, part, own);
    } else if (const auto *opaque = std::get_if<Opaque>(&part.body)) {
        out.raw(opaque->json);
    }
    return {};
}

} // namespace tollgate::codecs::messages
