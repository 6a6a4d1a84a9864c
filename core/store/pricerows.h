// SPDX-License-Identifier: GPL-3.0-or-later
// Price versions as stored: never changed, never removed while used; and the user's own overrides.
// What the rates mean is core/ledger's (prices.h, pricestore.h).
#pragma once

#include "core/base/result.h"

#include <QByteArray>

#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

struct PriceVersionRow
{
    std::int64_t id = 0;
    QByteArray provider;
    QByteArray model;
    std::int64_t validFromUs = 0;
    QByteArray rates; // canonical JSON
    QByteArray hash; // SHA-256 of provider, model, date and rates
    QByteArray source; // where it was first seen
};

[[nodiscard]] QByteArray priceHash(const PriceVersionRow &row);
// The ids, in the same order; rows that are there already (by hash) keep theirs.
[[nodiscard]] Result<std::vector<std::int64_t>>
addPriceVersions(Database &db, const std::vector<PriceVersionRow> &rows);
[[nodiscard]] Result<std::optional<PriceVersionRow>> priceVersion(Database &db, std::int64_t id);

// By id; for checking that none has changed.
[[nodiscard]] Result<std::vector<PriceVersionRow>> priceVersions(Database &db);

struct PriceOverrideRow
{
    std::int64_t id = 0;
    QByteArray provider; // empty: any
    QByteArray model;
    std::int64_t validFromUs = 0;
    QByteArray rates; // canonical JSON
};
[[nodiscard]] Result<std::vector<PriceOverrideRow>> priceOverrides(Database &db);
// Replaces the one for the same provider, model and date.
[[nodiscard]] Result<PriceOverrideRow> setPriceOverride(Database &db, const PriceOverrideRow &row);
[[nodiscard]] Result<void> removePriceOverride(Database &db, std::int64_t id);

} // namespace tollgate::store
