// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/slidingwindow.h"

#include <algorithm>

namespace tollgate::access {
namespace {

constexpr std::int64_t kSlotUs = 1'000'000 / 64;
constexpr std::int64_t kMostAtOnce = std::int64_t(1) << 40; // sums of a full window cannot overflow

} // namespace

void SlidingWindow::add(std::int64_t nowUs, std::int64_t amount)
{
    amount = std::clamp<std::int64_t>(amount, 0, kMostAtOnce);
    drop(nowUs);
    // Threads read the clock before they take the lock: a time may arrive a little late.
    if (m_slots.empty() || nowUs - m_slots.back().firstUs >= kSlotUs)
        m_slots.push_back({nowUs, nowUs, 0});
    Slot &slot = m_slots.back();
    slot.lastUs = std::max(slot.lastUs, nowUs);
    const std::int64_t before = slot.amount;
    slot.amount = std::min(before + amount, kMostAtOnce);
    m_total += slot.amount - before;
}

void SlidingWindow::takeBack(std::int64_t bookedUs, std::int64_t amount)
{
    const auto slot = std::find_if(m_slots.begin(), m_slots.end(),
                                   [&](const Slot &each) { return each.lastUs >= bookedUs; });
    if (slot == m_slots.end() || amount <= 0)
        return;
    const std::int64_t taken = std::min(amount, slot->amount);
    slot->amount -= taken;
    m_total -= taken;
}

std::int64_t SlidingWindow::total(std::int64_t nowUs)
{
    drop(nowUs);
    return m_total;
}

std::int64_t SlidingWindow::waitUs(std::int64_t nowUs, std::int64_t target)
{
    drop(nowUs);
    std::int64_t left = m_total;
    std::int64_t wait = 0;
    for (const Slot &slot : m_slots) {
        if (left <= target)
            break;
        left -= slot.amount;
        wait = slot.lastUs + kLengthUs - nowUs;
    }
    return wait;
}

void SlidingWindow::drop(std::int64_t nowUs)
{
    while (!m_slots.empty() && nowUs - m_slots.front().lastUs >= kLengthUs) {
        m_total -= m_slots.front().amount;
        m_slots.pop_front();
    }
}

} // namespace tollgate::access
