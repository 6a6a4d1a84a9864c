// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets on their way through their windows.
#pragma once

#include "core/store/usagereports.h"

#include <QJsonArray>

namespace tollgate::admin {

struct Burning
{
    store::BudgetPath path;
    QString token;
    std::vector<store::HourlySpend> hours;
};

// Of one token, or (0) of all.
[[nodiscard]] Result<std::vector<Burning>> readBurning(store::Database &db, std::int64_t tokenId,
                                                       std::int64_t nowUs);
// Those nearest to their limit first.
[[nodiscard]] QJsonArray burningList(std::vector<Burning> budgets, std::int64_t nowUs);

} // namespace tollgate::admin
