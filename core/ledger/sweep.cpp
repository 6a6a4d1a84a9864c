// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/account.h"
#include "core/ledger/invariants.h"
#include "core/store/books.h"
#include "core/store/database.h"
#include "core/store/requests.h"

#include <limits>

namespace tollgate::ledger {
namespace {

using store::AttemptState;
using store::OpenAttempt;

constexpr int slice = 500;
// Requests that ended without a row are looked for among this many of the newest attempts; more
// cannot have been under way at once.
constexpr std::int64_t recentAttempts = 20'000;

TokenCounts inputOf(TokenCounts usage)
{
    usage.output = 0;
    usage.reasoning = 0;
    usage.audioOutput = 0;
    usage.imageOutput = 0;
    return usage;
}

Result<void> settleOpen(store::Database &db, Memory &memory, OpenAttempt attempt,
                        std::uint32_t flags, const QByteArray &kind, std::int64_t nowUs)
{
    const bool release = attempt.row.state == AttemptState::Reserved;
    Settlement settlement;
    settlement.outcome = release ? Outcome::Released : Outcome::Settled;
    attempt.row.flags |= flags;
    if (!release)
        attempt.row.flags |= store::Estimated | store::Partial;
    // All that is owed: the ledger computes it, and cuts this to it.
    attempt.row.charge = NanoUsd{std::numeric_limits<std::int64_t>::max()};
    settlement.attempt = attempt.row;
    auto settled = settleIn(db, memory, settlement, kind, nowUs);
    if (!settled)
        return failure(settled.error());
    // Its idempotency key is free again, unless the client got a part of the answer.
    const bool answered = attempt.row.state == AttemptState::Streaming;
    if (auto ended = store::endKeyOf(db, attempt.row.requestId, answered); !ended)
        return ended;
    return settled->ended ? store::addLate(db, attempt) : Result<void>();
}

Result<void> endInterrupted(store::Database &db, Memory &memory, OpenAttempt attempt,
                            std::int64_t nowUs)
{
    attempt.row.error = "interrupted";
    attempt.row.errorText = QStringLiteral("Tollgate stopped while this request was running.");
    return settleOpen(db, memory, std::move(attempt), store::Crash, "crash", nowUs);
}

Result<void> endUnknown(store::Database &db, Memory &memory, OpenAttempt attempt,
                        std::int64_t nowUs)
{
    attempt.row.usage = inputOf(attempt.row.usage);
    attempt.row.units.images = 0;
    attempt.row.units.audioOutputMs = 0;
    return settleOpen(db, memory, std::move(attempt), store::OutcomeUnknown, "unknown", nowUs);
}

// A clock that was set back must not hold the money for ever.
bool isDue(const OpenAttempt &attempt, std::int64_t nowUs)
{
    return attempt.changedUs <= nowUs - unknownForUs || attempt.changedUs > nowUs + unknownForUs;
}

template <class Visit> Result<void> eachOpen(store::Database &db, Visit visit)
{
    std::int64_t after = 0;
    for (;;) {
        auto open = store::openAttempts(db, after, slice);
        if (!open)
            return failure(open.error());
        for (const OpenAttempt &attempt : *open) {
            after = attempt.row.id;
            if (Result<void> done = visit(attempt); !done)
                return done;
        }
        if (int(open->size()) < slice)
            return {};
    }
}

Result<void> recordInterrupted(store::Database &db)
{
    auto last = store::lastAttempt(db);
    if (!last)
        return failure(last.error());
    auto list = store::unrecorded(db, *last - recentAttempts);
    if (!list)
        return failure(list.error());
    for (OpenAttempt &attempt : *list) {
        attempt.row.flags |= store::Crash;
        if (attempt.row.error.isEmpty())
            attempt.row.error = "interrupted";
        if (auto added = store::addLate(db, attempt); !added)
            return added;
    }
    return {};
}

} // namespace

Result<SweepReport> sweepAtStart(store::Database &db, std::int64_t nowUs)
{
    SweepReport report;
    Memory memory;
    auto swept = eachOpen(db, [&](const OpenAttempt &attempt) -> Result<void> {
        switch (attempt.row.state) {
        case AttemptState::Unknown:
            if (!isDue(attempt, nowUs))
                return {};
            ++report.unknown;
            return endUnknown(db, memory, attempt, nowUs);
        case AttemptState::Reserved:
            ++report.released;
            return endInterrupted(db, memory, attempt, nowUs);
        default:
            ++report.settled;
            return endInterrupted(db, memory, attempt, nowUs);
        }
    });
    if (!swept)
        return failure(swept.error());
    if (auto recorded = recordInterrupted(db); !recorded)
        return failure(recorded.error());
    if (auto freed = store::freeAbandonedKeys(db); !freed)
        return failure(freed.error());
    auto mismatches = store::windowMismatches(db);
    if (!mismatches)
        return failure(mismatches.error());
    for (const store::WindowMismatch &window : *mismatches)
        report.violations.push_back(
            {window.reserved != window.legsReserved ? "I1" : "I2",
             QStringLiteral("budget %1, window %2").arg(window.budgetId).arg(window.windowUs)});
    report.windowsAgree = mismatches->empty();
    return report;
}

Result<std::int64_t> sweepUnknown(store::Database &db, std::int64_t nowUs)
{
    Memory memory;
    std::int64_t ended = 0;
    auto swept = eachOpen(db, [&](const OpenAttempt &attempt) -> Result<void> {
        if (attempt.row.state != AttemptState::Unknown || !isDue(attempt, nowUs) || ended >= slice)
            return {};
        ++ended;
        return endUnknown(db, memory, attempt, nowUs);
    });
    if (!swept)
        return failure(swept.error());
    return ended;
}

} // namespace tollgate::ledger
