// SPDX-License-Identifier: GPL-3.0-or-later
// The house put together: threads, listeners, snapshots of the configuration, upkeep of the books.
// Lives in the main thread; nothing here is on a request's path.
#pragma once

#include "core/admin/settings.h"
#include "core/gateway/configuration.h"
#include "core/gateway/worker.h"
#include "core/store/bodies.h"

#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace tollgate::secrets {
class KeyRing;
}

namespace tollgate::gateway {

struct Options
{
    std::vector<admin::ListenAddress> listen; // as admin::listenAddresses() gives them
    int threads = 0; // 0: the setting, and by it the number of cores, at most 4
};

// What it is made of. All of it outlives the gateway.
struct Parts
{
    store::Store *store = nullptr;
    secrets::KeyRing *keys = nullptr; // its `changed` calls keysChanged()
    const relay::Providers *providers = nullptr;
    const Clock *clock = &Clock::system();
};

struct Status
{
    std::vector<QByteArray> baseUrls; // "http://127.0.0.1:4180"
    std::int64_t startedUs = 0; // wall
    int threads = 0;
    std::int64_t running = 0;
    std::int64_t streams = 0;
    bool draining = false;
    std::int64_t pausedUntilUs = 0; // wall; store::kUntilResumed; 0: not paused
    std::vector<QString> troubles; // plain sentences: broken invariants, a store that cannot write
};

class Gateway
{
public:
    // Sweeps what an earlier run left open, reads the configuration and keys that are at hand, and
    // listens. Blocks for the time of start-up; an Error names the address that cannot be had.
    [[nodiscard]] static Result<std::unique_ptr<Gateway>> start(const Parts &parts,
                                                                const Options &options);
    ~Gateway();
    Gateway(const Gateway &) = delete;
    Gateway &operator=(const Gateway &) = delete;

    [[nodiscard]] Status status() const;
    [[nodiscard]] routing::Health &health() { return m_health; }
    [[nodiscard]] const relay::Counters &counters() const { return m_counters; }
    [[nodiscard]] const http::Census &census() const { return m_census; }
    // As they are now, not as they were at the start.
    [[nodiscard]] const admin::Settings &settings() const { return m_configuration.settings; }

    // Reads the configuration anew and gives it to every thread; `done` (may be empty) when each
    // has taken it over.
    void reload(std::function<void(Result<void>)> done);
    // The key ring holds other secrets than before: gives them to every thread.
    void keysChanged();
    // What runs in every thread at about this moment, oldest first.
    void running(std::function<void(std::vector<relay::RunningCall>)> given);
    // Ends one; false: it has ended already.
    void stopRequest(const QByteArray &requestId, std::function<void(bool)> done);
    // No new requests; those under way may end within `limitMs`, then they are ended. Settled at
    // `done`.
    void drain(int limitMs, std::function<void()> done);

private:
    explicit Gateway(const Parts &parts);
    [[nodiscard]] Result<void> open(const Options &options);
    [[nodiscard]] std::vector<http::ListenerOptions> listenerOptions(const Options &options) const;
    [[nodiscard]] Shared shared();
    [[nodiscard]] KeyLookup keyLookup() const;
    void giveKeysToRing();
    void publish(std::function<void()> taken);
    void upkeep();
    void fold();
    void retain();

    Parts m_parts;
    Mailbox m_mailbox;
    access::Meters m_meters;
    routing::Health m_health;
    relay::Counters m_counters;
    http::Census m_census;
    store::Bodies m_bodies;
    Configuration m_configuration;
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<QByteArray> m_baseUrls;
    std::vector<QString> m_troubles;
    QTimer m_minute;
    QTimer m_drainLimit;
    std::function<void()> m_drained;
    std::size_t m_busyWorkers = 0;
    std::int64_t m_startedUs = 0;
    std::atomic<std::int64_t> m_pausedUntilUs{0}; // for the threads' metrics pages
    bool m_draining = false;
};

} // namespace tollgate::gateway
