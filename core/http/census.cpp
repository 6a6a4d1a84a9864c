// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/listener.h"

namespace tollgate::http {

bool Census::enter(const QHostAddress &peer, const Limits &limits)
{
    if (connections.fetch_add(1) >= limits.connections) {
        connections.fetch_sub(1);
        return false;
    }
    if (peer.isLoopback())
        return true;
    const std::lock_guard lock(m_mutex);
    int &count = m_byAddress[peer];
    if (count >= limits.connectionsPerAddress) {
        connections.fetch_sub(1);
        if (count == 0)
            m_byAddress.remove(peer);
        return false;
    }
    ++count;
    return true;
}

void Census::leave(const QHostAddress &peer)
{
    connections.fetch_sub(1);
    if (peer.isLoopback())
        return;
    const std::lock_guard lock(m_mutex);
    const auto found = m_byAddress.find(peer);
    if (found != m_byAddress.end() && --found.value() <= 0)
        m_byAddress.erase(found);
}

bool Census::enterPort(const QHostAddress &address, quint16 port,
                       const std::function<bool()> &probe)
{
    const std::lock_guard lock(m_mutex);
    int &count = m_ports[{address, port}];
    if (count == 0 && !probe()) {
        m_ports.remove({address, port});
        return false;
    }
    ++count;
    return true;
}

void Census::leavePort(const QHostAddress &address, quint16 port)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_ports.find({address, port});
    if (found != m_ports.end() && --found.value() <= 0)
        m_ports.erase(found);
}

} // namespace tollgate::http
