// SPDX-License-Identifier: GPL-3.0-or-later
// Figures that are no sums: why requests failed, where they went when they did, single requests as
// points, and what a budget has left over time.
#pragma once

#include "core/store/logquery.h"

#include <vector>

namespace tollgate::store {

class Database;

struct CauseRow
{
    QByteArray error; // slug
    int status = 0;
    std::int64_t channelId = 0; // 0: none answered
    std::int64_t count = 0;
    std::int64_t lastUs = 0;
    QByteArray lastId;
    QString lastText;
};
// By cause and channel, most frequent first; of at most `most` rows, the newest.
[[nodiscard]] Result<std::vector<CauseRow>> causesOf(Database &db, const LogExpression &filter,
                                                     std::int64_t sinceUs, std::int64_t untilUs,
                                                     int most = 100'000);

struct FlowRow
{
    std::int64_t fromChannel = 0;
    std::int64_t toChannel = 0;
    QByteArray error; // what made it go on
    std::int64_t count = 0;
    std::int64_t succeeded = 0; // of those, the request in the end
    std::int64_t extraUs = 0; // spent on what failed
    NanoUsd extraCost;
};
[[nodiscard]] Result<std::vector<FlowRow>> flowsOf(Database &db, std::int64_t sinceUs,
                                                   std::int64_t untilUs, int most = 50'000);

struct StripCell
{
    std::int64_t channelId = 0;
    int cell = 0;
    std::int64_t requests = 0;
    std::int64_t failed = 0;
};
// Requests of the channels in cells of `cellUs` from `sinceUs` on, those with any.
[[nodiscard]] Result<std::vector<StripCell>> channelStrip(Database &db, std::int64_t sinceUs,
                                                          std::int64_t cellUs);
// Models that were used without a price since then, with how many requests.
[[nodiscard]] Result<std::vector<std::pair<QByteArray, std::int64_t>>>
unpricedModels(Database &db, std::int64_t sinceUs);
// "2026-07-24" of the newest catalogue whose prices are stored; empty: none.
[[nodiscard]] Result<QByteArray> catalogueDate(Database &db);

// A budget's newest window, what its token spent in it by the hour.
struct BudgetPath
{
    std::int64_t budgetId = 0;
    std::int64_t tokenId = 0;
    BudgetWindow span = BudgetWindow::Total;
    std::int64_t windowUs = 0; // its beginning
    NanoUsd cap;
    NanoUsd spent;
    NanoUsd reserved;
};
[[nodiscard]] Result<std::vector<BudgetPath>> budgetPaths(Database &db);

struct HourlySpend
{
    std::int64_t hourUs = 0;
    NanoUsd amount;
};
// What the token was charged, hours with nothing left out. tokenId 0: all of them, at cost.
[[nodiscard]] Result<std::vector<HourlySpend>> hourlySpend(Database &db, std::int64_t tokenId,
                                                           std::int64_t sinceUs);

} // namespace tollgate::store
