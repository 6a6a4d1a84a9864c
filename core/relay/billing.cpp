// SPDX-License-Identifier: GPL-3.0-or-later
// What an attempt that has ended costs whom, and what the records say of it.
#include "core/relay/call.h"
#include "core/relay/estimate.h"
#include "core/relay/relay.h"
#include "core/relay/upstreamerror.h"

namespace tollgate::relay {
namespace {

// What is billed by units has no tokens but those that the vendor tells; what is guessed of units
// that are not billed is no estimate of the bill.
void noteUnits(const Call &call, Attempt &attempt, const protocol::AnswerFacts &facts)
{
    const protocol::UnitsUsed used
        = protocol::usedUnits(call.endpoint.operation, call.units, facts.units, call.row.bytesOut);
    store::AttemptRow &row = attempt.row;
    row.units = used.counts;
    if (!attempt.price || !isBilledByUnits(*attempt.price))
        return;
    if (!facts.usage || facts.usageEstimated) {
        row.usage = {};
        row.flags &= ~std::uint32_t(store::Estimated);
    }
    if (used.estimated || attempt.price->units.audioOutputSecond.value >= 0)
        row.flags |= store::Estimated;
}

} // namespace

ledger::Settlement Relay::bill(Call &call, Attempt &attempt, const Ending &ending) const
{
    ledger::Settlement settlement;
    store::AttemptRow &row = attempt.row;
    const bool answered = ending.kind == Ending::Kind::Answered;
    const bool left = call.stopped.has_value();
    const bool reached = attempt.exchange && attempt.exchange->sent();

    if (answered || ending.kind == Ending::Kind::Broken || ending.cut || (left && reached)) {
        settlement.outcome = ledger::Outcome::Settled;
        const UsedTokens used
            = tokensUsed(ending.facts, call.peek, call.request.body.size(), answered);
        row.usage = used.counts;
        row.flags |= used.flags;
        if (protocol::countsUnits(call.endpoint.operation))
            noteUnits(call, attempt, ending.facts);
        if (!answered)
            row.flags |= store::Partial;
        if (left)
            row.flags |= store::ClientLeft;
        if (attempt.price && !isFree(call.endpoint.operation)) {
            if (const Result<NanoUsd> cost = ledger::costOf(*attempt.price, row.usage, row.units)) {
                row.cost = *cost;
                row.charge = *cost;
            } else {
                row.cost = row.held;
                row.charge = row.held;
                row.flags |= store::Clamped;
            }
        }
    } else if (ending.unknown) {
        settlement.outcome = ledger::Outcome::Unknown;
        row.flags |= store::OutcomeUnknown;
        // What the sweep settles it by: the input went out, no output was seen.
        row.usage = tokensUsed({}, call.peek, call.request.body.size(), false).counts;
    } else {
        settlement.outcome = ledger::Outcome::Released;
        row.usage = {};
        row.units = {};
    }

    row.status
        = attempt.exchange && attempt.exchange->head() ? attempt.exchange->head()->status : 0;
    if (row.status == 401 && attempt.provider) {
        const routing::Channel &channel = *attempt.candidate->channel;
        if (!channel.keys.empty())
            attempt.provider->refused(channel, channel.keys[attempt.candidate->key].secret.get());
    }
    if (!answered) {
        row.error = slug(ending.error.kind);
        row.errorText = ending.error.message;
    }
    if (attempt.exchange) {
        const upstream::Timing &timing = attempt.exchange->timing();
        const auto since = [&](std::int64_t at) { return at ? at - attempt.startedUs : -1; };
        row.connectUs = since(timing.connectedUs);
        row.firstByteUs = since(timing.firstByteUs);
    }
    if (!attempt.untold.empty())
        row.reason += ", untold " + attempt.untold.header();
    row.endUs = m_services.clock->monotonicUs() - attempt.startedUs;

    if (call.peek.stream && call.token->budgetId && (answered || ending.cut))
        m_usual->note(call.token->id, row.model,
                      std::max<std::int64_t>(ending.facts.outputBytes, row.usage.totalOutput()));

    if (answered || ending.cut) {
        m_services.health->succeeded(attempt.keyId());
    } else if (!left && attempt.exchange) {
        noteFailure(*m_services.health, attempt.keyId(), ending.failure, ending.retryAfter);
    }

    call.exchange = nullptr;
    call.row.channelId = row.channelId;
    call.row.usage = row.usage;
    call.row.units = row.units;
    call.row.cost = row.cost;
    call.row.charge = row.charge;
    call.row.flags = row.flags;
    call.row.servedModel
        = ending.facts.servedModel.isEmpty() ? row.model : ending.facts.servedModel.left(256);
    call.row.finishReason = ending.facts.finishReason;
    call.row.vendorId = ending.facts.vendorId;
    const int status
        = answered || ending.kind == Ending::Kind::Broken ? 200 : ending.error.status();
    closeRecord(call, call.stopped ? call.stopped->status() : status,
                answered ? nullptr : &ending.error);
    settlement.attempt = row;
    return settlement;
}

} // namespace tollgate::relay
