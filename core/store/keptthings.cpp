// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/keptthings.h"

#include "core/store/database.h"

#include <algorithm>

namespace tollgate::store {
namespace {

constexpr int kMostListed = 10'000;

KeptThing readThing(const Row &row)
{
    KeptThing thing;
    thing.tokenId = row.integer(0);
    thing.id = row.text(1);
    thing.kind = ThingKind(row.number(2));
    thing.dialect = row.text(3);
    thing.channelId = row.integer(4);
    thing.keyId = row.integer(5);
    thing.createdUs = row.integer(6);
    thing.content = row.text(7);
    thing.final = row.number(8) != 0;
    thing.billed = row.number(9) != 0;
    return thing;
}

Result<void> done(const Result<std::int64_t> &changed)
{
    if (!changed)
        return failure(changed.error());
    return {};
}

} // namespace

Result<void> makeRoomForThings(Database &db)
{
    return db.script(R"sql(
CREATE TABLE kept_things(
    token_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    dialect TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    content TEXT NOT NULL,
    final INTEGER NOT NULL,
    billed INTEGER NOT NULL,
    PRIMARY KEY(token_id, id)
) STRICT, WITHOUT ROWID;;
)sql");
}

Result<void> keepThing(Database &db, const KeptThing &thing)
{
    return done(db.run("INSERT INTO kept_things(token_id, id, kind, dialect, channel_id, key_id, "
                       "created_us, content, final, billed) VALUES(?,?,?,?,?,?,?,?,?,?) "
                       "ON CONFLICT(token_id, id) DO UPDATE SET content = excluded.content, "
                       "final = excluded.final WHERE excluded.content <> ''",
                       thing.tokenId, thing.id, int(thing.kind), thing.dialect, thing.channelId,
                       thing.keyId, thing.createdUs, thing.content, int(thing.final),
                       int(thing.billed)));
}

Result<std::optional<KeptThing>> keptThing(Database &db, std::int64_t tokenId, const QByteArray &id)
{
    std::optional<KeptThing> found;
    auto read = db.each(
        "SELECT token_id, id, kind, dialect, channel_id, key_id, created_us, "
        "content, final, billed FROM kept_things WHERE token_id = ? AND id = ?",
        [&](const Row &row) { found = readThing(row); }, tokenId, id);
    if (!read)
        return failure(read.error());
    return found;
}

Result<void> showThing(Database &db, std::int64_t tokenId, const QByteArray &id,
                       const QByteArray &content, bool final)
{
    return done(db.run("UPDATE kept_things SET content = ?, final = ? "
                       "WHERE token_id = ? AND id = ?",
                       content, int(final), tokenId, id));
}

Result<void> forgetThing(Database &db, std::int64_t tokenId, const QByteArray &id)
{
    return done(db.run("DELETE FROM kept_things WHERE token_id = ? AND id = ?", tokenId, id));
}

Result<bool> claimBill(Database &db, std::int64_t tokenId, const QByteArray &id)
{
    const auto changed = db.run("UPDATE kept_things SET billed = 1 "
                                "WHERE token_id = ? AND id = ? AND billed = 0",
                                tokenId, id);
    if (!changed)
        return failure(changed.error());
    return *changed > 0;
}

// A token owns dozens of them, seldom thousands: they are put in order here, where the page's rules
// can be read.
Result<ThingPage> keptThings(Database &db, const ThingQuery &query)
{
    std::vector<KeptThing> all;
    auto read = db.each(
        "SELECT token_id, id, kind, dialect, channel_id, key_id, created_us, "
        "content, final, billed FROM kept_things "
        "WHERE token_id = ? AND kind = ? AND dialect = ? "
        "ORDER BY created_us DESC, id DESC LIMIT ?",
        [&](const Row &row) { all.push_back(readThing(row)); }, query.tokenId, int(query.kind),
        query.dialect, kMostListed);
    if (!read)
        return failure(read.error());
    if (query.oldestFirst)
        std::reverse(all.begin(), all.end());
    const auto limit = std::max(query.limit, 1);
    auto begin = all.begin();
    auto end = all.end();
    if (!query.after.isEmpty()) {
        const auto mark = std::find_if(all.begin(), all.end(), [&](const KeptThing &thing) {
            return thing.id == query.after;
        });
        if (mark == all.end()) {
            return failure(ErrorKind::NotFound,
                           QStringLiteral("There is nothing by the name \u201c%1\u201d to go on "
                                          "from.")
                               .arg(QString::fromUtf8(query.after)),
                           "unknown_cursor");
        }
        if (query.backwards)
            end = mark;
        else
            begin = mark + 1;
    }
    ThingPage page;
    page.more = end - begin > limit;
    if (page.more && query.backwards)
        begin = end - limit;
    else if (page.more)
        end = begin + limit;
    page.things.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
    return page;
}

} // namespace tollgate::store
