// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/gate.h"

#include "core/http/responsehead.h"

namespace tollgate::http {
namespace {

constexpr qsizetype kMaxPreflightHeaders = 1024;

} // namespace

QByteArray Gate::dateNow()
{
    const std::int64_t now = clock.wallUs();
    if (now / 1'000'000 != m_dateSecond) {
        m_dateSecond = now / 1'000'000;
        m_date = httpDate(now);
    }
    return m_date;
}

std::optional<Fault> judgeSite(const ParsedHead &parsed, const SiteGuard &guard,
                               const QHostAddress &local)
{
    if (parsed.hosts != 1)
        return Fault{ErrorKind::InvalidRequest, "There must be exactly one Host header field.", 0};
    switch (guard.host(parsed.host, local)) {
    case SiteGuard::HostVerdict::Malformed:
        return Fault{ErrorKind::InvalidRequest, "The Host header field is malformed.", 0};
    case SiteGuard::HostVerdict::Foreign:
        return Fault{ErrorKind::Forbidden,
                     "This gateway does not answer to that host name. Use its address, or add the "
                     "name to the allowed hosts.",
                     0};
    case SiteGuard::HostVerdict::Ours:
        break;
    }
    if (parsed.absolute && !syntax::same(parsed.authority, parsed.host.toLower()))
        return Fault{ErrorKind::InvalidRequest, "The request target names another host than Host.",
                     0};
    if (parsed.origins > 1)
        return Fault{ErrorKind::InvalidRequest, "There is more than one Origin header field.", 0};
    if (parsed.origins == 1 && !guard.originAllowed(parsed.origin))
        return Fault{ErrorKind::Forbidden,
                     "Web pages of that origin may not use this gateway. Add the origin to the "
                     "allowed ones if they should.",
                     0};
    if (!parsed.methodKnown)
        return Fault{ErrorKind::MethodNotAllowed, "That method is not served here.", 0};
    return std::nullopt;
}

std::optional<Fault> judgeBody(const ParsedHead &parsed, std::int64_t bodyLimit)
{
    if (parsed.expectOther)
        return Fault{ErrorKind::InvalidRequest, "The only expectation met here is 100-continue.",
                     417};
    if (parsed.coding == Coding::Unknown && parsed.head.bodyLength != 0)
        return Fault{ErrorKind::UnsupportedMedia,
                     "A request body may be compressed with gzip or deflate, once.", 0};
    if (parsed.head.bodyLength > bodyLimit)
        return Fault{ErrorKind::TooLarge, "The request body is too large.", 0};
    return std::nullopt;
}

std::optional<QByteArray> preflightHeaders(const ParsedHead &parsed)
{
    const Headers &headers = parsed.head.headers;
    if (parsed.head.method != "OPTIONS" || parsed.origins == 0
        || !headers.contains("access-control-request-method"))
        return std::nullopt;
    const QByteArray requested = headers.value("access-control-request-headers");
    bool clean = requested.size() <= kMaxPreflightHeaders;
    syntax::forEachMember(
        requested, [&](QByteArrayView name) { clean = clean && syntax::all(name, syntax::Token); });
    return clean ? requested : QByteArray();
}

Response optionsAnswer()
{
    Response answer;
    answer.status = 204;
    answer.headers.append(QByteArrayLiteral("Allow"), kServedMethods.toByteArray());
    return answer;
}

Error toError(const Fault &fault)
{
    Error error;
    error.kind = fault.kind;
    error.message
        = QString::fromLatin1(fault.message.data(), static_cast<qsizetype>(fault.message.size()));
    if (fault.kind == ErrorKind::MethodNotAllowed)
        error.allow = kServedMethods.toByteArray();
    return error;
}

} // namespace tollgate::http
