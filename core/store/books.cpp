// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/books.h"

#include "core/store/counters.h"
#include "core/store/database.h"
#include "core/store/unitcolumn.h"

#include <map>

namespace tollgate::store {
namespace {

template <class... Args> Lines linesOf(Database &db, const char *what, Sql sql, const Args &...args)
{
    std::vector<QString> lines;
    auto done = db.each(
        sql,
        [&](const Row &row) {
            QStringList values;
            for (int i = 0; i < row.count(); ++i)
                values.append(row.value(i).toString());
            lines.push_back(QLatin1String(what) + QLatin1String(": ")
                            + values.join(QLatin1String(", ")));
        },
        args...);
    if (!done)
        return failure(done.error());
    return lines;
}

} // namespace

Result<std::vector<WindowMismatch>> windowMismatches(Database &db)
{
    std::vector<WindowMismatch> list;
    auto done = db.each(
        "WITH s AS (SELECT budget_id, window_us, "
        "sum(CASE WHEN settled IS NULL THEN held ELSE 0 END) AS reserved, "
        "sum(coalesce(settled, 0)) AS spent FROM attempt_legs GROUP BY budget_id, window_us) "
        "SELECT w.budget_id, w.window_us, w.reserved, coalesce(s.reserved, 0), w.spent, "
        "w.folded + coalesce(s.spent, 0) FROM budget_windows w LEFT JOIN s "
        "ON s.budget_id = w.budget_id AND s.window_us = w.window_us "
        "WHERE w.reserved <> coalesce(s.reserved, 0) OR w.spent <> w.folded + coalesce(s.spent, 0)",
        [&](const Row &row) {
            list.push_back({row.integer(0), row.integer(1), row.nano(2), row.nano(3), row.nano(4),
                            row.nano(5)});
        });
    if (!done)
        return failure(done.error());
    return list;
}

Result<std::int64_t> repairWindowSums(Database &db)
{
    auto wrong = windowMismatches(db);
    if (!wrong)
        return failure(wrong.error());
    for (const WindowMismatch &window : *wrong) {
        auto done = db.run("UPDATE budget_windows SET reserved = ?, spent = ? "
                           "WHERE budget_id = ? AND window_us = ?",
                           window.legsReserved, window.legsSpent, window.budgetId, window.windowUs);
        if (!done)
            return failure(done.error());
    }
    return std::int64_t(wrong->size());
}

Result<std::int64_t> foldLegs(Database &db, int slice)
{
    struct Settled
    {
        std::int64_t attemptId;
        std::int64_t budgetId;
    };
    std::vector<Settled> legs;
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> sums;
    auto read = db.each(
        "SELECT attempt_id, budget_id, window_us, settled FROM attempt_legs "
        "WHERE settled IS NOT NULL LIMIT ?",
        [&](const Row &row) {
            legs.push_back({row.integer(0), row.integer(1)});
            sums[{row.integer(1), row.integer(2)}] += row.integer(3);
        },
        slice);
    if (!read)
        return failure(read.error());
    for (const auto &[window, sum] : sums) {
        auto done = db.run("UPDATE budget_windows SET folded = folded + ? "
                           "WHERE budget_id = ? AND window_us = ?",
                           sum, window.first, window.second);
        if (!done)
            return failure(done.error());
    }
    for (const Settled &leg : legs) {
        auto done = db.run("DELETE FROM attempt_legs WHERE attempt_id = ? AND budget_id = ?",
                           leg.attemptId, leg.budgetId);
        if (!done)
            return failure(done.error());
    }
    return std::int64_t(legs.size());
}

Lines legsAgainstAttempts(Database &db)
{
    return linesOf(db, "a leg does not fit its attempt (attempt, budget, held, settled, state)",
                   "SELECT l.attempt_id, l.budget_id, l.held, l.settled, a.state "
                   "FROM attempt_legs l LEFT JOIN attempts a ON a.id = l.attempt_id "
                   "WHERE a.id IS NULL OR l.held <> a.held "
                   "OR (l.settled IS NULL) <> (a.state NOT IN (3, 4)) "
                   "OR (l.settled IS NOT NULL AND l.settled <> a.charge) LIMIT 100");
}

Lines overdrawnWindows(Database &db)
{
    return linesOf(db, "a window is overdrawn (budget, window, cap, reserved, spent)",
                   "SELECT budget_id, window_us, highest_cap, reserved, spent FROM budget_windows "
                   "WHERE reserved + spent > highest_cap OR reserved < 0 OR spent < 0 LIMIT 100");
}

Lines unbalancedJournals(Database &db, std::int64_t fromAttempt)
{
    return linesOf(db, "a journal does not add up to zero (journal, sum)",
                   "SELECT journal_id, sum(amount) FROM postings WHERE journal_id >= ? "
                   "GROUP BY journal_id HAVING sum(amount) <> 0 LIMIT 100",
                   fromAttempt);
}

Lines attemptsAgainstJournal(Database &db, std::int64_t fromAttempt)
{
    auto lines = linesOf(db, "an attempt and the journal do not agree (attempt, state)",
                         "SELECT a.id, a.state FROM attempts a LEFT JOIN journal j ON j.id = a.id "
                         "WHERE a.id >= ? AND (a.state IN (3, 4)) <> (j.id IS NOT NULL) LIMIT 100",
                         fromAttempt);
    if (!lines)
        return lines;
    auto orphans = linesOf(db, "a journal has no attempt (journal)",
                           "SELECT j.id FROM journal j LEFT JOIN attempts a ON a.id = j.id "
                           "WHERE j.id >= ? AND a.id IS NULL LIMIT 100",
                           fromAttempt);
    if (!orphans)
        return orphans;
    lines->insert(lines->end(), orphans->begin(), orphans->end());
    return lines;
}

Lines overchargedAttempts(Database &db, std::int64_t fromAttempt)
{
    return linesOf(db, "an attempt was charged more than was held (attempt, held, charge)",
                   "SELECT id, held, charge FROM attempts WHERE id >= ? "
                   "AND (charge < 0 OR (legs > 0 AND charge > held)) LIMIT 100",
                   fromAttempt);
}

Lines postingsAgainstAttempts(Database &db, std::int64_t fromAttempt)
{
    return linesOf(db, "what was posted is not what was charged (attempt, charge, posted)",
                   "SELECT a.id, a.charge, p.amount FROM attempts a LEFT JOIN postings p "
                   "ON p.journal_id = a.id AND p.account = 'token' AND p.owner_id = a.token_id "
                   "WHERE a.id >= ? AND a.state IN (3, 4) AND a.charge <> -coalesce(p.amount, 0) "
                   "LIMIT 100",
                   fromAttempt);
}

Lines staleAttempts(Database &db, std::int64_t startedBeforeUs)
{
    return linesOf(db, "an attempt should have ended long ago (attempt, state, started)",
                   "SELECT id, state, started_us FROM attempts INDEXED BY attempts_open "
                   "WHERE state NOT IN (3, 4) AND started_us < ? LIMIT 100",
                   startedBeforeUs);
}

Lines attemptsWithoutPrice(Database &db, std::int64_t fromAttempt)
{
    return linesOf(db, "an attempt's price did not exist at its start (attempt, price)",
                   "SELECT a.id, a.price_id FROM attempts a "
                   "LEFT JOIN price_versions p ON p.id = a.price_id "
                   "WHERE a.id >= ? AND a.price_id <> 0 "
                   "AND (p.id IS NULL OR p.valid_from_us > a.started_us) LIMIT 100",
                   fromAttempt);
}

Lines unequalLegs(Database &db)
{
    return linesOf(db, "budgets of one attempt were not charged alike (attempt)",
                   "SELECT attempt_id FROM attempt_legs GROUP BY attempt_id "
                   "HAVING min(held) <> max(held) OR min(settled) <> max(settled) "
                   "OR count(settled) NOT IN (0, count(*)) LIMIT 100");
}

Lines requestsAgainstAttempts(Database &db, std::int64_t fromSequence)
{
    return linesOf(db, "a request and its attempts do not agree (request, attempts, counted)",
                   "SELECT r.id, r.attempts, count(a.id) FROM requests r "
                   "LEFT JOIN attempts a ON a.request_id = r.id WHERE r.sequence >= ? "
                   "GROUP BY r.sequence HAVING r.attempts <> count(a.id) "
                   "OR r.charge <> coalesce(sum(a.charge), 0) "
                   "OR r.cost <> coalesce(sum(a.cost), 0) LIMIT 100",
                   fromSequence);
}

Lines attemptsWithoutRequest(Database &db, std::int64_t fromAttempt, std::int64_t changedBeforeUs)
{
    return linesOf(db, "an attempt that ended has no request in the log (attempt, request)",
                   "SELECT a.id, a.request_id FROM attempts a WHERE a.id >= ? "
                   "AND a.state IN (3, 4) AND a.changed_us < ? "
                   "AND NOT EXISTS(SELECT 1 FROM requests r WHERE r.id = a.request_id) "
                   "AND NOT EXISTS(SELECT 1 FROM attempts o WHERE o.request_id = a.request_id "
                   "AND o.state NOT IN (3, 4)) LIMIT 100",
                   fromAttempt, changedBeforeUs);
}

Lines rollupsAgainstRequests(Database &db)
{
    // Hours that the log still holds completely: those after the oldest request's own.
    return linesOf(db, "an hour's sums are not those of the log (hour, requests, cost, charge)",
                   "WITH first AS (SELECT coalesce(min(started_us), 0) AS us FROM requests), "
                   "logged AS (SELECT started_us - started_us % 3600000000 AS hour_us, "
                   "count(*) AS n, sum(cost) AS cost, sum(charge) AS charge FROM requests "
                   "GROUP BY 1), "
                   "rolled AS (SELECT hour_us, sum(requests) AS n, sum(cost) AS cost, "
                   "sum(charge) AS charge FROM rollups GROUP BY 1) "
                   "SELECT rolled.hour_us, rolled.n, rolled.cost, rolled.charge FROM rolled "
                   "LEFT JOIN logged ON logged.hour_us = rolled.hour_us, first "
                   "WHERE rolled.hour_us > first.us AND (rolled.n IS NOT logged.n "
                   "OR rolled.cost IS NOT logged.cost OR rolled.charge IS NOT logged.charge) "
                   "LIMIT 100");
}

Result<std::int64_t> lastAttempt(Database &db)
{
    auto last = db.integer("SELECT max(id) FROM attempts");
    if (!last)
        return failure(last.error());
    return last->value_or(0);
}

Result<std::vector<OpenAttempt>> unrecorded(Database &db, std::int64_t fromAttempt)
{
    std::vector<std::int64_t> ids;
    auto done = db.each(
        "SELECT max(a.id) FROM attempts a WHERE a.id >= ? "
        "AND NOT EXISTS(SELECT 1 FROM requests r WHERE r.id = a.request_id) "
        "GROUP BY a.request_id HAVING min(a.state IN (3, 4)) = 1",
        [&](const Row &row) { ids.push_back(row.integer(0)); }, fromAttempt);
    if (!done)
        return failure(done.error());
    std::vector<OpenAttempt> list;
    for (const std::int64_t id : ids) {
        auto attempt = openAttempt(db, id);
        if (!attempt)
            return failure(attempt.error());
        if (*attempt)
            list.push_back(std::move(**attempt));
    }
    return list;
}

Result<void> eachEnded(Database &db, std::int64_t fromAttempt,
                       const std::function<void(const OpenAttempt &)> &visit)
{
    return db.each(
        "SELECT id, state, price_id, legs, fixed, held, cost, charge, flags, input, "
        "cache_read, cache_write_5m, cache_write_1h, output, reasoning, audio_input, "
        "audio_output, image_input, image_output, units FROM attempts WHERE id >= ? "
        "AND state IN (3, 4)",
        [&](const Row &row) {
            OpenAttempt attempt;
            attempt.row.id = row.integer(0);
            attempt.row.state = AttemptState(row.number(1));
            attempt.row.priceId = row.integer(2);
            attempt.legs.resize(std::size_t(row.integer(3)));
            attempt.fixed = row.nano(4);
            attempt.row.held = row.nano(5);
            attempt.row.cost = row.nano(6);
            attempt.row.charge = row.nano(7);
            attempt.row.flags = std::uint32_t(row.integer(8));
            attempt.row.usage = readCounts(row, 9);
            attempt.row.units = unitsFromJson(row.text(19));
            visit(attempt);
        },
        fromAttempt);
}

} // namespace tollgate::store
