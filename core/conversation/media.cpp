// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/media.h"

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

struct Type
{
    QByteArrayView mime;
    QByteArrayView extension;
};

// The first of a mime is what it is called, the first of an extension what it means.
constexpr std::array kTypes{
    Type{"image/png", "png"},
    Type{"image/jpeg", "jpg"},
    Type{"image/jpeg", "jpeg"},
    Type{"image/gif", "gif"},
    Type{"image/webp", "webp"},
    Type{"image/bmp", "bmp"},
    Type{"image/tiff", "tiff"},
    Type{"image/tiff", "tif"},
    Type{"image/svg+xml", "svg"},
    Type{"image/avif", "avif"},
    Type{"image/heic", "heic"},
    Type{"image/heif", "heif"},
    Type{"audio/wav", "wav"},
    Type{"audio/x-wav", "wav"},
    Type{"audio/mpeg", "mp3"},
    Type{"audio/mp3", "mp3"},
    Type{"audio/flac", "flac"},
    Type{"audio/aac", "aac"},
    Type{"audio/ogg", "ogg"},
    Type{"audio/opus", "opus"},
    Type{"audio/mp4", "m4a"},
    Type{"audio/aiff", "aiff"},
    Type{"audio/pcm", "pcm"},
    Type{"audio/l16", "pcm16"},
    Type{"audio/webm", "weba"},
    Type{"video/mp4", "mp4"},
    Type{"video/quicktime", "mov"},
    Type{"video/webm", "webm"},
    Type{"video/x-matroska", "mkv"},
    Type{"video/mpeg", "mpeg"},
    Type{"video/mpeg", "mpg"},
    Type{"video/x-msvideo", "avi"},
    Type{"video/x-flv", "flv"},
    Type{"video/3gpp", "3gp"},
    Type{"application/pdf", "pdf"},
    Type{"application/json", "json"},
    Type{"application/xml", "xml"},
    Type{"application/msword", "doc"},
    Type{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    Type{"application/vnd.ms-excel", "xls"},
    Type{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    Type{"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"},
    Type{"text/plain", "txt"},
    Type{"text/markdown", "md"},
    Type{"text/csv", "csv"},
    Type{"text/html", "html"},
    Type{"text/html", "htm"},
    Type{"text/css", "css"},
    Type{"text/javascript", "js"},
    Type{"text/xml", "xml"},
};

struct Magic
{
    qsizetype at;
    QByteArrayView bytes;
    QByteArrayView mime;
};

constexpr QByteArrayView kTiffLittle("II*\0", 4);
constexpr QByteArrayView kTiffBig("MM\0*", 4);

// Most special first.
constexpr std::array kMagic{
    Magic{0, "\x89PNG\r\n\x1a\n", "image/png"},
    Magic{0, "\xFF\xD8\xFF", "image/jpeg"},
    Magic{0, "GIF8", "image/gif"},
    Magic{8, "WEBP", "image/webp"},
    Magic{8, "WAVE", "audio/wav"},
    Magic{8, "AVI ", "video/x-msvideo"},
    Magic{8, "AIFF", "audio/aiff"},
    Magic{0, "%PDF-", "application/pdf"},
    Magic{0, "ID3", "audio/mpeg"},
    Magic{0, "fLaC", "audio/flac"},
    Magic{0, "OggS", "audio/ogg"},
    Magic{4, "ftypM4A", "audio/mp4"},
    Magic{4, "ftypqt", "video/quicktime"},
    Magic{4, "ftypavi", "image/avif"},
    Magic{4, "ftyphei", "image/heic"},
    Magic{4, "ftyphev", "image/heic"},
    Magic{4, "ftypmif1", "image/heif"},
    Magic{4, "ftyp3g", "video/3gpp"},
    Magic{4, "ftyp", "video/mp4"},
    Magic{0, "\x1A\x45\xDF\xA3", "video/webm"},
    Magic{0, kTiffLittle, "image/tiff"},
    Magic{0, kTiffBig, "image/tiff"},
    Magic{0, "FLV\x01", "video/x-flv"},
    Magic{0, "\xFF\xF1", "audio/aac"}, // ADTS, before MPEG audio: the same sync word
    Magic{0, "\xFF\xF9", "audio/aac"},
    Magic{0, "\xFF\xFB", "audio/mpeg"},
    Magic{0, "\xFF\xF3", "audio/mpeg"},
    Magic{0, "\xFF\xF2", "audio/mpeg"},
    Magic{0, "\xFF\xFA", "audio/mpeg"},
    Magic{0, "BM", "image/bmp"},
};

struct Header
{
    QByteArray mime;
    bool base64 = false;
    QByteArrayView payload;
};

std::optional<Header> splitDataUrl(QByteArrayView url)
{
    constexpr QByteArrayView kScheme = "data:";
    if (url.size() < kScheme.size()
        || url.first(kScheme.size()).compare(kScheme, Qt::CaseInsensitive) != 0)
        return {};
    const qsizetype comma = url.indexOf(',');
    if (comma < 0)
        return {};
    const QByteArrayList fields
        = url.sliced(kScheme.size(), comma - kScheme.size()).toByteArray().toLower().split(';');
    Header header;
    header.mime = fields.first().trimmed();
    if (header.mime.isEmpty())
        header.mime = "text/plain"; // RFC 2397
    header.base64 = fields.size() > 1 && fields.last().trimmed() == "base64";
    header.payload = url.sliced(comma + 1);
    return header;
}

constexpr bool isBase64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'
        || c == '/' || c == '=';
}

// Escaped, broken into lines or in the URL alphabet: all are met; vendors take the plain form only.
std::optional<QByteArray> plainBase64(QByteArrayView text)
{
    QByteArray plain = text.toByteArray();
    if (std::all_of(plain.cbegin(), plain.cend(), isBase64))
        return plain;
    if (plain.contains('%'))
        plain = QByteArray::fromPercentEncoding(plain);
    plain.removeIf([](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    plain.replace('-', '+').replace('_', '/');
    if (!std::all_of(plain.cbegin(), plain.cend(), isBase64))
        return {};
    return plain;
}

} // namespace

std::optional<DataUrl> parseDataUrl(QByteArrayView url)
{
    const auto header = splitDataUrl(url);
    if (!header || !header->base64)
        return {};
    auto base64 = plainBase64(header->payload);
    if (!base64)
        return {};
    return DataUrl{header->mime, *std::move(base64)};
}

QByteArray dataUrl(QByteArrayView mime, QByteArrayView base64)
{
    QByteArray url;
    url.reserve(mime.size() + base64.size() + 13);
    return url.append("data:").append(mime).append(";base64,").append(base64);
}

Media mediaFromUrl(Media::Kind kind, QByteArrayView url)
{
    Media media;
    media.kind = kind;
    if (auto data = parseDataUrl(url)) {
        media.source = Media::Source::Base64;
        media.mime = std::move(data->mime);
        media.data = std::move(data->base64);
    } else if (const auto header = splitDataUrl(url); header && !header->base64) {
        media.source = Media::Source::Base64;
        media.mime = header->mime;
        media.data = QByteArray::fromPercentEncoding(header->payload.toByteArray()).toBase64();
    } else {
        media.source = Media::Source::Url;
        media.data = url.toByteArray();
    }
    return media;
}

QByteArray sniffMime(QByteArrayView base64)
{
    constexpr qsizetype kLooked = 32; // divisible by four
    const QByteArray head
        = QByteArray::fromBase64(base64.first(std::min(base64.size(), kLooked)).toByteArray());
    const QByteArrayView bytes(head);
    for (const Magic &magic : kMagic) {
        if (bytes.size() >= magic.at + magic.bytes.size()
            && bytes.sliced(magic.at, magic.bytes.size()) == magic.bytes)
            return magic.mime.toByteArray();
    }
    return {};
}

Media::Kind kindOfMime(QByteArrayView mime)
{
    const QByteArray lower = mime.toByteArray().toLower();
    if (lower.startsWith("image/"))
        return Media::Kind::Image;
    if (lower.startsWith("audio/"))
        return Media::Kind::Audio;
    if (lower.startsWith("video/"))
        return Media::Kind::Video;
    return Media::Kind::Document;
}

QByteArray mimeOfExtension(QByteArrayView nameOrExtension)
{
    const QByteArray extension
        = nameOrExtension.sliced(nameOrExtension.lastIndexOf('.') + 1).toByteArray().toLower();
    for (const Type &type : kTypes) {
        if (type.extension == extension)
            return type.mime.toByteArray();
    }
    return {};
}

QByteArray extensionOfMime(QByteArrayView mime)
{
    const qsizetype semicolon = mime.indexOf(';');
    const QByteArray bare
        = mime.first(semicolon < 0 ? mime.size() : semicolon).toByteArray().trimmed().toLower();
    for (const Type &type : kTypes) {
        if (type.mime == bare)
            return type.extension.toByteArray();
    }
    return {};
}

} // namespace tollgate::conversation
