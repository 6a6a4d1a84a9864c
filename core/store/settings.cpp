// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/settings.h"

#include "core/store/database.h"

#include <QCryptographicHash>

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

namespace {

constexpr char kPausedKey[] = "state.paused_until_us";

} // namespace

Result<std::int64_t> pausedUntil(Database &db)
{
    const auto stored = setting(db, kPausedKey);
    if (!stored)
        return failure(stored.error());
    return *stored ? (*stored)->toLongLong() : 0;
}

Result<void> setPausedUntil(Database &db, std::int64_t untilUs)
{
    return untilUs == 0 ? removeSetting(db, kPausedKey)
                        : setSetting(db, kPausedKey, QByteArray::number(qlonglong{untilUs}));
}

namespace {

// SHA-256 over the hash before and every column, each text behind its length.
QByteArray linkOf(const QByteArray &before, const AuditRow &row)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto number
        = [&](std::int64_t value) { hash.addData(QByteArray::number(qlonglong(value)) + ' '); };
    hash.addData(before);
    number(row.id);
    number(row.atUs);
    for (const QByteArray *text : {&row.actor, &row.action, &row.object, &row.detail}) {
        number(text->size());
        hash.addData(*text);
    }
    return hash.result();
}

struct Link
{
    AuditRow row;
    QByteArray hash;
};

Result<std::vector<Link>> linksAfter(Database &db, std::int64_t afterId)
{
    constexpr int kSlice = 1'000;
    std::vector<Link> links;
    auto done = db.each(
        "SELECT id, at_us, actor, action, object, detail, hash FROM audit WHERE id > ? "
        "ORDER BY id LIMIT ?",
        [&](const Row &row) {
            links.push_back({{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4),
                              row.text(5)},
                             row.blob(6)});
        },
        afterId, kSlice);
    if (!done)
        return failure(done.error());
    return links;
}

} // namespace

Result<void> audit(Database &db, const AuditRow &row)
{
    AuditRow next = row;
    QByteArray before;
    next.id = 1;
    auto last
        = db.each("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", [&](const Row &found) {
              next.id = found.integer(0) + 1;
              before = found.blob(1);
          });
    if (!last)
        return failure(last.error());
    auto done = db.run("INSERT INTO audit(id, at_us, actor, action, object, detail, hash) "
                       "VALUES(?,?,?,?,?,?,?)",
                       next.id, next.atUs, next.actor, next.action, next.object, next.detail,
                       Blob{linkOf(before, next)});
    if (!done)
        return failure(done.error());
    return {};
}

Result<std::optional<std::int64_t>> brokenAudit(Database &db)
{
    QByteArray before;
    std::int64_t after = 0;
    for (;;) {
        auto links = linksAfter(db, after);
        if (!links)
            return failure(links.error());
        if (links->empty())
            return std::optional<std::int64_t>();
        for (const Link &link : *links) {
            if (link.row.id != after + 1 || link.hash != linkOf(before, link.row))
                return std::optional(link.row.id);
            before = link.hash;
            after = link.row.id;
        }
    }
}

Result<void> chainAudit(Database &db)
{
    QByteArray before;
    std::int64_t after = 0;
    for (;;) {
        auto links = linksAfter(db, after);
        if (!links)
            return failure(links.error());
        if (links->empty())
            return {};
        for (const Link &link : *links) {
            before = linkOf(before, link.row);
            after = link.row.id;
            if (auto done = db.run("UPDATE audit SET hash = ? WHERE id = ?", Blob{before}, after);
                !done)
                return failure(done.error());
        }
    }
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
