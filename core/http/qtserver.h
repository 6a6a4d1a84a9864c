// SPDX-License-Identifier: GPL-3.0-or-later
// QtHttpServer behind the gate: a QAbstractHttpServer that receives complete canonical requests
// from in-memory sockets, and hands each to whoever delivered it. Everything that differs between
// versions of QtHttpServer is in qtserver.cpp.
#pragma once

#include <QByteArray>
#include <QHostAddress>
#include <QTcpServer>

#include <functional>
#include <memory>

namespace tollgate::http {

class QtServer;

// Owns the listening socket. Accepted descriptors go to `accepted`, in-memory sockets to Qt.
class AcceptServer final : public QTcpServer
{
public:
    explicit AcceptServer(std::function<void(qintptr)> accepted);

    // From now on connections come from somewhere else (see Acceptor).
    void acceptNothing();

    using QTcpServer::addPendingConnection;
    [[nodiscard]] QTcpSocket *nextPendingConnection() override;

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    std::function<void(qintptr)> m_accepted;
    bool m_acceptsNothing = false;
};

// One connection as QtHttpServer sees it. Bytes that Qt writes go nowhere: answers take their own
// way to the client.
class QtTwin
{
public:
    // `server` outlives the twin.
    QtTwin(QtServer &server, const QHostAddress &peer, quint16 peerPort);
    ~QtTwin();
    QtTwin(const QtTwin &) = delete;
    QtTwin &operator=(const QtTwin &) = delete;

    // Runs `handOver` inside QAbstractHttpServer::handleRequest. False: Qt did not take the
    // request, and the twin is of no more use.
    [[nodiscard]] bool deliver(QByteArrayView method, QByteArrayView path,
                               const std::function<void()> &handOver);

private:
    class Socket;

    QtServer &m_server;
    Socket *m_socket; // owned by Qt once handed over
};

struct QtServerDeleter
{
    void operator()(QtServer *server) const;
};
using QtServerPtr = std::unique_ptr<QtServer, QtServerDeleter>;

// `acceptServer` is listening already (Qt 6.8 binds no other) and belongs to the result from now
// on.
[[nodiscard]] QtServerPtr makeQtServer(std::unique_ptr<AcceptServer> acceptServer);

} // namespace tollgate::http
