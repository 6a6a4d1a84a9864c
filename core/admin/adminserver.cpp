// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/adminserver.h"

#include "core/admin/peer.h"
#include "core/admin/running.h"
#include "core/admin/wire.h"

#include <QLocalSocket>
#include <QTimer>

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr std::size_t kMaxSessions = 64;
constexpr int kIdleMs = 60'000;
constexpr qint64 kUnreadLimit = 8 << 20; // of a follower that does not read

} // namespace

// One connection: one call at a time, in order.
class AdminServer::Session final : public std::enable_shared_from_this<Session>
{
public:
    Session(AdminServer &server, std::unique_ptr<QLocalSocket> socket)
        : m_server(server)
        , m_socket(std::move(socket))
    {
        m_socket->setReadBufferSize(wire::kRequestLimit + 1);
        m_idle.setSingleShot(true);
        m_idle.setInterval(kIdleMs);
        QObject::connect(m_socket.get(), &QLocalSocket::readyRead, m_socket.get(),
                         [this] { read(); });
        QObject::connect(m_socket.get(), &QLocalSocket::disconnected, m_socket.get(),
                         [this] { left(); });
        QObject::connect(&m_idle, &QTimer::timeout, m_socket.get(),
                         [this] { m_socket->disconnectFromServer(); });
        m_idle.start();
    }

    ~Session()
    {
        // Closing the socket must not call back into what is half destroyed.
        m_socket->disconnect();
        m_running = Running();
    }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    // Nothing left to do and nobody to do it for.
    [[nodiscard]] bool over() const { return m_left && m_running.done(); }

private:
    void read()
    {
        if (m_left || !m_running.done())
            return;
        m_input += m_socket->read(wire::kRequestLimit + 1 - m_input.size());
        const auto end = m_input.indexOf('\n');
        if (end < 0) {
            if (m_input.size() > wire::kRequestLimit) {
                refuse(Error{.kind = ErrorKind::TooLarge,
                             .message = QStringLiteral("A management call is at most 1 MiB.")});
            }
            return;
        }
        QByteArray line = m_input.left(end);
        m_input.remove(0, end + 1);
        m_idle.stop();
        auto call = wire::readCall(line);
        line.fill('\0'); // it may hold a provider key
        if (!call) {
            refuse(call.error());
            return;
        }
        m_streaming = false;
        m_running = run(serve(std::move(*call)));
        if (m_running.done())
            next();
    }

    Task<void> serve(wire::Call call)
    {
        const OnEvent onEvent = [this](const QJsonObject &event) {
            m_streaming = true;
            if (m_left || m_socket->bytesToWrite() > kUnreadLimit)
                return false;
            m_socket->write(wire::eventLine(event));
            return true;
        };
        Task<Result<QJsonObject>> answering
            = m_server.m_calls.call(std::move(call.command), std::move(call.arguments), onEvent);
        const Result<QJsonObject> result = co_await answering;
        if (!m_left)
            m_socket->write(wire::resultLine(result));
        // The frame is still on the stack here; what follows must wait until it has gone.
        QTimer::singleShot(0, m_socket.get(), [self = weak_from_this()] {
            if (const auto session = self.lock())
                session->next();
        });
    }

    void next()
    {
        if (m_left) {
            m_server.sweep();
            return;
        }
        m_idle.start();
        read();
    }

    void refuse(const Error &error)
    {
        m_socket->write(wire::resultLine(failure(error)));
        m_socket->flush();
        m_socket->disconnectFromServer();
    }

    void left()
    {
        m_left = true;
        m_idle.stop();
        // A change under way is finished; what only streams has no more reason to.
        QTimer::singleShot(0, m_socket.get(), [self = weak_from_this()] {
            if (const auto session = self.lock()) {
                if (session->m_streaming)
                    session->m_running = Running();
                session->m_server.sweep();
            }
        });
    }

    AdminServer &m_server;
    std::unique_ptr<QLocalSocket> m_socket;
    QTimer m_idle;
    QByteArray m_input;
    bool m_left = false;
    bool m_streaming = false;
    Running m_running;
};

AdminServer::AdminServer(Calls &calls)
    : m_calls(calls)
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    QObject::connect(&m_server, &QLocalServer::newConnection, &m_server, [this] { accept(); });
}

AdminServer::~AdminServer()
{
    m_server.close();
    m_sessions.clear();
}

Result<std::unique_ptr<AdminServer>> AdminServer::open(const QString &socketName, Calls &calls)
{
    std::unique_ptr<AdminServer> server(new AdminServer(calls));
    QLocalServer::removeServer(socketName);
    if (!server->m_server.listen(socketName)) {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The management socket cannot be opened: %1.")
                           .arg(server->m_server.errorString()));
    }
    return server;
}

void AdminServer::accept()
{
    while (QLocalSocket *pending = m_server.nextPendingConnection()) {
        std::unique_ptr<QLocalSocket> socket(pending);
        socket->setParent(nullptr);
        if (peerOwner(socket->socketDescriptor()) == PeerOwner::Other
            || m_sessions.size() >= kMaxSessions) {
            socket->abort();
            continue;
        }
        m_sessions.push_back(std::make_shared<Session>(*this, std::move(socket)));
    }
}

void AdminServer::sweep()
{
    // Sessions end from within calls of their own; the last reference goes here.
    std::vector<std::shared_ptr<Session>> ended;
    for (auto &session : m_sessions) {
        if (session->over())
            ended.push_back(std::move(session));
    }
    std::erase(m_sessions, nullptr);
}

} // namespace tollgate::admin
