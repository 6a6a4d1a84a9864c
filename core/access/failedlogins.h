// SPDX-License-Identifier: GPL-3.0-or-later
// Failed log-ins by address, in bounded memory. An IPv6 client counts as its /64, since one host
// commands all of it.
#pragma once

#include <QHostAddress>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace tollgate::access {

// Thread-safe. Times are monotonic.
class FailedLogins
{
public:
    static constexpr std::size_t kMostAddresses = 32'768;

    [[nodiscard]] bool mayTry(const QHostAddress &address, std::int64_t nowUs);
    void add(const QHostAddress &address, std::int64_t nowUs);
    [[nodiscard]] std::size_t addresses() const; // remembered now

private:
    static constexpr int kFreely = 10; // a minute
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kMostPerShard = kMostAddresses / kShards;

    struct Source
    {
        quint64 high = 0;
        quint64 low = 0;
        bool operator==(const Source &) const = default;
    };
    struct Hash
    {
        std::size_t operator()(const Source &source) const noexcept;
    };
    struct History
    {
        std::array<std::int64_t, kFreely> timesUs{}; // a ring, `next` is the oldest once full
        int next = 0;
        int count = 0;

        [[nodiscard]] std::int64_t latestUs() const
        {
            return timesUs[std::size_t((next + kFreely - 1) % kFreely)];
        }
    };
    struct Shard
    {
        mutable std::mutex mutex;
        std::unordered_map<Source, History, Hash> histories;
        History others; // of all that found no place while the shard was full
        std::int64_t sweptUs = 0;
    };

    [[nodiscard]] static Source sourceOf(const QHostAddress &address);
    [[nodiscard]] static bool mayTry(const History &history, std::int64_t nowUs);
    [[nodiscard]] History &historyFor(Shard &shard, const Source &source, std::int64_t nowUs);
    [[nodiscard]] bool globallyFree(std::int64_t nowUs) const;

    std::array<Shard, kShards> m_shards;
    std::atomic<quint64> m_second{0}; // failures of one second: its number << 32 | count
};

} // namespace tollgate::access
