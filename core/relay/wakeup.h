// SPDX-License-Identifier: GPL-3.0-or-later
// The one thing a request waits on while it runs: its provider, its client, the clock or the admin
// fires it, and the request looks at what has changed. Auto-reset; one thread.
#pragma once

#include <coroutine>
#include <utility>

namespace tollgate::relay {

class Wakeup
{
public:
    Wakeup() = default;
    Wakeup(const Wakeup &) = delete;
    Wakeup &operator=(const Wakeup &) = delete;

    // Resumes the waiter before it returns; remembered if nobody waits.
    void fire()
    {
        m_fired = true;
        if (auto waiter = std::exchange(m_waiter, {}))
            waiter.resume();
    }

    bool await_ready() const noexcept { return m_fired; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { m_waiter = handle; }
    void await_resume() noexcept { m_fired = false; }

private:
    std::coroutine_handle<> m_waiter;
    bool m_fired = false;
};

} // namespace tollgate::relay
