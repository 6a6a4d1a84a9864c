// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/meter.h"

namespace tollgate::protocol {

Result<AnswerFacts> readAnswer(const Endpoint &endpoint, QByteArrayView body)
{
    AnswerReader reader(endpoint);
    if (reader.readWhole(body))
        return reader.facts();
    return failure(ErrorKind::UpstreamFailed,
                   QStringLiteral("The provider answered with something that is not an answer of "
                                  "this kind."),
                   "unreadable_answer");
}

StreamMeter::StreamMeter(const Endpoint &endpoint)
    : m_reader(endpoint)
{
}

EventClass StreamMeter::read(QByteArrayView type, QByteArrayView data)
{
    return m_reader.readEvent(type, data);
}

bool StreamMeter::complete() const
{
    return m_reader.complete();
}

// Three bytes a token lies between English prose (four) and code or CJK text (two to three).
std::int64_t estimateTokens(qsizetype utf8Bytes)
{
    return utf8Bytes <= 0 ? 0 : (utf8Bytes + 2) / 3;
}

} // namespace tollgate::protocol
