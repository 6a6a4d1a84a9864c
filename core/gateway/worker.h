// SPDX-License-Identifier: GPL-3.0-or-later
// One gateway thread: its event loop, its listeners, its upstream connections and its relay.
#pragma once

#include "core/http/listener.h"
#include "core/relay/relay.h"

#include <QThread>

#include <functional>
#include <memory>
#include <vector>

namespace tollgate::gateway {

// What the threads share. Outlives the workers.
struct Shared
{
    store::Store *store = nullptr;
    access::Meters *meters = nullptr;
    routing::Health *health = nullptr;
    const relay::Providers *providers = nullptr;
    relay::Counters *counters = nullptr;
    http::Census *census = nullptr;
    const Clock *clock = nullptr;
    std::function<QByteArray()> metricsPage;
    decltype(relay::Services::capture) capture;
};

class Worker final : private QThread
{
public:
    Worker(const Shared &shared, std::vector<http::ListenerOptions> listeners,
           std::shared_ptr<const relay::Snapshot> snapshot);
    ~Worker() override; // stops what still runs and joins

    // Blocks until the thread listens. The result: the ports, in the order of the options.
    [[nodiscard]] Result<std::vector<quint16>> listen();

    // These return at once and act in the worker's thread.
    // `taken` (in the worker's thread): requests that begin from now on run under it.
    void setSnapshot(std::shared_ptr<const relay::Snapshot> snapshot, std::function<void()> taken);
    // Accepts no more; calls `idle` (in the worker's thread) when no request is left.
    void drain(std::function<void()> idle);
    void stopAll();
    // In the worker's thread: what runs in it.
    void running(std::function<void(std::vector<relay::RunningCall>)> given);
    void stop(const QByteArray &requestId, std::function<void(bool)> done);

private:
    struct Room; // what lives in the thread
    void run() override;
    void post(std::function<void(Room &)> work);

    const Shared m_shared;
    std::vector<http::ListenerOptions> m_listeners;
    std::shared_ptr<const relay::Snapshot> m_snapshot;
    std::function<void(Result<std::vector<quint16>>)> m_opened;
    std::atomic<Mailbox *> m_mailbox{nullptr};
    Room *m_room = nullptr; // touched in the worker's thread only
};

} // namespace tollgate::gateway
