// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/parts.h"
#include "core/conversation/customtools.h"
#include "core/conversation/media.h"
#include "core/conversation/seal.h"

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

QByteArray mimeOf(const Media &media)
{
    if (!media.mime.isEmpty())
        return media.mime;
    if (media.source == Media::Source::PlainText)
        return "text/plain";
    QByteArray mime = media.source == Media::Source::Base64 ? sniffMime(media.data)
                                                            : mimeOfExtension(media.data);
    if (mime.isEmpty())
        mime = mimeOfExtension(media.filename);
    return mime;
}

QByteArray usualMime(Media::Kind kind)
{
    switch (kind) {
    case Media::Kind::Image:
        return "image/png";
    case Media::Kind::Audio:
        return "audio/wav";
    case Media::Kind::Video:
        return "video/mp4";
    case Media::Kind::Document:
        break;
    }
    return "application/pdf";
}

void writeSignature(JsonWriter &out, const std::optional<Sealed> &seal)
{
    if (seal)
        out.member("thoughtSignature", wrapSeal(*seal, Sealed::Owner::Gemini));
}

void writeMediaWith(JsonWriter &out, const Media &media, const Native &native)
{
    const bool url = media.source == Media::Source::Url;
    QByteArray mime = mimeOf(media);
    out.key(url ? "fileData" : "inlineData").beginObject();
    if (mime.isEmpty() && !url)
        mime = usualMime(media.kind);
    if (!mime.isEmpty())
        out.member("mimeType", mime);
    if (url)
        out.member("fileUri", media.data);
    else if (media.source == Media::Source::PlainText)
        out.member("data", media.data.toBase64());
    else
        out.member("data", media.data);
    writeKept(out, native, url ? "fileData." : "inlineData.");
    out.endObject();
}

} // namespace

bool isGeminiHosted(QByteArrayView hostedType)
{
    return hostedType == "executableCode" || hostedType == "codeExecutionResult"
        || hostedType == "toolCall" || hostedType == "toolResponse";
}

bool writeMedia(JsonWriter &out, const Media &media, const Native &native)
{
    if (media.source == Media::Source::FileId)
        return false;
    if (media.source == Media::Source::Url) {
        if (const auto data = parseDataUrl(media.data)) {
            Media whole = media;
            whole.source = Media::Source::Base64;
            whole.mime = data->mime;
            whole.data = data->base64;
            writeMediaWith(out, whole, native);
            return true;
        }
    }
    if (media.source == Media::Source::Base64 && !kept(native, kUrlAlphabet).isEmpty()) {
        Media spelt = media;
        spelt.data.replace('+', '-').replace('/', '_');
        writeMediaWith(out, spelt, native);
        return true;
    }
    writeMediaWith(out, media, native);
    return true;
}

void writeCall(JsonWriter &out, const ToolCall &call, bool withId)
{
    out.beginObject();
    if (withId)
        out.member("id", call.callId);
    out.member("name", call.name);
    out.key("args").raw(call.kind == ToolCall::Kind::Custom ? bridgeArguments(call.arguments)
                                                            : argumentsObject(call.arguments));
}

QByteArray thoughtText(const Reasoning &reasoning)
{
    if (reasoning.breaks.empty())
        return reasoning.text;
    QByteArray text;
    qsizetype from = 0;
    for (const qsizetype at : reasoning.breaks) {
        if (at > from && at < reasoning.text.size()) {
            text += reasoning.text.mid(from, at - from) + "\n\n";
            from = at;
        }
    }
    return text + reasoning.text.mid(from);
}

void writeAnswerPart(JsonWriter &out, const Part &part)
{
    if (const auto *text = std::get_if<Text>(&part.body)) {
        out.beginObject().member("text", text->text);
    } else if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
        out.beginObject().member("text", refusal->text);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        out.beginObject().member("text", thoughtText(*reasoning)).member("thought", true);
        writeSignature(out, reasoning->sealed);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        if (media->source == Media::Source::FileId)
            return;
        out.beginObject();
        writeMediaWith(out, *media, part.native);
    } else if (const auto *call = std::get_if<ToolCall>(&part.body)) {
        if (call->kind == ToolCall::Kind::Hosted) {
            if (!isGeminiHosted(call->hostedType))
                return;
            out.beginObject().key(call->hostedType).raw(call->arguments);
        } else {
            out.beginObject().key("functionCall");
            writeCall(out, *call, true);
            writeKept(out, part.native, "functionCall.");
            out.endObject();
        }
        if (call->sealed && call->sealed->owner == Sealed::Owner::Gemini)
            writeSignature(out, call->sealed);
    } else if (const auto *result = std::get_if<ToolResult>(&part.body)) {
        if (!isGeminiHosted(result->hostedType))
            return;
        out.beginObject().key(result->hostedType).raw(result->structured);
    } else if (const auto *opaque = std::get_if<Opaque>(&part.body)) {
        if (opaque->owner == Dialect::Gemini)
            out.raw(opaque->json);
        return;
    } else {
        return;
    }
    writeSignature(out, part.sealed);
    writeKept(out, part.native);
    out.endObject();
}

} // namespace tollgate::codecs::gemini
