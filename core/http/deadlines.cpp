// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/deadlines.h"

#include <algorithm>
#include <utility>

namespace tollgate::http {

Deadlines::Item::~Item()
{
    unlink();
}

void Deadlines::Item::unlink()
{
    if (!m_link)
        return;
    *m_link = m_next;
    if (m_next)
        m_next->m_link = m_link;
    m_link = nullptr;
    m_next = nullptr;
}

Deadlines::Deadlines(const Clock &clock)
    : m_clock(clock)
    , m_done(tickOf(clock.monotonicUs()))
{
    m_timer.setSingleShot(true);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { turn(); });
}

Deadlines::~Deadlines()
{
    for (Item *&slot : m_slots) {
        while (slot)
            slot->unlink();
    }
}

void Deadlines::set(Item &item, std::int64_t dueUs)
{
    item.m_dueUs = dueUs;
    if (dueUs == 0)
        return; // left where it is; turn() drops it
    if (item.m_link && item.m_tick <= tickOf(dueUs) + 1)
        return; // found too early by turn() and moved on then
    item.unlink();
    link(item, tickOf(m_clock.monotonicUs()));
}

void Deadlines::link(Item &item, std::int64_t nowTick)
{
    // Never early: the first tick that lies wholly behind the deadline.
    std::int64_t tick = tickOf(item.m_dueUs) + 1;
    if (tick - nowTick > kPrecise)
        tick = (tick + kTicksASecond - 1) / kTicksASecond * kTicksASecond;
    tick = std::clamp(tick, m_done + 1, std::max(m_done, nowTick) + kSlots - 1);
    // A slot holds one turn of the wheel only, counted from what has been emptied.
    tick = std::min(tick, m_done + kSlots);
    item.m_tick = tick;
    Item *&slot = m_slots[static_cast<std::size_t>(tick % kSlots)];
    item.m_next = slot;
    if (slot)
        slot->m_link = &item.m_next;
    item.m_link = &slot;
    slot = &item;
    if (m_armed == 0 || tick < m_armed)
        arm(tick, m_clock.monotonicUs());
}

void Deadlines::arm(std::int64_t tick, std::int64_t nowUs)
{
    m_armed = tick;
    const std::int64_t wait = std::max<std::int64_t>(0, tick * kTickUs - nowUs);
    m_timer.start(static_cast<int>((wait + 999) / 1000));
}

void Deadlines::turn()
{
    const std::int64_t now = m_clock.monotonicUs();
    const std::int64_t nowTick = tickOf(now);
    m_armed = 0;
    // After a long sleep each slot needs to be looked at only once.
    const std::int64_t first = std::max(m_done + 1, nowTick - kSlots + 1);
    for (std::int64_t tick = first; tick <= nowTick; ++tick) {
        Item *&slot = m_slots[static_cast<std::size_t>(tick % kSlots)];
        m_done = std::max(m_done, tick);
        while (slot) {
            Item &item = *slot;
            item.unlink();
            if (item.m_dueUs == 0)
                continue;
            if (item.m_dueUs > now) {
                link(item, nowTick);
                continue;
            }
            item.m_dueUs = 0;
            item.expired();
        }
    }
    m_done = std::max(m_done, nowTick);
    for (std::int64_t tick = m_done + 1; tick <= m_done + kSlots; ++tick) {
        if (m_slots[static_cast<std::size_t>(tick % kSlots)]) {
            arm(tick, now);
            return;
        }
    }
    m_timer.stop();
    m_armed = 0;
}

} // namespace tollgate::http
