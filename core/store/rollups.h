// SPDX-License-Identifier: GPL-3.0-or-later
// Hourly sums by token, channel and model, kept exactly in step with the request log; reports and
// charts read these and never aggregate the log.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"
#include "core/store/tallies.h"

#include <QHash>

#include <utility>
#include <vector>

namespace tollgate::store {

class Database;

struct Totals
{
    std::int64_t requests = 0;
    std::int64_t failed = 0;
    TokenCounts usage;
    UnitCounts units; // without the class of pictures
    NanoUsd cost;
    NanoUsd charge;
    std::int64_t estimated = 0; // requests with counts of our own
    std::int64_t unpriced = 0; // requests without a price
};

enum class UsageBy { Model, Token, Channel };

struct UsageRow
{
    QString key; // model, or the name of the token or channel; empty: none
    std::int64_t id = 0; // of the token or channel
    Totals totals;
};

// Exact for any bounds: whole hours from the roll-ups, the pieces at both ends from the log. By
// cost, then requests, highest first. untilUs 0: open.
[[nodiscard]] Result<std::vector<UsageRow>> usage(Database &db, UsageBy by, std::int64_t sinceUs,
                                                  std::int64_t untilUs);

struct HourRow
{
    std::int64_t hourUs = 0;
    QString key;
    std::int64_t id = 0;
    Totals totals;
};

// One row an hour and key, oldest first; for charts.
[[nodiscard]] Result<std::vector<HourRow>> usageByHour(Database &db, UsageBy by,
                                                       std::int64_t sinceUs, std::int64_t untilUs);

struct RollupKey
{
    std::int64_t hourUs = 0;
    std::int64_t tokenId = 0;
    std::int64_t channelId = 0;
    QByteArray model;
    bool operator==(const RollupKey &) const = default;
};
[[nodiscard]] std::size_t qHash(const RollupKey &key, std::size_t seed = 0) noexcept;
// Where a request is filed, and what it adds there.
[[nodiscard]] RollupKey rollupKey(const RequestRow &row);
[[nodiscard]] Totals totalsOf(const RequestRow &row);

// Sums of the running transaction: one upsert a key and commit instead of one a request.
class RollupBuffer
{
public:
    void add(const RollupKey &key, const Totals &delta);
    void tally(const RollupKey &key, const std::vector<Tallied> &list);
    // Written once for each second in which the token is used.
    void touchToken(std::int64_t tokenId, std::int64_t atUs);
    [[nodiscard]] Result<void> flush(Database &db);
    void discard(); // also what was flushed in the transaction that is undone

private:
    using TallyKey = std::pair<RollupKey, std::pair<int, int>>; // its kind and bucket
    [[nodiscard]] Result<void> flushTallies(Database &db);

    QHash<RollupKey, Totals> m_totals;
    QHash<TallyKey, std::int64_t> m_tallies;
    QHash<std::int64_t, std::int64_t> m_lastUsed;
    QHash<std::int64_t, std::int64_t> m_noted; // by token: the second written last
};

} // namespace tollgate::store
