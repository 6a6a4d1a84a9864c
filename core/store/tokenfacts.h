// SPDX-License-Identifier: GPL-3.0-or-later
// What the records say of tokens, for their list: sums of the roll-ups, and each one's last request
// by one seek of an index.
#pragma once

#include "core/store/rollups.h"

#include <unordered_map>

namespace tollgate::store {

struct TokenFacts
{
    Totals day; // the last 24 hours
    Totals today;
    Totals month; // the last 30 days
    std::int64_t lastUs = 0; // 0: no request on record
    QByteArray client;
    QByteArray clientIp;
};

// By token id. `dayUs` is where today began.
[[nodiscard]] Result<std::unordered_map<std::int64_t, TokenFacts>>
tokenFacts(Database &db, std::int64_t dayUs, std::int64_t nowUs);

} // namespace tollgate::store
