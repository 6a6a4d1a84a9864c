// SPDX-License-Identifier: GPL-3.0-or-later
// The facts that bills and records need, read from canonical answers: what StreamMeter is to bytes.
#pragma once

#include "core/conversation/event.h"
#include "core/protocol/answerfacts.h"

namespace tollgate::relay {

class EventFacts
{
public:
    void add(const conversation::StreamEvent &event);
    [[nodiscard]] const protocol::AnswerFacts &facts() const { return m_facts; }
    [[nodiscard]] bool contentSeen() const { return m_content; }
    [[nodiscard]] bool ended() const { return m_ended; }

private:
    void seen(const conversation::Part &part);
    void report(const conversation::Usage &usage);

    protocol::AnswerFacts m_facts;
    bool m_content = false;
    bool m_ended = false;
};

[[nodiscard]] protocol::AnswerFacts factsOf(const conversation::Response &response);

} // namespace tollgate::relay
