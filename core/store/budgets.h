// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets and their windows. A window is a row of its own, made when first needed: a reset is a new
// row, never an update. The money moves only through core/ledger.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

struct BudgetRow
{
    std::int64_t id = 0;
    QByteArray kind = "token"; // token; later user, project, provider, global
    std::int64_t ownerId = 0;
    BudgetWindow window = BudgetWindow::Total;
    NanoUsd cap;
    std::int64_t latestWindowUs = 0; // newest window opened; an older one is never opened again
    bool retired = false;
};

struct BudgetState
{
    BudgetRow budget;
    std::int64_t windowStartUs = 0;
    std::int64_t windowEndUs = 0; // 0: never
    NanoUsd cap;
    NanoUsd reserved;
    NanoUsd spent;
};

// Calendar windows in UTC. Total has one window that starts at 0 and ends never (0).
[[nodiscard]] std::int64_t windowStart(BudgetWindow window, std::int64_t atUs);
[[nodiscard]] std::int64_t windowEnd(BudgetWindow window, std::int64_t startUs);

[[nodiscard]] Result<BudgetRow> addBudget(Database &db, BudgetRow row, std::int64_t nowUs);
[[nodiscard]] Result<std::optional<BudgetRow>> budget(Database &db, std::int64_t id);
// "token \"alice\"", for messages.
[[nodiscard]] Result<QString> budgetOwnerName(Database &db, const BudgetRow &budget);
// The open window takes the new cap too; nothing already spent or held changes.
[[nodiscard]] Result<void> setBudgetCap(Database &db, std::int64_t id, NanoUsd cap);
// The window of now alone takes more; the next one has the budget's own cap again. Conflict for a
// budget that never resets.
[[nodiscard]] Result<void> raiseBudgetOnce(Database &db, std::int64_t id, NanoUsd by,
                                           std::int64_t nowUs);
[[nodiscard]] Result<void> retireBudget(Database &db, std::int64_t id);
// What stands in the current window of each budget that is not retired.
[[nodiscard]] Result<std::vector<BudgetState>> budgetStates(Database &db, std::int64_t nowUs);
// After the clock ran ahead and was set back: lets the window of `nowUs` be used again.
[[nodiscard]] Result<void> reopenCurrentWindow(Database &db, std::int64_t id, std::int64_t nowUs);

} // namespace tollgate::store
