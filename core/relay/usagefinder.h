// SPDX-License-Identifier: GPL-3.0-or-later
// Looks into a stream that goes on as it is: the usage that its events tell, and whether its last
// one came. Sound tells nothing. Pure.
#pragma once

#include "core/protocol/meter.h"
#include "core/protocol/units.h"
#include "core/upstream/ssereader.h"

namespace tollgate::relay {

class UsageFinder
{
public:
    UsageFinder(const protocol::Endpoint &endpoint, bool events);
    void see(QByteArrayView bytes);
    // A stream of events names its end; of others, the transfer's end is all there is.
    [[nodiscard]] bool complete() const { return !m_events || m_ended || m_lost; }
    [[nodiscard]] const protocol::AnswerFacts &facts() const { return m_meter.facts(); }
    [[nodiscard]] const UnitCounts &units() const { return m_units; }

private:
    protocol::StreamMeter m_meter;
    upstream::SseReader m_reader{64 << 20, 64 << 20}; // a picture is one line
    protocol::Operation m_operation;
    UnitCounts m_units;
    bool m_events;
    bool m_ended = false;
    bool m_lost = false; // an event beyond all limits: nothing more is seen
};

} // namespace tollgate::relay
