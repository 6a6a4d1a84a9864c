// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a provider's stream into events, meters each, and passes their own bytes on. Pure.
#pragma once

#include "core/protocol/geminiarray.h"
#include "core/protocol/meter.h"
#include "core/relay/answerstream.h"
#include "core/upstream/ssereader.h"

#include <QByteArray>

namespace tollgate::relay {

class StreamCutter final : public AnswerStream
{
public:
    StreamCutter(const protocol::Endpoint &endpoint, bool clientAskedForUsage,
                 QByteArray requestId = {});

    // Before the first byte, where the stream may have to be stopped: Responses' last event repeats
    // the whole answer.
    void prepareToStop() { m_keeps = m_endpoint.dialect == protocol::Dialect::Responses; }

    [[nodiscard]] Result<void> cut(QByteArrayView bytes, QByteArray &passing) override;
    // The bracket that closes an array, and a last event whose blank line was left out, count too.
    void close(QByteArray &passing) override;
    [[nodiscard]] bool contentSeen() const override { return m_contentSeen; }
    [[nodiscard]] bool final() const override { return m_final; }
    [[nodiscard]] const std::optional<Error> &error() const override
    {
        return m_meter.facts().error;
    }
    [[nodiscard]] bool complete() const override { return m_meter.complete(); }
    [[nodiscard]] const protocol::AnswerFacts &facts() const override { return m_meter.facts(); }
    [[nodiscard]] const QByteArray &tail() const override { return m_tail; }
    [[nodiscard]] QByteArray failed(const Error &error) override;
    [[nodiscard]] QByteArray cutShort(const Cut &cut) override;

private:
    [[nodiscard]] Result<void> cutEvents(QByteArrayView bytes, QByteArray &passing);
    [[nodiscard]] Result<void> cutElements(QByteArrayView bytes, QByteArray &passing);
    void pass(QByteArrayView raw, QByteArray &passing);
    void place(protocol::EventClass kind, QByteArrayView raw, QByteArray &passing);

    upstream::SseReader m_sse;
    protocol::GeminiArrayReader m_array;
    protocol::StreamMeter m_meter;
    protocol::Endpoint m_endpoint;
    QByteArray m_requestId;
    QByteArray m_tail;
    QByteArray m_told; // what was passed on, if it is kept
    bool m_keeps = false;
    bool m_asked;
    bool m_contentSeen = false;
    bool m_final = false;
};

} // namespace tollgate::relay
