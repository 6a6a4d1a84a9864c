// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a byte stream into messages of application/vnd.amazon.eventstream, AWS's binary framing: a
// length, headers and a payload, each message under two CRC-32 sums. Any split of the bytes.
// Layout: "Amazon event stream encoding" in AWS's Transcribe documentation.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::upstream {

struct EventStreamHeader
{
    enum class Type : std::uint8_t {
        True,
        False,
        Byte,
        Int16,
        Int32,
        Int64,
        Bytes,
        String,
        Timestamp, // milliseconds since 1970
        Uuid,
    };
    QByteArrayView name;
    Type type = Type::True;
    QByteArrayView value; // as it stands on the wire, without its length
};

struct EventStreamMessage
{
    std::vector<EventStreamHeader> headers;
    QByteArrayView payload;

    // Of a header that is a string; empty where there is none.
    [[nodiscard]] QByteArrayView text(QByteArrayView header) const;
    // What it is about: the ":event-type" of an event, the ":exception-type" of an exception, the
    // ":error-code" of an error.
    [[nodiscard]] QByteArrayView type() const;
    // An exception or an error: it ends the stream.
    [[nodiscard]] bool failed() const;
};

class EventStreamReader
{
public:
    explicit EventStreamReader(qsizetype messageLimit = 16 << 20);

    void append(QByteArrayView bytes);
    // The next complete message, or nullopt: more bytes are needed. Views are valid until the next
    // call of a non-const member. UpstreamFailed where a sum or a length is wrong, TooLarge above
    // the limit; the reader is then dead.
    [[nodiscard]] Result<std::optional<EventStreamMessage>> next();
    // At the end of the stream: bytes of a message that was never completed.
    [[nodiscard]] QByteArrayView rest() const { return QByteArrayView(m_buffer).sliced(m_start); }

private:
    [[nodiscard]] tl::unexpected<Error> dead(ErrorKind kind, const char *why);

    QByteArray m_buffer;
    qsizetype m_start = 0;
    qsizetype m_limit;
    bool m_preludeChecked = false;
    bool m_dead = false;
};

} // namespace tollgate::upstream
