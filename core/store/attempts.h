// SPDX-License-Identifier: GPL-3.0-or-later
// The rows in which money moves: attempts with their legs, budget windows, journal and postings.
// Guarded steps only; core/ledger puts them together into reserve and settle.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

struct WindowRow
{
    NanoUsd cap;
    NanoUsd reserved;
    NanoUsd spent;
};

struct Leg
{
    std::int64_t budgetId = 0;
    std::int64_t windowUs = 0;
    NanoUsd held;
};

// An attempt with what settling it needs.
struct OpenAttempt
{
    AttemptRow row;
    std::int64_t tokenId = 0;
    NanoUsd fixed; // of the hold: input bound and fees
    std::int64_t changedUs = 0; // when its state last changed
    std::vector<Leg> legs;
};

[[nodiscard]] Result<std::optional<WindowRow>> budgetWindow(Database &db, std::int64_t budgetId,
                                                            std::int64_t windowUs);
// Makes the window with the budget's cap and notes it as the newest.
[[nodiscard]] Result<void> openWindow(Database &db, std::int64_t budgetId, std::int64_t windowUs);
// Adds to reserved if `room`, which is no less, would still fit; false: it would not, or the window
// is not open yet.
[[nodiscard]] Result<bool> holdInWindow(Database &db, const Leg &leg, NanoUsd room);

[[nodiscard]] Result<std::int64_t> addAttempt(Database &db, const OpenAttempt &attempt);
[[nodiscard]] Result<std::optional<OpenAttempt>> openAttempt(Database &db, std::int64_t id);
[[nodiscard]] Result<std::vector<AttemptRow>> attemptsOf(Database &db, const QByteArray &requestId);
// The one terminal step, to row.state with everything row knows; false: it has ended already (or
// there is none).
[[nodiscard]] Result<bool> endAttempt(Database &db, const AttemptRow &row, std::int64_t nowUs);
// To Unknown, keeping the hold.
[[nodiscard]] Result<bool> suspendAttempt(Database &db, const AttemptRow &row, std::int64_t nowUs);
[[nodiscard]] Result<void> noteProgress(Database &db, std::int64_t id, const TokenCounts &usage,
                                        std::int64_t nowUs);
// Holds more for an attempt that has not ended, in the windows it began in. False: it has ended.
// The windows' reserved amounts are the caller's business.
[[nodiscard]] Result<bool> growHold(Database &db, std::int64_t attemptId, NanoUsd by);
// The hold of one leg becomes what was spent.
[[nodiscard]] Result<void> settleLeg(Database &db, std::int64_t attemptId, const Leg &leg,
                                     NanoUsd charge);

struct Posting
{
    const char *account; // token, channel, margin, rounding
    std::int64_t ownerId = 0;
    NanoUsd amount;
};
// One journal an attempt: its id is the attempt's, so a second one cannot be written.
[[nodiscard]] Result<void> addJournal(Database &db, std::int64_t attemptId, const QByteArray &kind,
                                      std::int64_t nowUs, const std::vector<Posting> &postings);

// Attempts that have not ended, by id, after `afterId`.
[[nodiscard]] Result<std::vector<OpenAttempt>> openAttempts(Database &db, std::int64_t afterId,
                                                            int limit);
// Adds a late settlement to the request's own row and the roll-ups; a request without a row gets
// one, as far as the attempt knows it.
[[nodiscard]] Result<void> addLate(Database &db, const OpenAttempt &attempt);
[[nodiscard]] Result<bool> hasRequest(Database &db, const QByteArray &id);
struct Sums
{
    std::int64_t count = 0;
    NanoUsd cost;
    NanoUsd charge;
};
[[nodiscard]] Result<Sums> sumsOf(Database &db, const QByteArray &requestId);

} // namespace tollgate::store
