// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/channelfacts.h"

#include "core/store/database.h"

namespace tollgate::store {
namespace {

constexpr int kMostAttempts = 2'000;
constexpr std::int64_t kHourUs = 3'600'000'000;

} // namespace

Result<std::unordered_map<std::int64_t, ChannelFacts>>
channelFacts(Database &db, std::int64_t dayUs, std::int64_t nowUs)
{
    std::unordered_map<std::int64_t, ChannelFacts> facts;
    auto done = db.each(
        "SELECT channel_id, key_id, started_us, status, state, error, first_token_us "
        "FROM attempts ORDER BY id DESC LIMIT ?",
        [&](const Row &row) {
            const std::int64_t startedUs = row.integer(2);
            if (startedUs < nowUs - kHourUs)
                return false;
            const auto state = AttemptState(row.number(4));
            RecentAttempt attempt;
            attempt.keyId = row.integer(1);
            attempt.startedUs = startedUs;
            attempt.status = row.number(3);
            attempt.ended = state == AttemptState::Settled || state == AttemptState::Released;
            attempt.error = row.text(5);
            attempt.firstTokenUs = row.integer(6);
            facts[row.integer(0)].recent.push_back(std::move(attempt));
            return true;
        },
        kMostAttempts);
    if (!done)
        return failure(done.error());
    // One seek of an index a channel.
    done = db.each("SELECT c.id, (SELECT r.started_us FROM requests r WHERE r.channel_id = c.id "
                   "ORDER BY r.started_us DESC LIMIT 1) FROM channels c",
                   [&](const Row &row) { facts[row.integer(0)].lastUsedUs = row.integer(1); });
    if (!done)
        return failure(done.error());
    auto today = usage(db, UsageBy::Channel, dayUs, 0);
    if (!today)
        return failure(today.error());
    for (const UsageRow &row : *today)
        facts[row.id].today = row.totals;
    for (auto &[id, fact] : facts) {
        if (!fact.recent.empty() && fact.recent.front().startedUs > fact.lastUsedUs)
            fact.lastUsedUs = fact.recent.front().startedUs;
    }
    return facts;
}

} // namespace tollgate::store
