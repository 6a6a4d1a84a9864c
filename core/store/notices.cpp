// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/notices.h"

#include "core/store/database.h"

namespace tollgate::store {
namespace {

constexpr int kMost = 300;

} // namespace

Result<bool> addNotice(Database &db, const NoticeRow &row, std::int64_t quietUs)
{
    const auto last = db.integer("SELECT id FROM notices WHERE kind = ? AND subject = ? "
                                 "AND at_us > ? ORDER BY at_us DESC LIMIT 1",
                                 row.kind, row.subject, row.atUs - quietUs);
    if (!last)
        return failure(last.error());
    if (*last) {
        auto counted = db.run("UPDATE notices SET times = times + 1 WHERE id = ?", **last);
        if (!counted)
            return failure(counted.error());
        return false;
    }
    auto added = db.run("INSERT INTO notices(at_us, kind, subject, detail, times, seen) "
                        "VALUES(?,?,?,?,?,?)",
                        row.atUs, row.kind, row.subject, row.detail, row.times, row.seen);
    if (!added)
        return failure(added.error());
    auto trimmed = db.run("DELETE FROM notices WHERE id NOT IN "
                          "(SELECT id FROM notices ORDER BY id DESC LIMIT ?)",
                          kMost);
    if (!trimmed)
        return failure(trimmed.error());
    return true;
}

Result<std::vector<NoticeRow>> notices(Database &db, int limit)
{
    std::vector<NoticeRow> rows;
    auto done = db.each(
        "SELECT id, at_us, kind, subject, detail, times, seen FROM notices "
        "ORDER BY id DESC LIMIT ?",
        [&](const Row &row) {
            rows.push_back({row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4),
                            row.number(5), row.boolean(6)});
        },
        limit);
    if (!done)
        return failure(done.error());
    return rows;
}

Result<std::int64_t> seeNotices(Database &db, std::int64_t upToId)
{
    return db.run("UPDATE notices SET seen = 1 WHERE seen = 0 AND id <= ?", upToId);
}

Result<std::int64_t> clearNotices(Database &db, std::int64_t upToId)
{
    return db.run("DELETE FROM notices WHERE id <= ?", upToId);
}

} // namespace tollgate::store
