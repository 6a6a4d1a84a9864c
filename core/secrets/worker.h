// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of the room: one thread that does slow work in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace tollgate::secrets {

// The thread starts with the first piece of work. Work that has not begun when the worker is
// destroyed is dropped; what has begun is waited for.
class Worker
{
public:
    void post(std::function<void()> work);

private:
    void run(const std::stop_token &stop);

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<std::function<void()>> m_work;
    std::jthread m_thread; // last: joined before the rest goes
};

} // namespace tollgate::secrets
