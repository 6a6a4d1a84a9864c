// SPDX-License-Identifier: GPL-3.0-or-later
// libcurl on a gateway thread's event loop: one connection pool a client, one client a thread.
#pragma once

#include "core/base/clock.h"
#include "core/upstream/exchange.h"

#include <chrono>
#include <memory>

namespace tollgate::upstream {

class Client
{
public:
    // Lives and dies in one thread, with an event loop, after every Exchange it started.
    // Connections and memory kept for the next request are let go after `kept` without one; libcurl
    // takes none that is older than 55 s.
    [[nodiscard]] static std::unique_ptr<Client> create(const Clock &clock = Clock::system(),
                                                        std::chrono::milliseconds kept
                                                        = std::chrono::seconds(60));
    virtual ~Client() = default;
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    // Never fails by itself: whatever goes wrong is the exchange's failed(). The request may be on
    // its way when this returns.
    [[nodiscard]] virtual std::unique_ptr<Exchange> start(Request request) = 0;
    [[nodiscard]] virtual int running() const = 0;

protected:
    Client() = default;
};

} // namespace tollgate::upstream
