// SPDX-License-Identifier: GPL-3.0-or-later
// Which Host and Origin values may talk to a listener: the wall between a web page in the user's
// browser and the gateway (DNS rebinding, cross-site requests). Pure; knows no path.
#pragma once

#include <QByteArrayList>
#include <QHostAddress>

namespace tollgate::http {

class SiteGuard
{
public:
    enum class HostVerdict { Ours, Malformed, Foreign };

    SiteGuard() = default;
    // `extraHosts`: "name" answers with our port or without any, "name:port" exactly so.
    SiteGuard(const QHostAddress &bound, quint16 port, bool tls, const QByteArrayList &extraHosts,
              QByteArrayList allowedOrigins);

    // `local`: the address this connection came in on; counts when bound to every address.
    [[nodiscard]] HostVerdict host(QByteArrayView value, const QHostAddress &local) const;
    [[nodiscard]] bool originAllowed(QByteArrayView origin) const;
    [[nodiscard]] bool hasOrigins() const { return !m_origins.isEmpty(); }

private:
    [[nodiscard]] bool isListed(QByteArrayView value) const;

    QByteArrayList m_hosts; // lower case, with their ports
    QByteArrayList m_origins;
    quint16 m_port = 0;
    bool m_defaultPort = false;
    bool m_anyAddress = false;
};

// RFC 9112 3.2: uri-host [":" port], without user information.
[[nodiscard]] bool isAuthority(QByteArrayView value);

} // namespace tollgate::http
