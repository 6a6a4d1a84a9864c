// SPDX-License-Identifier: GPL-3.0-or-later
// A task that runs on its own and ends with its owner: destroying it destroys the task's frame and
// whatever it waits for. Not from inside the task itself.
#pragma once

#include "core/base/task.h"

#include <QTimer>

namespace tollgate::admin {

class Running
{
public:
    struct promise_type
    {
        Running get_return_object()
        {
            return Running(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        void return_void() const noexcept { }
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };

    Running() = default;
    Running(Running &&other) noexcept
        : m_handle(std::exchange(other.m_handle, {}))
    {
    }
    Running &operator=(Running &&other) noexcept
    {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    ~Running()
    {
        if (m_handle)
            m_handle.destroy();
    }

    [[nodiscard]] bool done() const { return !m_handle || m_handle.done(); }

private:
    explicit Running(std::coroutine_handle<promise_type> handle)
        : m_handle(handle)
    {
    }
    std::coroutine_handle<promise_type> m_handle;
};

inline Running run(Task<void> task)
{
    co_await task;
}

[[nodiscard]] inline OneShot<bool> after(int milliseconds)
{
    OneShot<bool> elapsed;
    QTimer::singleShot(milliseconds, [elapsed] { elapsed.set(true); });
    return elapsed;
}

} // namespace tollgate::admin
