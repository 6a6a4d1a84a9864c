// SPDX-License-Identifier: GPL-3.0-or-later
// The cutters of streams: the same events for any split of the bytes, and nothing lost between
// them.
#include "core/protocol/geminiarray.h"
#include "core/upstream/eventstreamreader.h"
#include "core/upstream/ndjsonreader.h"
#include "core/upstream/ssereader.h"
#include "tests/fuzz/claims.h"
#include "tests/fuzz/targets.h"

#include <QByteArrayList>
#include <QtEndian>

#include <zlib.h>

#include <algorithm>

namespace tollgate::fuzz {

namespace {

constexpr qsizetype kLimit = 4096; // small enough to be met

struct Heard
{
    QByteArrayList events;
    QByteArray rest;
    bool failed = false;
    bool operator==(const Heard &) const = default;
};

template <class Reader, class Tell>
Heard hear(Reader &reader, QByteArrayView bytes, qsizetype piece, Tell tell)
{
    Heard heard;
    for (qsizetype at = 0; at < bytes.size() && !heard.failed; at += piece) {
        reader.append(bytes.sliced(at, std::min(piece, bytes.size() - at)));
        for (;;) {
            const auto event = reader.next();
            heard.failed = !event;
            if (!event || !*event)
                break;
            heard.events += tell(**event);
        }
    }
    if (!heard.failed)
        heard.rest = reader.rest().toByteArray();
    return heard;
}

Heard sse(QByteArrayView bytes, qsizetype piece)
{
    upstream::SseReader reader(kLimit, 2 * kLimit);
    QByteArray raw;
    Heard heard = hear(reader, bytes, piece, [&](const upstream::SseEvent &event) {
        raw += event.raw;
        return event.type.toByteArray() + '\n' + event.data.toByteArray()
            + (event.hasData ? "." : "");
    });
    if (heard.failed)
        return heard;
    // A LF behind the CR that ended the last event belongs to no event, and is not told as rest.
    claim(raw + heard.rest == bytes.toByteArray() || raw + '\n' + heard.rest == bytes.toByteArray(),
          "events and rest are not the stream", raw);
    heard.rest.clear(); // a LF behind a split CRLF is in it or not
    if (const auto last = reader.last())
        heard.events += last->type.toByteArray() + '\n' + last->data.toByteArray();
    return heard;
}

Heard lines(QByteArrayView bytes, qsizetype piece)
{
    upstream::NdjsonReader reader(kLimit);
    Heard heard = hear(reader, bytes, piece, [](QByteArrayView line) {
        claim(!line.isEmpty() && !line.contains('\n'), "not one line", line);
        return line.toByteArray();
    });
    return heard;
}

Heard messages(QByteArrayView bytes, qsizetype piece)
{
    upstream::EventStreamReader reader(kLimit);
    return hear(reader, bytes, piece, [](const upstream::EventStreamMessage &message) {
        QByteArray told = message.type().toByteArray();
        told += message.failed() ? "!" : ".";
        told += message.payload;
        for (const upstream::EventStreamHeader &header : message.headers)
            told += header.name.toByteArray() + '=' + header.value.toByteArray();
        return told;
    });
}

Heard elements(QByteArrayView bytes, qsizetype piece)
{
    protocol::GeminiArrayReader reader(kLimit);
    QByteArray raw;
    Heard heard
        = hear(reader, bytes, piece, [&](const protocol::GeminiArrayReader::Element &element) {
              raw += element.raw;
              claim(element.raw.endsWith(element.json), "an element ends elsewhere", element.raw);
              return element.json.toByteArray();
          });
    if (!heard.failed)
        claim(raw + heard.rest == bytes.toByteArray(), "elements and rest are not the stream", raw);
    return heard;
}

void put32(QByteArray &bytes, qsizetype at, quint32 value)
{
    qToBigEndian(value, bytes.data() + at);
}

quint32 crcOf(const QByteArray &bytes, qsizetype size)
{
    return quint32(crc32(0, reinterpret_cast<const Bytef *>(bytes.constData()), uInt(size)));
}

// The bytes in messages whose lengths and sums are right: what they say is the fuzzer's.
QByteArray framed(QByteArrayView bytes)
{
    constexpr qsizetype kPrelude = 12;
    constexpr qsizetype kSum = 4;
    QByteArray all;
    while (bytes.size() > 2) {
        const qsizetype size = std::min(qsizetype(std::uint8_t(bytes[0])), bytes.size() - 2);
        const qsizetype headers = std::min(qsizetype(std::uint8_t(bytes[1])), size);
        QByteArray message(kPrelude, '\0');
        message += bytes.sliced(2, size);
        put32(message, 0, quint32(message.size() + kSum));
        put32(message, 4, quint32(headers));
        put32(message, 8, crcOf(message, 8));
        message.resize(message.size() + kSum);
        put32(message, message.size() - kSum, crcOf(message, message.size() - kSum));
        all += message;
        bytes = bytes.sliced(2 + size);
    }
    return all;
}

void anySplit(Heard (*read)(QByteArrayView, qsizetype), QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return;
    const Heard whole = read(bytes, bytes.size());
    for (const qsizetype piece : {qsizetype(1), qsizetype(3), qsizetype(17)}) {
        const Heard again = read(bytes, piece);
        claim(again.failed == whole.failed, "cut otherwise it fails", bytes);
        if (!whole.failed)
            claim(again == whole, "cut otherwise it is another", bytes);
    }
}

} // namespace

void framings(QByteArrayView input)
{
    if (input.isEmpty())
        return;
    const QByteArrayView bytes = input.sliced(1);
    switch (input[0]) {
    case 's':
        return anySplit(sse, bytes);
    case 'n':
        return anySplit(lines, bytes);
    case 'e':
        anySplit(messages, bytes);
        return anySplit(messages, framed(bytes));
    case 'g':
        return anySplit(elements, bytes);
    default:
        break;
    }
}

} // namespace tollgate::fuzz
