// SPDX-License-Identifier: GPL-3.0-or-later
// The questions that an audit of the books asks, and the folding of settled legs. What the answers
// mean is core/ledger/invariants.h.
#pragma once

#include "core/base/result.h"
#include "core/store/attempts.h"

#include <functional>
#include <vector>

namespace tollgate::store {

class Database;

struct WindowMismatch
{
    std::int64_t budgetId = 0;
    std::int64_t windowUs = 0;
    NanoUsd reserved;
    NanoUsd legsReserved;
    NanoUsd spent;
    NanoUsd legsSpent; // with what was folded
};
// Windows whose sums are not those of their legs.
[[nodiscard]] Result<std::vector<WindowMismatch>> windowMismatches(Database &db);
// Sets them right; returns how many were wrong.
[[nodiscard]] Result<std::int64_t> repairWindowSums(Database &db);
// Moves settled legs into `folded` of their windows.
[[nodiscard]] Result<std::int64_t> foldLegs(Database &db, int slice);

// Each yields one line a violation, at most 100. `fromAttempt` limits a check to newer attempts.
using Lines = Result<std::vector<QString>>;
[[nodiscard]] Lines legsAgainstAttempts(Database &db);
[[nodiscard]] Lines overdrawnWindows(Database &db);
[[nodiscard]] Lines unbalancedJournals(Database &db, std::int64_t fromAttempt);
[[nodiscard]] Lines attemptsAgainstJournal(Database &db, std::int64_t fromAttempt);
[[nodiscard]] Lines overchargedAttempts(Database &db, std::int64_t fromAttempt);
[[nodiscard]] Lines postingsAgainstAttempts(Database &db, std::int64_t fromAttempt);
[[nodiscard]] Lines staleAttempts(Database &db, std::int64_t startedBeforeUs);
[[nodiscard]] Lines attemptsWithoutPrice(Database &db, std::int64_t fromAttempt);
[[nodiscard]] Lines unequalLegs(Database &db);
[[nodiscard]] Lines requestsAgainstAttempts(Database &db, std::int64_t fromSequence);
[[nodiscard]] Lines attemptsWithoutRequest(Database &db, std::int64_t fromAttempt,
                                           std::int64_t changedBeforeUs);
[[nodiscard]] Lines rollupsAgainstRequests(Database &db);

[[nodiscard]] Result<std::int64_t> lastAttempt(Database &db);
// Requests whose attempts have all ended but that have no row: the last attempt of each.
[[nodiscard]] Result<std::vector<OpenAttempt>> unrecorded(Database &db, std::int64_t fromAttempt);
// Every attempt that ended, for computing its cost again.
[[nodiscard]] Result<void> eachEnded(Database &db, std::int64_t fromAttempt,
                                     const std::function<void(const OpenAttempt &)> &visit);

} // namespace tollgate::store
