// SPDX-License-Identifier: GPL-3.0-or-later
// Coroutines for what waits: a lazy Task that its awaiter owns, and a OneShot that somebody else
// fulfils. All of it stays in one thread; cross-thread results arrive through a Mailbox.
//
// Destroying a Task destroys its frame and everything that it awaits. g++ 12 miscompiles some
// temporaries inside co_await expressions: name the awaited object first.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace tollgate {

template <class T = void> class Task;

namespace detail {

struct TaskPromiseBase
{
    std::coroutine_handle<> continuation = std::noop_coroutine();

    struct FinalAwaiter
    {
        bool await_ready() const noexcept { return false; }
        template <class P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) const noexcept
        {
            return self.promise().continuation;
        }
        void await_resume() const noexcept { }
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

} // namespace detail

template <class T> class [[nodiscard]] Task
{
public:
    struct promise_type : detail::TaskPromiseBase
    {
        std::optional<T> value;
        Task get_return_object()
        {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        template <class U> void return_value(U &&result) { value.emplace(std::forward<U>(result)); }
    };

    Task(Task &&other) noexcept
        : m_handle(std::exchange(other.m_handle, {}))
    {
    }
    Task &operator=(Task &&) = delete;
    ~Task()
    {
        if (m_handle)
            m_handle.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept
    {
        m_handle.promise().continuation = awaiter;
        return m_handle;
    }
    T await_resume() { return std::move(*m_handle.promise().value); }

private:
    explicit Task(std::coroutine_handle<promise_type> handle)
        : m_handle(handle)
    {
    }
    std::coroutine_handle<promise_type> m_handle;
};

template <> class [[nodiscard]] Task<void>
{
public:
    struct promise_type : detail::TaskPromiseBase
    {
        Task get_return_object()
        {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        void return_void() const noexcept { }
    };

    Task(Task &&other) noexcept
        : m_handle(std::exchange(other.m_handle, {}))
    {
    }
    Task &operator=(Task &&) = delete;
    ~Task()
    {
        if (m_handle)
            m_handle.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept
    {
        m_handle.promise().continuation = awaiter;
        return m_handle;
    }
    void await_resume() const noexcept { }

private:
    explicit Task(std::coroutine_handle<promise_type> handle)
        : m_handle(handle)
    {
    }
    std::coroutine_handle<promise_type> m_handle;
};

// A coroutine nobody awaits: it starts at once and frees itself at its end.
struct Detached
{
    struct promise_type
    {
        Detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept { }
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};

inline Detached start(Task<void> task)
{
    co_await task;
}

// A value that arrives later, once. Copies share it: the giver keeps one and calls set(), the taker
// awaits another. A taker that was destroyed meanwhile is simply not woken.
template <class T> class OneShot
{
    struct State
    {
        std::optional<T> value;
        std::coroutine_handle<> waiter;
        bool taken = false;
    };

public:
    OneShot()
        : m_state(std::make_shared<State>())
    {
    }

    // Resumes the awaiter, if there is one, before it returns. Only the first call counts.
    void set(T value) const
    {
        if (m_state->value || m_state->taken)
            return;
        m_state->value.emplace(std::move(value));
        if (auto waiter = std::exchange(m_state->waiter, {}))
            waiter.resume();
    }

    struct Awaiter
    {
        std::shared_ptr<State> state;

        explicit Awaiter(std::shared_ptr<State> s)
            : state(std::move(s))
        {
        }
        Awaiter(Awaiter &&) noexcept = default;
        Awaiter(const Awaiter &) = delete;
        Awaiter &operator=(const Awaiter &) = delete;
        Awaiter &operator=(Awaiter &&) = delete;
        ~Awaiter()
        {
            if (state)
                state->waiter = {};
        }
        bool await_ready() const noexcept { return state->value.has_value(); }
        void await_suspend(std::coroutine_handle<> handle) noexcept { state->waiter = handle; }
        T await_resume()
        {
            state->taken = true;
            T value = std::move(*state->value);
            state->value.reset();
            return value;
        }
    };

    Awaiter operator co_await() const { return Awaiter(m_state); }

private:
    std::shared_ptr<State> m_state;
};

} // namespace tollgate
