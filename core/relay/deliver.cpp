// SPDX-License-Identifier: GPL-3.0-or-later
// Sends one provider's answer back to one client: whole, or event by event.
#include "core/protocol/errors.h"
#include "core/protocol/headerpolicy.h"
#include "core/relay/call.h"
#include "core/relay/estimate.h"
#include "core/relay/relay.h"
#include "core/relay/streamcutter.h"
#include "core/relay/streamwords.h"
#include "core/relay/upstreamerror.h"

namespace tollgate::relay {
namespace {

constexpr qsizetype kErrorBodyLimit = 64 * 1024;
constexpr qsizetype kPreambleLimit = 256 * 1024;
constexpr qsizetype kCaptureLimit = 4 * 1024 * 1024;
constexpr std::int64_t kProgressUs = 2'000'000;

using protocol::EventClass;

Error badAnswer(const Attempt &attempt, const QString &what, const char *code)
{
    Error error{ErrorKind::UpstreamFailed,
                QStringLiteral("Channel \u201c%1\u201d %2").arg(attempt.channelName(), what)};
    error.code = code;
    return error;
}

// Nothing came back, or not an HTTP success.
Ending failedEnding(const Call &call, const Attempt &attempt, Error error)
{
    Ending ending;
    const upstream::Exchange &exchange = *attempt.exchange;
    ending.failure.anyContentSent = call.contentSent;
    ending.failure.requestSent = exchange.sent();
    ending.failure.answered = exchange.head() != nullptr;
    ending.failure.status = exchange.head() ? exchange.head()->status : 0;
    ending.failure.refusedInBody
        = ending.failure.status >= 200 && ending.failure.status < 300 && !exchange.failed();
    ending.failure.timedOut = error.kind == ErrorKind::UpstreamTimeout;
    ending.unknown = ending.failure.requestSent && !ending.failure.answered && !call.stopped;
    ending.error = call.stopped ? *call.stopped : std::move(error);
    return ending;
}

bool isJson(QByteArrayView contentType)
{
    return contentType.trimmed().startsWith("application/json") || contentType.contains("+json");
}

void capture(Call &call, QByteArrayView bytes)
{
    if (call.snapshot->settings.captureBodies && call.captured.size() < kCaptureLimit)
        call.captured.append(
            bytes.first(std::min(bytes.size(), kCaptureLimit - call.captured.size())));
}

void setFirstByte(Call &call, const Attempt &attempt)
{
    if (call.row.firstByteUs < 0 && attempt.exchange->timing().firstByteUs)
        call.row.firstByteUs = attempt.exchange->timing().firstByteUs - call.startedUs;
}

Headers answerHeaders(const Call &call, const Attempt &attempt)
{
    Headers headers = protocol::clientHeadersFrom(attempt.exchange->head()->headers);
    headers.set("x-request-id", call.row.id);
    if (call.endpoint.dialect == protocol::Dialect::Messages)
        headers.set("request-id", call.row.id); // where Anthropic's SDKs look for it
    headers.set("content-type", attempt.exchange->head()->headers.value("content-type"));
    return headers;
}

} // namespace

Task<Ending> Relay::deliver(Call &call, Attempt &attempt) const
{
    upstream::Exchange &exchange = *attempt.exchange;
    call.lastSentUs = m_services.clock->monotonicUs();
    while (!exchange.head() && !exchange.ended()) {
        co_await call.wakeup;
        keepClientWaiting(call);
    }
    if (!exchange.head())
        co_return failedEnding(call, attempt, errorOf(*exchange.failed(), attempt.channelName()));
    setFirstByte(call, attempt);

    const upstream::Head &head = *exchange.head();
    if (head.status < 200 || head.status >= 300) {
        auto reading = readRefusal(call, attempt);
        co_return co_await reading;
    }
    if (call.peek.stream) {
        auto streaming = deliverStream(call, attempt);
        co_return co_await streaming;
    }
    auto whole = deliverWhole(call, attempt);
    co_return co_await whole;
}

// An HTTP status that is not a success, with the start of its body.
Task<Ending> Relay::readRefusal(Call &call, Attempt &attempt) const
{
    upstream::Exchange &exchange = *attempt.exchange;
    QByteArray body;
    for (;;) {
        body.append(exchange.take());
        if (exchange.ended() || body.size() > kErrorBodyLimit)
            break;
        co_await call.wakeup;
    }
    const bool whole = exchange.ended() && !exchange.failed() && body.size() <= kErrorBodyLimit;
    exchange.cancel();
    const upstream::Head &head = *exchange.head();
    const protocol::VendorError vendor = protocol::readVendorError(body.left(kErrorBodyLimit));
    const Error error = errorOf(head.status, vendor, head.headers.value("retry-after"),
                                attempt.channelName(), m_services.clock->wallUs());
    Ending ending = failedEnding(call, attempt, error);
    ending.retryAfter = error.retryAfterSeconds;
    if (whole && isClientsFault(head.status) && isJson(head.headers.value("content-type"))
        && protocol::validateJson(body)) {
        ending.response.status = head.status;
        ending.response.headers = answerHeaders(call, attempt);
        ending.response.body = body;
    }
    co_return ending;
}

Task<Ending> Relay::deliverWhole(Call &call, Attempt &attempt) const
{
    upstream::Exchange &exchange = *attempt.exchange;
    QByteArray body;
    for (;;) {
        if (QByteArray piece = exchange.take(); body.isEmpty())
            body = std::move(piece);
        else
            body.append(piece);
        if (exchange.ended())
            break;
        co_await call.wakeup;
    }
    if (exchange.failed())
        co_return failedEnding(call, attempt, errorOf(*exchange.failed(), attempt.channelName()));

    Result<protocol::AnswerFacts> facts = protocol::readAnswer(call.endpoint, body);
    if (!facts) {
        co_return failedEnding(call, attempt,
                               badAnswer(attempt,
                                         QStringLiteral("answered something that is not "
                                                        "the promised JSON."),
                                         "bad_answer"));
    }
    if (facts->error)
        co_return failedEnding(call, attempt, *facts->error);
    if (facts->empty) {
        co_return failedEnding(
            call, attempt,
            badAnswer(attempt, QStringLiteral("gave an empty answer."), "empty_answer"));
    }
    attempt.row.firstTokenUs = m_services.clock->monotonicUs() - attempt.startedUs;
    call.row.firstTokenUs = m_services.clock->monotonicUs() - call.startedUs;

    Ending ending;
    ending.kind = Ending::Kind::Answered;
    ending.facts = std::move(*facts);
    ending.response.status = exchange.head()->status;
    ending.response.headers = answerHeaders(call, attempt);
    capture(call, body);
    call.row.bytesOut = body.size();
    ending.response.body = std::move(body);
    co_return ending;
}

// A sign of life where a stream has been silent for long; every wake-up passes here.
void Relay::keepClientWaiting(Call &call) const
{
    const std::int64_t silence = std::int64_t(call.snapshot->settings.keepAliveMs) * 1000;
    const std::int64_t now = m_services.clock->monotonicUs();
    if (!call.peek.stream || silence == 0 || call.stopped || now - call.lastSentUs < silence
        || call.exchange->ended() || call.out->pending() > 0)
        return;
    if (!call.out->begun())
        beginStream(call, {});
    call.out->write(signOfLife(call.endpoint, call.contentSent));
    call.lastSentUs = now;
}

void Relay::beginStream(Call &call, Headers headers) const
{
    headers.set("content-type",
                call.endpoint.sse ? "text/event-stream; charset=utf-8"
                                  : "application/json; charset=utf-8");
    headers.set("cache-control", "no-store");
    headers.set("x-accel-buffering", "no");
    headers.set("x-request-id", call.row.id);
    call.out->begin(200, std::move(headers));
    call.streaming = true;
    m_services.counters->streams.fetch_add(1, std::memory_order_relaxed);
}

Task<Ending> Relay::deliverStream(Call &call, Attempt &attempt) const
{
    upstream::Exchange &exchange = *attempt.exchange;
    http::ResponseStream &out = *call.out;
    const RelaySettings &settings = call.snapshot->settings;
    StreamCutter cutter(call.endpoint, call.peek.asksUsage);
    QByteArray passing; // cut, not yet sent
    Result<void> cut;

    while (!cutter.final() && !cutter.error()) {
        if (out.pending() <= settings.outputHigh) {
            const bool ended = exchange.ended(); // before take(): what it leaves is all there is
            const QByteArray bytes = exchange.take();
            setFirstByte(call, attempt);
            cut = cutter.cut(bytes, passing);
            if (cutter.contentSeen() && call.row.firstTokenUs < 0) {
                const std::int64_t now = m_services.clock->monotonicUs();
                attempt.row.firstTokenUs = now - attempt.startedUs;
                call.row.firstTokenUs = now - call.startedUs;
            }
            // Until the first real event the answer may still come from another channel.
            if (!passing.isEmpty() && (cutter.contentSeen() || passing.size() > kPreambleLimit)
                && !cutter.final() && !cutter.error()) {
                if (!out.begun())
                    beginStream(call, answerHeaders(call, attempt));
                out.write(passing);
                capture(call, passing);
                call.row.bytesOut += passing.size();
                call.contentSent = true;
                call.lastSentUs = m_services.clock->monotonicUs();
                passing.clear();
            }
            if (!cut || (ended && bytes.isEmpty()) || call.stopped)
                break;
            if (!bytes.isEmpty() && exchange.ended())
                continue;
        }
        if (cutter.final() || cutter.error())
            break;
        co_await call.wakeup;
        keepClientWaiting(call);
        const std::int64_t now = m_services.clock->monotonicUs();
        if (now - call.lastProgressUs >= kProgressUs && cutter.contentSeen()) {
            call.lastProgressUs = now;
            m_services.ledger->progress(
                attempt.row.id,
                tokensUsed(cutter.facts(), call.peek, call.request.body.size(), false).counts);
        }
    }
    co_return endStream(call, attempt, cutter, cut, std::move(passing));
}

Ending Relay::endStream(Call &call, Attempt &attempt, StreamCutter &cutter, const Result<void> &cut,
                        QByteArray passing) const
{
    const upstream::Exchange &exchange = *attempt.exchange;
    if (cut && exchange.ended() && !exchange.failed())
        cutter.close(passing);
    const bool whole = cut && !call.stopped && !cutter.error() && cutter.complete()
        && (cutter.final() || (exchange.ended() && !exchange.failed()));
    if (whole && !cutter.facts().empty) {
        Ending ending;
        ending.kind = Ending::Kind::Answered;
        ending.facts = cutter.facts();
        ending.tail = passing + cutter.tail();
        capture(call, ending.tail);
        call.row.bytesOut += ending.tail.size();
        if (!call.out->begun())
            beginStream(call, answerHeaders(call, attempt));
        return ending;
    }

    Error error;
    if (cutter.error())
        error = *cutter.error();
    else if (!cut)
        error = cut.error();
    else if (exchange.failed())
        error = errorOf(*exchange.failed(), attempt.channelName());
    else if (whole)
        error = badAnswer(attempt, QStringLiteral("gave an empty answer."), "empty_answer");
    else
        error
            = badAnswer(attempt, QStringLiteral("ended its stream before the answer was complete."),
                        "truncated");
    Ending ending = failedEnding(call, attempt, std::move(error));
    ending.facts = cutter.facts();
    if (call.contentSent) {
        ending.kind = Ending::Kind::Broken;
        // The vendor's own error event is in the client's own dialect already.
        ending.tail = cutter.error() && !call.stopped
            ? passing + cutter.tail()
            : errorEnd(call.endpoint, ending.error, call.row.id, true);
    }
    return ending;
}

} // namespace tollgate::relay
