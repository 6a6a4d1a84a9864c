// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"

namespace tollgate::codecs::responses {
namespace {

constexpr QByteArrayView kBase64 = ";base64,";

// data:<mime>;base64,<data>; any other URL stays one.
void setUrl(Media &media, const QByteArray &url)
{
    const qsizetype mark = url.startsWith("data:") ? url.indexOf(kBase64) : -1;
    if (mark < 0) {
        media.source = Media::Source::Url;
        media.data = url;
        return;
    }
    media.source = Media::Source::Base64;
    media.mime = url.mid(5, mark - 5);
    media.data = url.mid(mark + kBase64.size());
}

QByteArray dataUrl(const Media &media, const char *otherwise)
{
    const QByteArray mime = media.mime.isEmpty() ? QByteArray(otherwise) : media.mime;
    return "data:" + mime + kBase64.toByteArray() + media.data;
}

void setFileId(Media &media, const QByteArray &id)
{
    media.source = Media::Source::FileId;
    media.owner = Dialect::Responses;
    media.data = id;
}

Media readImage(JsonValue part)
{
    Media media;
    media.detail = part["detail"].string();
    if (part["image_url"].isString())
        setUrl(media, part["image_url"].string());
    else
        setFileId(media, part["file_id"].string());
    return media;
}

Media readFile(JsonValue part)
{
    Media media;
    media.kind = Media::Kind::Document;
    media.filename = part["filename"].string();
    media.detail = part["detail"].string();
    if (const JsonValue data = part["file_data"]; data.isString()) {
        setUrl(media, data.string());
        // A bare payload has no type; it is written as bare as it came.
        media.source = Media::Source::Base64;
    } else if (part["file_url"].isString()) {
        media.source = Media::Source::Url;
        media.data = part["file_url"].string();
    } else {
        setFileId(media, part["file_id"].string());
    }
    return media;
}

Citation readAnnotation(JsonValue annotation)
{
    Citation citation;
    citation.owner = Dialect::Responses;
    citation.json = annotation.json();
    citation.url = annotation["url"].string();
    citation.title = annotation["title"].string();
    if (citation.title.isEmpty())
        citation.title = annotation["filename"].string();
    citation.start = annotation["start_index"].integer().value_or(-1);
    citation.end = annotation["end_index"].integer().value_or(-1);
    return citation;
}

Text readText(JsonValue part)
{
    Text text{part["text"].string(), {}};
    for (const JsonValue annotation : part["annotations"])
        text.citations.push_back(readAnnotation(annotation));
    return text;
}

// What the content says beyond its part; the part's bag also has what belongs to its item.
void keepRest(Part &part, JsonValue content, std::initializer_list<QByteArrayView> known)
{
    if (QByteArray rest = leftover(content, known); !rest.isEmpty())
        keep(part.native, Dialect::Responses, ".content", std::move(rest));
}

// The usual mark says no more than that it is one.
bool plainMark(JsonValue mark)
{
    return !mark || mark.isNull() || (mark["mode"].is("explicit") && mark.size() == 1);
}

} // namespace

Part readContent(JsonValue content, Side side)
{
    Part part;
    const QByteArray type = content["type"].string();
    const JsonValue cache = content["prompt_cache_breakpoint"];
    const QByteArrayView mark
        = plainMark(cache) ? QByteArrayView("prompt_cache_breakpoint") : QByteArrayView("type");
    if (type == "input_text" || type == "output_text" || type == "text") {
        part.body = readText(content);
        const JsonValue told = content["logprobs"];
        const bool known = side == Side::Answer || told.size() == 0;
        keepRest(part, content, {"type", "text", "annotations", known ? "logprobs" : "type", mark});
    } else if (type == "refusal") {
        part.body = Refusal{content["refusal"].string()};
        keepRest(part, content, {"type", "refusal", mark});
    } else if (type == "input_image"
               && (content["image_url"].isString() || content["file_id"].isString())) {
        part.body = readImage(content);
        const bool byUrl = content["image_url"].isString();
        keepRest(part, content, {"type", "detail", byUrl ? "image_url" : "file_id", mark});
    } else if (type == "input_file"
               && (content["file_data"].isString() || content["file_url"].isString()
                   || content["file_id"].isString())) {
        part.body = readFile(content);
        const bool byData = content["file_data"].isString();
        const char *source = content["file_url"].isString() ? "file_url" : "file_id";
        keepRest(part, content,
                 {"type", "detail", "filename", byData ? "file_data" : source, mark});
    } else {
        part.body = Opaque{Dialect::Responses, type, content.json()};
        return part;
    }
    if (cache.isSet())
        part.cache = CacheMark{};
    return part;
}

QByteArray readLogprobs(JsonValue part)
{
    const JsonValue told = part["logprobs"];
    if (!told.isArray() || told.size() == 0)
        return {};
    const QByteArrayView raw = told.raw();
    return raw.sliced(1, raw.size() - 2).toByteArray().trimmed();
}

void writeAnnotation(JsonWriter &out, const Citation &citation)
{
    if (citation.owner == Dialect::Responses && !citation.json.isEmpty()) {
        out.raw(citation.json);
        return;
    }
    out.beginObject().member("type", "url_citation");
    out.member("start_index", citation.start < 0 ? 0 : citation.start);
    out.member("end_index", citation.end < 0 ? 0 : citation.end);
    out.member("url", citation.url).member("title", citation.title).endObject();
}

void writeOutputText(JsonWriter &out, const Text &text, const Native &native,
                     const QByteArray &logprobs)
{
    out.beginObject().member("type", "output_text").member("text", text.text);
    out.key("annotations").beginArray();
    for (const Citation &citation : text.citations) {
        // A place in another vendor's document means nothing here.
        if (citation.owner == Dialect::Responses || !citation.url.isEmpty())
            writeAnnotation(out, citation);
    }
    out.endArray();
    const QByteArray rest = nativeOf(native, Dialect::Responses, ".content");
    if (!rest.contains("\"logprobs\""))
        out.key("logprobs").raw('[' + logprobs + ']');
    writeLeftover(out, rest);
    out.endObject();
}

void writeInput(JsonWriter &out, const Text &text)
{
    out.beginObject().member("type", "input_text").member("text", text.text);
}

namespace {

bool writeImage(JsonWriter &out, const Media &media, bool detailed)
{
    const bool ours = media.owner == Dialect::Responses || media.owner == Dialect::Chat;
    if (media.source == Media::Source::PlainText
        || (media.source == Media::Source::FileId && !ours))
        return false;
    out.beginObject().member("type", "input_image");
    if (media.source == Media::Source::FileId)
        out.member("file_id", media.data);
    else
        out.member("image_url",
                   media.source == Media::Source::Url ? media.data : dataUrl(media, "image/png"));
    if (!media.detail.isEmpty())
        out.member("detail", media.detail);
    else if (detailed)
        out.member("detail", "auto");
    return true;
}

QByteArray fileName(const Media &media)
{
    if (!media.filename.isEmpty())
        return media.filename;
    if (!media.title.isEmpty())
        return media.title;
    return media.mime == "application/pdf" || media.mime.isEmpty() ? "document.pdf" : "document";
}

bool writeDocument(JsonWriter &out, const Media &media, bool detailed)
{
    const bool ours = media.owner == Dialect::Responses || media.owner == Dialect::Chat;
    switch (media.source) {
    case Media::Source::PlainText: {
        QByteArray text = media.title.isEmpty() ? media.filename : media.title;
        for (const QByteArray &more : {media.context, media.data}) {
            if (!more.isEmpty())
                text += (text.isEmpty() ? "" : "\n\n") + more;
        }
        writeInput(out, Text{text, {}});
        return true;
    }
    case Media::Source::FileId:
        if (!ours)
            return false;
        out.beginObject().member("type", "input_file").member("file_id", media.data);
        break;
    case Media::Source::Url:
        out.beginObject().member("type", "input_file").member("file_url", media.data);
        break;
    case Media::Source::Base64:
        out.beginObject().member("type", "input_file");
        out.member("file_data",
                   media.mime.isEmpty() && !detailed ? media.data
                                                     : dataUrl(media, "application/pdf"));
        break;
    }
    if (!media.filename.isEmpty())
        out.member("filename", media.filename);
    else if (detailed && media.source == Media::Source::Base64)
        out.member("filename", fileName(media));
    if (!media.detail.isEmpty())
        out.member("detail", media.detail);
    return true;
}

} // namespace

bool writeInput(JsonWriter &out, const Media &media, bool detailed)
{
    switch (media.kind) {
    case Media::Kind::Image:
        return writeImage(out, media, detailed);
    case Media::Kind::Document:
        return writeDocument(out, media, detailed);
    case Media::Kind::Audio:
    case Media::Kind::Video:
        break;
    }
    return false;
}

} // namespace tollgate::codecs::responses
