// SPDX-License-Identifier: GPL-3.0-or-later
// Time, injectable: wall time for records and windows, monotonic time for limits and durations.
#pragma once

#include <cstdint>

namespace tollgate {

class Clock
{
public:
    Clock() = default;
    virtual ~Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;

    // Microseconds since 1970-01-01 UTC. May jump when the user sets the clock.
    [[nodiscard]] virtual std::int64_t wallUs() const = 0;
    // Microseconds since an arbitrary start; never goes back. Thread-safe, like wallUs().
    [[nodiscard]] virtual std::int64_t monotonicUs() const = 0;

    // The machine's own clock; lives for ever.
    [[nodiscard]] static const Clock &system();
};

} // namespace tollgate
