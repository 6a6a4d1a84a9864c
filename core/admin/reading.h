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

// What was read travels behind a pointer: g++ 12 takes a moved Result of something with a std::map
// in it for uninitialised.
template <class Op>
[[nodiscard]] Task<store::Store::ResultOf<Op>> readWhileWanted(Desk &desk, Op op)
{
    using Found = typename store::Store::ResultOf<Op>::value_type;
    using Carried = Result<std::shared_ptr<Found>>;
    const Abandoning abandoning;
    OneShot<Carried> answer;
    desk.rooms.store->read(
        [op = std::move(op)](store::Database &db) mutable -> Carried {
            auto found = op(db);
            if (!found)
                return failure(found.error());
            return std::make_shared<Found>(std::move(*found));
        },
        desk.mailbox, [answer](Carried carried) { answer.set(std::move(carried)); },
        abandoning.flag());
    const Carried carried = co_await answer;
    if (!carried)
        co_return failure(carried.error());
    co_return std::move(**carried);
}

} // namespace tollgate::admin
