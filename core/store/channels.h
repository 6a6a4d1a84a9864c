// SPDX-License-Identifier: GPL-3.0-or-later
// Provider accounts and their keys' references (never the keys).
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <vector>

namespace tollgate::store {

class Database;

// The channel that answers where there is none: it has no row, and no row ever gets its id.
inline constexpr std::int64_t builtInChannelId = -1;

// With their keys; by priority (higher first), then name.
[[nodiscard]] Result<std::vector<ChannelRow>> channels(Database &db);
[[nodiscard]] Result<ChannelRow> channel(Database &db, std::int64_t id); // or NotFound
[[nodiscard]] Result<ChannelRow> channelNamed(Database &db, const QString &name); // or NotFound
// The row as stored, with id, version and the ids of its keys. Conflict if the name is taken.
[[nodiscard]] Result<ChannelRow> addChannel(Database &db, ChannelRow row, std::int64_t nowUs);
// Everything but the keys. Conflict with code "version" when row.version is not the stored one.
[[nodiscard]] Result<ChannelRow> updateChannel(Database &db, const ChannelRow &row);
// Its keys go with it; requests and attempts keep its id, and its name stays for the log.
[[nodiscard]] Result<void> removeChannel(Database &db, std::int64_t id);

// The trash: a removed channel with all its fields and its keys' references.
struct RemovedChannel
{
    std::int64_t id = 0;
    QString name;
    QByteArray provider;
    std::int64_t removedUs = 0;
    QByteArray content; // what restoring needs; empty once it is purged
};
// Like removeChannel(), but it can be brought back.
[[nodiscard]] Result<void> discardChannel(Database &db, const ChannelRow &row,
                                          const QByteArray &content, std::int64_t nowUs);
// Those that can be brought back, newest first.
[[nodiscard]] Result<std::vector<RemovedChannel>> removedChannels(Database &db);
// Under its old id. Conflict if its name is taken.
[[nodiscard]] Result<ChannelRow> restoreChannel(Database &db, const ChannelRow &row);
// It can no longer be brought back; its name stays for the log.
[[nodiscard]] Result<void> purgeChannel(Database &db, std::int64_t id);
// Of every channel there is or was.
[[nodiscard]] Result<std::vector<std::pair<std::int64_t, QString>>> channelNames(Database &db);

[[nodiscard]] Result<ChannelKeyRow> addChannelKey(Database &db, const ChannelKeyRow &row);
[[nodiscard]] Result<ChannelKeyRow> updateChannelKey(Database &db, const ChannelKeyRow &row);
[[nodiscard]] Result<void> removeChannelKey(Database &db, std::int64_t id);

} // namespace tollgate::store
