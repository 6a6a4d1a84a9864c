// SPDX-License-Identifier: GPL-3.0-or-later
// The timers of one event dispatcher, ordered by when they are due. Time is handed in, in
// nanoseconds of a clock that never goes back.
#pragma once

#include <QList>

#include <cstdint>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

class QObject;

namespace tollgate {

class TimerQueue
{
public:
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    struct Timer
    {
        int id = 0;
        std::int64_t intervalMs = 0;
        Qt::TimerType type = Qt::CoarseTimer;
        QObject *object = nullptr;
    };

    [[nodiscard]] std::int64_t nextDueNs() const;
    // -1: no such timer.
    [[nodiscard]] std::int64_t remainingMs(int id, std::int64_t nowNs) const;
    [[nodiscard]] std::vector<Timer> of(const QObject *object) const;

    void add(const Timer &timer, std::int64_t nowNs);
    bool remove(int id);
    bool removeAllOf(const QObject *object);

    // Calls deliver(Timer) for each timer that is due, once. Deliver may add and remove timers and
    // call fire() again; a timer that is being delivered is not delivered a second time meanwhile.
    template <class Deliver> int fire(std::int64_t nowNs, Deliver deliver)
    {
        std::vector<std::pair<int, std::uint64_t>> due = takeDue(nowNs);
        int fired = 0;
        for (const auto &[id, serial] : due) {
            const Timer *timer = begin(id, serial, nowNs);
            if (!timer)
                continue;
            const Timer copy = *timer;
            deliver(copy);
            finish(id, serial);
            ++fired;
        }
        return fired;
    }

private:
    struct Entry
    {
        Timer timer;
        std::int64_t scheduleNs = 0; // exact: what the next period counts from
        std::int64_t dueNs = 0; // rounded as its type allows
        std::uint64_t serial = 0; // ids are used again
        bool active = false; // being delivered
    };
    std::vector<std::pair<int, std::uint64_t>> takeDue(std::int64_t nowNs) const;
    const Timer *begin(int id, std::uint64_t serial, std::int64_t nowNs);
    void finish(int id, std::uint64_t serial);

    std::unordered_map<int, Entry> m_timers;
    std::set<std::pair<std::int64_t, int>> m_order; // {due, id}; without the active ones
    std::uint64_t m_serial = 0;
};

} // namespace tollgate
