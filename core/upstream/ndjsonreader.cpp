// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/ndjsonreader.h"

#include <algorithm>
#include <cstring>

namespace tollgate::upstream {
namespace {

QByteArrayView withoutCr(QByteArrayView line)
{
    if (line.endsWith('\r'))
        line.chop(1);
    return line;
}

} // namespace

NdjsonReader::NdjsonReader(qsizetype lineLimit)
    : m_lineLimit(lineLimit)
{
}

void NdjsonReader::append(QByteArrayView bytes)
{
    if (m_dead)
        return;
    if (m_start > 0 && m_start >= m_buffer.size() - m_start) {
        m_buffer.remove(0, m_start);
        m_known = std::max<qsizetype>(0, m_known - m_start);
        m_start = 0;
    }
    m_buffer.append(bytes);
}

Result<std::optional<QByteArrayView>> NdjsonReader::next()
{
    while (!m_dead) {
        const qsizetype from = std::max(m_start, m_known);
        const void *hit = from < m_buffer.size()
            ? std::memchr(m_buffer.constData() + from, '\n',
                          static_cast<std::size_t>(m_buffer.size() - from))
            : nullptr;
        const qsizetype end
            = hit ? static_cast<const char *>(hit) - m_buffer.constData() : m_buffer.size();
        m_known = end;
        if (end - m_start > m_lineLimit)
            break;
        if (!hit)
            return std::nullopt;
        const QByteArrayView line
            = withoutCr(QByteArrayView(m_buffer).sliced(m_start, end - m_start));
        m_start = m_known = end + 1;
        if (!line.isEmpty())
            return line;
    }
    m_dead = true;
    m_buffer = QByteArray();
    m_start = m_known = 0;
    return failure(ErrorKind::TooLarge,
                   QStringLiteral("A line of the provider's stream is too long."),
                   "upstream_event_too_large");
}

QByteArrayView NdjsonReader::rest() const
{
    return withoutCr(QByteArrayView(m_buffer).sliced(m_start));
}

} // namespace tollgate::upstream
