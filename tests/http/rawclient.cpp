// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/http/rawclient.h"

#include <QDeadlineTimer>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace tollgate::http::test {
namespace {

qint64 nowMs()
{
    return QDeadlineTimer::current().deadline();
}

} // namespace

QByteArray Answer::header(const QByteArray &lowerName) const
{
    for (const auto &[name, value] : headers) {
        if (name == lowerName)
            return value;
    }
    return {};
}

qsizetype Answer::headerCount(const QByteArray &lowerName) const
{
    qsizetype count = 0;
    for (const auto &[name, value] : headers)
        count += name == lowerName;
    return count;
}

RawClient::RawClient(quint16 port, bool ipv6, int receiveBuffer)
{
    m_fd = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (receiveBuffer > 0)
        (void)::setsockopt(m_fd, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
    int result = -1;
    if (ipv6) {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(port);
        to.sin6_addr = in6addr_loopback;
        result = ::connect(m_fd, reinterpret_cast<sockaddr *>(&to), sizeof to);
    } else {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        result = ::connect(m_fd, reinterpret_cast<sockaddr *>(&to), sizeof to);
    }
    const int on = 1;
    (void)::setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (result != 0)
        close();
}

RawClient::~RawClient()
{
    close();
}

RawClient::RawClient(RawClient &&other) noexcept
{
    *this = std::move(other);
}

RawClient &RawClient::operator=(RawClient &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    std::swap(m_buffer, other.m_buffer);
    std::swap(m_eof, other.m_eof);
    std::swap(m_wasReset, other.m_wasReset);
    return *this;
}

bool RawClient::send(const QByteArray &bytes)
{
    qsizetype sent = 0;
    while (sent < bytes.size()) {
        const ssize_t n = ::send(m_fd, bytes.constData() + sent,
                                 static_cast<std::size_t>(bytes.size() - sent), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        sent += n;
    }
    return true;
}

void RawClient::shutdownWrite()
{
    (void)::shutdown(m_fd, SHUT_WR);
}

void RawClient::close()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
}

void RawClient::reset()
{
    const linger now{1, 0};
    (void)::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

bool RawClient::fill(qint64 deadlineMs)
{
    if (m_eof || m_fd < 0)
        return false;
    const qint64 left = deadlineMs - nowMs();
    pollfd state{m_fd, POLLIN, 0};
    if (left <= 0 || ::poll(&state, 1, static_cast<int>(left)) <= 0)
        return false;
    char block[65536];
    const ssize_t n = ::recv(m_fd, block, sizeof block, 0);
    if (n <= 0) {
        m_eof = true;
        m_wasReset = n < 0;
        return false;
    }
    m_buffer.append(block, n);
    return true;
}

std::optional<Answer> RawClient::answer(int timeoutMs, bool head)
{
    const qint64 deadline = nowMs() + timeoutMs;
    qsizetype end = -1;
    while ((end = m_buffer.indexOf("\r\n\r\n")) < 0) {
        if (!fill(deadline))
            return std::nullopt;
    }
    Answer answer;
    const QList<QByteArray> lines = m_buffer.first(end).split('\n');
    const QByteArray first = lines.first().trimmed();
    if (!first.startsWith("HTTP/1.") || first.size() < 12)
        return std::nullopt;
    answer.minorVersion = first[7] - '0';
    answer.status = first.sliced(9, 3).toInt();
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const qsizetype colon = lines[i].indexOf(':');
        answer.headers.append(
            {lines[i].first(colon).toLower(), lines[i].sliced(colon + 1).trimmed()});
    }
    answer.raw = m_buffer.first(end + 4);
    m_buffer.remove(0, end + 4);
    answer.chunked = answer.header("transfer-encoding") == "chunked";
    if (head || answer.status < 200 || answer.status == 204 || answer.status == 304)
        return answer;
    if (answer.chunked) {
        for (;;) {
            qsizetype line = -1;
            while ((line = m_buffer.indexOf("\r\n")) < 0) {
                if (!fill(deadline)) {
                    answer.truncated = true;
                    return answer;
                }
            }
            const qsizetype size = m_buffer.first(line).toLongLong(nullptr, 16);
            while (m_buffer.size() < line + 2 + size + 2) {
                if (!fill(deadline)) {
                    answer.body += m_buffer.sliced(line + 2);
                    answer.truncated = true;
                    return answer;
                }
            }
            answer.body += m_buffer.sliced(line + 2, size);
            m_buffer.remove(0, line + 2 + size + 2);
            if (size == 0)
                return answer;
        }
    }
    const QByteArray length = answer.header("content-length");
    if (length.isEmpty()) {
        while (fill(deadline)) { }
        answer.body = std::exchange(m_buffer, {});
        answer.truncated = !m_eof || m_wasReset;
        return answer;
    }
    const qsizetype size = length.toLongLong();
    while (m_buffer.size() < size) {
        if (!fill(deadline)) {
            answer.truncated = true;
            break;
        }
    }
    answer.body = m_buffer.first(std::min(size, m_buffer.size()));
    m_buffer.remove(0, answer.body.size());
    return answer;
}

QByteArray RawClient::readAll(int timeoutMs)
{
    const qint64 deadline = nowMs() + timeoutMs;
    while (fill(deadline)) { }
    return std::exchange(m_buffer, {});
}

QByteArray RawClient::readSome(qsizetype size, int timeoutMs)
{
    const qint64 deadline = nowMs() + timeoutMs;
    while (m_buffer.size() < size && fill(deadline)) { }
    const QByteArray got = m_buffer.first(std::min(size, m_buffer.size()));
    m_buffer.remove(0, got.size());
    return got;
}

bool RawClient::closedByPeer(int timeoutMs)
{
    const qint64 deadline = nowMs() + timeoutMs;
    while (m_buffer.isEmpty() && fill(deadline)) { }
    return m_buffer.isEmpty() && m_eof;
}

} // namespace tollgate::http::test
