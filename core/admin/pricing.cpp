// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/pricing.h"

#include "core/ledger/catalogue.h"
#include "core/ledger/pricestore.h"

namespace tollgate::admin {

Result<ledger::Price> ownPrice(const store::PriceOverrideRow &row)
{
    auto price = ledger::ratesFromJson(row.rates);
    if (!price)
        return price;
    price->provider = row.provider;
    price->model = row.model;
    price->validFromUs = row.validFromUs;
    price->source = "user";
    return price;
}

Result<ledger::PriceBook> readPriceBook(store::Database &db)
{
    auto catalogue = ledger::loadCatalogue();
    if (!catalogue)
        return failure(catalogue.error());
    const auto rows = store::priceOverrides(db);
    if (!rows)
        return failure(rows.error());
    std::vector<ledger::Price> own;
    for (const store::PriceOverrideRow &row : *rows) {
        auto price = ownPrice(row);
        if (!price)
            return failure(price.error());
        own.push_back(std::move(*price));
    }
    return ledger::overlay(ledger::PriceBook(std::move(*catalogue)), own);
}

} // namespace tollgate::admin
