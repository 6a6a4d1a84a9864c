// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/upstream/scriptserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace tollgate::upstream {
namespace {

using Clock = std::chrono::steady_clock;

int elapsedMs(Clock::time_point since)
{
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count());
}

qsizetype requestSize(const QByteArray &bytes)
{
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return -1;
    const QByteArray head = bytes.first(end).toLower() + "\r\n";
    const qsizetype at = head.indexOf("\r\ncontent-length:");
    qsizetype length = 0;
    if (at >= 0) {
        const qsizetype from = at + 17;
        length = head.mid(from, head.indexOf("\r\n", from) - from).trimmed().toLongLong();
    }
    return end + 4 + length;
}

} // namespace

Connection::Connection(ScriptServer &server, int socket, int index)
    : m_server(server)
    , m_socket(socket)
    , m_index(index)
{
}

Connection::~Connection()
{
    close();
}

bool Connection::readable(int timeoutMs)
{
    pollfd ready{m_socket, POLLIN, 0};
    return m_socket >= 0 && ::poll(&ready, 1, timeoutMs) > 0;
}

QByteArray Connection::read(int timeoutMs)
{
    if (!m_pending.isEmpty())
        return std::exchange(m_pending, {});
    if (!readable(timeoutMs))
        return {};
    QByteArray bytes(65536, Qt::Uninitialized);
    const ssize_t count = ::recv(m_socket, bytes.data(), static_cast<std::size_t>(bytes.size()), 0);
    bytes.resize(count > 0 ? count : 0);
    return bytes;
}

std::optional<QByteArray> Connection::readRequest(int timeoutMs)
{
    const auto start = Clock::now();
    QByteArray bytes;
    while (elapsedMs(start) <= timeoutMs) {
        const qsizetype size = requestSize(bytes);
        if (size >= 0 && bytes.size() >= size) {
            m_pending = bytes.mid(size);
            bytes.truncate(size);
            m_server.received(bytes);
            return bytes;
        }
        const QByteArray more = read(timeoutMs - elapsedMs(start));
        if (more.isEmpty())
            return std::nullopt;
        bytes += more;
    }
    return std::nullopt;
}

bool Connection::write(const QByteArray &bytes)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::send(m_socket, bytes.constData() + done,
                                     static_cast<std::size_t>(bytes.size() - done), MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        done += count;
    }
    return true;
}

int Connection::waitClosed(int timeoutMs)
{
    const auto start = Clock::now();
    char waste[4096];
    while (elapsedMs(start) <= timeoutMs) {
        if (!readable(timeoutMs - elapsedMs(start)))
            return -1;
        if (::recv(m_socket, waste, sizeof waste, 0) <= 0)
            return elapsedMs(start);
    }
    return -1;
}

void Connection::close()
{
    if (m_socket < 0)
        return;
    m_server.forget(m_socket);
    ::close(m_socket);
    m_socket = -1;
}

void Connection::reset()
{
    const linger now{1, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

ScriptServer::ScriptServer(Script script, bool ipv6)
    : m_script(std::move(script))
    , m_ipv6(ipv6)
{
    m_listener = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    const int one = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    auto *address = ipv6 ? reinterpret_cast<sockaddr *>(&v6) : reinterpret_cast<sockaddr *>(&v4);
    socklen_t size = ipv6 ? sizeof v6 : sizeof v4;
    if (::bind(m_listener, address, size) < 0 || ::listen(m_listener, 512) < 0)
        qFatal("The test's server cannot listen.");
    ::getsockname(m_listener, address, &size);
    m_port = ntohs(ipv6 ? v6.sin6_port : v4.sin_port);
    m_acceptor = std::thread([this] { accept(); });
}

ScriptServer::~ScriptServer()
{
    stop();
}

void ScriptServer::stop()
{
    if (m_stopping.exchange(true))
        return;
    ::shutdown(m_listener, SHUT_RDWR);
    m_acceptor.join();
    ::close(m_listener);
    {
        const std::lock_guard lock(m_mutex);
        for (const int socket : m_open)
            ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread &thread : m_threads)
        thread.join();
    m_threads.clear();
}

void ScriptServer::accept()
{
    while (!m_stopping) {
        const int socket = ::accept(m_listener, nullptr, nullptr);
        if (socket < 0)
            return;
        const int one = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        const int index = m_connections++;
        const std::lock_guard lock(m_mutex);
        m_open.push_back(socket);
        m_threads.emplace_back([this, socket, index] {
            Connection connection(*this, socket, index);
            m_script(connection);
        });
    }
}

void ScriptServer::received(const QByteArray &request)
{
    const std::lock_guard lock(m_mutex);
    m_lastRequest = request;
    ++m_requests;
}

void ScriptServer::forget(int socket)
{
    const std::lock_guard lock(m_mutex);
    std::erase(m_open, socket);
}

QByteArray ScriptServer::lastRequest() const
{
    const std::lock_guard lock(m_mutex);
    return m_lastRequest;
}

QByteArray ScriptServer::url(const QByteArray &path) const
{
    return (m_ipv6 ? "http://[::1]:" : "http://127.0.0.1:") + QByteArray::number(m_port) + path;
}

QByteArray okResponse(const QByteArray &body, const QByteArray &extra)
{
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n" + extra + "\r\n" + body;
}

QByteArray chunk(const QByteArray &bytes)
{
    return QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n";
}

ScriptServer::Script always(const QByteArray &response)
{
    return [response](Connection &connection) {
        while (connection.readRequest()) {
            if (!connection.write(response))
                return;
        }
    };
}

} // namespace tollgate::upstream
