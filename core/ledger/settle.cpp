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

// The cost is computed here, from the counts and the pinned price, whoever sent them: so that a
// replay of the books (I7) always comes to the same.
Result<ExactCost> costFor(store::Database &db, Memory &memory, const AttemptRow &row,
                          const OpenAttempt &open)
{
    if (row.state != AttemptState::Settled || open.row.priceId == 0)
        return ExactCost{};
    OpenAttempt ended = open;
    ended.row.flags |= row.flags;
    ended.row.usage = row.usage;
    ended.row.units = row.units;
    if (isBilledByHold(ended))
        return ExactCost{open.fixed, false};
    auto price = memory.price(db, open.row.priceId);
    if (!price)
        return failure(price.error());
    if (*price == nullptr)
        return ExactCost{};
    auto cost = exactCostOf(**price, row.usage, row.units);
    // Too large to be counted: then at least what was held.
    return cost ? *cost : ExactCost{open.row.held, false};
}

// What may be taken from the token: never a credit, never more than is owed or was held for it.
void clampCharge(AttemptRow &row, const OpenAttempt &open)
{
    NanoUsd most = row.cost;
    if (!open.legs.empty() && most > open.row.held) {
        most = open.row.held;
        row.flags |= store::Clamped;
    }
    row.charge.value = std::clamp<std::int64_t>(row.charge.value, 0, most.value);
}

void clampCounts(AttemptRow &row)
{
    constexpr std::int64_t most = 1'000'000'000; // tokens or units of one kind in one request
    TokenCounts &u = row.usage;
    UnitCounts &n = row.units;
    for (std::int64_t *count :
         {&n.images, &n.audioInputMs, &n.audioOutputMs, &n.characters, &n.searches, &u.input,
          &u.cacheRead, &u.cacheWrite5m, &u.cacheWrite1h, &u.output, &u.reasoning, &u.audioInput,
          &u.audioOutput, &u.imageInput, &u.imageOutput}) {
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
            postings.push_back({account, owner, NanoUsd{amount}});
    };
    add("token", open.tokenId, -row.charge.value);
    add("channel", open.row.channelId, row.cost.value - rounding);
    add("rounding", 0, rounding);
    add("margin", 0, row.charge.value - row.cost.value);
    return postings;
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

// The answer to an attempt of unknown outcome came after all: its request may be in the log
// already.
Result<void> correctRecord(store::Database &db, const OpenAttempt &open, const AttemptRow &row)
{
    auto recorded = store::hasRequest(db, open.row.requestId);
    if (!recorded)
        return failure(recorded.error());
    if (!*recorded)
        return {};
    OpenAttempt ended = open;
    ended.row.flags = row.flags;
    return store::addLate(db, ended);
}

} // namespace

bool isBilledByHold(const OpenAttempt &attempt)
{
    constexpr std::uint32_t unseen = store::Crash | store::OutcomeUnknown;
    return (attempt.row.flags & unseen) != 0 && attempt.row.usage == TokenCounts()
        && attempt.row.units.empty();
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
    if (settlement.outcome == Outcome::Unknown) {
        memory.forget(row.id); // its state is another from now on
        return suspend(db, row, nowUs);
    }

    const bool settles = settlement.outcome == Outcome::Settled;
    row.state = settles ? AttemptState::Settled : AttemptState::Released;
    auto cost = costFor(db, memory, row, **open);
    if (!cost)
        return failure(cost.error());
    row.cost = cost->amount;
    clampCharge(row, **open);
    auto ended = store::endAttempt(db, row, nowUs);
    if (!ended)
        return failure(ended.error());
    memory.forget(row.id);
    if (!*ended)
        return Settled{}; // it ended before; what was written then stands
    for (const store::Leg &leg : (*open)->legs) {
        if (auto done = store::settleLeg(db, row.id, leg, row.charge); !done)
            return failure(done.error());
    }
    if (auto done
        = store::addJournal(db, row.id, journalKind, nowUs, postingsOf(row, **open, cost->rounded));
        !done)
        return failure(done.error());
    if ((*open)->row.state == AttemptState::Unknown) {
        if (auto done = correctRecord(db, **open, row); !done)
            return failure(done.error());
    }
    return Settled{true, row.cost, row.charge, row.flags};
}

Result<void> finishIn(store::Database &db, Memory &memory, store::RequestRow request,
                      const std::optional<Settlement> &last, std::int64_t nowUs,
                      const std::optional<KeyEnding> &key)
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
    return key ? endKey(db, request, *key) : Result<void>();
}

} // namespace tollgate::ledger
