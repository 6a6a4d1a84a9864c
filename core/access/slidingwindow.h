// SPDX-License-Identifier: GPL-3.0-or-later
// The sum of what happened in the last sixty seconds. Exact to a sixty-fourth of a second and never
// on the generous side: events of one slot leave together, with the latest of them.
#pragma once

#include <cstdint>
#include <deque>

namespace tollgate::access {

class SlidingWindow
{
public:
    static constexpr std::int64_t kLengthUs = 60'000'000;

    void add(std::int64_t nowUs, std::int64_t amount);
    // Takes `amount` back from what was added at `bookedUs`, if the window still holds it.
    void takeBack(std::int64_t bookedUs, std::int64_t amount);
    [[nodiscard]] std::int64_t total(std::int64_t nowUs);
    // Whether all that was added has left.
    [[nodiscard]] bool isOver(std::int64_t nowUs) const
    {
        return m_slots.empty() || nowUs - m_slots.back().lastUs >= kLengthUs;
    }
    // How long until at most `target` remain, if nothing is added. 0: now.
    [[nodiscard]] std::int64_t waitUs(std::int64_t nowUs, std::int64_t target);

private:
    struct Slot
    {
        std::int64_t firstUs = 0;
        std::int64_t lastUs = 0;
        std::int64_t amount = 0;
    };

    void drop(std::int64_t nowUs);

    std::deque<Slot> m_slots;
    std::int64_t m_total = 0;
};

} // namespace tollgate::access
