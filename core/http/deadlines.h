// SPDX-License-Identifier: GPL-3.0-or-later
// One coarse timer wheel for all deadlines of a listener. Moving a deadline later costs a store;
// nothing ticks while there is nothing to wait for, and far deadlines share whole seconds.
#pragma once

#include "core/base/clock.h"

#include <QTimer>

#include <array>

namespace tollgate::http {

class Deadlines
{
public:
    class Item
    {
    public:
        Item() = default;
        virtual ~Item();
        Item(const Item &) = delete;
        Item &operator=(const Item &) = delete;

        // The deadline has passed and is no longer set.
        virtual void expired() = 0;

    private:
        friend class Deadlines;
        void unlink();

        Item *m_next = nullptr;
        Item **m_link = nullptr; // what points at this one; null: not in the wheel
        std::int64_t m_dueUs = 0; // 0: no deadline
        std::int64_t m_tick = 0;
    };

    explicit Deadlines(const Clock &clock);
    ~Deadlines();
    Deadlines(const Deadlines &) = delete;
    Deadlines &operator=(const Deadlines &) = delete;

    // 0 clears.
    void set(Item &item, std::int64_t dueUs);

private:
    static constexpr std::int64_t kTickUs = 25'000;
    static constexpr std::int64_t kSlots = 4096;
    static constexpr std::int64_t kTicksASecond = 1'000'000 / kTickUs;
    static constexpr std::int64_t kPrecise = 5 * kTicksASecond; // beyond, deadlines share seconds

    [[nodiscard]] std::int64_t tickOf(std::int64_t us) const { return us / kTickUs; }
    void link(Item &item, std::int64_t nowTick);
    void arm(std::int64_t tick, std::int64_t nowUs);
    void turn();

    const Clock &m_clock;
    QTimer m_timer;
    std::array<Item *, kSlots> m_slots{};
    std::int64_t m_done; // every slot up to this tick has been emptied
    std::int64_t m_armed = 0; // tick the timer waits for; 0: asleep
};

} // namespace tollgate::http
