// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/logquery.h"

#include "core/store/database.h"
#include "core/store/logwhere.h"
#include "core/store/requestcolumns.h"

#include <QElapsedTimer>

#include <algorithm>
#include <limits>

namespace tollgate::store {
namespace {

constexpr std::int64_t endOfTime = std::numeric_limits<std::int64_t>::max();
const QString newestFirst = QStringLiteral(" ORDER BY started_us DESC, sequence DESC LIMIT ?");
const QString oldestFirst = QStringLiteral(" ORDER BY started_us, sequence LIMIT ?");

// " FROM requests INDEXED BY … WHERE …" with the driver alone.
QString fromDriver(const LogWhere &where, QVariantList &values)
{
    QString sql = QStringLiteral(" FROM requests");
    if (!where.index.isEmpty())
        sql += QStringLiteral(" INDEXED BY ") + where.index;
    sql += QStringLiteral(" WHERE ");
    if (!where.driver.sql.isEmpty()) {
        sql += where.driver.sql + QStringLiteral(" AND ");
        values += where.driver.values;
    }
    return sql;
}

void addRest(const LogWhere &where, QString &sql, QVariantList &values)
{
    if (where.rest.sql.isEmpty())
        return;
    sql += QStringLiteral(" AND ") + where.rest.sql;
    values += where.rest.values;
}

// Where a slice of so many rows of the driver ends that begins before `from`.
Result<std::int64_t> sliceEnd(Database &db, const LogWhere &where, const PageKey &from, int rows)
{
    QVariantList values;
    QString sql = QStringLiteral("SELECT started_us") + fromDriver(where, values)
        + QStringLiteral("started_us <= ? AND started_us >= ? ORDER BY started_us DESC "
                         "LIMIT 1 OFFSET ?");
    values << qlonglong(from.startedUs) << qlonglong(where.sinceUs) << rows;
    std::int64_t end = where.sinceUs;
    auto done = db.eachComposed(sql, values, [&](const Row &row) { end = row.integer(0); });
    if (!done)
        return failure(done.error());
    return end;
}

PageKey startOf(const LogWhere &where, std::optional<PageKey> before)
{
    PageKey from{endOfTime, endOfTime};
    if (where.untilUs != 0)
        from = {where.untilUs, 0};
    if (before
        && (before->startedUs < from.startedUs
            || (before->startedUs == from.startedUs && before->sequence < from.sequence)))
        from = *before;
    return from;
}

// Walks back through the driver's rows in slices that grow. `slice(from, until)` looks at the rows
// before `from` that began at `until` or later; false: enough was found. The result: where to go
// on, if time was up before the end.
template <class Slice>
Result<std::optional<PageKey>> walk(Database &db, const LogWhere &where, PageKey from,
                                    const LogBudget &budget, Slice slice)
{
    QElapsedTimer spent;
    spent.start();
    int rows = where.rest.sql.isEmpty() ? std::numeric_limits<int>::max() : budget.firstSlice;
    while (from.startedUs > where.sinceUs || from.sequence > 1) {
        std::int64_t until = where.sinceUs;
        if (rows != std::numeric_limits<int>::max()) {
            auto end = sliceEnd(db, where, from, rows);
            if (!end)
                return failure(end.error());
            until = *end;
        }
        auto more = slice(from, until);
        if (!more)
            return failure(more.error());
        from = {until, 0}; // its sequence 0: nothing that began then is left
        if (!*more || until <= where.sinceUs)
            return std::optional<PageKey>();
        if (spent.elapsed() >= budget.milliseconds)
            return std::optional<PageKey>(from);
        rows = std::min(rows * 2, budget.largestSlice);
    }
    return std::optional<PageKey>();
}

} // namespace

LogState logState(const RequestRow &row)
{
    const bool success = row.status >= 200 && row.status <= 399;
    if (row.client == "replay" && success && row.error.isEmpty())
        return LogState::Replay;
    if (row.status == 499)
        return LogState::Left;
    if (!success) {
        switch (row.status) {
        case 401:
        case 402:
        case 403:
        case 404:
        case 409:
        case 429:
        case 503:
            return row.attempts == 0 ? LogState::Blocked : LogState::Failed;
        default:
            return LogState::Failed;
        }
    }
    if (!row.error.isEmpty())
        return LogState::ErrorIn200;
    return row.attempts > 1 ? LogState::Retried : LogState::Ok;
}

Result<LogRows> logRows(Database &db, const LogExpression &filter, std::optional<PageKey> before,
                        int limit, const LogBudget &budget)
{
    auto where = logWhere(db, filter);
    if (!where)
        return failure(where.error());
    LogRows rows;
    if (where->none)
        return rows;
    const std::size_t most = std::size_t(limit) + 1;
    auto unfinished = walk(
        db, *where, startOf(*where, before), budget,
        [&](const PageKey &from, std::int64_t until) -> Result<bool> {
            QVariantList values;
            QString sql = QStringLiteral("SELECT ") + requestColumns() + fromDriver(*where, values)
                + QStringLiteral("(started_us, sequence) < (?, ?) AND started_us >= ?");
            values << qlonglong(from.startedUs) << qlonglong(from.sequence) << qlonglong(until);
            addRest(*where, sql, values);
            sql += newestFirst;
            values << qlonglong(most - rows.requests.size());
            auto done = db.eachComposed(
                sql, values, [&](const Row &row) { rows.requests.push_back(readRequest(row)); });
            if (!done)
                return failure(done.error());
            return rows.requests.size() < most;
        });
    if (!unfinished)
        return failure(unfinished.error());
    if (rows.requests.size() == most) {
        rows.requests.pop_back();
        if (!rows.requests.empty())
            rows.next = PageKey{rows.requests.back().row.startedUs, rows.requests.back().sequence};
    } else if (*unfinished) {
        rows.next = **unfinished;
        rows.partial = true;
    }
    return rows;
}

Result<LogRows> logRowsAfter(Database &db, const LogExpression &filter, PageKey after, int limit,
                             const LogBudget &budget)
{
    auto where = logWhere(db, filter);
    if (!where)
        return failure(where.error());
    LogRows rows;
    if (where->none)
        return rows;
    // What lies between here and now is bounded by a caller that scrolls; it is looked through
    // once.
    QVariantList values;
    QString sql = QStringLiteral("SELECT ") + requestColumns() + fromDriver(*where, values)
        + QStringLiteral("(started_us, sequence) > (?, ?) AND started_us >= ? AND started_us < ?");
    values << qlonglong(after.startedUs) << qlonglong(after.sequence) << qlonglong(where->sinceUs)
           << qlonglong(where->untilUs == 0 ? endOfTime : where->untilUs);
    addRest(*where, sql, values);
    sql += oldestFirst;
    values << limit + 1;
    QElapsedTimer spent;
    spent.start();
    auto done = db.eachComposed(sql, values, [&](const Row &row) {
        rows.requests.push_back(readRequest(row));
        return spent.elapsed() < 4LL * budget.milliseconds;
    });
    if (!done)
        return failure(done.error());
    if (rows.requests.size() > std::size_t(limit)) {
        rows.requests.pop_back();
        rows.next = PageKey{rows.requests.back().row.startedUs, rows.requests.back().sequence};
    }
    return rows;
}

Result<std::vector<LoggedRequest>> logRowsCompleted(Database &db, const LogExpression &filter,
                                                    std::int64_t sequence, int limit)
{
    auto where = logWhere(db, filter);
    if (!where)
        return failure(where.error());
    std::vector<LoggedRequest> list;
    QString sql = QStringLiteral("SELECT ") + requestColumns()
        + QStringLiteral(" FROM requests NOT INDEXED WHERE sequence > ? AND started_us >= ? AND "
                         "started_us < ?");
    QVariantList values{qlonglong(sequence), qlonglong(where->sinceUs),
                        qlonglong(where->untilUs == 0 ? endOfTime : where->untilUs)};
    if (where->none)
        return list;
    if (!where->driver.sql.isEmpty()) {
        sql += QStringLiteral(" AND ") + where->driver.sql;
        values += where->driver.values;
    }
    addRest(*where, sql, values);
    sql += QStringLiteral(" ORDER BY sequence LIMIT ?");
    values << limit;
    auto done
        = db.eachComposed(sql, values, [&](const Row &row) { list.push_back(readRequest(row)); });
    if (!done)
        return failure(done.error());
    return list;
}

Result<LogCount> logCount(Database &db, const LogExpression &filter, std::int64_t most,
                          const LogBudget &budget)
{
    auto where = logWhere(db, filter);
    if (!where)
        return failure(where.error());
    LogCount count;
    if (where->none)
        return count;
    auto unfinished = walk(
        db, *where, startOf(*where, {}), budget,
        [&](const PageKey &from, std::int64_t until) -> Result<bool> {
            QVariantList values;
            QString sql = QStringLiteral("SELECT count(*) FROM (SELECT 1")
                + fromDriver(*where, values)
                + QStringLiteral("(started_us, sequence) < (?, ?) AND started_us >= ?");
            values << qlonglong(from.startedUs) << qlonglong(from.sequence) << qlonglong(until);
            addRest(*where, sql, values);
            sql += QStringLiteral(" LIMIT ?)");
            values << qlonglong(most - count.count);
            auto done = db.eachComposed(sql, values,
                                        [&](const Row &row) { count.count += row.integer(0); });
            if (!done)
                return failure(done.error());
            return count.count < most;
        });
    if (!unfinished)
        return failure(unfinished.error());
    count.capped = count.count >= most || unfinished->has_value();
    return count;
}

} // namespace tollgate::store
