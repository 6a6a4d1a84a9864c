// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/transfer.h"

#include "core/upstream/address.h"

#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <netinet/in.h>
#endif

#include <algorithm>
#include <cstring>

namespace tollgate::upstream {
namespace {

constexpr qsizetype kBuffer = 256 << 10;
// Encodings without a bound on their ratio may fill this from one small read; more is a bomb.
constexpr qsizetype kBurst = 4 << 20;
constexpr std::int64_t kUsPerMs = 1000;

bool dialAllowed(const curl_sockaddr &address, bool local)
{
    const void *bytes = &address.addr;
    if (address.family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, bytes, sizeof v4);
        unsigned char raw[4];
        std::memcpy(raw, &v4.sin_addr, sizeof raw);
        return addressAllowed(AddressBytes(raw), local);
    }
    if (address.family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, bytes, std::min<std::size_t>(sizeof v6, address.addrlen));
        unsigned char raw[16];
        std::memcpy(raw, &v6.sin6_addr, sizeof raw);
        return addressAllowed(AddressBytes(raw), local);
    }
    return false;
}

} // namespace

Transfer::Transfer(TransferHost &host, Request request)
    : m_host(host)
    , m_request(std::move(request))
    , m_bodySize(m_request.body.size())
{
    m_timing.startedUs = m_host.nowUs();
}

Transfer::~Transfer()
{
    if (m_destroyed)
        *m_destroyed = true;
    if (m_handle)
        m_host.release(*this, std::move(m_handle));
    m_host.forget(*this);
    m_request.headers.wipe();
}

bool Transfer::check()
{
    const auto deny = [this](const char *why) {
        end(Failure{FailureKind::Denied, QString::fromUtf8(why)});
        return false;
    };
    const auto target = checkUrl(m_request.url, m_request.local,
                                 m_request.file ? UrlUse::File : UrlUse::Provider);
    if (!target) {
        end(Failure{FailureKind::Denied, target.error().message});
        return false;
    }
    if (!isHeaderName(m_request.method))
        return deny("The request's method is malformed.");
    for (const Header &field : m_request.headers) {
        if (!isHeaderName(field.name) || !isHeaderValue(field.value))
            return deny("A header of the request is malformed.");
    }
    if (!target->isLoopback() && !m_request.proxy.isEmpty()) {
        if (!isProxyUrl(m_request.proxy))
            return deny("The channel's proxy must be an http, https, socks5 or socks5h URL.");
        m_proxy = m_request.proxy;
    }
    return true;
}

void Transfer::attach(std::unique_ptr<EasyHandle> handle)
{
    m_handle = std::move(handle);
    m_handle->prepare(*this, m_request, m_request.body, m_proxy);
}

const Head *Transfer::head() const
{
    return m_reader.state() == HeadReader::State::Complete ? &m_reader.head() : nullptr;
}

QByteArray Transfer::take()
{
    if (m_paused) {
        m_lastProgressUs = m_host.nowUs();
        m_host.resume(*this);
    }
    return std::exchange(m_buffer, {});
}

bool Transfer::sent() const
{
    return m_sent || (m_handle && m_attempts > 0 && m_handle->requestBytesSent() > 0);
}

void Transfer::setWaker(std::function<void()> waker)
{
    m_waker = std::move(waker);
    m_wakerReplaced = m_waking;
    if (m_waker && m_changed)
        m_host.changed(*this);
}

// The waker may destroy this exchange or set another waker, so it runs from the stack.
void Transfer::wake()
{
    if (!m_waker) {
        m_changed = true; // the first waker set will hear of it
        return;
    }
    m_changed = false;
    bool destroyed = false;
    m_destroyed = &destroyed;
    m_waking = true;
    m_wakerReplaced = false;
    std::function<void()> waker = std::move(m_waker);
    m_waker = nullptr;
    waker();
    if (destroyed)
        return;
    m_destroyed = nullptr;
    m_waking = false;
    if (!m_wakerReplaced)
        m_waker = std::move(waker);
}

void Transfer::cancel()
{
    if (m_ended)
        return;
    end(Failure{FailureKind::Cancelled, QStringLiteral("The request was cancelled.")});
}

Stage Transfer::stage() const
{
    if (m_reader.state() == HeadReader::State::Complete)
        return Stage::Body;
    return m_attempts > 0 ? Stage::Waiting : Stage::Connecting;
}

void Transfer::finish(CURLcode code)
{
    if (m_pending)
        return end(std::move(m_pending));
    if (std::exchange(m_unclean, false)) {
        m_handle->connectAnew();
        return m_host.startOver(*this);
    }
    if (m_denied && !m_dialled && stage() == Stage::Connecting)
        return end(Failure{FailureKind::Denied,
                           QStringLiteral("The provider's name leads to an address that this "
                                          "channel may not dial.")});
    end(explain(code, stage(), m_handle->errorText()));
}

void Transfer::finishPending()
{
    if (m_pending && !m_ended)
        end(std::move(m_pending));
}

void Transfer::fail(Failure failure)
{
    end(std::move(failure));
}

void Transfer::end(std::optional<Failure> failure)
{
    m_sent = sent();
    m_ended = true;
    m_failure = std::move(failure);
    m_timing.endedUs = m_host.nowUs();
    m_paused = false;
    if (m_handle)
        m_host.release(*this, std::move(m_handle));
    m_request.headers.wipe();
    m_request.body = QByteArray();
    m_host.changed(*this);
}

bool Transfer::checkSent()
{
    const std::int64_t bodySent = m_handle->bodyBytesSent();
    if (bodySent != m_bodySent) {
        m_bodySent = bodySent;
        m_lastProgressUs = m_host.nowUs();
    }
    if (bodySent < m_bodySize || m_handle->requestBytesSent() == 0)
        return false;
    m_sent = true;
    if (m_timing.sentUs == 0)
        m_timing.sentUs = m_lastProgressUs;
    // Nothing of it is read again: a second send is refused in onConnected().
    m_handle->wipeHeaders();
    m_request.body = QByteArray();
    return true;
}

// What may run out first in the present phase, and when.
Transfer::Limit Transfer::phaseLimit() const
{
    const Timeouts &limits = m_request.timeouts;
    const auto after
        = [](std::int64_t from, int ms) { return ms > 0 ? from + ms * kUsPerMs : kNever; };
    if (m_attempts == 0)
        return {FailureKind::ConnectTimeout, after(m_timing.startedUs, limits.connectMs)};
    if (m_timing.firstByteUs == 0)
        return {FailureKind::FirstByteTimeout, after(m_lastProgressUs, limits.firstByteMs)};
    return {FailureKind::IdleTimeout, m_paused ? kNever : after(m_lastProgressUs, limits.idleMs)};
}

std::int64_t Transfer::deadlineUs() const
{
    const int total = m_request.timeouts.totalMs;
    const std::int64_t phase = phaseLimit().atUs;
    return total > 0 ? std::min(phase, m_timing.startedUs + total * kUsPerMs) : phase;
}

void Transfer::expire()
{
    const Limit limit = phaseLimit();
    fail(timedOut(limit.atUs <= m_host.nowUs() ? limit.kind : FailureKind::TotalTimeout));
}

bool Transfer::wantsPause() const
{
    return m_handle && !m_paused && m_buffer.size() > kBuffer;
}

void Transfer::setPaused(bool paused)
{
    m_paused = paused;
}

bool Transfer::abort(FailureKind kind, const char *message)
{
    if (!m_pending)
        m_pending = Failure{kind, QString::fromUtf8(message)};
    return false;
}

bool Transfer::onHeaderLine(QByteArrayView line)
{
    const bool hadStatus = m_reader.hasStatus();
    const bool wasComplete = m_reader.state() == HeadReader::State::Complete;
    const HeadReader::State state = m_reader.feed(line);
    if (state == HeadReader::State::Malformed)
        return abort(FailureKind::Protocol, m_reader.problem());
    m_lastProgressUs = m_host.nowUs();
    if (!hadStatus && m_reader.hasStatus()) {
        m_timing.firstByteUs = m_lastProgressUs;
        m_host.rearm(*this);
        if (!m_connection.isEmpty() && line.startsWith("HTTP/1"))
            m_host.takesTurns(m_connection);
    }
    if (state != HeadReader::State::Complete || wasComplete)
        return true;
    const int status = m_reader.head().status;
    // No body by definition: whatever follows on this connection is nobody's answer.
    if (status == 204 || status == 205 || status == 304)
        m_handle->forbidReuse();
    if (m_reader.isEncoded())
        m_handle->readInSmallPieces();
    m_host.changed(*this);
    if (m_request.method != "HEAD" && !m_reader.isEncoded()
        && m_reader.contentLength() > m_request.bodyLimit)
        return abort(FailureKind::TooLarge, "The provider's answer is larger than allowed.");
    return true;
}

std::size_t Transfer::onBody(QByteArrayView bytes)
{
    if (m_pending)
        return 0;
    // libcurl keeps what one read unpacks to while an answer is paused: a bounded amount for gzip
    // (one kilobyte grows to a megabyte at most), any amount for others, which we take ourselves.
    const bool wild = m_reader.isEncoded() && !m_reader.hasBoundedRatio();
    if (!wild && !m_buffer.isEmpty() && m_buffer.size() + bytes.size() > kBuffer) {
        m_paused = true;
        m_host.changed(*this);
        return CURL_WRITEFUNC_PAUSE;
    }
    m_received += bytes.size();
    if (m_received > m_request.bodyLimit) {
        abort(FailureKind::TooLarge, "The provider's answer is larger than allowed.");
        return 0;
    }
    if (wild && m_buffer.size() + bytes.size() > kBurst) {
        abort(FailureKind::Decode, "The provider's answer unpacks to an absurd size.");
        return 0;
    }
    m_lastProgressUs = m_host.nowUs();
    m_buffer.append(bytes);
    m_host.changed(*this);
    return static_cast<std::size_t>(bytes.size());
}

bool Transfer::onDial(const curl_sockaddr &address)
{
    if (wouldRepeat())
        return false;
    // With a proxy it is the proxy that is dialled, and the admin chose that.
    const bool allowed = dialAllowed(address, m_request.local || !m_proxy.isEmpty());
    (allowed ? m_dialled : m_denied) = true;
    return allowed;
}

// libcurl repeats a request on another connection when the reused one died unanswered. A request of
// which any byte has left may be generating and billed already, so only a send that never began may
// be tried again.
bool Transfer::wouldRepeat()
{
    if (m_attempts == 0 || (!m_sent && m_handle->requestBytesSent() == 0))
        return false;
    m_sent = true;
    abort(FailureKind::Dropped, "The provider closed the connection before answering.");
    return true;
}

// Called before every send of the request.
bool Transfer::onConnected(const ConnectionEnds &ends)
{
    if (wouldRepeat())
        return false;
    // A pooled connection was dialled for another request, perhaps of a channel that may do more.
    if (!addressAllowed(ends.peer, m_request.local || !m_proxy.isEmpty()))
        return abort(FailureKind::Denied,
                     "The provider's name leads to an address that this channel may not dial.");
    const bool reused = !m_handle->openedConnection();
    // What waits there would be taken for the answer to this request (U-19).
    if (reused && m_host.hasUnread(ends)) {
        m_unclean = true;
        return false;
    }
    if (!reused)
        m_connection = m_host.connected(ends);
    ++m_attempts;
    m_lastProgressUs = m_host.nowUs();
    m_timing.reused = reused;
    m_timing.connectedUs = m_timing.reused ? m_timing.startedUs : m_lastProgressUs;
    if (!reused) {
        const auto moment = [this](std::int64_t sinceStartUs) {
            return std::min(m_timing.startedUs + sinceStartUs, m_timing.connectedUs);
        };
        m_timing.resolvedUs = moment(m_handle->resolvedUs());
        m_timing.reachedUs = moment(m_handle->reachedUs());
    }
    m_host.sending(*this);
    m_host.rearm(*this);
    return true;
}

} // namespace tollgate::upstream
