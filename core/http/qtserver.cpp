// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/qtserver.h"

#include "core/http/syntax.h"

#include <QAbstractHttpServer>
#include <QHttpServerRequest>
#include <QHttpServerResponder>
#include <QTcpSocket>
#include <QtGlobal>

#include <algorithm>
#include <cstring>

namespace tollgate::http {
namespace {

// A path that no version of Qt's parser can misread: unreserved characters and percent-encoding
// only, one leading slash. What the handler sees is the gate's own reading, not this.
void appendCanonicalPath(QByteArray &out, QByteArrayView path)
{
    constexpr char kHex[] = "0123456789ABCDEF";
    out.append('/');
    while (path.startsWith('/'))
        path = path.sliced(1);
    for (const char c : path) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
            || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '/';
        if (plain) {
            out.append(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.append('%').append(kHex[byte >> 4]).append(kHex[byte & 15]);
    }
}

} // namespace

AcceptServer::AcceptServer(std::function<void(qintptr)> accepted)
    : m_accepted(std::move(accepted))
{
}

void AcceptServer::incomingConnection(qintptr descriptor)
{
    m_accepted(descriptor);
}

void AcceptServer::acceptNothing()
{
    m_acceptsNothing = true;
    pauseAccepting();
}

QTcpSocket *AcceptServer::nextPendingConnection()
{
    QTcpSocket *next = QTcpServer::nextPendingConnection();
    if (m_acceptsNothing)
        pauseAccepting(); // Qt has just resumed
    return next;
}

class QtServer final : public QAbstractHttpServer
{
public:
    explicit QtServer(std::unique_ptr<AcceptServer> acceptServer)
        : m_accept(acceptServer.get())
    {
        bind(acceptServer.release());
        m_accept->setParent(this);
    }

    [[nodiscard]] AcceptServer &accept() { return *m_accept; }

    // Qt parses and calls handleRequest() from inside the readyRead signal of the socket.
    template <class Emit>
    [[nodiscard]] bool run(const std::function<void()> &handOver, Emit emitReadyRead)
    {
        const std::function<void()> *outer = std::exchange(m_handOver, &handOver);
        emitReadyRead();
        return std::exchange(m_handOver, outer) == nullptr;
    }

protected:
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    // The responder is dropped unused, which re-arms Qt's reader; holding the next request back is
    // the gate's business.
    bool handleRequest(const QHttpServerRequest &, QHttpServerResponder &) override
    {
        return take();
    }
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    void missingHandler(const QHttpServerRequest &, QHttpServerResponder &) override { }
#else
    void missingHandler(const QHttpServerRequest &, QHttpServerResponder &&) override { }
#endif
#else
    bool handleRequest(const QHttpServerRequest &, QTcpSocket *) override { return take(); }
    void missingHandler(const QHttpServerRequest &, QTcpSocket *) override { }
#endif

private:
    bool take()
    {
        const std::function<void()> *handOver = std::exchange(m_handOver, nullptr);
        if (handOver)
            (*handOver)();
        return handOver != nullptr;
    }

    AcceptServer *m_accept;
    const std::function<void()> *m_handOver = nullptr;
};

// Reads from memory; swallows what is written.
class QtTwin::Socket final : public QTcpSocket
{
public:
    Socket(const QHostAddress &peer, quint16 peerPort)
    {
        setPeerAddress(peer);
        setPeerPort(peerPort);
        setSocketState(ConnectedState);
        setOpenMode(QIODevice::ReadWrite);
    }

    ~Socket() override { setSocketState(UnconnectedState); }

    template <class Fill> void deliver(Fill fill)
    {
        m_data.resize(0); // keeps its memory
        m_at = 0;
        fill(m_data);
        Q_EMIT readyRead();
    }

    void hangUp()
    {
        if (state() == UnconnectedState)
            return;
        setSocketState(UnconnectedState);
        Q_EMIT disconnected(); // Qt deletes the socket, later
    }

    [[nodiscard]] qint64 bytesAvailable() const override
    {
        return QIODevice::bytesAvailable() + m_data.size() - m_at;
    }
    [[nodiscard]] qint64 bytesToWrite() const override { return 0; }
    void disconnectFromHost() override { hangUp(); }
    void close() override { hangUp(); }

protected:
    qint64 readData(char *into, qint64 capacity) override
    {
        const qsizetype size
            = std::min<qsizetype>(static_cast<qsizetype>(capacity), m_data.size() - m_at);
        std::memcpy(into, m_data.constData() + m_at, static_cast<std::size_t>(size));
        m_at += size;
        return size;
    }
    qint64 readLineData(char *into, qint64 capacity) override { return readData(into, capacity); }
    qint64 skipData(qint64 count) override
    {
        const qsizetype size
            = std::min<qsizetype>(static_cast<qsizetype>(count), m_data.size() - m_at);
        m_at += size;
        return size;
    }
    qint64 writeData(const char *, qint64 size) override { return size; }

private:
    QByteArray m_data;
    qsizetype m_at = 0;
};

QtTwin::QtTwin(QtServer &server, const QHostAddress &peer, quint16 peerPort)
    : m_server(server)
    , m_socket(new Socket(peer, peerPort))
{
    m_server.accept().addPendingConnection(m_socket);
}

QtTwin::~QtTwin()
{
    m_socket->hangUp();
}

bool QtTwin::deliver(QByteArrayView method, QByteArrayView path,
                     const std::function<void()> &handOver)
{
    if (m_socket->state() != QAbstractSocket::ConnectedState)
        return false;
    return m_server.run(handOver, [&] {
        m_socket->deliver([&](QByteArray &out) {
            out.append(method).append(' ');
            appendCanonicalPath(out, path);
            out.append(" HTTP/1.1\r\n\r\n");
        });
    });
}

void QtServerDeleter::operator()(QtServer *server) const
{
    delete server;
}

QtServerPtr makeQtServer(std::unique_ptr<AcceptServer> acceptServer)
{
    return QtServerPtr(new QtServer(std::move(acceptServer)));
}

} // namespace tollgate::http
