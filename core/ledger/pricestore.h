// SPDX-License-Identifier: GPL-3.0-or-later
// Prices to and from the database: a version gets its id when it is first stored and keeps it.
#pragma once

#include "core/ledger/prices.h"
#include "core/store/pricerows.h"

namespace tollgate::ledger {

// Canonical JSON of rates, tiers and output limit; the same price always gives the same text.
[[nodiscard]] QByteArray ratesToJson(const Price &price);
[[nodiscard]] Result<Price> ratesFromJson(QByteArrayView json);
[[nodiscard]] store::PriceVersionRow toRow(const Price &price);
[[nodiscard]] Result<Price> fromRow(const store::PriceVersionRow &row);

// Stores every version that is new, and returns the prices with their ids. Run once at start and
// after each change of prices; PriceBook is made of the result.
[[nodiscard]] Result<std::vector<Price>> storePrices(store::Database &db,
                                                     std::vector<Price> prices);

} // namespace tollgate::ledger
