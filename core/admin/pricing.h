// SPDX-License-Identifier: GPL-3.0-or-later
// The prices that are in force, as one book: the catalogue under the user's own.
#pragma once

#include "core/ledger/prices.h"
#include "core/store/pricerows.h"

namespace tollgate::store {
class Database;
}

namespace tollgate::admin {

[[nodiscard]] Result<ledger::Price> ownPrice(const store::PriceOverrideRow &row);
[[nodiscard]] Result<ledger::PriceBook> readPriceBook(store::Database &db);

} // namespace tollgate::admin
