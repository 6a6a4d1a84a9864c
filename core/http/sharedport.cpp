// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/sharedport.h"

#ifdef Q_OS_LINUX

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tollgate::http {
namespace {

struct SocketAddress
{
    sockaddr_storage storage{};
    socklen_t size = 0;
};

SocketAddress socketAddress(const QHostAddress &address, quint16 port)
{
    SocketAddress made;
    const bool any = address == QHostAddress(QHostAddress::Any);
    if (!any && address.protocol() == QAbstractSocket::IPv4Protocol) {
        auto *v4 = reinterpret_cast<sockaddr_in *>(&made.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        v4->sin_addr.s_addr = htonl(address.toIPv4Address());
        made.size = sizeof *v4;
        return made;
    }
    auto *v6 = reinterpret_cast<sockaddr_in6 *>(&made.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    if (!any) {
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        std::memcpy(&v6->sin6_addr, &bytes, sizeof bytes);
        v6->sin6_scope_id = address.scopeId().toUInt();
    }
    made.size = sizeof *v6;
    return made;
}

// A bound descriptor, or -1 with errno.
int bound(const QHostAddress &address, quint16 port, bool shared)
{
    const SocketAddress at = socketAddress(address, port);
    const int fd = ::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    const int on = 1;
    (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (at.storage.ss_family == AF_INET6) {
        const int only = address == QHostAddress(QHostAddress::Any) ? 0 : 1;
        (void)::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    }
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&at.storage), at.size) == 0)
        return fd;
    const int why = errno;
    ::close(fd);
    errno = why;
    return -1;
}

quint16 portOf(int fd)
{
    SocketAddress at;
    at.size = sizeof at.storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr *>(&at.storage), &at.size) != 0)
        return 0;
    if (at.storage.ss_family == AF_INET)
        return ntohs(reinterpret_cast<sockaddr_in *>(&at.storage)->sin_port);
    return ntohs(reinterpret_cast<sockaddr_in6 *>(&at.storage)->sin6_port);
}

QString reason(int why)
{
    if (why == EADDRINUSE)
        return QStringLiteral("another program has this port");
    if (why == EACCES)
        return QStringLiteral("permission denied");
    if (why == EADDRNOTAVAIL)
        return QStringLiteral("this machine does not have that address");
    return QString::fromLocal8Bit(std::strerror(why));
}

tl::unexpected<Error> cannot(const QHostAddress &address, quint16 port, int why)
{
    return failure(why == EADDRINUSE ? ErrorKind::Conflict : ErrorKind::Unavailable,
                   QStringLiteral("Cannot listen on %1 port %2: %3.")
                       .arg(address.toString(), QString::number(port), reason(why)),
                   why == EADDRINUSE ? "address_in_use" : "cannot_listen");
}

} // namespace

bool canSharePorts()
{
    return true;
}

Result<qintptr> listenShared(const QHostAddress &address, quint16 port, Census &census)
{
    int why = 0;
    // SO_REUSEPORT would let us in beside another process of the same user, and each would get half
    // of the connections: so the first of our listeners tries to have the port alone.
    const auto probe = [&] {
        const int fd = bound(address, port, false);
        why = errno;
        if (fd >= 0)
            ::close(fd);
        return fd >= 0;
    };
    if (port != 0 && !census.enterPort(address, port, probe))
        return cannot(address, port, why);
    const int fd = bound(address, port, true);
    why = errno;
    if (fd >= 0 && ::listen(fd, kBacklog) == 0) {
        if (port == 0)
            (void)census.enterPort(address, portOf(fd), [] { return true; });
        return fd;
    }
    if (fd >= 0) {
        why = errno;
        ::close(fd);
    }
    if (port != 0)
        census.leavePort(address, port);
    return cannot(address, port, why);
}

} // namespace tollgate::http

#else

namespace tollgate::http {

bool canSharePorts()
{
    return false;
}

Result<qintptr> listenShared(const QHostAddress &, quint16, Census &)
{
    return failure(ErrorKind::NotImplemented, QStringLiteral("Ports cannot be shared here."));
}

} // namespace tollgate::http

#endif
