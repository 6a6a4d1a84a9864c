// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a byte stream into server-sent events (WHATWG HTML 9.2): any line end (CR, LF, CRLF), any
// split of the bytes, a leading BOM skipped. Keeps each event's own bytes so that they can be
// passed on unchanged: the raw views of all events, then rest(), are the stream byte for byte
// (where a CRLF was split between two reads, its LF may open the next event).
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace tollgate::upstream {

struct SseEvent
{
    QByteArrayView
        raw; // the event as it stood on the wire, comments before it and blank line included
    QByteArrayView type; // "event" field; empty if none
    QByteArrayView data; // "data" fields joined with LF
    bool hasData = false;
};

class SseReader
{
public:
    explicit SseReader(qsizetype lineLimit = 8 << 20, qsizetype eventLimit = 16 << 20);

    void append(QByteArrayView bytes);
    // The next complete event, or nullopt: more bytes are needed. Views are valid until the next
    // call of a non-const member. TooLarge when a line or an event exceeds its limit; the reader is
    // then dead.
    [[nodiscard]] Result<std::optional<SseEvent>> next();
    // At the end of the stream: bytes of an event that was never completed (not an event, by the
    // standard), to be counted, not passed on.
    [[nodiscard]] QByteArrayView rest() const;
    // At the end of the stream: rest() read as if its blank line had come, where it has a data
    // field. Some servers leave that line out after their last event; whether the data is whole is
    // for the caller to judge. Call after next() gave nullopt; the reader is empty afterwards.
    [[nodiscard]] std::optional<SseEvent> last();

private:
    struct Line
    {
        qsizetype end; // where its text ends
        qsizetype next; // where the next line begins
    };
    [[nodiscard]] std::optional<Line> nextLine();
    void takeField(QByteArrayView line);
    void takeData(QByteArrayView value);
    SseEvent finish(qsizetype end);
    void compact();
    [[nodiscard]] Result<std::optional<SseEvent>> tooLarge(const char *what);

    // Positions are offsets into m_buffer.
    QByteArray m_buffer;
    qsizetype m_start = 0; // first byte of the event being read
    qsizetype m_scan = 0; // first byte of the line being read
    qsizetype m_lfKnown = 0; // no LF in [m_scan, m_lfKnown), but at m_lfKnown if m_lfFound
    qsizetype m_crKnown = 0; // no CR in [m_scan, m_crKnown)
    qsizetype m_typeAt = 0;
    qsizetype m_typeSize = 0;
    qsizetype m_dataAt = 0; // the only data field so far; with several, m_joined has them all
    qsizetype m_dataSize = 0;
    QByteArray m_joined;
    qsizetype m_lineLimit;
    qsizetype m_eventLimit;
    int m_dataFields = 0;
    bool m_lfFound = false;
    bool m_first = true;
    bool m_afterCr = false; // the last line ended with the buffer's last CR; a LF may belong to it
    bool m_lateLf = false; // the event being read begins with the LF of a CRLF that was split
    bool m_dead = false;
};

} // namespace tollgate::upstream
