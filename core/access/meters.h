// SPDX-License-Identifier: GPL-3.0-or-later
// Requests and tokens a minute, concurrency, and failed log-ins by address.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/rows.h"

#include <QHostAddress>

#include <memory>

namespace tollgate::access {

// Shared by all gateway threads; every call is thread-safe. Counters go by token id, so they
// outlive any snapshot of the configuration, and new limits act on what was counted before.
class Meters
{
public:
    explicit Meters(const Clock &clock = Clock::system());
    ~Meters();
    Meters(const Meters &) = delete;
    Meters &operator=(const Meters &) = delete;

    // A place among the token's running requests; gives it back when destroyed, and may outlive the
    // Meters. `estimate` tokens are booked against tokens/min and corrected by settle(); a place
    // that is never settled leaves its estimate booked. Stays in one thread at a time.
    class Place
    {
    public:
        Place();
        Place(Place &&) noexcept;
        Place &operator=(Place &&) noexcept;
        ~Place();
        // What was really used, once; 0 for a request that reached no provider.
        void settle(std::int64_t tokensUsed);

    private:
        friend class Meters;
        struct State;
        explicit Place(std::unique_ptr<State> state);
        std::unique_ptr<State> m_state;
    };

    // RateLimited with retryAfterSeconds when a limit of the token is reached. Takes no lock for a
    // token without limits. A request larger than the whole tokens/min waits for an empty minute.
    [[nodiscard]] Result<Place> admit(const store::TokenRow &token, std::int64_t estimate);

    // Failed log-ins: ten a minute from one address, then one a second; a hundred a second from
    // all. To be asked after a log-in has failed, so that one client's mistakes never lock out
    // another behind the same address. False: answer 429 and do not count it; true: answer 401 and
    // count it.
    [[nodiscard]] bool mayTryToLogIn(const QHostAddress &address);
    void loginFailed(const QHostAddress &address);

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace tollgate::access
