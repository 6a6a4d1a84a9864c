// SPDX-License-Identifier: GPL-3.0-or-later
// What people should hear of, kept until they clear it.
#pragma once

#include "core/base/result.h"

#include <QByteArray>

#include <cstdint>
#include <vector>

namespace tollgate::store {

class Database;

struct NoticeRow
{
    std::int64_t id = 0;
    std::int64_t atUs = 0; // of the newest
    QByteArray kind; // "failover", "channel_failing", "budget_80" …
    QByteArray subject; // what it is about: one kind and subject is one line for a while
    QByteArray detail; // JSON
    int times = 1;
    bool seen = false;
};

// Within `quietUs` of the last of its kind and subject it is counted there instead. Whether it is a
// line of its own. Of the oldest, all but a few hundred are let go.
[[nodiscard]] Result<bool> addNotice(Database &db, const NoticeRow &row, std::int64_t quietUs);
// Newest first.
[[nodiscard]] Result<std::vector<NoticeRow>> notices(Database &db, int limit);
[[nodiscard]] Result<std::int64_t> seeNotices(Database &db, std::int64_t upToId); // how many
[[nodiscard]] Result<std::int64_t> clearNotices(Database &db, std::int64_t upToId);

} // namespace tollgate::store
