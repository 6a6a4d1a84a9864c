// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps a stream on a budget within the money that is held for it.
#include "core/protocol/cutshort.h"
#include "core/relay/answerstream.h"
#include "core/relay/call.h"
#include "core/relay/estimate.h"
#include "core/relay/relay.h"

namespace tollgate::relay {

Task<bool> Relay::topUp(Call &call, Attempt &attempt, std::int64_t used) const
{
    const std::int64_t first = call.row.firstTokenUs;
    const std::int64_t since
        = first < 0 ? 0 : m_services.clock->monotonicUs() - call.startedUs - first;
    const Lease::Slice slice = attempt.lease.next(used, since);
    const auto asking
        = m_services.ledger->extend(attempt.row.id, slice.by, slice.atLeast, *m_services.mailbox);
    const Result<NanoUsd> more = co_await asking;
    if (!more) {
        attempt.lease.refused = more.error();
        co_return false;
    }
    attempt.lease.grow(*more);
    attempt.row.held.value += more->value;
    call.leased = attempt.lease.partial();
    co_return true;
}

Task<bool> Relay::stayWithinLease(Call &call, Attempt &attempt, const protocol::AnswerFacts &facts,
                                  bool final, bool withheld) const
{
    std::int64_t used = 0;
    if (final) {
        used = tokensUsed(facts, call.peek, call.request.body.size(), true).counts.totalOutput();
    } else {
        const upstream::Timing &timing = attempt.exchange->timing();
        const bool silent = facts.outputBytes == 0 && timing.firstByteUs != 0;
        used = attempt.lease.atMost(
            facts, silent ? m_services.clock->monotonicUs() - timing.firstByteUs : 0);
    }
    const bool paid = attempt.lease.covers(used);
    if (paid && (final || attempt.lease.refused || !attempt.lease.runsLow(used)))
        co_return true;
    auto topping = topUp(call, attempt, used);
    const bool topped = co_await topping;
    // What has ended and reached its client by now is not made cheaper by a cut.
    co_return topped || paid || (final && !withheld);
}

// An answer as long as the money lasts is cut as one that has reached its maximum.
Ending Relay::endCut(Call &call, Attempt &attempt, AnswerStream &answer) const
{
    attempt.exchange->cancel();
    attempt.untold = answer.untold();
    Ending ending;
    ending.cut = true;
    ending.error = *attempt.lease.refused;
    ending.failure.anyContentSent = true; // it was written and is paid for: never anew elsewhere
    ending.facts = answer.facts();
    if (!call.contentSent)
        return ending;
    ending.kind = Ending::Kind::Broken;
    ending.facts.finishReason = protocol::lengthReason(call.endpoint.dialect);
    const UsedTokens used = tokensUsed(ending.facts, call.peek, call.request.body.size(), false);
    ending.tail = answer.cutShort({used.counts, call.row.model, call.row.startedUs / 1'000'000});
    return ending;
}

} // namespace tollgate::relay
