// SPDX-License-Identifier: GPL-3.0-or-later
// What the metrics page counts. Shared by all gateway threads; relaxed atomics, monotonic but for
// the gauges.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace tollgate::relay {

struct Counters
{
    std::atomic<std::int64_t> running{0}; // gauge: requests under way
    std::atomic<std::int64_t> streams{0}; // gauge: of those, streams that have begun
    std::atomic<std::int64_t> requests{0};
    std::array<std::atomic<std::int64_t>, 6> byClass{}; // index: status / 100; 4xx includes 499
    std::atomic<std::int64_t> attempts{0};
    std::atomic<std::int64_t> failovers{0};
    std::atomic<std::int64_t> inputTokens{0};
    std::atomic<std::int64_t> outputTokens{0};
    std::atomic<std::int64_t> chargedNano{0};
    std::atomic<std::int64_t> clientsLeft{0};
    std::atomic<std::int64_t> droppedHeaders{0};
    std::atomic<std::int64_t> fetching{0}; // gauge: files under way that requests name by URL
    std::atomic<std::int64_t> mediaBytes{0}; // gauge: what such files occupy
    // Upper bounds in milliseconds: 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, and
    // more.
    static constexpr std::array<std::int64_t, 11> kBoundsMs{5,   10,   25,   50,   100,  250,
                                                            500, 1000, 2500, 5000, 10000};
    std::array<std::atomic<std::int64_t>, 12> firstTokenMs{};
    std::atomic<std::int64_t> firstTokenSumUs{0};

    void observeFirstToken(std::int64_t us)
    {
        std::size_t bucket = 0;
        while (bucket < kBoundsMs.size() && us > kBoundsMs[bucket] * 1000)
            ++bucket;
        firstTokenMs[bucket].fetch_add(1, std::memory_order_relaxed);
        firstTokenSumUs.fetch_add(us, std::memory_order_relaxed);
    }
};

} // namespace tollgate::relay
