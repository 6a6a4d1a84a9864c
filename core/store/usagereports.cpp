// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/usagereports.h"

#include "core/store/database.h"
#include "core/store/logwhere.h"

#include <algorithm>
#include <map>

namespace tollgate::store {

Result<std::vector<CauseRow>> causesOf(Database &db, const LogExpression &filter,
                                       std::int64_t sinceUs, std::int64_t untilUs, int most)
{
    auto where = logWhere(db, filter);
    if (!where)
        return failure(where.error());
    std::vector<CauseRow> list;
    if (where->none)
        return list;
    QString sql = QStringLiteral(
        "SELECT error, status, channel_id, count(*), max(started_us), id, error_text FROM (SELECT "
        "error, status, channel_id, started_us, id, error_text FROM requests INDEXED BY "
        "requests_trouble WHERE (error <> '' OR status NOT BETWEEN 200 AND 399) AND started_us >= "
        "? AND started_us < ?");
    QVariantList values{
        qlonglong(std::max(sinceUs, where->sinceUs)),
        qlonglong(where->untilUs == 0 ? untilUs : std::min(untilUs, where->untilUs))};
    for (const LogPiece *piece : {&where->driver, &where->rest}) {
        if (piece->sql.isEmpty())
            continue;
        sql += QStringLiteral(" AND ") + piece->sql;
        values += piece->values;
    }
    // Beside max(), SQLite takes the other columns from that same row.
    sql += QStringLiteral(" ORDER BY started_us DESC LIMIT ?) GROUP BY error, status, channel_id "
                          "ORDER BY 4 DESC, 5 DESC");
    values << most;
    auto done = db.eachComposed(sql, values, [&](const Row &row) {
        list.push_back({row.text(0), row.number(1), row.integer(2), row.integer(3), row.integer(4),
                        row.text(5), row.string(6)});
    });
    if (!done)
        return failure(done.error());
    return list;
}

Result<std::vector<FlowRow>> flowsOf(Database &db, std::int64_t sinceUs, std::int64_t untilUs,
                                     int most)
{
    std::vector<FlowRow> list;
    auto done = db.each(
        "SELECT a.channel_id, b.channel_id, a.error, count(*), "
        "sum(r.status BETWEEN 200 AND 399 AND r.error = ''), sum(max(a.end_us, 0)), sum(a.cost) "
        "FROM (SELECT id, status, error FROM requests INDEXED BY requests_retried "
        "WHERE attempts > 1 AND started_us >= ? AND started_us < ? "
        "ORDER BY started_us DESC LIMIT ?) r "
        "JOIN attempts a ON a.request_id = r.id "
        "JOIN attempts b ON b.request_id = r.id AND b.number = a.number + 1 "
        "GROUP BY 1, 2, 3 ORDER BY 4 DESC",
        [&](const Row &row) {
            list.push_back({row.integer(0), row.integer(1), row.text(2), row.integer(3),
                            row.integer(4), row.integer(5), row.nano(6)});
        },
        sinceUs, untilUs, most);
    if (!done)
        return failure(done.error());
    return list;
}

Result<std::vector<StripCell>> channelStrip(Database &db, std::int64_t sinceUs, std::int64_t cellUs)
{
    std::map<std::pair<std::int64_t, int>, StripCell> cells;
    const auto at = [&](const Row &row) -> StripCell & {
        StripCell &cell = cells[{row.integer(0), row.number(1)}];
        cell.channelId = row.integer(0);
        cell.cell = row.number(1);
        return cell;
    };
    std::vector<std::int64_t> channels;
    auto done = db.each(
        "SELECT DISTINCT channel_id FROM rollups WHERE hour_us >= ? "
        "AND channel_id <> 0 LIMIT 200",
        [&](const Row &row) { channels.push_back(row.integer(0)); }, sinceUs - 3'600'000'000);
    for (const std::int64_t channel : channels) {
        if (!done)
            break;
        done = db.each(
            "SELECT channel_id, (started_us - ?) / ?, count(*) FROM requests INDEXED BY "
            "requests_channel WHERE channel_id = ? AND started_us >= ? GROUP BY 2",
            [&](const Row &row) { at(row).requests = row.integer(2); }, sinceUs, cellUs, channel,
            sinceUs);
    }
    if (done) {
        // What the client did wrong, or that it left, is no fault of the channel.
        done = db.each(
            "SELECT channel_id, (started_us - ?) / ?, count(*) FROM requests INDEXED BY "
            "requests_trouble WHERE (error <> '' OR status NOT BETWEEN 200 AND 399) "
            "AND started_us >= ? AND channel_id <> 0 AND attempts > 0 AND status <> 499 "
            "AND status <> 400 GROUP BY 1, 2",
            [&](const Row &row) { at(row).failed = row.integer(2); }, sinceUs, cellUs, sinceUs);
    }
    if (!done)
        return failure(done.error());
    std::vector<StripCell> list;
    for (const auto &[place, cell] : cells)
        list.push_back(cell);
    return list;
}

Result<std::vector<std::pair<QByteArray, std::int64_t>>> unpricedModels(Database &db,
                                                                        std::int64_t sinceUs)
{
    std::vector<std::pair<QByteArray, std::int64_t>> list;
    auto done = db.each(
        "SELECT model, sum(unpriced) FROM rollups WHERE hour_us >= ? AND unpriced > 0 "
        "GROUP BY model ORDER BY 2 DESC LIMIT 20",
        [&](const Row &row) { list.emplace_back(row.text(0), row.integer(1)); }, sinceUs);
    if (!done)
        return failure(done.error());
    return list;
}

Result<QByteArray> catalogueDate(Database &db)
{
    QByteArray newest;
    auto done = db.each("SELECT max(source) FROM price_versions WHERE source LIKE 'catalogue %'",
                        [&](const Row &row) { newest = row.text(0).mid(10); });
    if (!done)
        return failure(done.error());
    return newest;
}

Result<std::vector<BudgetPath>> budgetPaths(Database &db)
{
    std::vector<BudgetPath> list;
    auto done = db.each(
        "SELECT b.id, t.id, b.span, w.window_us, w.cap, w.spent, w.reserved FROM tokens t "
        "JOIN budgets b ON b.id = t.budget_id JOIN budget_windows w ON w.budget_id = b.id "
        "AND w.window_us = b.latest_window_us WHERE t.state <> 2",
        [&](const Row &row) {
            list.push_back({row.integer(0), row.integer(1), BudgetWindow(row.number(2)),
                            row.integer(3), row.nano(4), row.nano(5), row.nano(6)});
        });
    if (!done)
        return failure(done.error());
    return list;
}

Result<std::vector<HourlySpend>> hourlySpend(Database &db, std::int64_t tokenId,
                                             std::int64_t sinceUs)
{
    std::vector<HourlySpend> list;
    const auto note = [&](const Row &row) { list.push_back({row.integer(0), row.nano(1)}); };
    auto done = tokenId == 0
        ? db.each("SELECT hour_us, sum(cost) FROM rollups WHERE hour_us >= ? GROUP BY hour_us",
                  note, sinceUs)
        : db.each("SELECT hour_us, sum(charge) FROM rollups WHERE hour_us >= ? AND token_id = ? "
                  "GROUP BY hour_us",
                  note, sinceUs, tokenId);
    if (!done)
        return failure(done.error());
    return list;
}

} // namespace tollgate::store
