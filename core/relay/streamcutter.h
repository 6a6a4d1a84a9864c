// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a provider's stream into events, meters each, and says what may be passed on. Pure.
#pragma once

#include "core/protocol/geminiarray.h"
#include "core/protocol/meter.h"
#include "core/upstream/ssereader.h"

#include <QByteArray>

namespace tollgate::relay {

class StreamCutter
{
public:
    StreamCutter(const protocol::Endpoint &endpoint, bool clientAskedForUsage);

    // Appends to `passing` the bytes of every complete event that the client gets, up to and
    // without the terminal one. Fails where an event is beyond all limits.
    [[nodiscard]] Result<void> cut(QByteArrayView bytes, QByteArray &passing);
    // The provider has ended its answer cleanly: the bracket that closes an array, and a last event
    // whose blank line was left out, count too.
    void close(QByteArray &passing);

    [[nodiscard]] bool contentSeen() const { return m_contentSeen; }
    [[nodiscard]] bool final() const { return m_final; }
    [[nodiscard]] const std::optional<Error> &error() const { return m_meter.facts().error; }
    [[nodiscard]] bool complete() const { return m_meter.complete(); }
    [[nodiscard]] const protocol::AnswerFacts &facts() const { return m_meter.facts(); }
    // The terminal (or error) event and what followed it, as the vendor sent it.
    [[nodiscard]] const QByteArray &tail() const { return m_tail; }

private:
    [[nodiscard]] Result<void> cutEvents(QByteArrayView bytes, QByteArray &passing);
    [[nodiscard]] Result<void> cutElements(QByteArrayView bytes, QByteArray &passing);
    void place(protocol::EventClass kind, QByteArrayView raw, QByteArray &passing);

    upstream::SseReader m_sse;
    protocol::GeminiArrayReader m_array;
    protocol::StreamMeter m_meter;
    QByteArray m_tail;
    bool m_isSse;
    bool m_asked;
    bool m_contentSeen = false;
    bool m_final = false;
};

} // namespace tollgate::relay
