// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/inputbound.h"

#include <algorithm>

namespace tollgate::protocol {
namespace {

// What vendors put before tools and turns on their own account.
constexpr std::int64_t kPreamble = 2'048;
// The dearest picture: OpenAI's small models count up to 2,833 + 8 x 5,667; Anthropic and Gemini
// stay below 5,000.
constexpr std::int64_t kOpenAiImage = 50'000;
constexpr std::int64_t kImage = 5'000;
// What the vendor's own tools may add, where there are such; no more than a guess.
constexpr std::int64_t kHostedTools = 30'000;
// No model reads more than this.
constexpr std::int64_t kWholeContext = 2'000'000;

std::int64_t imageBound(Dialect dialect)
{
    return dialect == Dialect::Messages || dialect == Dialect::Gemini ? kImage : kOpenAiImage;
}

// `bytes` of base64. Sound is at most 32 tokens a second and at least 6 kbit; film 300 and 40 kbit.
// A page of a compressed PDF is read as text and as a picture.
std::int64_t mediaBound(Dialect dialect, QByteArrayView mime, qsizetype bytes)
{
    if (mime.startsWith("image/"))
        return imageBound(dialect);
    if (mime.startsWith("audio/") || mime.startsWith("video/"))
        return bytes / 16 + 64;
    if (mime == QByteArrayView("application/pdf"))
        return std::min<std::int64_t>(bytes * 2, kWholeContext);
    return bytes;
}

QByteArray mimeOfDataUrl(QByteArrayView url)
{
    const QByteArrayView rest = url.sliced(5);
    const qsizetype comma = rest.first(std::min<qsizetype>(rest.size(), 128)).indexOf(',');
    if (comma < 0 || !rest.first(comma).endsWith(";base64"))
        return {};
    const QByteArrayView head = rest.first(comma);
    return head.first(head.indexOf(';')).toByteArray().toLower();
}

// Anthropic's source, Gemini's inlineData and OpenAI's input_audio tell the kind beside the data.
QByteArray mimeOfSiblings(QByteArrayView object)
{
    QByteArray mime;
    bool base64 = true;
    JsonReader reader(object);
    reader.object([&](const JsonText &key) {
        const bool named = key.is("media_type") || key.is("mimeType") || key.is("mime_type");
        JsonText text;
        if (named && reader.string(text))
            mime = text.decoded().toLower();
        else if (key.is("format") && reader.string(text))
            mime = "audio/" + text.decoded();
        else if (key.is("type") && reader.string(text))
            base64 = text.is("base64");
    });
    return base64 ? mime : QByteArray();
}

} // namespace

void boundInput(const Endpoint &endpoint, QByteArrayView body, const JsonTally &tally, Peek &peek)
{
    const Dialect dialect = endpoint.dialect;
    std::int64_t tokens = body.size() - tally.idle;
    if (peek.inputElsewhere)
        tokens += kHostedTools;
    for (const JsonNote &note : tally.notes) {
        const QByteArrayView value = body.sliced(note.at, note.length);
        QByteArray mime;
        switch (note.kind) {
        case JsonNote::Kind::DataUrl:
            mime = mimeOfDataUrl(value);
            break;
        case JsonNote::Kind::Data:
            mime = mimeOfSiblings(body.sliced(note.object));
            break;
        case JsonNote::Kind::Picture:
            tokens += imageBound(dialect) - note.length;
            continue;
        case JsonNote::Kind::Reference:
            tokens += imageBound(dialect);
            peek.inputElsewhere = true;
            continue;
        }
        if (!mime.isEmpty())
            tokens += mediaBound(dialect, mime, note.length) - note.length;
    }
    if (endpoint.operation != Operation::Embed)
        tokens += kPreamble;
    peek.inputTokensCeiling = std::max<std::int64_t>(tokens, 1);
}

} // namespace tollgate::protocol
