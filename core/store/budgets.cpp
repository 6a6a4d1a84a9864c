// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/budgets.h"

#include "core/store/attempts.h"
#include "core/store/database.h"

#include <QDateTime>
#include <QTimeZone>

namespace tollgate::store {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

// Rounds down, for times before 1970 too.
std::int64_t floorTo(std::int64_t value, std::int64_t step)
{
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

QDate dateOf(std::int64_t us)
{
    return QDate(1970, 1, 1).addDays(floorTo(us, day) / day);
}

std::int64_t startOf(QDate date)
{
    return QDate(1970, 1, 1).daysTo(date) * day;
}

BudgetRow readBudget(const Row &row)
{
    BudgetRow budget;
    budget.id = row.integer(0);
    budget.kind = row.text(1);
    budget.ownerId = row.integer(2);
    budget.window = BudgetWindow(row.number(3));
    budget.cap = row.nano(4);
    budget.latestWindowUs = row.integer(5);
    budget.retired = row.boolean(6);
    return budget;
}

} // namespace

std::int64_t windowStart(BudgetWindow window, std::int64_t atUs)
{
    switch (window) {
    case BudgetWindow::Total:
        return 0;
    case BudgetWindow::Day:
        return floorTo(atUs, day);
    case BudgetWindow::Week: // 1970-01-05 was a Monday
        return floorTo(atUs - 4 * day, 7 * day) + 4 * day;
    case BudgetWindow::Month: {
        const QDate date = dateOf(atUs);
        return startOf(QDate(date.year(), date.month(), 1));
    }
    }
    return 0;
}

std::int64_t windowEnd(BudgetWindow window, std::int64_t startUs)
{
    switch (window) {
    case BudgetWindow::Total:
        return 0;
    case BudgetWindow::Day:
        return startUs + day;
    case BudgetWindow::Week:
        return startUs + 7 * day;
    case BudgetWindow::Month:
        return startOf(dateOf(startUs).addMonths(1));
    }
    return 0;
}

Result<BudgetRow> addBudget(Database &db, BudgetRow row, std::int64_t nowUs)
{
    if (row.cap.value < 0)
        return failure(ErrorKind::InvalidRequest, QStringLiteral("A budget must not be negative."),
                       "budget");
    row.latestWindowUs = windowStart(row.window, nowUs);
    row.retired = false;
    auto added = db.run("INSERT INTO budgets(kind, owner_id, span, cap, latest_window_us, retired) "
                        "VALUES(?,?,?,?,?,0)",
                        row.kind, row.ownerId, int(row.window), row.cap, row.latestWindowUs);
    if (!added)
        return failure(added.error());
    row.id = db.lastInsertId();
    db.nextEpoch();
    return row;
}

Result<std::optional<BudgetRow>> budget(Database &db, std::int64_t id)
{
    std::optional<BudgetRow> found;
    auto done = db.each(
        "SELECT id, kind, owner_id, span, cap, latest_window_us, retired "
        "FROM budgets WHERE id = ?",
        [&](const Row &row) { found = readBudget(row); }, id);
    if (!done)
        return failure(done.error());
    return found;
}

Result<QString> budgetOwnerName(Database &db, const BudgetRow &budget)
{
    QString name;
    auto done = db.each(
        "SELECT name FROM tokens WHERE id = ?", [&](const Row &row) { name = row.string(0); },
        budget.ownerId);
    if (!done)
        return failure(done.error());
    return QStringLiteral("%1 \"%2\"").arg(QString::fromUtf8(budget.kind), name);
}

Result<void> setBudgetCap(Database &db, std::int64_t id, NanoUsd cap)
{
    if (cap.value < 0)
        return failure(ErrorKind::InvalidRequest, QStringLiteral("A budget must not be negative."),
                       "budget");
    db.nextEpoch();
    auto changed = db.run("UPDATE budgets SET cap = ? WHERE id = ?", cap, id);
    if (!changed)
        return failure(changed.error());
    if (*changed == 0)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such budget."),
                       "budget_not_found");
    auto window = db.run("UPDATE budget_windows SET cap = ?, highest_cap = max(highest_cap, ?) "
                         "WHERE budget_id = ? AND window_us = "
                         "(SELECT latest_window_us FROM budgets WHERE id = ?)",
                         cap, cap, id, id);
    if (!window)
        return failure(window.error());
    return {};
}

Result<void> raiseBudgetOnce(Database &db, std::int64_t id, NanoUsd by, std::int64_t nowUs)
{
    const auto found = budget(db, id);
    if (!found)
        return failure(found.error());
    if (!*found)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such budget."),
                       "budget_not_found");
    if ((*found)->window == BudgetWindow::Total) {
        return failure(ErrorKind::Conflict,
                       QStringLiteral("This budget never resets, so there is nothing to raise "
                                      "until then; change the budget itself."),
                       "no_reset");
    }
    const std::int64_t windowUs
        = std::max((*found)->latestWindowUs, windowStart((*found)->window, nowUs));
    if (auto opened = openWindow(db, id, windowUs); !opened)
        return opened;
    db.nextEpoch();
    auto raised = db.run("UPDATE budget_windows SET cap = cap + ?, "
                         "highest_cap = max(highest_cap, cap + ?) "
                         "WHERE budget_id = ? AND window_us = ?",
                         by, by, id, windowUs);
    if (!raised)
        return failure(raised.error());
    return {};
}

Result<void> retireBudget(Database &db, std::int64_t id)
{
    db.nextEpoch();
    auto changed = db.run("UPDATE budgets SET retired = 1 WHERE id = ?", id);
    if (!changed)
        return failure(changed.error());
    return {};
}

Result<std::vector<BudgetState>> budgetStates(Database &db, std::int64_t nowUs)
{
    std::vector<BudgetState> states;
    auto done = db.each("SELECT id, kind, owner_id, span, cap, latest_window_us, retired "
                        "FROM budgets WHERE retired = 0 ORDER BY id",
                        [&](const Row &row) {
                            BudgetState state;
                            state.budget = readBudget(row);
                            state.cap = state.budget.cap;
                            states.push_back(state);
                        });
    if (!done)
        return failure(done.error());
    for (BudgetState &state : states) {
        state.windowStartUs
            = std::max(state.budget.latestWindowUs, windowStart(state.budget.window, nowUs));
        state.windowEndUs = windowEnd(state.budget.window, state.windowStartUs);
        done = db.each(
            "SELECT cap, reserved, spent FROM budget_windows "
            "WHERE budget_id = ? AND window_us = ?",
            [&](const Row &row) {
                state.cap = row.nano(0);
                state.reserved = row.nano(1);
                state.spent = row.nano(2);
            },
            state.budget.id, state.windowStartUs);
        if (!done)
            return failure(done.error());
    }
    return states;
}

Result<void> reopenCurrentWindow(Database &db, std::int64_t id, std::int64_t nowUs)
{
    auto found = budget(db, id);
    if (!found)
        return failure(found.error());
    if (!*found)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such budget."),
                       "budget_not_found");
    db.nextEpoch();
    auto changed = db.run("UPDATE budgets SET latest_window_us = ? WHERE id = ?",
                          windowStart((*found)->window, nowUs), id);
    if (!changed)
        return failure(changed.error());
    // The cap may have changed while another window was the open one.
    return setBudgetCap(db, id, (*found)->cap);
}

} // namespace tollgate::store
