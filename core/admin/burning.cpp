// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/burning.h"

#include "core/admin/outlook.h"
#include "core/admin/rowjson.h"
#include "core/admin/units.h"
#include "core/store/budgets.h"
#include "core/store/logquery.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject burningJson(const Burning &burning, std::int64_t nowUs)
{
    const store::BudgetPath &path = burning.path;
    const std::int64_t end = store::windowEnd(path.span, path.windowUs);
    const Pace pace = paceOf(path.cap, path.spent, path.windowUs, end, nowUs);
    // What is left, hour by hour, backwards from what is known: late settlements move with it.
    QJsonArray points;
    std::int64_t later = 0;
    for (const store::HourlySpend &hour : burning.hours)
        later += hour.amount.value;
    std::int64_t left = path.cap.value - path.spent.value + later;
    for (const store::HourlySpend &hour : burning.hours) {
        points.append(QJsonArray{integer(hour.hourUs), integer(left)});
        left -= hour.amount.value;
    }
    points.append(QJsonArray{integer(nowUs), integer(path.cap.value - path.spent.value)});
    const double share
        = path.cap.value > 0 ? double(path.spent.value) / double(path.cap.value) * 100 : 0;
    return {{key("budget_id"), QString::number(path.budgetId)},
            {key("token"),
             QJsonObject{{key("id"), QString::number(path.tokenId)}, {key("name"), burning.token}}},
            {key("window"), windowName(path.span)},
            {key("begin_us"), integer(path.windowUs)},
            {key("end_us"), integer(end)},
            {key("cap_nano"), integer(path.cap.value)},
            {key("spent_nano"), integer(path.spent.value)},
            {key("reserved_nano"), integer(path.reserved.value)},
            {key("left_nano"), integer(path.cap.value - path.spent.value)},
            {key("percent"), int(share)},
            {key("pace"), paceName(pace.word)},
            {key("over_percent"), pace.overPercent},
            {key("runs_out_us"), integer(pace.runsOutUs)},
            {key("points"), points}};
}

// Shares compared without dividing: a budget of nothing is spent.
bool isNearer(const Burning &a, const Burning &b)
{
    return double(a.path.spent.value) * double(b.path.cap.value)
        > double(b.path.spent.value) * double(a.path.cap.value);
}

} // namespace

Result<std::vector<Burning>> readBurning(store::Database &db, std::int64_t tokenId,
                                         std::int64_t nowUs)
{
    auto paths = store::budgetPaths(db);
    if (!paths)
        return failure(paths.error());
    auto names = store::logNames(db);
    if (!names)
        return failure(names.error());
    std::vector<Burning> list;
    for (store::BudgetPath &path : *paths) {
        if (tokenId != 0 && path.tokenId != tokenId)
            continue;
        const std::int64_t current = store::windowStart(path.span, nowUs);
        if (path.windowUs != current) { // the window of now has seen nothing yet
            path.windowUs = current;
            path.spent = {};
            path.reserved = {};
        }
        const std::int64_t since
            = path.span == store::BudgetWindow::Total ? nowUs - 90 * kDayUs : path.windowUs;
        auto hours = store::hourlySpend(db, path.tokenId, since);
        if (!hours)
            return failure(hours.error());
        list.push_back({path, names->tokens.value(path.tokenId), std::move(*hours)});
    }
    return list;
}

QJsonArray burningList(std::vector<Burning> budgets, std::int64_t nowUs)
{
    std::stable_sort(budgets.begin(), budgets.end(), isNearer);
    QJsonArray list;
    for (const Burning &one : budgets)
        list.append(burningJson(one, nowUs));
    return list;
}

} // namespace tollgate::admin
