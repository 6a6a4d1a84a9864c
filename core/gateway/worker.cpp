// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/worker.h"

#include "core/base/epolldispatcher.h"
#include "core/store/store.h"
#include "core/upstream/client.h"

#include <QAbstractEventDispatcher>
#include <QDeadlineTimer>
#include <QTimer>

#include <chrono>
#include <future>

namespace tollgate::gateway {
namespace {

constexpr int kBeatMs = 10;
constexpr std::chrono::seconds kLongestEnd{5};

} // namespace

struct Worker::Room
{
    Mailbox mailbox;
    std::unique_ptr<upstream::Client> client;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<relay::Relay> relay;
    std::vector<std::unique_ptr<http::Listener>> listeners;
    std::function<void()> onIdle;

    explicit Room(const Shared &shared)
        : client(upstream::Client::create(*shared.clock))
        , ledger(std::make_unique<ledger::Ledger>(*shared.store))
    {
        relay::Services services;
        services.client = client.get();
        services.mailbox = &mailbox;
        services.ledger = ledger.get();
        services.store = shared.store;
        services.meters = shared.meters;
        services.health = shared.health;
        services.providers = shared.providers;
        services.counters = shared.counters;
        services.clock = shared.clock;
        services.metricsPage = shared.metricsPage;
        services.capture = shared.capture;
        relay = std::make_unique<relay::Relay>(std::move(services));
    }

    Result<std::vector<quint16>> open(const std::vector<http::ListenerOptions> &options,
                                      const Shared &shared)
    {
        std::vector<quint16> ports;
        for (const http::ListenerOptions &one : options) {
            auto listener = http::Listener::open(one, *relay, *shared.census, *shared.clock);
            if (!listener)
                return failure(listener.error());
            ports.push_back((*listener)->port());
            listeners.push_back(std::move(*listener));
        }
        return ports;
    }
};

Worker::Worker(const Shared &shared, std::vector<http::ListenerOptions> listeners,
               std::shared_ptr<const relay::Snapshot> snapshot)
    : m_shared(shared)
    , m_listeners(std::move(listeners))
    , m_snapshot(std::move(snapshot))
{
    setObjectName(QStringLiteral("gateway"));
    if (auto dispatcher = makeGatewayDispatcher())
        setEventDispatcher(dispatcher.release());
}

Worker::~Worker()
{
    stopAll();
    quit();
    wait();
}

Result<std::vector<quint16>> Worker::listen()
{
    std::promise<Result<std::vector<quint16>>> opened;
    auto answer = opened.get_future();
    m_opened
        = [&opened](Result<std::vector<quint16>> ports) { opened.set_value(std::move(ports)); };
    QThread::start();
    return answer.get();
}

void Worker::run()
{
    Room room(m_shared);
    m_room = &room;
    room.relay->setSnapshot(m_snapshot);
    m_mailbox.store(&room.mailbox, std::memory_order_release);
    Result<std::vector<quint16>> ports = room.open(m_listeners, m_shared);
    const bool listening = ports.has_value();
    std::exchange(m_opened, {})(std::move(ports));
    if (listening)
        exec();

    // Stories still under way end themselves; their bills need this thread's event loop.
    room.relay->stopAll();
    // Turn by turn, since a loop's exec() returns at once in a thread that was told to quit.
    QTimer beat;
    beat.start(kBeatMs);
    const QDeadlineTimer patience(kLongestEnd);
    while (room.relay->running() > 0 && !patience.hasExpired())
        eventDispatcher()->processEvents(QEventLoop::WaitForMoreEvents);
    room.listeners.clear();
    m_shared.store->drain(); // no answer may find the mailbox gone
    m_mailbox.store(nullptr, std::memory_order_release);
    m_room = nullptr;
}

void Worker::post(std::function<void(Room &)> work)
{
    if (Mailbox *mailbox = m_mailbox.load(std::memory_order_acquire)) {
        mailbox->post([this, work = std::move(work)] {
            if (m_room)
                work(*m_room);
        });
    }
}

void Worker::setSnapshot(std::shared_ptr<const relay::Snapshot> snapshot,
                         std::function<void()> taken)
{
    post([snapshot = std::move(snapshot), taken = std::move(taken)](Room &room) {
        room.relay->setSnapshot(snapshot);
        taken();
    });
}

void Worker::drain(std::function<void()> idle)
{
    post([idle = std::move(idle)](Room &room) {
        for (const auto &listener : room.listeners)
            listener->drain();
        if (room.relay->running() == 0)
            idle();
        else
            room.relay->onIdle(idle);
    });
}

void Worker::stopAll()
{
    post([](Room &room) { room.relay->stopAll(); });
}

void Worker::running(std::function<void(std::vector<relay::RunningCall>)> given)
{
    post([given = std::move(given)](Room &room) { given(room.relay->runningCalls()); });
}

void Worker::stop(const QByteArray &requestId, std::function<void(bool)> done)
{
    post([requestId, done = std::move(done)](Room &room) { done(room.relay->stop(requestId)); });
}

} // namespace tollgate::gateway
