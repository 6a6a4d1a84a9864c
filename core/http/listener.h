// SPDX-License-Identifier: GPL-3.0-or-later
// One listening socket with its connections: the strict request gate, QAbstractHttpServer behind
// it, and response streams. One a gateway thread; lives in the thread that made it.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/http/handler.h"

#include <QByteArrayList>
#include <QHostAddress>

#include <atomic>
#include <memory>

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
    int bodyMinimumRate = 1024; // bytes a second, after the first ten seconds
    int keepAliveMs = 60'000;
    int requestsPerConnection = 1'000;
    int connections = 1'024;        // of this process, over all listeners that share a Census
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
    QByteArrayList extraHosts;     // names besides loopback and the bound address, without port
    QByteArrayList allowedOrigins; // exact Origin values; empty: every request with Origin is refused
    QByteArray certificatePem;     // with privateKeyPem: TLS
    QByteArray privateKeyPem;
    Limits limits;
};

// Open connections of the whole process, shared by the listeners of all threads.
struct Census
{
    std::atomic<int> connections {0};
    std::atomic<std::int64_t> accepted {0};
    std::atomic<std::int64_t> refused {0}; // by the gate: framing, limits, Host, Origin
};

class Listener
{
public:
    // `handler`, `clock` and `census` outlive the listener.
    [[nodiscard]] static Result<std::unique_ptr<Listener>> open(const ListenerOptions &options,
                                                                Handler &handler, Census &census,
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
