// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/health.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

namespace tollgate::routing {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kWindowS = 10;
constexpr int kFailuresToBreak = 5;
constexpr std::int64_t kFirstBreakUs = 10 * kSecondUs;
constexpr std::int64_t kLongestBreakUs = 300 * kSecondUs;
constexpr std::int64_t kProbeUs = 30 * kSecondUs;
constexpr std::int64_t kRejectedUs = 300 * kSecondUs;
constexpr int kDefaultRetryAfterS = 30;
constexpr int kLongestRetryAfterS = 3600;
constexpr std::size_t kShards = 16;

// Outcomes of the last ten seconds, in one-second cells.
class Outcomes
{
public:
    void add(std::int64_t nowUs, bool success)
    {
        Cell &cell = m_cells[static_cast<std::size_t>(nowUs / kSecondUs % kWindowS)];
        if (cell.second != nowUs / kSecondUs)
            cell = {nowUs / kSecondUs, 0, 0};
        ++(success ? cell.successes : cell.failures);
    }
    [[nodiscard]] int failures(std::int64_t nowUs) const { return sum(nowUs, &Cell::failures); }
    [[nodiscard]] int successes(std::int64_t nowUs) const { return sum(nowUs, &Cell::successes); }
    void clear() { m_cells = {}; }

private:
    struct Cell
    {
        std::int64_t second = -1;
        int successes = 0;
        int failures = 0;
    };

    [[nodiscard]] int sum(std::int64_t nowUs, int Cell::*member) const
    {
        int total = 0;
        for (const Cell &cell : m_cells) {
            if (cell.second > nowUs / kSecondUs - kWindowS)
                total += cell.*member;
        }
        return total;
    }

    std::array<Cell, kWindowS> m_cells{};
};

struct Key
{
    Outcomes outcomes;
    std::int64_t limitedUntilUs = 0;
    std::int64_t rejectedUntilUs = 0;
    std::int64_t brokenUntilUs = 0; // 0: not cut off
    std::int64_t probeUntilUs = 0; // 0: nobody is probing
    std::int64_t lastBreakUs = 0; // how long the last cut-off was; 0 after a success

    [[nodiscard]] std::int64_t readyUs() const
    {
        return std::max({limitedUntilUs, rejectedUntilUs, brokenUntilUs, probeUntilUs});
    }
    void cutOff(std::int64_t nowUs)
    {
        lastBreakUs = lastBreakUs == 0 ? kFirstBreakUs : std::min(lastBreakUs * 2, kLongestBreakUs);
        brokenUntilUs = nowUs + lastBreakUs;
        probeUntilUs = 0;
        outcomes.clear();
    }
    [[nodiscard]] bool isForgettable(std::int64_t nowUs) const
    {
        return brokenUntilUs == 0 && readyUs() <= nowUs && outcomes.failures(nowUs) == 0;
    }
    [[nodiscard]] KeyCondition condition(std::int64_t nowUs) const
    {
        if (rejectedUntilUs > nowUs)
            return KeyCondition::Rejected;
        if (limitedUntilUs > nowUs)
            return KeyCondition::RateLimited;
        if (brokenUntilUs > nowUs)
            return KeyCondition::Broken;
        return brokenUntilUs != 0 ? KeyCondition::Probing : KeyCondition::Well;
    }
};

struct Shard
{
    std::mutex mutex;
    std::unordered_map<std::int64_t, Key> keys;
};

} // namespace

struct Health::Shared
{
    explicit Shared(const Clock &c)
        : clock(c)
    {
    }

    Shard &shardOf(std::int64_t keyId)
    {
        return shards[static_cast<std::uint64_t>(keyId) % kShards];
    }

    const Clock &clock;
    std::array<Shard, kShards> shards;
};

Health::Health(const Clock &clock)
    : m_shared(std::make_unique<Shared>(clock))
{
}

Health::~Health() = default;

std::int64_t Health::cooldownUs(std::int64_t keyId) const
{
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    const auto key = shard.keys.find(keyId);
    if (key == shard.keys.end())
        return 0;
    return std::max<std::int64_t>(key->second.readyUs() - m_shared->clock.monotonicUs(), 0);
}

bool Health::beginAttempt(std::int64_t keyId)
{
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.keys.find(keyId);
    if (found == shard.keys.end())
        return true;
    const std::int64_t nowUs = m_shared->clock.monotonicUs();
    Key &key = found->second;
    if (key.readyUs() > nowUs)
        return false;
    if (key.brokenUntilUs != 0)
        key.probeUntilUs = nowUs + kProbeUs;
    return true;
}

void Health::succeeded(std::int64_t keyId)
{
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.keys.find(keyId);
    if (found == shard.keys.end())
        return;
    const std::int64_t nowUs = m_shared->clock.monotonicUs();
    Key &key = found->second;
    key.outcomes.add(nowUs, true);
    // The key works, so it was neither wrong nor cut off any more. A 429 stands: this answer may
    // have been under way before it.
    key.rejectedUntilUs = 0;
    key.brokenUntilUs = 0;
    key.probeUntilUs = 0;
    key.lastBreakUs = 0;
    if (key.isForgettable(nowUs))
        shard.keys.erase(found);
}

void Health::rateLimited(std::int64_t keyId, int retryAfterSeconds)
{
    const int seconds = retryAfterSeconds < 0
        ? kDefaultRetryAfterS
        : std::clamp(retryAfterSeconds, 1, kLongestRetryAfterS);
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    Key &key = shard.keys[keyId];
    const std::int64_t untilUs = m_shared->clock.monotonicUs() + seconds * kSecondUs;
    key.limitedUntilUs = std::max(key.limitedUntilUs, untilUs);
    // It answered: whatever cut it off is over.
    key.brokenUntilUs = 0;
    key.probeUntilUs = 0;
}

void Health::failed(std::int64_t keyId)
{
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    const std::int64_t nowUs = m_shared->clock.monotonicUs();
    Key &key = shard.keys[keyId];
    if (key.brokenUntilUs > nowUs)
        return; // requests that had left before the cut-off do not lengthen it
    if (key.brokenUntilUs != 0) {
        key.cutOff(nowUs);
        return;
    }
    key.outcomes.add(nowUs, false);
    const int failures = key.outcomes.failures(nowUs);
    if (failures >= kFailuresToBreak && failures >= key.outcomes.successes(nowUs))
        key.cutOff(nowUs);
}

void Health::rejected(std::int64_t keyId)
{
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    Key &key = shard.keys[keyId];
    key.rejectedUntilUs = m_shared->clock.monotonicUs() + kRejectedUs;
    key.brokenUntilUs = 0;
    key.probeUntilUs = 0;
}

void Health::clear(std::int64_t keyId)
{
    Shard &shard = m_shared->shardOf(keyId);
    const std::lock_guard lock(shard.mutex);
    shard.keys.erase(keyId);
}

std::vector<KeyReport> Health::reports() const
{
    std::vector<KeyReport> reports;
    for (Shard &shard : m_shared->shards) {
        const std::lock_guard lock(shard.mutex);
        const std::int64_t nowUs = m_shared->clock.monotonicUs();
        for (const auto &[keyId, key] : shard.keys) {
            if (key.isForgettable(nowUs))
                continue;
            reports.push_back({keyId, key.condition(nowUs),
                               std::max<std::int64_t>(key.readyUs() - nowUs, 0),
                               key.outcomes.failures(nowUs)});
        }
    }
    std::sort(reports.begin(), reports.end(),
              [](const KeyReport &a, const KeyReport &b) { return a.keyId < b.keyId; });
    return reports;
}

} // namespace tollgate::routing
