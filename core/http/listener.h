// SPDX-License-Identifier: GPL-3.0-or-later
// One listening socket with its connections: the strict request gate, QAbstractHttpServer behind
// it, and response streams. One a gateway thread; lives in the thread that made it.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/http/handler.h"

#include <QByteArrayList>
#include <QHash>
#include <QHostAddress>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace tollgate::http {

// Sizes in bytes, times in milliseconds. Defaults: the table in SECURITY.md.
struct Limits
{
    qsizetype requestLine = 8 * 1024;
    qsizetype headerBlock = 32 * 1024;
    qsizetype headerField = 16 * 1024;
    int headerCount = 100;
    int headerTimeoutMs = 10'000;
    int bodyIdleTimeoutMs = 30'000;
    int bodyMinimumRate = 1024; // bytes a second, after bodyGraceMs
    int bodyGraceMs = 10'000;
    int keepAliveMs = 60'000;
    int requestsPerConnection = 1'000;
    int connections = 1'024; // of this process, over all listeners that share a Census
    int connectionsPerAddress = 64; // not applied to loopback
    qsizetype outputHigh = 1024 * 1024;
    int outputStallMs = 60'000; // no progress with output pending: the connection is cut
    int handshakeTimeoutMs = 10'000;
    int lingerMs = 2'000; // drain after an early refusal
};

struct ListenerOptions
{
    QHostAddress address = QHostAddress(QHostAddress::LocalHost);
    quint16 port = 0; // 0: any
    bool reusePort = false;
    QByteArrayList extraHosts; // names besides loopback and the bound address, without port
    QByteArrayList
        allowedOrigins; // exact Origin values; empty: every request with Origin is refused
    QByteArray certificatePem; // with privateKeyPem: TLS
    QByteArray privateKeyPem;
    Limits limits;
};

// Open connections of the whole process, shared by the listeners of all threads.
class Census
{
public:
    std::atomic<int> connections{0};
    std::atomic<std::int64_t> accepted{0};
    std::atomic<std::int64_t> refused{0}; // by the gate: framing, limits, Host, Origin

    // One more connection, unless a cap of `limits` is reached. Thread-safe, like leave().
    [[nodiscard]] bool enter(const QHostAddress &peer, const Limits &limits);
    void leave(const QHostAddress &peer);

    // Ports that listeners of this process share (ListenerOptions::reusePort): the first one checks
    // that nobody else has the port. `probe` runs under the lock, for the first one only.
    [[nodiscard]] bool enterPort(const QHostAddress &address, quint16 port,
                                 const std::function<bool()> &probe);
    void leavePort(const QHostAddress &address, quint16 port);

private:
    std::mutex m_mutex;
    QHash<QHostAddress, int> m_byAddress;
    QHash<std::pair<QHostAddress, quint16>, int> m_ports;
};

class Listener
{
public:
    // `handler`, `clock` and `census` outlive the listener.
    [[nodiscard]] static Result<std::unique_ptr<Listener>>
    open(const ListenerOptions &options, Handler &handler, Census &census,
         const Clock &clock = Clock::system());
    virtual ~Listener() = default;

    [[nodiscard]] virtual quint16 port() const = 0;
    // No new connections; idle ones close; those with an answer under way close after it.
    virtual void drain() = 0;
    [[nodiscard]] virtual int openConnections() const = 0;

protected:
    Listener() = default;
};

} // namespace tollgate::http
