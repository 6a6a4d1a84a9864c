// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/filefetch.h"

#include "core/upstream/address.h"

#include <QUrl>

#include <algorithm>

namespace tollgate::upstream {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

tl::unexpected<Error> refusal(const char *why, const char *code)
{
    return failure(ErrorKind::InvalidRequest, QString::fromUtf8(why), code);
}

bool isRedirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

QByteArray plainType(const QByteArray &type)
{
    return type.left(type.indexOf(';') < 0 ? type.size() : type.indexOf(';')).trimmed().toLower();
}

QByteArrayView withoutFragment(QByteArrayView url)
{
    const qsizetype at = url.indexOf('#');
    return at < 0 ? url : url.first(at);
}

// A failure in the words of whoever named the URL.
tl::unexpected<Error> explained(const Failure &failed)
{
    switch (failed.kind) {
    case FailureKind::Denied:
        return refusal("it leads to an address that must not be fetched from", "media_denied");
    case FailureKind::Resolve:
        return refusal("its host is not known", "media_unreachable");
    case FailureKind::Connect:
    case FailureKind::Dropped:
    case FailureKind::Tls:
        return refusal("its host cannot be reached", "media_unreachable");
    case FailureKind::ConnectTimeout:
    case FailureKind::FirstByteTimeout:
    case FailureKind::IdleTimeout:
    case FailureKind::TotalTimeout:
        return refusal("its host took too long", "media_timeout");
    case FailureKind::TooLarge:
        return refusal("it is larger than is fetched", "media_too_large");
    case FailureKind::Decode:
        return refusal("it cannot be unpacked", "media_unreadable");
    default:
        return refusal("its host ended the transfer early", "media_unreachable");
    }
}

} // namespace

QByteArray hostOf(QByteArrayView url)
{
    const auto target = checkUrl(withoutFragment(url), true, UrlUse::File);
    return target ? target->host : QByteArray();
}

bool isListed(const QByteArrayList &hosts, QByteArrayView url)
{
    if (hosts.isEmpty())
        return false;
    const auto target = checkUrl(withoutFragment(url), true, UrlUse::File);
    if (!target)
        return false;
    const QByteArray shown = target->host.contains(':') ? '[' + target->host + ']' : target->host;
    const QByteArray withPort = shown + ':' + QByteArray::number(target->port);
    return std::any_of(hosts.begin(), hosts.end(), [&](const QByteArray &host) {
        const QByteArray listed = host.toLower();
        return listed == target->host || listed == shown || listed == withPort;
    });
}

Result<QByteArray> redirectTarget(const QByteArray &from, QByteArrayView location)
{
    const QUrl base(QString::fromLatin1(from), QUrl::StrictMode);
    const QUrl relative(QString::fromUtf8(location.toByteArray()), QUrl::StrictMode);
    if (!base.isValid() || !relative.isValid() || location.isEmpty())
        return refusal("its host sends elsewhere without saying where", "media_redirect");
    const QUrl whole = base.resolved(relative);
    // What was encrypted stays so.
    if (base.scheme() == QLatin1String("https") && whole.scheme() != QLatin1String("https"))
        return refusal("its host sends on to where nothing is encrypted", "media_redirect");
    return whole.toEncoded(QUrl::RemoveFragment);
}

FileFetch::FileFetch(Client &client, const QByteArray &url, FileRules rules,
                     std::function<void()> waker, const Clock &clock)
    : m_client(client)
    , m_clock(clock)
    , m_rules(std::move(rules))
    , m_waker(std::move(waker))
    , m_deadlineUs(clock.monotonicUs() + m_rules.totalMs * kUsPerMs)
{
    go(withoutFragment(url).toByteArray());
}

FileFetch::~FileFetch() = default;

Result<FetchedFile> FileFetch::take()
{
    if (!*m_result)
        return failure(m_result->error());
    return std::move(m_file);
}

void FileFetch::go(const QByteArray &url)
{
    m_url = url;
    const std::int64_t leftMs = (m_deadlineUs - m_clock.monotonicUs()) / kUsPerMs;
    Request request;
    request.method = "GET";
    request.url = url;
    request.file = true;
    request.local = isListed(m_rules.localHosts, url);
    request.caFile = m_rules.caFile;
    request.bodyLimit = m_rules.largest;
    request.headers.append("accept", "image/*, application/pdf, audio/*, video/*, text/*");
    request.headers.append("accept-encoding", "gzip, identity");
    request.headers.append("user-agent", "Tollgate");
    const int patience = static_cast<int>(std::max<std::int64_t>(leftMs, 1));
    request.timeouts = {patience, patience, patience, patience};
    m_exchange = m_client.start(std::move(request));
    m_exchange->setWaker([this] {
        look();
        if (const auto waker = m_waker) // may destroy this
            waker();
    });
}

void FileFetch::look()
{
    if (ended())
        return;
    if (!m_reading && m_exchange->head()) {
        lookAtHead(*m_exchange->head());
        if (!m_reading)
            return; // over, or elsewhere
    }
    if (m_reading)
        m_file.bytes.append(m_exchange->take());
    if (m_exchange->ended()) {
        if (const auto &failed = m_exchange->failed())
            return end(explained(*failed));
        end({});
    }
}

void FileFetch::lookAtHead(const Head &head)
{
    if (head.status == 200) {
        m_reading = true;
        m_file.type = plainType(head.headers.value("content-type"));
        return;
    }
    if (!isRedirect(head.status)) {
        Error error{ErrorKind::InvalidRequest,
                    QStringLiteral("its host answered %1").arg(head.status), "media_status"};
        return end(failure(std::move(error)));
    }
    if (++m_redirects > m_rules.redirects)
        return end(refusal("its host sends on too often", "media_redirect"));
    const auto target = redirectTarget(m_url, head.headers.value("location"));
    if (!target)
        return end(failure(target.error()));
    go(*target);
}

void FileFetch::end(Result<void> result)
{
    m_result = std::move(result);
    m_exchange->cancel();
    if (!*m_result)
        m_file = {};
}

} // namespace tollgate::upstream
