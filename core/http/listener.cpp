// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/listener.h"

#include "core/http/acceptor.h"
#include "core/http/connection.h"
#include "core/http/sharedport.h"
#include "core/http/tlsconfig.h"

#include <QMetaObject>

#include <algorithm>
#include <vector>

namespace tollgate::http {
namespace {

Result<void> listenAlone(AcceptServer &server, const QHostAddress &address, quint16 port)
{
    server.setListenBacklogSize(kBacklog);
    if (server.listen(address, port))
        return {};
    const bool inUse = server.serverError() == QAbstractSocket::AddressInUseError;
    const QString why
        = inUse ? QStringLiteral("another program has this port") : server.errorString();
    return failure(inUse ? ErrorKind::Conflict : ErrorKind::Unavailable,
                   QStringLiteral("Cannot listen on %1 port %2: %3.")
                       .arg(address.toString(), QString::number(port), why),
                   inUse ? "address_in_use" : "cannot_listen");
}

class SocketListener final : public Listener
{
public:
    SocketListener(const ListenerOptions &options, Handler &handler, Census &census,
                   const Clock &clock)
        : m_options(options)
        , m_gate(options.limits, handler, census, clock)
    {
        m_gate.retire = [this](Connection &connection) { retire(connection); };
    }

    ~SocketListener() override
    {
        m_acceptor.stop();
        leavePort();
        m_connections.clear();
        m_closed.clear();
    }

    [[nodiscard]] Result<void> listen()
    {
        if (!m_options.certificatePem.isEmpty() || !m_options.privateKeyPem.isEmpty()) {
            auto tls = serverTls(m_options.certificatePem, m_options.privateKeyPem);
            if (!tls)
                return failure(tls.error());
            m_tls = std::make_unique<QSslConfiguration>(*tls);
        }
        auto server = std::make_unique<AcceptServer>([this](qintptr fd) { accepted(fd); });
        if (m_options.reusePort && canSharePorts()) {
            const Result<qintptr> fd
                = listenShared(m_options.address, m_options.port, m_gate.census);
            if (!fd)
                return failure(fd.error());
            if (!server->setSocketDescriptor(*fd))
                return failure(ErrorKind::Internal, server->errorString());
            m_sharesPort = true;
        } else if (auto listening = listenAlone(*server, m_options.address, m_options.port);
                   !listening) {
            return listening;
        }
        m_server = server.get();
        m_port = server->serverPort();
        m_gate.guard = SiteGuard(m_options.address, m_port, m_tls != nullptr, m_options.extraHosts,
                                 m_options.allowedOrigins);
        m_gate.qt = makeQtServer(std::move(server));
        m_acceptor.start(*m_server);
        return {};
    }

    [[nodiscard]] quint16 port() const override { return m_port; }

    void drain() override
    {
        if (m_gate.draining)
            return;
        // What the kernel has accepted for us already would otherwise be reset unread.
        m_acceptor.takeWaiting(kBacklog);
        m_acceptor.stop();
        m_gate.draining = true;
        for (const auto &connection : m_connections)
            connection->prepareDrain();
        m_server->close();
        leavePort();
        const std::size_t count = m_connections.size();
        for (std::size_t i = 0; i < count && i < m_connections.size(); ++i)
            m_connections[i]->drain();
    }

    [[nodiscard]] int openConnections() const override
    {
        return static_cast<int>(m_connections.size()) - m_retired;
    }

private:
    void accepted(qintptr descriptor)
    {
        auto connection = std::make_unique<Connection>(m_gate);
        if (connection->open(descriptor, m_tls.get()))
            m_connections.push_back(std::move(connection));
    }

    // A connection closes from deep inside its own calls, so it goes later.
    void retire(Connection &connection)
    {
        ++m_retired;
        m_closed.push_back(&connection);
        if (m_closed.size() > 1)
            return;
        QMetaObject::invokeMethod(
            &m_gate.context, [this] { sweep(); }, Qt::QueuedConnection);
    }

    void sweep()
    {
        const std::vector<Connection *> closed = std::exchange(m_closed, {});
        for (Connection *connection : closed) {
            const auto found
                = std::find_if(m_connections.begin(), m_connections.end(),
                               [&](const auto &owned) { return owned.get() == connection; });
            if (found == m_connections.end())
                continue;
            --m_retired;
            std::swap(*found, m_connections.back());
            m_connections.pop_back();
        }
    }

    void leavePort()
    {
        if (std::exchange(m_sharesPort, false))
            m_gate.census.leavePort(m_options.address, m_port);
    }

    ListenerOptions m_options;
    std::unique_ptr<QSslConfiguration> m_tls;
    Gate m_gate;
    AcceptServer *m_server = nullptr; // inside m_gate.qt
    Acceptor m_acceptor{[this](qintptr fd) { accepted(fd); }};
    std::vector<std::unique_ptr<Connection>> m_connections;
    std::vector<Connection *> m_closed;
    int m_retired = 0;
    quint16 m_port = 0;
    bool m_sharesPort = false;
};

} // namespace

Result<std::unique_ptr<Listener>> Listener::open(const ListenerOptions &options, Handler &handler,
                                                 Census &census, const Clock &clock)
{
    auto listener = std::make_unique<SocketListener>(options, handler, census, clock);
    if (auto listening = listener->listen(); !listening)
        return failure(listening.error());
    return listener;
}

} // namespace tollgate::http
