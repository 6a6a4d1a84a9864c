// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/baseurl.h"

#include <algorithm>
#include <array>

namespace tollgate::providers {
namespace {

constexpr std::array<QByteArrayView, 8> kEndpoints{
    "/chat/completions", "/messages/count_tokens",
    "/messages",         "/responses",
    "/completions",      "/embeddings",
    "/models",           "/models/",
};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isVersion(QByteArrayView segment)
{
    return segment.size() >= 2 && segment[0] == 'v' && isDigit(segment[1]);
}

QByteArray lowered(QByteArrayView text)
{
    return text.toByteArray().toLower();
}

void chopSlashes(QByteArrayView &path)
{
    while (path.endsWith('/'))
        path.chop(1);
}

// The path before a pasted endpoint; the whole path where there is none.
QByteArrayView withoutEndpoint(QByteArrayView path, bool &found)
{
    for (const QByteArrayView endpoint : kEndpoints) {
        if (path.endsWith(endpoint)) {
            found = true;
            return path.chopped(endpoint.size());
        }
    }
    const qsizetype models = path.lastIndexOf("/models/");
    if (models >= 0 && path.sliced(models).contains(':')) {
        found = true;
        return path.first(models);
    }
    return path;
}

} // namespace

bool namesVersion(QByteArrayView path)
{
    const QList<QByteArray> segments = path.toByteArray().split('/');
    return std::any_of(segments.begin(), segments.end(),
                       [](const QByteArray &segment) { return isVersion(segment); });
}

bool endsInVersion(QByteArrayView path)
{
    return isVersion(path.sliced(path.lastIndexOf('/') + 1));
}

Result<BaseUrl> parseBaseUrl(QByteArrayView text)
{
    const auto wrong = [] {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The channel's base URL must be like https://host/v1."),
                       "bad_base_url");
    };
    QByteArrayView rest = text.trimmed();
    rest
        = rest.first(std::min({rest.size(), rest.indexOf('?') < 0 ? rest.size() : rest.indexOf('?'),
                               rest.indexOf('#') < 0 ? rest.size() : rest.indexOf('#')}));
    const qsizetype colon = rest.indexOf("://");
    if (colon < 0)
        return wrong();
    const qsizetype slash = rest.indexOf('/', colon + 3);
    BaseUrl base;
    base.origin = rest.first(slash < 0 ? rest.size() : slash).toByteArray();
    if (originOf(base.origin).isEmpty())
        return wrong();
    QByteArrayView path = slash < 0 ? QByteArrayView() : rest.sliced(slash);
    chopSlashes(path);
    path = withoutEndpoint(path, base.exact);
    chopSlashes(path);
    while (endsInVersion(path)) {
        const QByteArrayView last = path.sliced(path.lastIndexOf('/'));
        const QByteArrayView before = path.chopped(last.size());
        if (!before.endsWith(last))
            break;
        path = before;
    }
    base.path = path.toByteArray();
    return base;
}

QByteArray endpointUrl(const BaseUrl &base, QByteArrayView version, QByteArrayView endpoint)
{
    QByteArray url = base.origin + base.path;
    if (!version.isEmpty() && !base.exact && !namesVersion(base.path))
        url.append('/').append(version);
    return url.append('/').append(endpoint);
}

QByteArray originOf(QByteArrayView url)
{
    const qsizetype colon = url.indexOf("://");
    if (colon < 0)
        return {};
    const QByteArray scheme = lowered(url.first(colon));
    if (scheme != "http" && scheme != "https")
        return {};
    QByteArrayView authority = url.sliced(colon + 3);
    for (const char end : {'/', '?', '#'}) {
        if (const qsizetype at = authority.indexOf(end); at >= 0)
            authority = authority.first(at);
    }
    // A user in front of the host makes one look like another.
    if (authority.isEmpty() || authority.contains('@') || authority.contains('\\'))
        return {};
    const qsizetype bracket = authority.lastIndexOf(']');
    const qsizetype at = authority.lastIndexOf(':');
    const bool hasPort = at > bracket;
    const QByteArrayView host = hasPort ? authority.first(at) : authority;
    const QByteArrayView port = hasPort ? authority.sliced(at + 1) : QByteArrayView();
    if (host.isEmpty() || (hasPort && (port.isEmpty() || port.size() > 5))
        || !std::all_of(port.begin(), port.end(), isDigit))
        return {};
    const QByteArray number
        = hasPort ? QByteArray::number(port.toInt()) : QByteArray(scheme == "https" ? "443" : "80");
    return scheme + "://" + lowered(host) + ':' + number;
}

Result<QByteArray> pathSegment(QByteArrayView text)
{
    if (text.isEmpty() || text == QByteArrayView(".") || text == QByteArrayView(".."))
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("This model's name cannot stand in a URL."), "bad_model");
    return text.toByteArray().toPercentEncoding();
}

} // namespace tollgate::providers
