// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/baseurl.h"

#include "providers/baseurl.h"

#include <QHostAddress>
#include <QUrl>

#include <algorithm>
#include <array>

namespace tollgate::admin {
namespace {

// Services that must not be talked to by mistake or by trick. Security checklist S-077.
constexpr std::array kRefusedPorts{1025, 1433, 1521, 2049,  2375,  2376, 2379, 2380,
                                   3306, 3389, 5432, 5672,  5900,  6379, 6443, 9042,
                                   9092, 9200, 9300, 10250, 11211, 27017};
constexpr int kFirstFreePort = 1024;

tl::unexpected<Error> invalid(const QString &sentence)
{
    return failure(ErrorKind::InvalidRequest, sentence, "invalid_value");
}

int defaultPort(const QString &scheme)
{
    return scheme == u"https" ? 443 : 80;
}

bool isLocalhost(const QString &host)
{
    return host == u"localhost" || host.endsWith(u".localhost") || QHostAddress(host).isLoopback();
}

// Only what a person would plainly mean; the dialler checks every address that a name leads to.
bool isPrivate(const QString &host)
{
    const QHostAddress address(host);
    if (isLocalhost(host))
        return true;
    if (address.isNull())
        return false;
    constexpr std::array kRanges{"0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",
                                 "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                                 "::/128",         "fc00::/7",      "fe80::/10"};
    return std::any_of(kRanges.begin(), kRanges.end(), [&](const char *range) {
        return address.isInSubnet(QHostAddress::parseSubnet(QLatin1String(range)));
    });
}

bool isAcceptablePort(int port)
{
    return port == 80 || port == 443
        || (port >= kFirstFreePort && port <= 65'535
            && std::find(kRefusedPorts.begin(), kRefusedPorts.end(), port) == kRefusedPorts.end());
}

bool isControlFree(const QString &text)
{
    return std::none_of(text.begin(), text.end(), [](QChar c) {
        return c.category() == QChar::Other_Control || c.isSpace() || c == u'\\';
    });
}

} // namespace

Result<QByteArray> checkBaseUrl(const QString &text, bool local)
{
    const QUrl url(text, QUrl::StrictMode);
    const QString scheme = url.scheme();
    if (!url.isValid() || url.host().isEmpty() || !isControlFree(text)
        || (scheme != u"https" && scheme != u"http")) {
        return invalid(QStringLiteral("The base URL must be like https://api.example.com/v1."));
    }
    if (!url.userInfo().isEmpty() || url.hasQuery() || url.hasFragment()) {
        return invalid(
            QStringLiteral("The base URL must not contain a user, a password, '?' or '#'; "
                           "the key goes into the channel's key."));
    }
    if (!local && isPrivate(url.host())) {
        return invalid(QStringLiteral("%1 is an address of this machine or this network; mark the "
                                      "channel as local to allow that.")
                           .arg(url.host()));
    }
    if (!local && scheme == u"http") {
        return invalid(
            QStringLiteral("The base URL must begin with https://; plain http:// would show "
                           "the key to the network and is for local channels only."));
    }
    const int port = url.port(defaultPort(scheme));
    if (port < 1 || (!local && !isAcceptablePort(port)))
        return invalid(QStringLiteral("Port %1 is not one that a provider answers on.").arg(port));
    QByteArray stored = url.toEncoded(QUrl::FullyEncoded);
    while (stored.endsWith('/'))
        stored.chop(1);
    return stored;
}

bool isLoopbackUrl(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && isLocalhost(url.host());
}

Result<QByteArray> checkProxy(const QString &text)
{
    if (text.isEmpty())
        return QByteArray();
    const QUrl url(text, QUrl::StrictMode);
    const QString scheme = url.scheme();
    const bool known = scheme == u"http" || scheme == u"socks5" || scheme == u"socks5h";
    if (!url.isValid() || !known || url.host().isEmpty() || url.port() < 1 || !isControlFree(text)
        || url.hasQuery() || url.hasFragment() || url.path().size() > 1) {
        return invalid(QStringLiteral("The proxy must be like http://out.example.com:3128 or "
                                      "socks5h://127.0.0.1:1080."));
    }
    if (!url.userInfo().isEmpty()) {
        return invalid(QStringLiteral("The proxy must not contain a user or password: the database "
                                      "keeps no secrets."));
    }
    return url.toEncoded(QUrl::FullyEncoded | QUrl::StripTrailingSlash);
}

QStringList baseUrlWarnings(const QByteArray &typed, bool needsKey)
{
    QStringList warnings;
    const QString text = QString::fromUtf8(typed).trimmed();
    const QUrl url(text);
    if (text.isEmpty() || !url.isValid())
        return warnings;
    const QStringList segments = url.path().split(u'/', Qt::SkipEmptyParts);
    for (qsizetype i = 0; i + 1 < segments.size(); ++i) {
        if (segments.at(i) == segments.at(i + 1)) {
            warnings
                += QStringLiteral("The path says /%1 twice; it is used once.").arg(segments.at(i));
        }
    }
    if (const auto base = providers::parseBaseUrl(typed); base && base->exact) {
        warnings += QStringLiteral("This is the address of one endpoint; the part before it is "
                                   "used for all of them.");
    }
    if (url.hasQuery() || url.hasFragment())
        warnings += QStringLiteral("What follows ? or # is left out.");
    if (url.scheme() == u"http" && !isLoopbackUrl(text)) {
        warnings += needsKey
            ? QStringLiteral("http:// sends the key in plain text; anybody on the way can read it.")
            : QStringLiteral("http:// sends prompts in plain text; anybody on the way can read "
                             "them.");
    }
    return warnings;
}

} // namespace tollgate::admin
