// SPDX-License-Identifier: GPL-3.0-or-later
// What a model call used, in disjoint counters: no token is counted twice, so that every dialect's
// totals are sums of these.
#pragma once

#include <cstdint>

namespace tollgate {

struct TokenCounts
{
    std::int64_t input = 0; // fresh text input: neither read from nor written to a cache
    std::int64_t cacheRead = 0;
    std::int64_t cacheWrite5m = 0; // cache writes with the default life
    std::int64_t cacheWrite1h = 0;
    std::int64_t output = 0; // visible output, without reasoning
    std::int64_t reasoning = 0;
    std::int64_t audioInput = 0;
    std::int64_t audioOutput = 0;
    std::int64_t imageInput = 0;
    std::int64_t imageOutput = 0;

    // All that was read: the number a long-context tier looks at.
    [[nodiscard]] std::int64_t totalInput() const
    {
        return input + cacheRead + cacheWrite5m + cacheWrite1h + audioInput + imageInput;
    }
    [[nodiscard]] std::int64_t totalOutput() const
    {
        return output + reasoning + audioOutput + imageOutput;
    }
    [[nodiscard]] std::int64_t total() const { return totalInput() + totalOutput(); }
    bool operator==(const TokenCounts &) const = default;
};

} // namespace tollgate
