// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/pricerows.h"

#include "core/store/database.h"

#include <QCryptographicHash>
#include <QHash>

namespace tollgate::store {

QByteArray priceHash(const PriceVersionRow &row)
{
    // Lengths in front, so that no two different rows give the same bytes.
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const QByteArray date = QByteArray::number(qlonglong(row.validFromUs));
    for (const QByteArray &part : {row.provider, row.model, date, row.rates}) {
        hash.addData(QByteArray::number(part.size()) + ':');
        hash.addData(part);
    }
    return hash.result();
}

Result<std::vector<std::int64_t>> addPriceVersions(Database &db,
                                                   const std::vector<PriceVersionRow> &rows)
{
    QHash<QByteArray, std::int64_t> known;
    auto done = db.each("SELECT hash, id FROM price_versions",
                        [&](const Row &row) { known.insert(row.blob(0), row.integer(1)); });
    if (!done)
        return failure(done.error());
    std::vector<std::int64_t> ids;
    ids.reserve(rows.size());
    for (const PriceVersionRow &row : rows) {
        const QByteArray hash = priceHash(row);
        if (const auto found = known.constFind(hash); found != known.constEnd()) {
            ids.push_back(*found);
            continue;
        }
        auto added
            = db.run("INSERT INTO price_versions(provider, model, valid_from_us, rates, "
                     "hash, source) VALUES(?,?,?,?,?,?)",
                     row.provider, row.model, row.validFromUs, row.rates, Blob{hash}, row.source);
        if (!added)
            return failure(added.error());
        ids.push_back(db.lastInsertId());
        known.insert(hash, ids.back());
    }
    return ids;
}

Result<std::vector<PriceVersionRow>> priceVersions(Database &db)
{
    std::vector<PriceVersionRow> list;
    auto done = db.each("SELECT id, provider, model, valid_from_us, rates, hash, source "
                        "FROM price_versions ORDER BY id",
                        [&](const Row &row) {
                            list.push_back({row.integer(0), row.text(1), row.text(2),
                                            row.integer(3), row.text(4), row.blob(5), row.text(6)});
                        });
    if (!done)
        return failure(done.error());
    return list;
}

Result<std::optional<PriceVersionRow>> priceVersion(Database &db, std::int64_t id)
{
    std::optional<PriceVersionRow> found;
    auto done = db.each(
        "SELECT id, provider, model, valid_from_us, rates, hash, source "
        "FROM price_versions WHERE id = ?",
        [&](const Row &row) {
            found = PriceVersionRow{row.integer(0), row.text(1), row.text(2), row.integer(3),
                                    row.text(4),    row.blob(5), row.text(6)};
        },
        id);
    if (!done)
        return failure(done.error());
    return found;
}

Result<std::vector<PriceOverrideRow>> priceOverrides(Database &db)
{
    std::vector<PriceOverrideRow> list;
    auto done = db.each(
        "SELECT id, provider, model, valid_from_us, rates FROM price_overrides "
        "ORDER BY model, provider, valid_from_us",
        [&](const Row &row) {
            list.push_back({row.integer(0), row.text(1), row.text(2), row.integer(3), row.text(4)});
        });
    if (!done)
        return failure(done.error());
    return list;
}

Result<PriceOverrideRow> setPriceOverride(Database &db, const PriceOverrideRow &row)
{
    auto done = db.run("INSERT INTO price_overrides(provider, model, valid_from_us, rates) "
                       "VALUES(?,?,?,?) ON CONFLICT(provider, model, valid_from_us) "
                       "DO UPDATE SET rates = excluded.rates",
                       row.provider, row.model, row.validFromUs, row.rates);
    if (!done)
        return failure(done.error());
    auto id = db.integer("SELECT id FROM price_overrides WHERE provider = ? AND model = ? "
                         "AND valid_from_us = ?",
                         row.provider, row.model, row.validFromUs);
    if (!id)
        return failure(id.error());
    PriceOverrideRow stored = row;
    stored.id = id->value_or(0);
    return stored;
}

Result<void> removePriceOverride(Database &db, std::int64_t id)
{
    auto removed = db.run("DELETE FROM price_overrides WHERE id = ?", id);
    if (!removed)
        return failure(removed.error());
    if (*removed == 0)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such price."),
                       "price_not_found");
    return {};
}

} // namespace tollgate::store
