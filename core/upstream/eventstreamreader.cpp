// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/eventstreamreader.h"

#include <QtEndian>

#include <array>

namespace tollgate::upstream {
namespace {

constexpr qsizetype kPrelude = 12; // two lengths and their sum
constexpr qsizetype kSum = 4;
constexpr qsizetype kMostHeaders = 128 << 10;
constexpr qsizetype kKeepCapacity = 256 << 10;

using Type = EventStreamHeader::Type;

// The reflected polynomial of ISO-HDLC, zlib's and gzip's.
constexpr std::array<std::uint32_t, 256> makeTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t sum = byte;
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ ((sum & 1) ? 0xedb88320U : 0U);
        table[byte] = sum;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> kTable = makeTable();

std::uint32_t crc32(QByteArrayView bytes)
{
    std::uint32_t sum = ~0U;
    for (const char byte : bytes)
        sum = kTable[(sum ^ static_cast<unsigned char>(byte)) & 0xffU] ^ (sum >> 8);
    return ~sum;
}

std::uint32_t number(QByteArrayView bytes, qsizetype at)
{
    return qFromBigEndian<std::uint32_t>(bytes.data() + at);
}

// How many bytes a value of this type has; -1: its length stands before it.
qsizetype fixedSize(Type type)
{
    switch (type) {
    case Type::True:
    case Type::False:
        return 0;
    case Type::Byte:
        return 1;
    case Type::Int16:
        return 2;
    case Type::Int32:
        return 4;
    case Type::Int64:
    case Type::Timestamp:
        return 8;
    case Type::Uuid:
        return 16;
    case Type::Bytes:
    case Type::String:
        break;
    }
    return -1;
}

// One header off the front of `bytes`; false where they are none.
bool takeHeader(QByteArrayView &bytes, EventStreamHeader &header)
{
    constexpr qsizetype kLength = 2;
    const qsizetype nameSize = static_cast<unsigned char>(bytes[0]);
    if (nameSize == 0 || bytes.size() < nameSize + 2)
        return false;
    header.name = bytes.sliced(1, nameSize);
    const auto type = static_cast<unsigned char>(bytes[nameSize + 1]);
    if (type > static_cast<unsigned char>(Type::Uuid))
        return false;
    header.type = static_cast<Type>(type);
    bytes = bytes.sliced(nameSize + 2);
    qsizetype size = fixedSize(header.type);
    if (size < 0) {
        if (bytes.size() < kLength)
            return false;
        size = qFromBigEndian<std::uint16_t>(bytes.data());
        bytes = bytes.sliced(kLength);
    }
    if (bytes.size() < size)
        return false;
    header.value = bytes.first(size);
    bytes = bytes.sliced(size);
    return true;
}

} // namespace

QByteArrayView EventStreamMessage::text(QByteArrayView header) const
{
    for (const EventStreamHeader &one : headers) {
        if (one.type == Type::String && one.name == header)
            return one.value;
    }
    return {};
}

QByteArrayView EventStreamMessage::type() const
{
    const QByteArrayView kind = text(":message-type");
    if (kind == QByteArrayView("exception"))
        return text(":exception-type");
    if (kind == QByteArrayView("error"))
        return text(":error-code");
    return text(":event-type");
}

bool EventStreamMessage::failed() const
{
    const QByteArrayView kind = text(":message-type");
    return kind == QByteArrayView("exception") || kind == QByteArrayView("error");
}

EventStreamReader::EventStreamReader(qsizetype messageLimit)
    : m_limit(messageLimit)
{
}

void EventStreamReader::append(QByteArrayView bytes)
{
    if (m_dead)
        return;
    // Moves what is left to the front where that is less than what was read since.
    const qsizetype left = m_buffer.size() - m_start;
    if (left == 0 && m_buffer.capacity() > kKeepCapacity) {
        m_buffer = QByteArray();
        m_start = 0;
    } else if (m_start > 0 && m_start >= left) {
        m_buffer.remove(0, m_start);
        m_start = 0;
    }
    m_buffer.append(bytes);
}

tl::unexpected<Error> EventStreamReader::dead(ErrorKind kind, const char *why)
{
    m_dead = true;
    m_buffer = QByteArray();
    m_start = 0;
    return failure(kind, QString::fromUtf8(why),
                   kind == ErrorKind::TooLarge ? "upstream_event_too_large" : "bad_event_stream");
}

Result<std::optional<EventStreamMessage>> EventStreamReader::next()
{
    if (m_dead)
        return dead(ErrorKind::UpstreamFailed, "The provider's event stream broke before.");
    const QByteArrayView bytes = rest();
    if (bytes.size() < kPrelude)
        return std::nullopt;
    const qsizetype total = number(bytes, 0);
    const qsizetype headers = number(bytes, 4);
    if (!m_preludeChecked) {
        if (crc32(bytes.first(kPrelude - kSum)) != number(bytes, kPrelude - kSum))
            return dead(ErrorKind::UpstreamFailed,
                        "The provider's event stream is damaged: a message's head does not match "
                        "its checksum.");
        if (total > m_limit)
            return dead(ErrorKind::TooLarge, "An event of the provider's stream is too large.");
        if (headers > kMostHeaders || total < kPrelude + headers + kSum)
            return dead(ErrorKind::UpstreamFailed,
                        "The provider's event stream is damaged: a message's lengths contradict "
                        "each other.");
        m_preludeChecked = true;
    }
    if (bytes.size() < total)
        return std::nullopt;
    if (crc32(bytes.first(total - kSum)) != number(bytes, total - kSum))
        return dead(ErrorKind::UpstreamFailed,
                    "The provider's event stream is damaged: a message does not match its "
                    "checksum.");
    EventStreamMessage message;
    QByteArrayView left = bytes.sliced(kPrelude, headers);
    while (!left.isEmpty()) {
        EventStreamHeader header;
        if (!takeHeader(left, header))
            return dead(ErrorKind::UpstreamFailed,
                        "The provider's event stream is damaged: a message's headers cannot be "
                        "read.");
        message.headers.push_back(header);
    }
    message.payload = bytes.sliced(kPrelude + headers, total - kPrelude - headers - kSum);
    m_start += total;
    m_preludeChecked = false;
    return message;
}

} // namespace tollgate::upstream
