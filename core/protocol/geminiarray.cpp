// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/geminiarray.h"

#include "core/protocol/endpoint.h"
#include "core/protocol/errors.h"
#include "core/protocol/jsonscan.h"

#include <QString>

namespace tollgate::protocol {
namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

} // namespace

GeminiArrayReader::GeminiArrayReader(qsizetype elementLimit)
    : m_limit(elementLimit)
{
}

void GeminiArrayReader::append(QByteArrayView bytes)
{
    if (m_start > 0) {
        m_buffer.remove(0, m_start);
        m_scan -= m_start;
        m_element -= m_start;
        m_start = 0;
    }
    m_buffer.append(bytes);
}

QByteArrayView GeminiArrayReader::rest() const
{
    return QByteArrayView(m_buffer).sliced(m_start);
}

Result<std::optional<GeminiArrayReader::Element>> GeminiArrayReader::next()
{
    const auto broken = [&](const char *what) {
        m_state = State::Dead;
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's stream is not a JSON array: %1.")
                           .arg(QLatin1String(what)),
                       "unreadable_stream");
    };
    if (m_state == State::Dead)
        return broken("it was given up");
    const char *const data = m_buffer.constData();
    const char *const end = data + m_buffer.size();
    for (const char *p = data + m_scan; p != end; ++p) {
        const char c = *p;
        switch (m_state) {
        case State::Before:
            if (c == '[')
                m_state = State::First;
            else if (!isSpace(c))
                return broken("it does not begin with a bracket");
            break;
        case State::First:
        case State::Between:
            if (c == '{') {
                m_state = State::Element;
                m_element = p - data;
                m_depth = 1;
            } else if (c == ']') {
                m_state = State::After;
            } else if (!isSpace(c) && (c != ',' || m_state == State::First)) {
                return broken("an object was expected");
            }
            break;
        case State::Element:
            if (m_inString) {
                if (m_escaped) {
                    m_escaped = false;
                    break;
                }
                p = findSpecial(p, end);
                if (p == end) {
                    --p;
                    break;
                }
                m_escaped = *p == '\\';
                m_inString = *p != '"';
            } else if (c == '"') {
                m_inString = true;
            } else if (c == '{' || c == '[') {
                ++m_depth;
            } else if ((c == '}' || c == ']') && --m_depth == 0) {
                m_state = State::Between;
                m_scan = p + 1 - data;
                const Element element{
                    QByteArrayView(data + m_start, m_scan - m_start),
                    QByteArrayView(data + m_element, m_scan - m_element),
                };
                m_start = m_scan;
                return element;
            }
            break;
        case State::After:
            if (!isSpace(c))
                return broken("something follows its end");
            break;
        case State::Dead:
            break;
        }
    }
    m_scan = m_buffer.size();
    if (m_scan - m_start > m_limit) {
        m_state = State::Dead;
        return failure(ErrorKind::TooLarge,
                       QStringLiteral("One event of the provider's stream is larger than %1 bytes.")
                           .arg(m_limit),
                       "event_too_large");
    }
    return std::optional<Element>();
}

QByteArray geminiArrayError(const Error &error, QByteArrayView requestId, bool anyElementSent)
{
    return (anyElementSent ? ",\r\n" : "[") + errorBody(Dialect::Gemini, error, requestId) + ']';
}

} // namespace tollgate::protocol
