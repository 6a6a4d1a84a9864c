// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/headreader.h"

namespace tollgate::upstream {
namespace {

constexpr qsizetype kMaxHead = 100 << 10; // all heads and trailers of one exchange
constexpr int kMaxInterim = 64;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

QByteArrayView withoutLineEnd(QByteArrayView line)
{
    if (line.endsWith('\n'))
        line.chop(1);
    if (line.endsWith('\r'))
        line.chop(1);
    return line;
}

QByteArrayView trimmedBlank(QByteArrayView text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.isEmpty() && blank(text.front()))
        text = text.sliced(1);
    while (!text.isEmpty() && blank(text.back()))
        text.chop(1);
    return text;
}

} // namespace

HeadReader::State HeadReader::malformed(const char *why)
{
    m_problem = why;
    return m_state = State::Malformed;
}

HeadReader::State HeadReader::feed(QByteArrayView line)
{
    if (m_state == State::Malformed)
        return m_state;
    m_bytes += line.size();
    if (m_bytes > kMaxHead)
        return malformed("The provider's response head is larger than 100 KB.");
    if (m_state == State::Complete)
        return m_state;
    const QByteArrayView text = withoutLineEnd(line);
    if (m_head.status == 0)
        return statusLine(text);
    return text.isEmpty() ? endOfHead() : field(text);
}

HeadReader::State HeadReader::statusLine(QByteArrayView line)
{
    // "HTTP/1.1 200 OK", "HTTP/2 200"
    const qsizetype blank = line.indexOf(' ');
    if (!line.startsWith("HTTP/") || blank < 0 || line.size() < blank + 4)
        return malformed("The provider's answer does not begin with an HTTP status line.");
    const QByteArrayView code = line.sliced(blank + 1, 3);
    const bool ends = line.size() == blank + 4 || line[blank + 4] == ' ';
    if (!ends || !isDigit(code[0]) || !isDigit(code[1]) || !isDigit(code[2]) || code[0] == '0'
        || code[0] > '5')
        return malformed("The provider's status line is malformed.");
    m_head.status = code.toInt();
    if (m_head.status == 101)
        return malformed("The provider switched to a protocol that was not asked for.");
    return m_state;
}

HeadReader::State HeadReader::field(QByteArrayView line)
{
    const qsizetype colon = line.indexOf(':');
    if (colon < 0 || !isHeaderName(line.first(colon)))
        return malformed("The provider sent a malformed header line.");
    const QByteArrayView name = line.first(colon);
    const QByteArrayView value = trimmedBlank(line.sliced(colon + 1));
    if (!isHeaderValue(value))
        return malformed("The provider sent a header with control characters.");
    if (m_head.status < 200)
        return m_state;
    if (sameName(name, "content-length") && !takeLength(value))
        return malformed("The provider declared a malformed or contradictory Content-Length.");
    if (sameName(name, "transfer-encoding"))
        m_chunked = true;
    if (sameName(name, "content-encoding") && !sameName(value, "identity")) {
        ++m_encodings;
        m_deflates
            += sameName(value, "gzip") || sameName(value, "x-gzip") || sameName(value, "deflate");
    }
    m_head.headers.append(name.toByteArray(), value.toByteArray());
    return m_state;
}

bool HeadReader::takeLength(QByteArrayView value)
{
    constexpr qsizetype kMaxDigits = 18;
    if (value.isEmpty() || value.size() > kMaxDigits)
        return false;
    std::int64_t length = 0;
    for (const char c : value) {
        if (!isDigit(c))
            return false;
        length = length * 10 + (c - '0');
    }
    if (m_contentLength >= 0 && m_contentLength != length)
        return false;
    m_contentLength = length;
    return true;
}

HeadReader::State HeadReader::endOfHead()
{
    if (m_head.status < 200) {
        if (++m_interim > kMaxInterim)
            return malformed("The provider sent too many interim responses.");
        m_head.status = 0;
        return m_state;
    }
    if (m_chunked && m_contentLength >= 0)
        return malformed("The provider declared both a length and a transfer encoding.");
    return m_state = State::Complete;
}

} // namespace tollgate::upstream
