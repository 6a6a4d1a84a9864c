// SPDX-License-Identifier: GPL-3.0-or-later
// Settings as JSON values by key, and the audit trail of who changed what.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QMap>
#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

[[nodiscard]] Result<std::optional<QByteArray>> setting(Database &db, const QByteArray &key);
[[nodiscard]] Result<QMap<QByteArray, QByteArray>> settings(Database &db);
[[nodiscard]] Result<void> setSetting(Database &db, const QByteArray &key, const QByteArray &json);
[[nodiscard]] Result<void> removeSetting(Database &db, const QByteArray &key);

// The gateway's pause: kUntilResumed, a moment, or 0. Not a setting, and kept beside them.
[[nodiscard]] Result<std::int64_t> pausedUntil(Database &db);
[[nodiscard]] Result<void> setPausedUntil(Database &db, std::int64_t untilUs);

struct AuditRow
{
    std::int64_t id = 0;
    std::int64_t atUs = 0;
    QByteArray actor; // "cli", "app", "token:3"
    QByteArray action; // "channel.add"
    QByteArray object; // "channel:4"
    QByteArray detail; // JSON, no secret
};
[[nodiscard]] Result<void> audit(Database &db, const AuditRow &row);
// Each row carries a hash of itself and of the hash before it: the first row that does not follow
// from those before, or nothing. What was cut off at the end leaves no mark.
[[nodiscard]] Result<std::optional<std::int64_t>> brokenAudit(Database &db);
// Gives every row its hash anew; for a migration alone.
[[nodiscard]] Result<void> chainAudit(Database &db);
// Newest first, older than `beforeId` (0: from the newest).
[[nodiscard]] Result<std::vector<AuditRow>> auditTrail(Database &db, std::int64_t beforeId,
                                                       int limit);

} // namespace tollgate::store
