// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/timerqueue.h"

#include <algorithm>
#include <array>

namespace tollgate {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000 * kNsPerMs;
// Qt::TimerType: coarse timers may be off by 5 %, which is nothing below 20 ms and a second above
// 20 s.
constexpr std::int64_t kExactBelowMs = 20;
constexpr std::int64_t kSecondsFromMs = 20'000;

Qt::TimerType effectiveType(Qt::TimerType type, std::int64_t intervalMs)
{
    if (type != Qt::CoarseTimer)
        return type;
    if (intervalMs < kExactBelowMs)
        return Qt::PreciseTimer;
    return intervalMs >= kSecondsFromMs ? Qt::VeryCoarseTimer : Qt::CoarseTimer;
}

std::int64_t nearestMultiple(std::int64_t value, std::int64_t step)
{
    return (value + step / 2) / step * step;
}

// Coarse timers meet at round times, so that several share one wake-up.
std::int64_t rounded(std::int64_t dueNs, const TimerQueue::Timer &timer)
{
    constexpr std::array<std::int64_t, 9> kStepsMs{1000, 500, 250, 100, 50, 20, 10, 5, 2};
    switch (effectiveType(timer.type, timer.intervalMs)) {
    case Qt::PreciseTimer:
        return dueNs;
    case Qt::VeryCoarseTimer:
        return nearestMultiple(dueNs, kNsPerSecond);
    case Qt::CoarseTimer:
        break;
    }
    for (const std::int64_t step : kStepsMs) {
        if (step * 20 <= timer.intervalMs)
            return nearestMultiple(dueNs, step * kNsPerMs);
    }
    return dueNs;
}

std::int64_t periodNs(const TimerQueue::Timer &timer)
{
    // Very coarse timers count whole seconds, at least one.
    if (timer.type == Qt::VeryCoarseTimer)
        return std::max<std::int64_t>(1, (timer.intervalMs + 500) / 1000) * kNsPerSecond;
    return timer.intervalMs * kNsPerMs;
}

} // namespace

std::int64_t TimerQueue::nextDueNs() const
{
    return m_order.empty() ? kNever : m_order.begin()->first;
}

std::int64_t TimerQueue::remainingMs(int id, std::int64_t nowNs) const
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end())
        return -1;
    const std::int64_t left = found->second.dueNs - nowNs;
    return left <= 0 ? 0 : (left + kNsPerMs - 1) / kNsPerMs;
}

std::vector<TimerQueue::Timer> TimerQueue::of(const QObject *object) const
{
    std::vector<Timer> timers;
    for (const auto &[id, entry] : m_timers) {
        if (entry.timer.object == object)
            timers.push_back(entry.timer);
    }
    return timers;
}

void TimerQueue::add(const Timer &timer, std::int64_t nowNs)
{
    remove(timer.id);
    Entry entry;
    entry.timer = timer;
    entry.scheduleNs = nowNs + periodNs(timer);
    entry.dueNs = std::max(nowNs, rounded(entry.scheduleNs, timer));
    entry.serial = ++m_serial;
    m_order.emplace(entry.dueNs, timer.id);
    m_timers.emplace(timer.id, entry);
}

bool TimerQueue::remove(int id)
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end())
        return false;
    if (!found->second.active)
        m_order.erase({found->second.dueNs, id});
    m_timers.erase(found);
    return true;
}

bool TimerQueue::removeAllOf(const QObject *object)
{
    const std::vector<Timer> timers = of(object);
    for (const Timer &timer : timers)
        remove(timer.id);
    return !timers.empty();
}

std::vector<std::pair<int, std::uint64_t>> TimerQueue::takeDue(std::int64_t nowNs) const
{
    std::vector<std::pair<int, std::uint64_t>> due;
    for (const auto &[at, id] : m_order) {
        if (at > nowNs)
            break;
        due.emplace_back(id, m_timers.at(id).serial);
    }
    return due;
}

const TimerQueue::Timer *TimerQueue::begin(int id, std::uint64_t serial, std::int64_t nowNs)
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end() || found->second.serial != serial || found->second.active
        || found->second.dueNs > nowNs)
        return nullptr;
    Entry &entry = found->second;
    m_order.erase({entry.dueNs, id});
    entry.active = true;
    const std::int64_t period = periodNs(entry.timer);
    entry.scheduleNs += period;
    if (entry.scheduleNs < nowNs)
        entry.scheduleNs = nowNs + period; // missed periods are not made up for
    entry.dueNs = std::max(nowNs, rounded(entry.scheduleNs, entry.timer));
    return &entry.timer;
}

void TimerQueue::finish(int id, std::uint64_t serial)
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end() || found->second.serial != serial)
        return;
    found->second.active = false;
    m_order.emplace(found->second.dueNs, id);
}

} // namespace tollgate
