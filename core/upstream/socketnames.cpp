// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/socketnames.h"

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <netinet/in.h>
#include <sys/socket.h>
#endif

#include <algorithm>
#include <cstring>

namespace tollgate::upstream {
namespace {

QByteArray nameOf(const ConnectionEnds &ends)
{
    QByteArray name;
    name.reserve(100);
    name.append(ends.local).append(' ').append(ends.peer).append(' ');
    name.append(reinterpret_cast<const char *>(&ends.localPort), sizeof ends.localPort);
    return name.append(reinterpret_cast<const char *>(&ends.peerPort), sizeof ends.peerPort);
}

int portOf(const sockaddr_storage &address)
{
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return ntohs(v4.sin_port);
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return ntohs(v6.sin6_port);
}

bool connects(curl_socket_t socket, const ConnectionEnds &ends)
{
    sockaddr_storage local{};
    sockaddr_storage peer{};
    socklen_t localSize = sizeof local;
    socklen_t peerSize = sizeof peer;
    return ::getsockname(socket, reinterpret_cast<sockaddr *>(&local), &localSize) == 0
        && portOf(local) == ends.localPort
        && ::getpeername(socket, reinterpret_cast<sockaddr *>(&peer), &peerSize) == 0
        && portOf(peer) == ends.peerPort;
}

} // namespace

void SocketNames::open(curl_socket_t socket)
{
    m_nameless.push_back(socket);
}

void SocketNames::close(curl_socket_t socket)
{
    if (const QByteArray name = m_names.take(socket); !name.isEmpty())
        m_named.remove(name);
    else
        std::erase(m_nameless, socket);
}

QByteArray SocketNames::name(const ConnectionEnds &ends)
{
    const auto found = std::find_if(m_nameless.begin(), m_nameless.end(),
                                    [&](curl_socket_t each) { return connects(each, ends); });
    if (found == m_nameless.end())
        return {};
    const QByteArray name = nameOf(ends);
    m_named.insert(name, {*found, false});
    m_names.insert(*found, name);
    m_nameless.erase(found);
    return name;
}

void SocketNames::takesTurns(const QByteArray &name)
{
    if (const auto found = m_named.find(name); found != m_named.end())
        found->takesTurns = true;
}

bool SocketNames::hasUnread(const ConnectionEnds &ends) const
{
    const auto found = m_named.constFind(nameOf(ends));
    if (found == m_named.constEnd() || !found->takesTurns)
        return false;
    char byte = 0;
    return ::recv(found->socket, &byte, 1, MSG_PEEK) >= 0; // libcurl's sockets do not block
}

} // namespace tollgate::upstream
