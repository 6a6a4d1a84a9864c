// SPDX-License-Identifier: GPL-3.0-or-later
// How an attempt's cost came about, line by line: so many of a kind at such a price. Pure.
#pragma once

#include "core/ledger/prices.h"

#include <vector>

namespace tollgate::admin {

struct PriceLine
{
    const char *kind; // "input", "cache_read", … "image", "request"
    const char *unit; // "token", "image", "second", "character", "search", "request"
    std::int64_t quantity = 0; // seconds in thousandths
    PicoUsd unitPrice;
    NanoUsd cost; // rounded to the nearest; the attempt's own sum is rounded once, upwards
};

// With the tier that so much input calls for; kinds without a quantity are left out.
[[nodiscard]] std::vector<PriceLine> priceLines(const ledger::Price &price,
                                                const TokenCounts &usage, const UnitCounts &units);

} // namespace tollgate::admin
