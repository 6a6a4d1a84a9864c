// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/settings.h"

#include "core/store/database.h"

namespace tollgate::store {

Result<std::optional<QByteArray>> setting(Database &db, const QByteArray &key)
{
    std::optional<QByteArray> value;
    auto done = db.each(
        "SELECT value FROM settings WHERE key = ?", [&](const Row &row) { value = row.text(0); },
        key);
    if (!done)
        return failure(done.error());
    return value;
}

Result<QMap<QByteArray, QByteArray>> settings(Database &db)
{
    QMap<QByteArray, QByteArray> all;
    auto done = db.each("SELECT key, value FROM settings",
                        [&](const Row &row) { all.insert(row.text(0), row.text(1)); });
    if (!done)
        return failure(done.error());
    return all;
}

Result<void> setSetting(Database &db, const QByteArray &key, const QByteArray &json)
{
    auto done = db.run("INSERT INTO settings(key, value) VALUES(?,?) "
                       "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                       key, json);
    if (!done)
        return failure(done.error());
    return {};
}

Result<void> removeSetting(Database &db, const QByteArray &key)
{
    auto done = db.run("DELETE FROM settings WHERE key = ?", key);
    if (!done)
        return failure(done.error());
    return {};
}

Result<void> audit(Database &db, const AuditRow &row)
{
    auto done = db.run("INSERT INTO audit(at_us, actor, action, object, detail) VALUES(?,?,?,?,?)",
                       row.atUs, row.actor, row.action, row.object, row.detail);
    if (!done)
        return failure(done.error());
    return {};
}

Result<std::vector<AuditRow>> auditTrail(Database &db, std::int64_t beforeId, int limit)
{
    std::vector<AuditRow> trail;
    const std::int64_t before = beforeId > 0 ? beforeId : std::numeric_limits<std::int64_t>::max();
    auto done = db.each(
        "SELECT id, at_us, actor, action, object, detail FROM audit WHERE id < ? "
        "ORDER BY id DESC LIMIT ?",
        [&](const Row &row) {
            trail.push_back({row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4),
                             row.text(5)});
        },
        before, limit);
    if (!done)
        return failure(done.error());
    return trail;
}

} // namespace tollgate::store
