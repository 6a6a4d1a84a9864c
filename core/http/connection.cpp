// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/connection.h"

#include "core/http/qtlink.h"

#include <QMetaObject>
#include <QPointer>

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::http {
namespace {

constexpr int kReadsPerEvent = 16;
// Bytes taken of pipelined requests while one is answered: enough to notice the client's end behind
// a request of common size, and a bound on what a flood can make us hold.
constexpr qsizetype kReadAhead = 16 * 1024;
// How soon a client that has sent its end of file is asked whether it still listens, and how often
// the answer is looked for.
constexpr std::int64_t kProbeAfterUs = 60'000;
constexpr std::int64_t kProbeEveryUs = 25'000;
// An answer in so many pieces may go on for minutes; Qt's side of the connection, some twelve
// kilobytes, is made anew for the next request then.
constexpr int kLongAnswer = 4;

constexpr Fault kCutShort{ErrorKind::InvalidRequest, "The request ended before it was complete.",
                          0};

} // namespace

Connection::Connection(Gate &gate)
    : m_gate(gate)
    , m_parser(m_gate.limits)
    , m_body(m_gate.limits)
{
}

Connection::~Connection()
{
    if (const auto stream = m_stream.lock())
        stream->lost();
    if (m_counted)
        m_gate.census.leave(m_peer.address);
}

bool Connection::open(qintptr descriptor, const QSslConfiguration *tls)
{
    m_link = tls ? tlsLink(descriptor, *tls, *this) : plainLink(descriptor, *this);
    if (!m_link)
        return false;
    m_peer = {m_link->peerAddress(), m_link->peerPort(), m_link->isTls()};
    m_local = m_link->localAddress();
    m_counted = m_gate.census.enter(m_peer.address, m_gate.limits);
    if (!m_counted) {
        // Said in one packet if there is room, at no further cost.
        constexpr QByteArrayView kFull = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
                                         "Content-Length: 0\r\nConnection: close\r\n\r\n";
        const std::array<QByteArrayView, 1> parts{kFull};
        if (!tls)
            (void)m_link->write(parts);
        return false;
    }
    m_gate.census.accepted.fetch_add(1);
    m_phase = tls ? Phase::Handshake : Phase::Idle;
    m_startedUs = now();
    m_gate.deadlines.set(
        *this,
        m_startedUs + us(tls ? m_gate.limits.handshakeTimeoutMs : m_gate.limits.headerTimeoutMs));
    return true;
}

void Connection::prepareDrain()
{
    if (m_phase == Phase::Head || m_phase == Phase::Body || !m_in.isEmpty())
        (void)twin();
}

void Connection::drain()
{
    if (m_phase == Phase::Handshake || (m_phase == Phase::Idle && m_in.isEmpty()))
        close();
}

void Connection::linkReady()
{
    if (m_phase != Phase::Handshake)
        return;
    m_phase = Phase::Idle;
    m_gate.deadlines.set(*this, now() + us(m_gate.limits.headerTimeoutMs));
}

void Connection::linkReadable()
{
    switch (m_phase) {
    case Phase::Handshake:
        if (m_link->isBroken())
            close();
        return;
    case Phase::Idle:
    case Phase::Head:
    case Phase::Body:
        readMore();
        return;
    case Phase::Busy:
    case Phase::Flushing:
        readAhead();
        return;
    case Phase::Linger:
        discard();
        return;
    case Phase::Closed:
        return;
    }
}

void Connection::readMore()
{
    QByteArray &scratch = m_gate.scratch;
    for (int i = 0; i < kReadsPerEvent; ++i) {
        if (m_phase != Phase::Idle && m_phase != Phase::Head && m_phase != Phase::Body)
            return;
        const qsizetype got = m_link->read(scratch.data(), scratch.size());
        if (got == Link::kAgain)
            return;
        if (got == Link::kEnd)
            return ended();
        if (got == Link::kGone)
            return lost();
        consume(QByteArrayView(scratch).first(got));
        if (got < scratch.size())
            return;
    }
}

void Connection::readAhead()
{
    const qsizetype room = kReadAhead - m_in.size();
    if (room <= 0) {
        if (m_link->isBroken())
            lost();
        else
            m_link->setReading(false);
        return;
    }
    const qsizetype got
        = m_link->read(m_gate.scratch.data(), std::min(room, m_gate.scratch.size()));
    if (got == Link::kEnd)
        ended();
    else if (got == Link::kGone)
        lost();
    else if (got > 0)
        m_in.append(m_gate.scratch.constData(), got);
}

void Connection::discard()
{
    for (int i = 0; i < kReadsPerEvent; ++i) {
        const qsizetype got = m_link->read(m_gate.scratch.data(), m_gate.scratch.size());
        if (got == Link::kAgain)
            return;
        if (got < 0)
            return close();
    }
}

void Connection::consume(QByteArrayView fresh)
{
    m_processing = true;
    const bool kept = !m_in.isEmpty();
    if (kept)
        m_in.append(fresh);
    const QByteArrayView all = kept ? QByteArrayView(m_in) : fresh;
    QByteArrayView rest = all;
    while (step(rest)) { }
    m_processing = false;
    if (m_phase == Phase::Closed || m_phase == Phase::Linger || rest.isEmpty())
        m_in = {};
    else if (kept)
        m_in.remove(0, all.size() - rest.size());
    else
        m_in = rest.toByteArray();
}

bool Connection::step(QByteArrayView &rest)
{
    switch (m_phase) {
    case Phase::Idle:
        if (rest.isEmpty())
            return false;
        m_phase = Phase::Head;
        m_startedUs = now();
        return readHead(rest);
    case Phase::Head:
        return readHead(rest);
    case Phase::Body: {
        const Progress progress = m_body.feed(rest);
        if (progress == Progress::Failed) {
            refuse(m_body.fault(), m_parsed.head.path);
            return false;
        }
        if (progress == Progress::NeedMore) {
            m_bodyByteUs = now();
            m_gate.deadlines.set(*this, bodyDeadline());
            return false;
        }
        dispatch(rest);
        return true;
    }
    case Phase::Handshake:
    case Phase::Busy:
    case Phase::Flushing:
    case Phase::Linger:
    case Phase::Closed:
        return false;
    }
    return false;
}

bool Connection::readHead(QByteArrayView &rest)
{
    switch (m_parser.feed(rest)) {
    case Progress::NeedMore:
        m_gate.deadlines.set(*this, m_startedUs + us(m_gate.limits.headerTimeoutMs));
        return false;
    case Progress::Failed: {
        const QByteArray path = m_parser.pathSoFar(rest);
        refuse(m_parser.fault(), path);
        return false;
    }
    case Progress::Done:
        break;
    }
    m_parsed = m_parser.take(rest);
    rest = rest.sliced(m_parser.consumed());
    m_parser.reset();
    m_parsed.head.peer = m_peer;
    m_parsed.head.startedUs = m_startedUs;
    admit(rest);
    return true;
}

void Connection::admit(QByteArrayView rest)
{
    RequestHead &head = m_parsed.head;
    m_traits = {};
    m_traits.minorVersion = head.minorVersion;
    m_traits.headOnly = head.method == "HEAD";
    m_traits.varyOrigin = m_gate.guard.hasOrigins();
    ++m_requests;
    m_keepAlive = m_parsed.keepAlive && m_requests < m_gate.limits.requestsPerConnection;
    if (const std::optional<Fault> fault = judgeSite(m_parsed, m_gate.guard, m_local))
        return refuse(*fault, head.path);
    if (m_parsed.origins == 1)
        m_traits.origin = m_parsed.origin;
    m_unread = head.bodyLength != 0;
    if (head.method == "OPTIONS") {
        m_traits.preflight = preflightHeaders(m_parsed);
        m_keepAlive = m_keepAlive && !m_unread;
        openStream()->respond(optionsAnswer());
        return;
    }
    Admission admission = m_gate.handler.admit(head);
    if (admission.refusal) {
        m_keepAlive = m_keepAlive && !m_unread;
        openStream()->respond(std::move(*admission.refusal));
        return;
    }
    if (const std::optional<Fault> fault = judgeBody(m_parsed, admission.bodyLimit))
        return refuse(*fault, head.path);
    if (!m_unread)
        return dispatch(rest);
    m_body.start(head.bodyLength, admission.bodyLimit, m_parsed.coding);
    m_phase = Phase::Body;
    m_bodyStartUs = m_bodyByteUs = now();
    m_gate.deadlines.set(*this, bodyDeadline());
    if (m_parsed.expectContinue && rest.isEmpty()) {
        const std::array<QByteArrayView, 1> parts{"HTTP/1.1 100 Continue\r\n\r\n"};
        send(parts);
    }
}

void Connection::dispatch(QByteArrayView rest)
{
    // A request with something behind it that is no request has probably been framed differently by
    // its sender: it is not acted upon. The verdict on a good one is kept for its turn.
    if (m_keepAlive && !rest.isEmpty() && m_parser.feed(rest) == Progress::Failed)
        return refuse(m_parser.fault(), m_parsed.head.path);
    Request request;
    request.body = m_unread ? m_body.take() : QByteArray();
    m_unread = false;
    if (m_parsed.coding != Coding::Identity)
        m_parsed.head.headers.remove("content-encoding"); // it no longer tells the truth
    request.head = std::move(m_parsed.head);
    request.completedUs = now();
    std::shared_ptr<ClientStream> stream = openStream();
    const QByteArray method = request.head.method;
    const QByteArray path = request.head.path;
    const std::function<void()> handOver = [&request, &stream, this] {
        m_gate.handler.handle(std::move(request), std::move(stream));
    };
    if (twin().deliver(method, path, handOver))
        return;
    m_twin.reset();
    const Fault fault{ErrorKind::Internal, "The request could not be handed on.", 0};
    stream->respond(m_gate.handler.refuse(path, toError(fault)));
}

QtTwin &Connection::twin()
{
    if (!m_twin)
        m_twin = std::make_unique<QtTwin>(*m_gate.qt, m_peer.address, m_peer.port);
    return *m_twin;
}

void Connection::refuse(const Fault &fault, const QByteArray &path)
{
    m_gate.census.refused.fetch_add(1);
    m_keepAlive = false;
    m_unread = true;
    Response response = m_gate.handler.refuse(path, toError(fault));
    response.status = fault.answerStatus();
    if (fault.kind == ErrorKind::MethodNotAllowed && !response.headers.contains("allow"))
        response.headers.append(QByteArrayLiteral("Allow"), kServedMethods.toByteArray());
    openStream()->respond(std::move(response));
}

std::shared_ptr<ClientStream> Connection::openStream()
{
    m_traits.keepAlive = m_keepAlive;
    auto stream = std::make_shared<ClientStream>(*this, m_traits, m_gate.context);
    m_stream = stream;
    m_phase = Phase::Busy;
    m_probed = false;
    m_pieces = 0;
    m_gate.deadlines.set(*this, 0);
    return stream;
}

void Connection::send(std::span<const QByteArrayView> parts)
{
    if (m_phase == Phase::Closed)
        return;
    const bool wasEmpty = m_link->pending() == 0;
    if (!m_link->write(parts))
        return lost();
    if (++m_pieces >= kLongAnswer && !m_processing)
        m_twin.reset();
    const qsizetype pending = m_link->pending();
    m_pendingBefore = std::max(m_pendingBefore, pending);
    if (wasEmpty && pending > 0) {
        m_progressUs = now();
        rearm();
    }
}

void Connection::answered(bool keepAlive)
{
    m_stream.reset();
    if (m_phase == Phase::Closed)
        return;
    m_keepAlive = keepAlive && !m_gate.draining;
    m_phase = Phase::Flushing;
    if (m_link->pending() == 0)
        flushed();
    else
        rearm();
}

void Connection::cut(bool reset)
{
    m_stream.reset();
    if (reset)
        m_link->resetOnClose();
    close();
}

void Connection::linkWritten()
{
    if (m_phase == Phase::Closed || m_phase == Phase::Linger)
        return;
    if (m_link->isBroken())
        return lost();
    const qsizetype before = std::exchange(m_pendingBefore, m_link->pending());
    m_progressUs = now();
    if (const auto stream = m_stream.lock())
        stream->outputFell(before);
    if (m_phase == Phase::Flushing && m_link->pending() == 0)
        flushed();
}

void Connection::flushed()
{
    if (!m_keepAlive)
        return finish();
    m_phase = Phase::Idle;
    m_gate.deadlines.set(*this, now() + us(m_gate.limits.keepAliveMs));
    if (m_processing)
        return; // consume() goes on by itself
    resumeReading();
}

// The answer came from outside of consume(): what was read ahead is a task of its own, never run
// from inside the handler's call.
void Connection::resumeReading()
{
    if (m_endedUs == 0)
        m_link->setReading(true);
    if (m_in.isEmpty() && m_endedUs == 0)
        return;
    QMetaObject::invokeMethod(
        &m_gate.context,
        [this, alive = std::weak_ptr<bool>(m_alive)] {
            if (alive.expired() || m_phase != Phase::Idle)
                return;
            consume({});
            if (m_endedUs != 0)
                ended();
        },
        Qt::QueuedConnection);
}

void Connection::finish()
{
    // A client that still sends would have the answer torn from its hands by a reset; so what it
    // sends is read and dropped for a while.
    m_in = {};
    if (m_endedUs != 0)
        return close();
    m_phase = Phase::Linger;
    m_gate.deadlines.set(*this, now() + us(m_gate.limits.lingerMs));
    if (m_link->canHalfClose() || !m_unread)
        m_link->finishWriting();
    m_link->setReading(true);
}

void Connection::ended()
{
    if (m_endedUs == 0)
        m_endedUs = now();
    switch (m_phase) {
    case Phase::Idle:
        if (m_in.isEmpty())
            close();
        return;
    case Phase::Head:
        if (m_in == "\r\n") // the courtesy empty line after a body
            return close();
        return refuse(kCutShort, m_parser.pathSoFar(m_in));
    case Phase::Body:
        return refuse(kCutShort, m_parsed.head.path);
    case Phase::Busy:
    case Phase::Flushing:
        m_link->setReading(false); // or the end would be reported for ever
        rearm();
        return;
    case Phase::Handshake:
    case Phase::Linger:
        close();
        return;
    case Phase::Closed:
        return;
    }
}

void Connection::watchEnded(std::int64_t nowUs)
{
    if (m_link->isBroken())
        return lost();
    const auto stream = m_stream.lock();
    if (m_probed || !stream)
        return;
    if (stream->begun() || nowUs - m_endedUs >= kProbeAfterUs) {
        m_probed = true;
        stream->probe();
    }
}

void Connection::lost()
{
    const auto stream = m_stream.lock();
    m_stream.reset();
    close();
    if (stream)
        stream->lost();
}

void Connection::close()
{
    if (m_phase == Phase::Closed)
        return;
    m_phase = Phase::Closed;
    m_gate.deadlines.set(*this, 0);
    m_link->setReading(false);
    m_gate.retire(*this);
}

void Connection::rearm()
{
    std::int64_t due = 0;
    if (m_link->pending() > 0)
        due = m_progressUs + us(m_gate.limits.outputStallMs);
    if (m_endedUs != 0) {
        const std::int64_t look = now() + kProbeEveryUs;
        due = due == 0 ? look : std::min(due, look);
    }
    m_gate.deadlines.set(*this, due);
}

std::int64_t Connection::bodyDeadline() const
{
    const std::int64_t idle = m_bodyByteUs + us(m_gate.limits.bodyIdleTimeoutMs);
    if (m_gate.limits.bodyMinimumRate <= 0)
        return idle;
    // The moment at which what has come would be too little.
    const std::int64_t rate = m_bodyStartUs + us(m_gate.limits.bodyGraceMs)
        + m_body.received() * 1'000'000 / m_gate.limits.bodyMinimumRate;
    return std::min(idle, rate);
}

void Connection::expired()
{
    constexpr Fault kSlowHead{ErrorKind::RequestTimeout, "The request head took too long.", 0};
    constexpr Fault kSlowBody{ErrorKind::RequestTimeout, "The request body came too slowly.", 0};
    switch (m_phase) {
    case Phase::Handshake:
    case Phase::Idle:
    case Phase::Linger:
        close();
        return;
    case Phase::Head:
        refuse(kSlowHead, m_parser.pathSoFar(m_in));
        return;
    case Phase::Body:
        refuse(kSlowBody, m_parsed.head.path);
        return;
    case Phase::Busy:
    case Phase::Flushing: {
        const std::int64_t at = now();
        if (m_link->pending() > 0 && at - m_progressUs >= us(m_gate.limits.outputStallMs)) {
            m_link->resetOnClose();
            return lost();
        }
        if (m_endedUs != 0)
            watchEnded(at);
        if (m_phase == Phase::Busy || m_phase == Phase::Flushing)
            rearm();
        return;
    }
    case Phase::Closed:
        return;
    }
}

} // namespace tollgate::http
