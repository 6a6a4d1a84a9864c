// SPDX-License-Identifier: GPL-3.0-or-later
// A provider's stream told to a client of another dialect, event by event.
#pragma once

#include "core/conversation/codec.h"
#include "core/conversation/untold.h"
#include "core/relay/answerstream.h"
#include "core/relay/eventfacts.h"
#include "core/relay/framing.h"

#include <functional>
#include <map>

namespace tollgate::relay {

class StreamTranslator final : public AnswerStream
{
public:
    // Changes the events between reading and writing; may be empty.
    using Filter = std::function<void(conversation::StreamEvents &events)>;

    StreamTranslator(Framing framing, std::unique_ptr<conversation::StreamDecoder> reader,
                     std::unique_ptr<conversation::StreamEncoder> writer,
                     conversation::Untold untold, Filter filter = {});

    [[nodiscard]] Result<void> cut(QByteArrayView bytes, QByteArray &passing) override;
    void close(QByteArray &passing) override;
    [[nodiscard]] bool contentSeen() const override { return m_facts.contentSeen(); }
    [[nodiscard]] bool final() const override { return m_facts.ended(); }
    [[nodiscard]] const std::optional<Error> &error() const override
    {
        return m_facts.facts().error;
    }
    [[nodiscard]] bool complete() const override { return m_facts.ended(); }
    [[nodiscard]] const protocol::AnswerFacts &facts() const override { return m_facts.facts(); }
    [[nodiscard]] const conversation::Dropped &untold() const override
    {
        return m_untold.dropped();
    }
    [[nodiscard]] const QByteArray &tail() const override { return m_tail; }
    [[nodiscard]] QByteArray failed(const Error &error) override;
    [[nodiscard]] QByteArray cutShort(const Cut &cut) override;

private:
    void tell(conversation::StreamEvents &events, QByteArray &passing);
    void follow(const conversation::StreamEvent &event);

    Framing m_framing;
    std::unique_ptr<conversation::StreamDecoder> m_reader;
    std::unique_ptr<conversation::StreamEncoder> m_writer;
    Filter m_filter;
    conversation::Untold m_untold;
    EventFacts m_facts;
    // What a cut must end, by candidate.
    struct Open
    {
        std::int64_t part = -1; // -1: none is open
        bool stopped = false;
    };
    std::map<std::int64_t, Open> m_open;
    QByteArray m_tail;
};

} // namespace tollgate::relay
