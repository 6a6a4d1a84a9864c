// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/units.h"

#include "core/protocol/formpeek.h"
#include "core/protocol/jsonreader.h"
#include "core/protocol/soundlength.h"

#include <algorithm>
#include <cmath>

namespace tollgate::protocol {
namespace {

constexpr qsizetype kLongestWord = 32;
// Cohere: a search is a query and up to 100 documents; one of over 500 tokens counts as several.
// https://docs.cohere.com/docs/how-does-cohere-pricing-work
constexpr std::int64_t kDocumentsASearch = 100;
constexpr qsizetype kBytesAChunk = 250; // a token may be as short as half of that allows

QByteArray wordOf(QByteArrayView text)
{
    const bool plain
        = text.size() <= kLongestWord && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
          });
    return plain && text != QByteArrayView("auto") ? text.toByteArray() : QByteArray();
}

QByteArray classOf(const QByteArray &quality, const QByteArray &size)
{
    if (quality.isEmpty())
        return size;
    return size.isEmpty() ? quality : quality + '/' + size;
}

QByteArray wordAt(JsonReader &reader)
{
    JsonText text;
    return reader.string(text) ? wordOf(text.decoded()) : QByteArray();
}

std::int64_t codePoints(QByteArrayView utf8)
{
    return std::count_if(utf8.begin(), utf8.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

void readDocuments(JsonReader &reader, UnitsAsked &asked)
{
    reader.array([&] {
        const qsizetype start = reader.position();
        reader.skip();
        ++asked.documents;
        asked.chunks += 1 + (reader.position() - start) / kBytesAChunk;
    });
}

UnitsAsked fromJson(Operation operation, QByteArrayView body)
{
    UnitsAsked asked;
    QByteArray quality;
    QByteArray size;
    JsonReader reader(body);
    reader.object([&](const JsonText &key) {
        JsonText text;
        QByteArrayView digits;
        if (operation == Operation::Image && key.is("quality"))
            quality = wordAt(reader);
        else if (operation == Operation::Image && key.is("size"))
            size = wordAt(reader);
        else if (operation == Operation::Rerank && key.is("documents"))
            readDocuments(reader, asked);
        else if (operation != Operation::Speak)
            return;
        else if (key.is("input") && reader.string(text))
            asked.characters = codePoints(text.decoded());
        else if (key.is("response_format"))
            asked.speechFormat = wordAt(reader);
        else if (key.is("speed") && reader.number(digits))
            asked.speed = digits.toDouble();
    });
    asked.imageClass = classOf(quality, size);
    return asked;
}

UnitsAsked fromForm(QByteArrayView contentType, QByteArrayView body)
{
    UnitsAsked asked;
    QByteArray quality;
    QByteArray size;
    const auto read = eachPart(contentType, body, [&](const QByteArray &name, Span span) {
        const QByteArrayView value = body.sliced(span.at, span.length);
        if (name == "quality") {
            quality = wordOf(value);
        } else if (name == "size") {
            size = wordOf(value);
        } else if (name == "file" && asked.soundBytes == 0) {
            asked.soundBytes = value.size();
            asked.soundMs = declaredMilliseconds(value);
        }
        return Result<void>();
    });
    if (!read)
        return {};
    asked.imageClass = classOf(quality, size);
    return asked;
}

// Whole seconds, as they are billed.
std::int64_t toSecond(std::int64_t ms)
{
    return (ms + 999) / 1'000 * 1'000;
}

std::int64_t milliseconds(QByteArrayView digits)
{
    constexpr double kLongest = 360'000; // seconds
    const double seconds = digits.toDouble();
    return seconds > 0 && seconds < kLongest ? static_cast<std::int64_t>(std::ceil(seconds * 1'000))
                                             : 0;
}

// {"type": "duration", "seconds": 12}
void readDuration(JsonReader &reader, UnitCounts &told)
{
    reader.object([&](const JsonText &key) {
        QByteArrayView digits;
        if (key.is("seconds") && reader.number(digits))
            told.audioInputMs = std::max(told.audioInputMs, milliseconds(digits));
    });
}

// Cohere's {"billed_units": {"search_units": 1}}
void readBilled(JsonReader &reader, UnitCounts &told)
{
    reader.object([&](const JsonText &key) {
        if (!key.is("billed_units"))
            return;
        reader.object([&](const JsonText &unit) {
            QByteArrayView digits;
            std::int64_t count = 0;
            if (unit.is("search_units") && reader.number(digits) && toInteger(digits, count))
                told.searches = std::clamp<std::int64_t>(count, 0, 1'000'000);
        });
    });
}

// What plays in a second: the vendors' usual bit rates.
std::int64_t bytesASecond(const QByteArray &format)
{
    if (format == "wav" || format == "pcm")
        return 48'000; // 24 kHz, 16 bit
    if (format == "flac")
        return 24'000;
    return format == "opus" ? 4'000 : 16'000;
}

} // namespace

bool countsUnits(Operation operation)
{
    return operation == Operation::Image || operation == Operation::Speak
        || operation == Operation::Transcribe || operation == Operation::Rerank;
}

UnitsAsked readUnitsAsked(const Endpoint &endpoint, QByteArrayView contentType, QByteArrayView body)
{
    if (!countsUnits(endpoint.operation))
        return {};
    return endpoint.form ? fromForm(contentType, body) : fromJson(endpoint.operation, body);
}

UnitCounts mostUnits(Operation operation, const Peek &peek, const UnitsAsked &asked)
{
    UnitCounts most;
    switch (operation) {
    case Operation::Image:
        most.images = std::max<std::int64_t>(peek.choices, 1);
        most.imageClass = asked.imageClass;
        break;
    case Operation::Speak: {
        // Ten letters a second is slow; a voice can be told to be four times slower.
        const double slow = std::clamp(asked.speed, 0.25, 1.0);
        most.characters = asked.characters;
        most.audioOutputMs
            = 1'000 + static_cast<std::int64_t>(double(asked.characters) * 100 / slow);
        break;
    }
    case Operation::Transcribe:
        most.audioInputMs
            = toSecond(asked.soundMs.value_or(longestMilliseconds(asked.soundBytes))) + 1'000;
        break;
    case Operation::Rerank:
        most.searches
            = std::max<std::int64_t>((asked.chunks + kDocumentsASearch - 1) / kDocumentsASearch, 1);
        break;
    default:
        break;
    }
    return most;
}

UnitCounts readUnitsTold(Operation operation, QByteArrayView json)
{
    UnitCounts told;
    if (!countsUnits(operation) || operation == Operation::Speak)
        return told;
    QByteArray quality;
    QByteArray size;
    QByteArray type;
    bool picture = false;
    JsonReader reader(json);
    reader.object([&](const JsonText &key) {
        QByteArrayView digits;
        JsonText text;
        if (operation == Operation::Rerank) {
            if (key.is("meta"))
                readBilled(reader, told);
        } else if (operation == Operation::Transcribe) {
            if (key.is("usage"))
                readDuration(reader, told);
            else if (key.is("duration") && reader.number(digits))
                told.audioInputMs = std::max(told.audioInputMs, milliseconds(digits));
        } else if (key.is("data")) {
            reader.array([&] { ++told.images; });
        } else if (key.is("quality")) {
            quality = wordAt(reader);
        } else if (key.is("size")) {
            size = wordAt(reader);
        } else if (key.is("b64_json")) {
            picture = reader.string(text);
        } else if (key.is("type") && reader.string(text)) {
            type = text.decoded();
        }
    });
    // A stream shows pictures in the making; each is done once.
    if (picture && type.endsWith(".completed"))
        told.images = 1;
    told.imageClass = classOf(quality, size);
    return told;
}

UnitsUsed usedUnits(Operation operation, const UnitsAsked &asked, const UnitCounts &told,
                    qsizetype answerBytes)
{
    UnitsUsed used;
    UnitCounts &counts = used.counts;
    switch (operation) {
    case Operation::Image:
        counts.images = told.images;
        counts.imageClass = asked.imageClass.isEmpty() ? told.imageClass : asked.imageClass;
        break;
    case Operation::Speak:
        counts.characters = asked.characters;
        counts.audioOutputMs = std::int64_t(answerBytes) * 1'000 / bytesASecond(asked.speechFormat);
        break;
    case Operation::Transcribe:
        used.estimated = told.audioInputMs == 0;
        counts.audioInputMs = used.estimated
            ? toSecond(asked.soundMs.value_or(usualMilliseconds(asked.soundBytes)))
            : told.audioInputMs;
        break;
    case Operation::Rerank:
        used.estimated = told.searches == 0;
        counts.searches = used.estimated ? std::max<std::int64_t>(
                              (asked.documents + kDocumentsASearch - 1) / kDocumentsASearch, 1)
                                         : told.searches;
        break;
    default:
        break;
    }
    return used;
}

} // namespace tollgate::protocol
