// SPDX-License-Identifier: GPL-3.0-or-later
// What must always hold of the money, checked after every test and each minute at run time; and
// what brings the books back in order after a crash.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <vector>

namespace tollgate::store {
class Database;
}

namespace tollgate::ledger {

struct Violation
{
    QByteArray invariant; // "I1" … "I12"
    QString detail;
};

enum class Scope {
    Recent, // open attempts, open windows and what was settled since it was last folded: each
            // minute
    Full, // every row, with the cost of each attempt computed again
};

struct InvariantLimits
{
    std::int64_t maxAttemptAgeUs = 0; // I8: longest stream + 10 minutes; 0: not checked
};

// Empty when all hold. Runs on a reader.
[[nodiscard]] Result<std::vector<Violation>>
checkInvariants(store::Database &db, Scope scope, std::int64_t nowUs, InvariantLimits limits = {});

struct SweepReport
{
    std::int64_t released = 0; // were never sent
    std::int64_t settled = 0; // at their last high-water mark
    std::int64_t unknown = 0; // settled after ten minutes without an answer
    bool windowsAgree = true; // false: budgets must not be used before repairWindows()
    std::vector<Violation> violations;
};

// Before listening: ends what an earlier run left open, then recomputes the open windows.
// Idempotent.
[[nodiscard]] Result<SweepReport> sweepAtStart(store::Database &db, std::int64_t nowUs);
// Each minute: settles attempts of unknown outcome after ten minutes, for their input only; a slice
// at a time.
[[nodiscard]] Result<std::int64_t> sweepUnknown(store::Database &db, std::int64_t nowUs);
// Each minute, after checkInvariants(Recent) came back empty: folds settled legs into their
// windows, so that the next check reads only what is new. Returns how many; a slice at a time.
[[nodiscard]] Result<std::int64_t> foldSettledLegs(store::Database &db, int slice = 2000);
// Sets reserved and spent of every window to what the legs say. Only when the user asks for it.
[[nodiscard]] Result<std::int64_t> repairWindows(store::Database &db, std::int64_t nowUs);

} // namespace tollgate::ledger
