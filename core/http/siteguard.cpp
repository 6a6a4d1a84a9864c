// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/siteguard.h"

#include "core/http/syntax.h"

#include <algorithm>
#include <string_view>

namespace tollgate::http {
namespace {

bool isPort(QByteArrayView text)
{
    if (text.isEmpty() || text.size() > 5)
        return false;
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    return value <= 65535;
}

bool isBracketed(QByteArrayView text)
{
    if (text.size() < 4 || text.front() != '[' || text.back() != ']')
        return false;
    const QByteArrayView inside = text.sliced(1, text.size() - 2);
    return inside.contains(':') && std::all_of(inside.begin(), inside.end(), [](char c) {
               return syntax::is(c, syntax::HexDigit) || c == ':' || c == '.';
           });
}

// RFC 3986 3.2.2 reg-name, which an IPv4 address is too.
bool isRegisteredName(QByteArrayView text)
{
    constexpr std::string_view kOthers = "-._~!$&'()*+,;=";
    if (text.isEmpty() || text.size() > 255)
        return false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = syntax::lower(text[i]);
        if (c == '%') {
            if (i + 2 >= text.size() || syntax::hexValue(text[i + 1]) < 0
                || syntax::hexValue(text[i + 2]) < 0)
                return false;
            i += 2;
            continue;
        }
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
            || kOthers.find(c) != std::string_view::npos;
        if (!plain)
            return false;
    }
    return true;
}

QByteArray literal(const QHostAddress &address)
{
    const QByteArray text = address.toString().toLatin1().toLower();
    return address.protocol() == QAbstractSocket::IPv6Protocol ? '[' + text + ']' : text;
}

bool isAny(const QHostAddress &address)
{
    return address == QHostAddress(QHostAddress::Any)
        || address == QHostAddress(QHostAddress::AnyIPv4)
        || address == QHostAddress(QHostAddress::AnyIPv6);
}

} // namespace

bool isAuthority(QByteArrayView value)
{
    if (value.startsWith('[')) {
        const qsizetype close = value.indexOf(']');
        if (close < 0 || !isBracketed(value.first(close + 1)))
            return false;
        const QByteArrayView rest = value.sliced(close + 1);
        return rest.isEmpty() || (rest.front() == ':' && isPort(rest.sliced(1)));
    }
    const qsizetype colon = value.indexOf(':');
    if (colon < 0)
        return isRegisteredName(value);
    return isRegisteredName(value.first(colon)) && isPort(value.sliced(colon + 1));
}

SiteGuard::SiteGuard(const QHostAddress &bound, quint16 port, bool tls,
                     const QByteArrayList &extraHosts, QByteArrayList allowedOrigins)
    : m_origins(std::move(allowedOrigins))
    , m_port(port)
    , m_defaultPort(port == (tls ? 443 : 80))
    , m_anyAddress(isAny(bound))
{
    const QByteArray suffix = ':' + QByteArray::number(port);
    const auto add = [&](const QByteArray &name, bool portMayBeMissing) {
        m_hosts.append(name + suffix);
        if (portMayBeMissing)
            m_hosts.append(name);
    };
    add("127.0.0.1", m_defaultPort);
    add("localhost", m_defaultPort);
    add("[::1]", m_defaultPort);
    if (!m_anyAddress)
        add(literal(bound), m_defaultPort);
    for (const QByteArray &extra : extraHosts) {
        const QByteArray name = extra.trimmed().toLower();
        if (!isAuthority(name))
            continue;
        const bool withPort = name.startsWith('[') ? !name.endsWith(']') : name.contains(':');
        if (withPort)
            m_hosts.append(name);
        else
            add(name, true);
    }
}

SiteGuard::HostVerdict SiteGuard::host(QByteArrayView value, const QHostAddress &local) const
{
    if (isListed(value))
        return HostVerdict::Ours;
    if (!isAuthority(value))
        return HostVerdict::Malformed;
    // A literal address cannot be rebound by a name server, so the one the client really reached is
    // ours where no single address was chosen.
    if (m_anyAddress && !local.isNull()) {
        const QByteArray name = literal(local);
        const QByteArray lowered = value.toByteArray().toLower();
        if (lowered == name + ':' + QByteArray::number(m_port)
            || (m_defaultPort && lowered == name))
            return HostVerdict::Ours;
    }
    return HostVerdict::Foreign;
}

bool SiteGuard::originAllowed(QByteArrayView origin) const
{
    return std::any_of(m_origins.begin(), m_origins.end(),
                       [&](const QByteArray &listed) { return origin == listed; });
}

bool SiteGuard::isListed(QByteArrayView value) const
{
    return std::any_of(m_hosts.begin(), m_hosts.end(),
                       [&](const QByteArray &name) { return syntax::same(value, name); });
}

} // namespace tollgate::http
