// SPDX-License-Identifier: GPL-3.0-or-later
// A clock that stands still until it is told to go on. Thread-safe.
#pragma once

#include "core/base/clock.h"

#include <atomic>

namespace tollgate::test {

class FakeClock final : public Clock
{
public:
    [[nodiscard]] std::int64_t wallUs() const override { return m_us.load(); }
    [[nodiscard]] std::int64_t monotonicUs() const override { return m_us.load(); }
    void advanceMs(std::int64_t ms) { m_us += ms * 1000; }
    void advanceUs(std::int64_t us) { m_us += us; }

private:
    std::atomic<std::int64_t> m_us{1'000'000'000'000};
};

} // namespace tollgate::test
