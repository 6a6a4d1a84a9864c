// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/modelfacts.h"

#include <limits>

namespace tollgate::ledger {
namespace {

struct Facts
{
    std::vector<CatalogueEntry> entries;
    PriceBook book; // whose ids are places in `entries`, from 1
};

Facts readFacts()
{
    auto entries = loadCatalogueEntries();
    if (!entries)
        return {};
    std::vector<Price> keys;
    keys.reserve(entries->size());
    for (const CatalogueEntry &entry : *entries) {
        Price key;
        key.id = static_cast<std::int64_t>(keys.size()) + 1;
        key.provider = entry.price.provider;
        key.model = entry.price.model;
        key.validFromUs = entry.price.validFromUs;
        keys.push_back(std::move(key));
    }
    return {std::move(*entries), PriceBook(std::move(keys))};
}

} // namespace

const CatalogueEntry *modelFacts(QByteArrayView provider, QByteArrayView model)
{
    static const Facts facts = readFacts();
    const Price *const found
        = facts.book.find(provider, model, std::numeric_limits<std::int64_t>::max());
    return found ? &facts.entries[static_cast<std::size_t>(found->id - 1)] : nullptr;
}

} // namespace tollgate::ledger
