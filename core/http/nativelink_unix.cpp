// SPDX-License-Identifier: GPL-3.0-or-later
// A link over a bare descriptor: one recv and one sendmsg a request, and a client that has shut
// down its sending side still gets its answer, which QTcpSocket cannot do (it closes on end of
// file).
#include "core/http/link.h"

#include <QSocketNotifier>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tollgate::http {
namespace {

// A peer that vanished without a packet is noticed after 10 + 3 * 5 seconds.
constexpr int kKeepAliveIdle = 10;
constexpr int kKeepAliveInterval = 5;
constexpr int kKeepAliveProbes = 3;
constexpr std::size_t kMaxParts = 4;

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

void setOption(int descriptor, int level, int name, int value)
{
    (void)::setsockopt(descriptor, level, name, &value, sizeof value);
}

QHostAddress addressOf(const sockaddr_storage &from, quint16 *port)
{
    const auto *generic = reinterpret_cast<const sockaddr *>(&from);
    if (from.ss_family == AF_INET)
        *port = ntohs(reinterpret_cast<const sockaddr_in *>(&from)->sin_port);
    else if (from.ss_family == AF_INET6)
        *port = ntohs(reinterpret_cast<const sockaddr_in6 *>(&from)->sin6_port);
    return unmapped(QHostAddress(generic));
}

class NativeLink final : public Link
{
public:
    NativeLink(int descriptor, Owner &owner)
        : m_owner(owner)
        , m_readable(descriptor, QSocketNotifier::Read)
        , m_descriptor(descriptor)
    {
        QObject::connect(&m_readable, &QSocketNotifier::activated, &m_readable,
                         [this] { m_owner.linkReadable(); });
    }

    ~NativeLink() override
    {
        m_readable.setEnabled(false);
        if (m_writable)
            m_writable->setEnabled(false);
        if (m_reset) {
            const linger now{1, 0};
            (void)::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
        ::close(m_descriptor);
    }

    [[nodiscard]] qsizetype read(char *into, qsizetype capacity) override
    {
        for (;;) {
            const ssize_t got = ::recv(m_descriptor, into, static_cast<std::size_t>(capacity), 0);
            if (got > 0)
                return got;
            if (got == 0)
                return kEnd;
            if (errno == EINTR)
                continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? kAgain : kGone;
        }
    }

    [[nodiscard]] bool write(std::span<const QByteArrayView> parts) override
    {
        qsizetype sent = 0;
        if (pending() == 0) {
            sent = send(parts);
            if (sent < 0)
                return false;
        }
        for (const QByteArrayView part : parts) {
            const qsizetype done = std::min(sent, part.size());
            sent -= done;
            m_out.append(part.sliced(done));
        }
        if (pending() > 0)
            watchWritable();
        return true;
    }

    [[nodiscard]] qsizetype pending() const override { return m_out.size() - m_outAt; }
    void setReading(bool on) override { m_readable.setEnabled(on); }
    void finishWriting() override { (void)::shutdown(m_descriptor, SHUT_WR); }
    [[nodiscard]] bool canHalfClose() const override { return true; }
    void resetOnClose() override { m_reset = true; }

    [[nodiscard]] bool isBroken() const override
    {
        pollfd state{m_descriptor, 0, 0};
        return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLNVAL)) != 0;
    }

    [[nodiscard]] bool isTls() const override { return false; }

    [[nodiscard]] QHostAddress peerAddress() const override
    {
        quint16 port = 0;
        return peer(&port);
    }

    [[nodiscard]] quint16 peerPort() const override
    {
        quint16 port = 0;
        (void)peer(&port);
        return port;
    }

    [[nodiscard]] QHostAddress localAddress() const override
    {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        quint16 port = 0;
        if (::getsockname(m_descriptor, reinterpret_cast<sockaddr *>(&from), &size) != 0)
            return {};
        return addressOf(from, &port);
    }

private:
    [[nodiscard]] QHostAddress peer(quint16 *port) const
    {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        if (::getpeername(m_descriptor, reinterpret_cast<sockaddr *>(&from), &size) != 0)
            return {};
        return addressOf(from, port);
    }

    // Bytes taken by the kernel, or -1.
    [[nodiscard]] qsizetype send(std::span<const QByteArrayView> parts)
    {
        std::array<iovec, kMaxParts> pieces{};
        std::size_t count = 0;
        for (const QByteArrayView part : parts) {
            if (part.isEmpty())
                continue;
            if (count == pieces.size())
                break; // the rest is kept and sent next
            pieces[count++]
                = {const_cast<char *>(part.data()), static_cast<std::size_t>(part.size())};
        }
        if (count == 0)
            return 0;
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = count;
        for (;;) {
            const ssize_t sent = ::sendmsg(m_descriptor, &message, kSendFlags);
            if (sent >= 0)
                return sent;
            if (errno == EINTR)
                continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
        }
    }

    void watchWritable()
    {
        if (!m_writable) {
            m_writable = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Write);
            QObject::connect(m_writable.get(), &QSocketNotifier::activated, m_writable.get(),
                             [this] { flush(); });
        }
        m_writable->setEnabled(true);
    }

    void flush()
    {
        const QByteArrayView rest = QByteArrayView(m_out).sliced(m_outAt);
        const qsizetype sent = send(std::span(&rest, 1));
        if (sent < 0 || sent == rest.size()) {
            m_out = {};
            m_outAt = 0;
            m_writable->setEnabled(false);
        } else {
            m_outAt += sent;
            // Keeps the move cheap: at most once for as many bytes as it moves.
            if (m_outAt > m_out.size() / 2) {
                m_out.remove(0, m_outAt);
                m_outAt = 0;
            }
        }
        m_owner.linkWritten();
    }

    Owner &m_owner;
    QSocketNotifier m_readable;
    std::unique_ptr<QSocketNotifier> m_writable;
    QByteArray m_out;
    qsizetype m_outAt = 0;
    int m_descriptor;
    bool m_reset = false;
};

} // namespace

QHostAddress unmapped(const QHostAddress &address)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return isV4 ? QHostAddress(v4) : address;
}

std::unique_ptr<Link> plainLink(qintptr descriptor, Link::Owner &owner)
{
    const int fd = static_cast<int>(descriptor);
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        ::close(fd);
        return nullptr;
    }
    (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
    setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
    setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdle);
#endif
#ifdef TCP_KEEPINTVL
    setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval);
    setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
#endif
#ifdef SO_NOSIGPIPE
    setOption(fd, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
    return std::make_unique<NativeLink>(fd, owner);
}

} // namespace tollgate::http
