// SPDX-License-Identifier: GPL-3.0-or-later
// A read whose caller may leave: when the coroutine that waits for it is destroyed, the query ends
// at its next row instead of running on for nobody.
#pragma once

#include "core/admin/desk.h"

namespace tollgate::admin {

class Abandoning
{
public:
    Abandoning() = default;
    ~Abandoning() { m_flag->store(true, std::memory_order_relaxed); }
    Abandoning(const Abandoning &) = delete;
    Abandoning &operator=(const Abandoning &) = delete;

    [[nodiscard]] const store::Cancellation &flag() const { return m_flag; }

private:
    store::Cancellation m_flag = std::make_shared<std::atomic<bool>>(false);
};

template <class Op>
[[nodiscard]] Task<store::Store::ResultOf<Op>> readWhileWanted(Desk &desk, Op op)
{
    const Abandoning abandoning;
    OneShot<store::Store::ResultOf<Op>> answer;
    desk.rooms.store->read(
        std::move(op), desk.mailbox,
        [answer](store::Store::ResultOf<Op> result) { answer.set(std::move(result)); },
        abandoning.flag());
    store::Store::ResultOf<Op> result = co_await answer;
    co_return result;
}

} // namespace tollgate::admin
