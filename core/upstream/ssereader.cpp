// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/ssereader.h"

#include <algorithm>
#include <cstring>

namespace tollgate::upstream {
namespace {

constexpr QByteArrayView kBom("\xEF\xBB\xBF", 3);
constexpr qsizetype kKeepCapacity = 256 << 10;

qsizetype indexOf(const QByteArray &buffer, char c, qsizetype from, qsizetype to)
{
    if (from >= to)
        return -1;
    const void *hit
        = std::memchr(buffer.constData() + from, c, static_cast<std::size_t>(to - from));
    return hit ? static_cast<const char *>(hit) - buffer.constData() : -1;
}

} // namespace

SseReader::SseReader(qsizetype lineLimit, qsizetype eventLimit)
    : m_lineLimit(lineLimit)
    , m_eventLimit(eventLimit)
{
}

void SseReader::append(QByteArrayView bytes)
{
    if (m_dead)
        return;
    compact();
    m_buffer.append(bytes);
}

// Moves what is left to the front, but only where that is less than what was read since: so each
// byte is moved at most once on average.
void SseReader::compact()
{
    const qsizetype left = m_buffer.size() - m_start;
    if (m_start == 0 || m_start < left)
        return;
    if (left == 0 && m_buffer.capacity() > kKeepCapacity)
        m_buffer = QByteArray();
    else if (left == 0)
        m_buffer.resize(0);
    else
        m_buffer.remove(0, m_start);
    m_scan -= m_start;
    m_lfKnown -= m_start;
    m_crKnown -= m_start;
    m_typeAt -= m_start;
    m_dataAt -= m_start;
    m_start = 0;
}

// A line ends at LF, CRLF or CR. A CR at the very end of the buffer ends its line at once, so that
// no event waits for a byte that may never come; should the next byte be LF it is passed over.
std::optional<SseReader::Line> SseReader::nextLine()
{
    const qsizetype size = m_buffer.size();
    if (!m_lfFound) {
        const qsizetype lf = indexOf(m_buffer, '\n', std::max(m_lfKnown, m_scan), size);
        m_lfFound = lf >= 0;
        m_lfKnown = m_lfFound ? lf : size;
    }
    const qsizetype cr = indexOf(m_buffer, '\r', std::max(m_crKnown, m_scan), m_lfKnown);
    m_crKnown = cr >= 0 ? cr : m_lfKnown;
    if (cr < 0 && !m_lfFound)
        return std::nullopt;
    Line line{m_lfKnown, m_lfKnown + 1};
    if (cr >= 0) {
        const bool pair = m_lfFound && cr + 1 == m_lfKnown;
        line = {cr, pair ? cr + 2 : cr + 1};
        m_afterCr = line.next == size && !pair;
    }
    if (m_lfFound && m_lfKnown < line.next) {
        m_lfFound = false;
        m_lfKnown = line.next;
    }
    m_crKnown = line.next;
    return line;
}

Result<std::optional<SseEvent>> SseReader::next()
{
    if (m_dead)
        return tooLarge("The provider's event stream broke a limit before.");
    while (m_scan < m_buffer.size()) {
        if (m_afterCr) {
            m_afterCr = false;
            if (m_buffer.at(m_scan) == '\n') {
                m_lateLf = m_scan == m_start;
                ++m_scan;
                m_lfFound = false;
                m_lfKnown = m_crKnown = m_scan;
                continue;
            }
        }
        const auto line = nextLine();
        const qsizetype lineSize = (line ? line->end : m_buffer.size()) - m_scan;
        if (lineSize > m_lineLimit)
            return tooLarge("A line of the provider's event stream is too long.");
        if ((line ? line->next : m_buffer.size()) - m_start > m_eventLimit)
            return tooLarge("An event of the provider's stream is too large.");
        if (!line)
            return std::nullopt;
        QByteArrayView text(m_buffer.constData() + m_scan, lineSize);
        m_scan = line->next;
        if (m_first) {
            m_first = false;
            if (text.startsWith(kBom))
                text = text.sliced(kBom.size());
        }
        if (text.isEmpty())
            return finish(m_scan);
        takeField(text);
    }
    return std::nullopt;
}

void SseReader::takeField(QByteArrayView line)
{
    const char *colon = static_cast<const char *>(
        std::memchr(line.data(), ':', static_cast<std::size_t>(line.size())));
    const qsizetype nameSize = colon ? colon - line.data() : line.size();
    QByteArrayView value = line.sliced(colon ? nameSize + 1 : nameSize);
    if (value.startsWith(' '))
        value = value.sliced(1);
    const QByteArrayView name = line.first(nameSize);
    if (name == QByteArrayView("data")) {
        takeData(value);
    } else if (name == QByteArrayView("event")) {
        m_typeAt = value.data() - m_buffer.constData();
        m_typeSize = value.size();
    }
}

void SseReader::takeData(QByteArrayView value)
{
    if (++m_dataFields == 1) {
        m_dataAt = value.data() - m_buffer.constData();
        m_dataSize = value.size();
        return;
    }
    if (m_dataFields == 2)
        m_joined = QByteArray(m_buffer.constData() + m_dataAt, m_dataSize);
    m_joined.append('\n').append(value);
}

SseEvent SseReader::finish(qsizetype end)
{
    const QByteArrayView bytes(m_buffer);
    SseEvent event;
    event.raw = bytes.sliced(m_start, end - m_start);
    event.type = bytes.sliced(m_typeAt, m_typeSize);
    event.hasData = m_dataFields > 0;
    event.data = m_dataFields > 1 ? QByteArrayView(m_joined) : bytes.sliced(m_dataAt, m_dataSize);
    m_start = end;
    m_typeAt = m_dataAt = end;
    m_typeSize = m_dataSize = 0;
    m_dataFields = 0;
    m_lateLf = false;
    return event;
}

QByteArrayView SseReader::rest() const
{
    QByteArrayView bytes = QByteArrayView(m_buffer).sliced(m_start);
    const bool lateLf = m_lateLf || (m_afterCr && m_scan == m_start && bytes.startsWith('\n'));
    return lateLf ? bytes.sliced(1) : bytes;
}

std::optional<SseEvent> SseReader::last()
{
    if (m_dead || m_start == m_buffer.size())
        return std::nullopt;
    if (m_scan < m_buffer.size()) {
        QByteArrayView text(m_buffer.constData() + m_scan, m_buffer.size() - m_scan);
        if (m_first && text.startsWith(kBom))
            text = text.sliced(kBom.size());
        m_first = false;
        if (!text.isEmpty())
            takeField(text);
    }
    m_scan = m_lfKnown = m_crKnown = m_buffer.size();
    m_lfFound = false;
    const SseEvent event = finish(m_scan);
    return event.hasData ? std::optional(event) : std::nullopt;
}

Result<std::optional<SseEvent>> SseReader::tooLarge(const char *what)
{
    m_dead = true;
    m_buffer = QByteArray();
    m_joined = QByteArray();
    return failure(ErrorKind::TooLarge, QString::fromUtf8(what), "upstream_event_too_large");
}

} // namespace tollgate::upstream
