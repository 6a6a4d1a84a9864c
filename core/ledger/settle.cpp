// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/account.h"
#include "core/store/database.h"
#include "core/store/requests.h"

#include <algorithm>

namespace tollgate::ledger {
namespace {

using store::AttemptRow;
using store::AttemptState;
using store::OpenAttempt;

// What may be taken from the token: never a credit, never more than was held for it.
void clampMoney(AttemptRow &row, const OpenAttempt &open)
{
    if (row.cost.value < 0 || row.charge.value < 0) {
        row.cost.value = std::max<std::int64_t>(row.cost.value, 0);
        row.charge.value = std::max<std::int64_t>(row.charge.value, 0);
        row.flags |= store::Clamped;
    }
    if (!open.legs.empty() && row.charge > open.row.held) {
        row.charge = open.row.held;
        row.flags |= store::Clamped;
    }
}

void clampCounts(AttemptRow &row)
{
    constexpr std::int64_t most = 1'000'000'000; // tokens of one kind in one request
    TokenCounts &u = row.usage;
    for (std::int64_t *count : {&u.input, &u.cacheRead, &u.cacheWrite5m, &u.cacheWrite1h, &u.output,
                                &u.reasoning, &u.audioInput, &u.audioOutput, &u.imageInput,
                                &u.imageOutput}) {
        if (*count < 0 || *count > most) {
            *count = std::clamp<std::int64_t>(*count, 0, most);
            row.flags |= store::Clamped;
        }
    }
}

// Double entry: the token pays the charge; the channel's account is owed the exact cost without the
// fraction that was rounded up; the difference of cost and charge is the margin. The sum is zero.
std::vector<store::Posting> postingsOf(const AttemptRow &row, const OpenAttempt &open, bool rounded)
{
    const std::int64_t rounding = rounded && row.cost.value > 0 ? 1 : 0;
    std::vector<store::Posting> postings;
    const auto add = [&](const char *account, std::int64_t owner, std::int64_t amount) {
        if (amount != 0)
            postings.push_back({account, owner, NanoUsd {amount}});
    };
    add("token", open.tokenId, -row.charge.value);
    add("channel", open.row.channelId, row.cost.value - rounding);
    add("rounding", 0, rounding);
    add("margin", 0, row.charge.value - row.cost.value);
    return postings;
}

Result<bool> wasRounded(store::Database &db, Memory &memory, const AttemptRow &row,
                        const OpenAttempt &open)
{
    if (open.row.priceId == 0 || row.cost.value == 0)
        return false;
    auto price = memory.price(db, open.row.priceId);
    if (!price)
        return failure(price.error());
    if (*price == nullptr)
        return false;
    const auto exact = exactCostOf(**price, row.usage);
    return exact && exact->amount == row.cost && exact->rounded;
}

Result<Settled> suspend(store::Database &db, const AttemptRow &row, std::int64_t nowUs)
{
    auto suspended = store::suspendAttempt(db, row, nowUs);
    if (!suspended)
        return failure(suspended.error());
    Settled settled;
    settled.flags = row.flags | store::OutcomeUnknown;
    return settled;
}

} // namespace

bool isBilledByHold(const OpenAttempt &attempt)
{
    constexpr std::uint32_t unseen = store::Crash | store::OutcomeUnknown;
    return (attempt.row.flags & unseen) != 0 && attempt.row.usage == TokenCounts();
}

Result<Settled> settleIn(store::Database &db, Memory &memory, const Settlement &settlement,
                         const QByteArray &journalKind, std::int64_t nowUs)
{
    memory.keepInStep(db);
    auto open = memory.attempt(db, settlement.attempt.id);
    if (!open)
        return failure(open.error());
    if (!*open)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such attempt."),
                       "attempt_not_found");
    AttemptRow row = settlement.attempt;
    clampCounts(row);
    if (settlement.outcome == Outcome::Unknown)
        return suspend(db, row, nowUs);

    const bool settles = settlement.outcome == Outcome::Settled;
    row.state = settles ? AttemptState::Settled : AttemptState::Released;
    if (!settles) {
        row.cost = {};
        row.charge = {};
    }
    clampMoney(row, **open);
    auto ended = store::endAttempt(db, row, nowUs);
    if (!ended)
        return failure(ended.error());
    memory.forget(row.id);
    if (!*ended)
        return Settled {}; // it ended before; what was written then stands
    for (const store::Leg &leg : (*open)->legs) {
        if (auto done = store::settleLeg(db, row.id, leg, row.charge); !done)
            return failure(done.error());
    }
    auto rounded = wasRounded(db, memory, row, **open);
    if (!rounded)
        return failure(rounded.error());
    if (auto done = store::addJournal(db, row.id, journalKind, nowUs,
                                      postingsOf(row, **open, *rounded));
        !done)
        return failure(done.error());
    return Settled {true, row.cost, row.charge, row.flags};
}

Result<void> finishIn(store::Database &db, Memory &memory, store::RequestRow request,
                      const std::optional<Settlement> &last, std::int64_t nowUs)
{
    Settled settled;
    if (last) {
        auto done = settleIn(db, memory, *last,
                             last->outcome == Outcome::Settled ? "settle" : "release", nowUs);
        if (!done)
            return failure(done.error());
        settled = *done;
        request.flags |= settled.flags;
    }
    if (settled.ended && request.attempts <= 1) {
        request.attempts = 1;
        request.cost = settled.cost;
        request.charge = settled.charge;
    } else if (last || request.attempts > 0) {
        auto sums = store::sumsOf(db, request.id);
        if (!sums)
            return failure(sums.error());
        request.attempts = int(sums->count);
        request.cost = sums->cost;
        request.charge = sums->charge;
    } else {
        request.cost = {};
        request.charge = {};
    }
    auto added = store::addRequest(db, request);
    if (!added)
        return failure(added.error());
    return {};
}

} // namespace tollgate::ledger
