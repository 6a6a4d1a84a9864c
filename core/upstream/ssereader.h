// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a byte stream into server-sent events (WHATWG HTML 9.2): any line end (CR, LF, CRLF), any
// split of the bytes, a leading BOM skipped. Keeps each event's own bytes so that they can be
// passed on unchanged.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::upstream {

struct SseEvent
{
    QByteArrayView raw;  // the event as it stood on the wire, comments before it and blank line included
    QByteArrayView type; // "event" field; empty if none
    QByteArrayView data; // "data" fields joined with LF
    bool hasData = false;
};

class SseReader
{
public:
    explicit SseReader(qsizetype lineLimit = 8 << 20, qsizetype eventLimit = 16 << 20);

    void append(QByteArrayView bytes);
    // The next complete event, or nullopt: more bytes are needed. Views are valid until the next call
    // of a non-const member. TooLarge when a line or an event exceeds its limit; the reader is then dead.
    [[nodiscard]] Result<std::optional<SseEvent>> next();
    // At the end of the stream: bytes of an event that was never completed (not an event, by the
    // standard), to be counted, not passed on.
    [[nodiscard]] QByteArrayView rest() const;

private:
    QByteArray m_buffer;
    qsizetype m_start = 0;
    qsizetype m_scan = 0;
    QByteArray m_joined;
    qsizetype m_lineLimit;
    qsizetype m_eventLimit;
    bool m_first = true;
};

} // namespace tollgate::upstream
