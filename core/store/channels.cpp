// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/channels.h"

#include "core/store/database.h"
#include "core/store/jsoncolumns.h"

#include <map>

namespace tollgate::store {
namespace {

ChannelRow readChannel(const Row &row)
{
    ChannelRow channel;
    channel.id = row.integer(0);
    channel.name = row.string(1);
    channel.provider = row.text(2);
    channel.baseUrl = row.text(3);
    channel.enabled = row.boolean(4);
    channel.local = row.boolean(5);
    channel.priority = row.number(6);
    channel.weight = row.number(7);
    channel.models = listFromJson(row.text(8));
    channel.modelMap = pairsFromJson(row.text(9));
    channel.headers = headersFromJson(row.text(10));
    channel.connectMs = row.number(11);
    channel.firstByteMs = row.number(12);
    channel.idleMs = row.number(13);
    channel.totalMs = row.number(14);
    channel.proxy = row.text(15);
    channel.options = row.text(16);
    channel.version = row.integer(17);
    channel.createdUs = row.integer(18);
    channel.pausedUntilUs = row.integer(19);
    channel.place = row.number(20);
    return channel;
}

ChannelKeyRow readKey(const Row &row)
{
    ChannelKeyRow key;
    key.id = row.integer(0);
    key.channelId = row.integer(1);
    key.source = KeySource(row.number(2));
    key.reference = row.text(3);
    key.boundTo = row.text(4);
    key.hint = row.text(5);
    key.enabled = row.boolean(6);
    return key;
}

Error notFound()
{
    return {ErrorKind::NotFound,
            QStringLiteral("There is no such channel."),
            "channel_not_found",
            -1,
            {},
            {}};
}

Error nameTaken(const QString &name)
{
    return {ErrorKind::Conflict,
            QStringLiteral("There is already a channel named \"%1\".").arg(name),
            "name_taken",
            -1,
            "name",
            {}};
}

Result<void> readKeys(Database &db, ChannelRow &channel)
{
    return db.each(
        "SELECT id, channel_id, source, reference, bound_to, hint, enabled "
        "FROM channel_keys WHERE channel_id = ? ORDER BY id",
        [&](const Row &row) { channel.keys.push_back(readKey(row)); }, channel.id);
}

Result<bool> isNameTaken(Database &db, const QString &name, std::int64_t exceptId)
{
    auto found = db.integer("SELECT id FROM channels WHERE name = ? AND id <> ?", name, exceptId);
    if (!found)
        return failure(found.error());
    return found->has_value();
}

} // namespace

Result<std::vector<ChannelRow>> channels(Database &db)
{
    std::vector<ChannelRow> list;
    std::map<std::int64_t, std::size_t> places;
    auto done = db.each("SELECT id, name, provider, base_url, enabled, local, priority, weight, "
                        "models, model_map, headers, connect_ms, first_byte_ms, idle_ms, total_ms, "
                        "proxy, options, version, created_us, paused_until_us, place "
                        "FROM channels ORDER BY priority DESC, place, name",
                        [&](const Row &row) {
                            list.push_back(readChannel(row));
                            places[list.back().id] = list.size() - 1;
                        });
    if (!done)
        return failure(done.error());
    done = db.each("SELECT id, channel_id, source, reference, bound_to, hint, enabled "
                   "FROM channel_keys ORDER BY id",
                   [&](const Row &row) {
                       const ChannelKeyRow key = readKey(row);
                       if (const auto place = places.find(key.channelId); place != places.end())
                           list[place->second].keys.push_back(key);
                   });
    if (!done)
        return failure(done.error());
    return list;
}

Result<ChannelRow> channel(Database &db, std::int64_t id)
{
    std::optional<ChannelRow> found;
    auto done = db.each(
        "SELECT id, name, provider, base_url, enabled, local, priority, weight, "
        "models, model_map, headers, connect_ms, first_byte_ms, idle_ms, total_ms, "
        "proxy, options, version, created_us, paused_until_us, place FROM channels WHERE id = ?",
        [&](const Row &row) { found = readChannel(row); }, id);
    if (!done)
        return failure(done.error());
    if (!found)
        return failure(notFound());
    if (auto keys = readKeys(db, *found); !keys)
        return failure(keys.error());
    return std::move(*found);
}

Result<ChannelRow> channelNamed(Database &db, const QString &name)
{
    auto id = db.integer("SELECT id FROM channels WHERE name = ?", name);
    if (!id)
        return failure(id.error());
    if (!*id)
        return failure(notFound());
    return channel(db, **id);
}

namespace {

Result<std::int64_t> insertChannel(Database &db, const ChannelRow &row,
                                   std::optional<std::int64_t> ownId, std::int64_t nowUs)
{
    auto taken = isNameTaken(db, row.name, 0);
    if (!taken)
        return failure(taken.error());
    if (*taken)
        return failure(nameTaken(row.name));
    // An id that a removed channel had stays its own: the log knows it by that.
    auto added = db.run(
        "INSERT INTO channels(id, name, provider, base_url, enabled, local, priority, weight, "
        "models, model_map, headers, connect_ms, first_byte_ms, idle_ms, total_ms, proxy, options, "
        "version, created_us, paused_until_us, place) "
        "VALUES(coalesce(?, 1 + max((SELECT coalesce(max(id), 0) FROM channels), "
        "(SELECT coalesce(max(id), 0) FROM removed_channels))),"
        "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,1,?,?,?)",
        ownId, row.name, row.provider, row.baseUrl, row.enabled, row.local, row.priority,
        row.weight, listToJson(row.models), pairsToJson(row.modelMap), headersToJson(row.headers),
        row.connectMs, row.firstByteMs, row.idleMs, row.totalMs, row.proxy, row.options, nowUs,
        row.pausedUntilUs, row.place);
    if (!added)
        return failure(added.error());
    const std::int64_t id = db.lastInsertId();
    for (ChannelKeyRow key : row.keys) {
        key.channelId = id;
        if (auto keyAdded = addChannelKey(db, key); !keyAdded)
            return failure(keyAdded.error());
    }
    return id;
}

} // namespace

Result<ChannelRow> addChannel(Database &db, ChannelRow row, std::int64_t nowUs)
{
    const auto id = insertChannel(db, row, std::nullopt, nowUs);
    if (!id)
        return failure(id.error());
    return channel(db, *id);
}

Result<ChannelRow> updateChannel(Database &db, const ChannelRow &row)
{
    auto taken = isNameTaken(db, row.name, row.id);
    if (!taken)
        return failure(taken.error());
    if (*taken)
        return failure(nameTaken(row.name));
    auto changed = db.run(
        "UPDATE channels SET name=?, provider=?, base_url=?, enabled=?, local=?, priority=?, "
        "weight=?, models=?, model_map=?, headers=?, connect_ms=?, first_byte_ms=?, idle_ms=?, "
        "total_ms=?, proxy=?, options=?, paused_until_us=?, place=?, version = version + 1 "
        "WHERE id = ? AND version = ?",
        row.name, row.provider, row.baseUrl, row.enabled, row.local, row.priority, row.weight,
        listToJson(row.models), pairsToJson(row.modelMap), headersToJson(row.headers),
        row.connectMs, row.firstByteMs, row.idleMs, row.totalMs, row.proxy, row.options,
        row.pausedUntilUs, row.place, row.id, row.version);
    if (!changed)
        return failure(changed.error());
    auto stored = channel(db, row.id);
    if (stored && *changed == 0)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("The channel was changed meanwhile; look at it again."),
                       "version");
    return stored;
}

namespace {

Result<void> takeOut(Database &db, std::int64_t id)
{
    auto removed = db.run("DELETE FROM channels WHERE id = ?", id);
    if (!removed)
        return failure(removed.error());
    if (*removed == 0)
        return failure(notFound());
    return {};
}

} // namespace

Result<void> removeChannel(Database &db, std::int64_t id)
{
    auto row = channel(db, id);
    if (!row)
        return failure(row.error());
    return discardChannel(db, *row, {}, 0);
}

Result<void> discardChannel(Database &db, const ChannelRow &row, const QByteArray &content,
                            std::int64_t nowUs)
{
    if (auto removed = takeOut(db, row.id); !removed)
        return removed;
    auto kept = db.run("INSERT INTO removed_channels(id, name, provider, removed_us, content) "
                       "VALUES(?,?,?,?,?)",
                       row.id, row.name, row.provider, nowUs, content);
    if (!kept)
        return failure(kept.error());
    return {};
}

Result<std::vector<RemovedChannel>> removedChannels(Database &db)
{
    std::vector<RemovedChannel> list;
    auto done = db.each("SELECT id, name, provider, removed_us, content FROM removed_channels "
                        "WHERE content <> '' ORDER BY removed_us DESC, id",
                        [&](const Row &row) {
                            list.push_back({row.integer(0), row.string(1), row.text(2),
                                            row.integer(3), row.text(4)});
                        });
    if (!done)
        return failure(done.error());
    return list;
}

Result<ChannelRow> restoreChannel(Database &db, const ChannelRow &row)
{
    if (const auto added = insertChannel(db, row, row.id, row.createdUs); !added)
        return failure(added.error());
    auto out = db.run("DELETE FROM removed_channels WHERE id = ?", row.id);
    if (!out)
        return failure(out.error());
    return channel(db, row.id);
}

Result<void> purgeChannel(Database &db, std::int64_t id)
{
    auto emptied = db.run("UPDATE removed_channels SET content = '' WHERE id = ?", id);
    if (!emptied)
        return failure(emptied.error());
    return {};
}

Result<std::vector<std::pair<std::int64_t, QString>>> channelNames(Database &db)
{
    std::vector<std::pair<std::int64_t, QString>> names;
    auto done = db.each("SELECT id, name FROM channels UNION SELECT id, name FROM removed_channels",
                        [&](const Row &row) { names.emplace_back(row.integer(0), row.string(1)); });
    if (!done)
        return failure(done.error());
    return names;
}

Result<ChannelKeyRow> addChannelKey(Database &db, const ChannelKeyRow &row)
{
    auto added
        = db.run("INSERT INTO channel_keys(channel_id, source, reference, bound_to, hint, "
                 "enabled) VALUES(?,?,?,?,?,?)",
                 row.channelId, int(row.source), row.reference, row.boundTo, row.hint, row.enabled);
    if (!added)
        return failure(added.error());
    ChannelKeyRow stored = row;
    stored.id = db.lastInsertId();
    return stored;
}

Result<ChannelKeyRow> updateChannelKey(Database &db, const ChannelKeyRow &row)
{
    auto changed = db.run("UPDATE channel_keys SET source=?, reference=?, bound_to=?, hint=?, "
                          "enabled=? WHERE id = ? AND channel_id = ?",
                          int(row.source), row.reference, row.boundTo, row.hint, row.enabled,
                          row.id, row.channelId);
    if (!changed)
        return failure(changed.error());
    if (*changed == 0)
        return failure(ErrorKind::NotFound, QStringLiteral("The channel has no such key."),
                       "key_not_found");
    return row;
}

Result<void> removeChannelKey(Database &db, std::int64_t id)
{
    auto removed = db.run("DELETE FROM channel_keys WHERE id = ?", id);
    if (!removed)
        return failure(removed.error());
    if (*removed == 0)
        return failure(ErrorKind::NotFound, QStringLiteral("The channel has no such key."),
                       "key_not_found");
    return {};
}

} // namespace tollgate::store
