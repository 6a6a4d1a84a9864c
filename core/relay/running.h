// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of a call while it runs. Internal to this room.
#pragma once

#include "core/relay/call.h"
#include "core/relay/runningcall.h"

namespace tollgate::relay {

// While it lives, whoever looks at the call sees how far its stream has come.
class ShownFacts
{
public:
    ShownFacts(Call &call, const protocol::AnswerFacts &facts)
        : m_call(call)
    {
        call.facts = &facts;
    }
    ~ShownFacts() { m_call.facts = nullptr; }
    ShownFacts(const ShownFacts &) = delete;
    ShownFacts &operator=(const ShownFacts &) = delete;

private:
    Call &m_call;
};

[[nodiscard]] RunningCall shown(const Call &call, std::int64_t monotonicUs);
// The plan for the record: channels that were no candidates with the reason, then the candidates
// with theirs, as [[id, "reason", 0 | 1], …]. What merely serves other models is not worth a line.
[[nodiscard]] QByteArray leftOut(const routing::Plan &plan);

} // namespace tollgate::relay
