// SPDX-License-Identifier: GPL-3.0-or-later
// What vendors keep for our clients under a name of theirs: files and batches, each with the token
// that had it made and the channel key that made it. core/relay decides who may see what.
#pragma once

#include "core/base/result.h"

#include <QByteArray>

#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

enum class ThingKind { File, Batch };

struct KeptThing
{
    std::int64_t tokenId = 0;
    QByteArray id; // the vendor's
    ThingKind kind = ThingKind::File;
    QByteArray dialect;
    std::int64_t channelId = 0;
    std::int64_t keyId = 0;
    std::int64_t createdUs = 0;
    QByteArray content; // as the vendor last showed it, JSON; empty: never shown yet
    bool final = false; // it will not change any more
    bool billed = false; // a batch: what it cost is in the books, or was found to have no price
};

// A step of the schema.
[[nodiscard]] Result<void> makeRoomForThings(Database &db);

// Known already: what is shown is renewed, the owner stays.
[[nodiscard]] Result<void> keepThing(Database &db, const KeptThing &thing);
[[nodiscard]] Result<std::optional<KeptThing>> keptThing(Database &db, std::int64_t tokenId,
                                                         const QByteArray &id);
[[nodiscard]] Result<void> showThing(Database &db, std::int64_t tokenId, const QByteArray &id,
                                     const QByteArray &content, bool final);
[[nodiscard]] Result<void> forgetThing(Database &db, std::int64_t tokenId, const QByteArray &id);
// True for the first who asks.
[[nodiscard]] Result<bool> claimBill(Database &db, std::int64_t tokenId, const QByteArray &id);

struct ThingPage
{
    std::vector<KeptThing> things;
    bool more = false;
};
struct ThingQuery
{
    std::int64_t tokenId = 0;
    ThingKind kind = ThingKind::File;
    QByteArray dialect;
    QByteArray after; // the last one of the page before; empty: from the start
    bool oldestFirst = false;
    bool backwards = false; // the page that ends before `after`
    int limit = 20;
};
// NotFound where `after` is not one of them.
[[nodiscard]] Result<ThingPage> keptThings(Database &db, const ThingQuery &query);

} // namespace tollgate::store
