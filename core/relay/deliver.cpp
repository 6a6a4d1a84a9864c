// SPDX-License-Identifier: GPL-3.0-or-later
// Sends one provider's answer back to one client: whole, or event by event.
#include "core/protocol/errors.h"
#include "core/relay/call.h"
#include "core/relay/ending.h"
#include "core/relay/estimate.h"
#include "core/relay/relay.h"
#include "core/relay/running.h"
#include "core/relay/streamcutter.h"
#include "core/relay/streamwords.h"
#include "core/relay/upstreamerror.h"
#include "core/relay/usagefinder.h"
#include "core/upstream/failure.h"

#include <algorithm>
#include <utility>

namespace tollgate::relay {
namespace {

constexpr qsizetype kErrorBodyLimit = 64 * 1024;
constexpr qsizetype kPreambleLimit = 256 * 1024;
constexpr std::int64_t kProgressUs = 2'000'000;
constexpr qsizetype kLeasedPiece = 512; // is judged by itself: what came before it is sent

using protocol::EventClass;

// What cannot be cut is the provider's fault, whatever kind of error its reader calls it.
Error uncut(const Attempt &attempt, const Error &error)
{
    return badAnswer(attempt, QStringLiteral("sent an unreadable stream: %1").arg(error.message),
                     error.kind == ErrorKind::TooLarge ? "answer_too_large" : "bad_answer");
}

bool isJson(QByteArrayView contentType)
{
    return contentType.trimmed().startsWith("application/json") || contentType.contains("+json");
}

void capture(Call &call, QByteArrayView bytes)
{
    if (call.capture)
        call.capture->told(bytes);
}

void captureAnswer(Call &call, const Attempt &attempt, QByteArrayView bytes)
{
    if (call.capture)
        call.capture->answered(attempt.row.number, bytes);
}

void setFirstByte(Call &call, const Attempt &attempt)
{
    if (call.row.firstByteUs < 0 && attempt.exchange->timing().firstByteUs)
        call.row.firstByteUs = attempt.exchange->timing().firstByteUs - call.startedUs;
}

// How long a provider has said nothing. A stream of nothing but comments keeps its connection alive
// and is as silent as one without; before the first word it may take as long as for a first byte.
class Silence
{
public:
    Silence(const upstream::Timeouts &limits, bool sse, std::int64_t nowUs)
        : m_limits(limits)
        , m_sse(sse)
        , m_sinceUs(nowUs)
    {
    }

    void clientIsSlow() { m_excused = true; }
    [[nodiscard]] bool tooLong(QByteArrayView news, bool contentSeen, std::int64_t nowUs)
    {
        if (std::exchange(m_excused, false) || !m_sse || !isChatter(news))
            m_sinceUs = nowUs;
        const int first
            = m_limits.firstByteMs == 0 ? 0 : std::max(m_limits.firstByteMs, m_limits.idleMs);
        const int limitMs = contentSeen ? m_limits.idleMs : first;
        return limitMs > 0 && !news.isEmpty() && nowUs - m_sinceUs > std::int64_t(limitMs) * 1000;
    }

private:
    const upstream::Timeouts &m_limits;
    bool m_sse;
    bool m_excused = false;
    std::int64_t m_sinceUs;
};

using protocol::Operation;

// Sound, and the streams of pictures and transcripts: their bytes are nothing we need to cut.
bool goesOnAsItIs(const Call &call)
{
    const Operation operation = call.endpoint.operation;
    return operation == Operation::Speak
        || (call.peek.stream
            && (operation == Operation::Image || operation == Operation::Transcribe));
}

// What an answer without a usage report is billed by. A letter of speech is about 1.4 tokens; sound
// is ten tokens a second, and 16 KB of a usual file.
void guessUsage(const Call &call, protocol::AnswerFacts &facts)
{
    TokenCounts used;
    if (call.endpoint.operation == Operation::Speak) {
        used.input = protocol::estimateTokens(call.request.body.size());
        used.audioOutput = call.request.body.size() * 3 / 2;
    } else {
        used.audioInput = call.request.body.size() / 1'600 + 1;
        used.output = protocol::estimateTokens(facts.outputBytes);
    }
    facts.usage = used;
    facts.usageEstimated = true;
}

// A transcript is text in one of five formats, of which two are JSON.
protocol::AnswerFacts transcriptFacts(const Call &call, QByteArrayView body)
{
    Result<protocol::AnswerFacts> read = protocol::readAnswer(call.endpoint, body);
    protocol::AnswerFacts facts = read ? std::move(*read) : protocol::AnswerFacts{};
    facts.empty = false; // silence has no words
    facts.outputBytes = body.size();
    facts.units = protocol::readUnitsTold(Operation::Transcribe, body);
    if (!facts.usage && !facts.error)
        guessUsage(call, facts);
    return facts;
}

// A whole answer, and what the client gets of it.
Result<Translation::Whole> understood(const Call &call, const Attempt &attempt, QByteArray body)
{
    Translation::Whole answer;
    if (attempt.translation) {
        Result<Translation::Whole> told = attempt.translation->answer(body);
        if (!told)
            return failure(told.error());
        answer = std::move(*told);
    } else if (call.endpoint.operation == Operation::Transcribe) {
        answer.facts = transcriptFacts(call, body);
        answer.body = std::move(body);
    } else {
        Result<protocol::AnswerFacts> facts = protocol::readAnswer(call.endpoint, body);
        if (!facts) {
            return failure(badAnswer(
                attempt, QStringLiteral("answered something that is not the promised JSON."),
                "bad_answer"));
        }
        facts->units = protocol::readUnitsTold(call.endpoint.operation, body);
        answer = {std::move(body), std::move(*facts)};
    }
    if (answer.facts.error)
        return failure(*answer.facts.error);
    if (answer.facts.empty) {
        return failure(badAnswer(attempt, QStringLiteral("gave an empty answer."), "empty_answer"));
    }
    return answer;
}

std::unique_ptr<AnswerStream> answerStream(const Call &call, const Attempt &attempt)
{
    if (attempt.translation)
        return attempt.translation->stream();
    auto cutter = std::make_unique<StreamCutter>(call.endpoint, call.peek.asksUsage, call.row.id);
    if (call.leased)
        cutter->prepareToStop();
    return cutter;
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
    if (goesOnAsItIs(call)) {
        auto passing = deliverAsItIs(call, attempt);
        co_return co_await passing;
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
    captureAnswer(call, attempt, body);
    exchange.cancel();
    const upstream::Head &head = *exchange.head();
    const protocol::VendorError vendor = protocol::readVendorError(body.left(kErrorBodyLimit));
    const Error error = errorOf(head.status, vendor, head.headers.value("retry-after"),
                                attempt.channelName(), m_services.clock->wallUs());
    Ending ending = failedEnding(call, attempt, error);
    ending.retryAfter = error.retryAfterSeconds;
    ending.failure.blamesChannel = blamesChannel(vendor);
    if (whole && !attempt.translation && !ending.failure.blamesChannel
        && isClientsFault(head.status) && isJson(head.headers.value("content-type"))
        && protocol::validateJson(body)) {
        ending.response.status = head.status;
        ending.response.headers = answerHeaders(call, attempt);
        ending.response.body = withoutKey(attempt, body);
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

    captureAnswer(call, attempt, body);
    Result<Translation::Whole> answer = understood(call, attempt, std::move(body));
    if (!answer)
        co_return failedEnding(call, attempt, answer.error());
    attempt.row.firstTokenUs = m_services.clock->monotonicUs() - attempt.startedUs;
    call.row.firstTokenUs = m_services.clock->monotonicUs() - call.startedUs;

    Ending ending;
    ending.kind = Ending::Kind::Answered;
    ending.facts = std::move(answer->facts);
    attempt.untold = std::move(answer->untold);
    ending.response.status = exchange.head()->status;
    ending.response.headers = answerHeaders(call, attempt);
    capture(call, answer->body);
    call.row.bytesOut = answer->body.size();
    ending.response.body = std::move(answer->body);
    co_return ending;
}

// Each piece as it comes; the last one is held back until it is paid for.
Task<Ending> Relay::deliverAsItIs(Call &call, Attempt &attempt) const
{
    upstream::Exchange &exchange = *attempt.exchange;
    http::ResponseStream &out = *call.out;
    const bool events
        = exchange.head()->headers.value("content-type").startsWith("text/event-stream");
    UsageFinder finder(call.endpoint, events);
    QByteArray held;
    while (!call.stopped) {
        if (out.pending() <= call.snapshot->settings.outputHigh) {
            const bool ended = exchange.ended();
            if (QByteArray piece = exchange.take(); !piece.isEmpty()) {
                finder.see(piece);
                if (!held.isEmpty()) {
                    if (!out.begun())
                        out.begin(exchange.head()->status, answerHeaders(call, attempt));
                    out.write(held);
                    call.contentSent = true;
                    call.lastSentUs = m_services.clock->monotonicUs();
                }
                if (call.row.firstTokenUs < 0) {
                    call.row.firstTokenUs = m_services.clock->monotonicUs() - call.startedUs;
                    attempt.row.firstTokenUs = m_services.clock->monotonicUs() - attempt.startedUs;
                }
                call.row.bytesOut += piece.size();
                held = std::move(piece);
                continue;
            }
            if (ended)
                break;
        }
        co_await call.wakeup;
    }
    std::optional<Error> failed;
    if (exchange.failed())
        failed = errorOf(*exchange.failed(), attempt.channelName());
    else if (held.isEmpty() && !call.stopped)
        failed = badAnswer(attempt, QStringLiteral("gave an empty answer."), "empty_answer");
    else if (finder.facts().error)
        failed = finder.facts().error;
    else if (!finder.complete() && !call.stopped)
        failed
            = badAnswer(attempt, QStringLiteral("ended its stream before the answer was complete."),
                        "truncated");
    protocol::AnswerFacts facts = finder.facts();
    facts.units = finder.units();
    if (!facts.usage)
        guessUsage(call, facts);
    if (failed || call.stopped) {
        Ending ending = failedEnding(call, attempt, failed.value_or(Error{}));
        ending.facts = std::move(facts);
        if (call.contentSent) {
            ending.kind = Ending::Kind::Broken;
            const bool told = finder.facts().error && !call.stopped;
            ending.tail = told ? withoutKey(attempt, std::move(held)) : QByteArray();
            ending.abort = !told;
        }
        co_return ending;
    }
    Ending ending;
    ending.kind = Ending::Kind::Answered;
    ending.facts = std::move(facts);
    ending.response.status = exchange.head()->status;
    ending.response.headers = answerHeaders(call, attempt);
    if (out.begun())
        ending.tail = std::move(held);
    else
        ending.response.body = std::move(held);
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
    const QByteArray words = signOfLife(call.endpoint, call.contentSent);
    if (words.isEmpty())
        return;
    if (!call.out->begun())
        beginStream(call, {});
    call.out->write(words);
    call.lastSentUs = now;
}

void Relay::beginStream(Call &call, Headers headers) const
{
    headers.set("content-type", streamType(call.endpoint));
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
    const std::unique_ptr<AnswerStream> stream = answerStream(call, attempt);
    AnswerStream &answer = *stream;
    const ShownFacts shown(call, answer.facts());
    QByteArray passing; // cut, not yet sent
    QByteArray batch; // taken from the provider
    QByteArrayView rest; // of it, not yet cut
    Result<void> cut;
    Silence silence(attempt.timeouts, call.endpoint.sse, m_services.clock->monotonicUs());

    while (!answer.final() && !answer.error()) {
        if (out.pending() <= settings.outputHigh) {
            const bool ended = exchange.ended(); // before take(): what it leaves is all there is
            if (rest.isEmpty()) {
                rest = batch = exchange.take();
                captureAnswer(call, attempt, batch);
            }
            const QByteArrayView bytes
                = call.leased ? rest.first(std::min(rest.size(), kLeasedPiece)) : rest;
            rest = rest.sliced(bytes.size());
            setFirstByte(call, attempt);
            const std::int64_t now = m_services.clock->monotonicUs();
            cut = answer.cut(bytes, passing);
            if (!cut)
                cut = failure(uncut(attempt, cut.error()));
            else if (!exchange.ended() && silence.tooLong(bytes, answer.contentSeen(), now)) {
                cut = failure(errorOf(upstream::timedOut(upstream::FailureKind::IdleTimeout),
                                      attempt.channelName()));
                exchange.cancel();
            }
            if (answer.contentSeen() && call.row.firstTokenUs < 0) {
                attempt.row.firstTokenUs = now - attempt.startedUs;
                call.row.firstTokenUs = now - call.startedUs;
            }
            if (cut && call.leased && !call.stopped && !answer.error()) {
                auto staying = stayWithinLease(call, attempt, answer.facts(), answer.final(),
                                               !passing.isEmpty());
                const bool paid = co_await staying;
                if (!paid && call.stopped)
                    break;
                if (!paid)
                    co_return endCut(call, attempt, answer);
            }
            // Until the first real event the answer may still come from another channel.
            if (!passing.isEmpty() && (answer.contentSeen() || passing.size() > kPreambleLimit)
                && !answer.final() && !answer.error()) {
                if (!out.begun()) {
                    attempt.untold = answer.untold();
                    beginStream(call, answerHeaders(call, attempt));
                }
                out.write(passing);
                capture(call, passing);
                call.row.bytesOut += passing.size();
                call.contentSent = true;
                call.lastSentUs = m_services.clock->monotonicUs();
                passing.clear();
            }
            if (!cut || (ended && bytes.isEmpty()) || call.stopped)
                break;
            if (!bytes.isEmpty() && (exchange.ended() || !rest.isEmpty()))
                continue;
        } else {
            silence.clientIsSlow();
        }
        if (answer.final() || answer.error())
            break;
        co_await call.wakeup;
        keepClientWaiting(call);
        const std::int64_t now = m_services.clock->monotonicUs();
        if (now - call.lastProgressUs >= kProgressUs && answer.contentSeen()) {
            call.lastProgressUs = now;
            m_services.ledger->progress(
                attempt.row.id,
                tokensUsed(answer.facts(), call.peek, call.request.body.size(), false).counts);
        }
    }
    if (cut && answer.final() && !rest.isEmpty())
        cut = answer.cut(rest, passing);
    co_return endStream(call, attempt, answer, cut, std::move(passing));
}

Ending Relay::endStream(Call &call, Attempt &attempt, AnswerStream &answer, const Result<void> &cut,
                        QByteArray passing) const
{
    const upstream::Exchange &exchange = *attempt.exchange;
    if (cut && exchange.ended() && !exchange.failed())
        answer.close(passing);
    attempt.untold = answer.untold();
    const bool whole = cut && !call.stopped && !answer.error() && answer.complete()
        && (answer.final() || (exchange.ended() && !exchange.failed()));
    if (whole && !answer.facts().empty) {
        Ending ending;
        ending.kind = Ending::Kind::Answered;
        ending.facts = answer.facts();
        ending.tail = passing + answer.tail();
        capture(call, ending.tail);
        call.row.bytesOut += ending.tail.size();
        if (!call.out->begun())
            beginStream(call, answerHeaders(call, attempt));
        return ending;
    }

    Error error;
    if (answer.error())
        error = *answer.error();
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
    ending.facts = answer.facts();
    if (call.contentSent) {
        ending.kind = Ending::Kind::Broken;
        // The vendor's own error event is in the client's own dialect already.
        ending.tail = answer.error() && !call.stopped ? passing + withoutKey(attempt, answer.tail())
                                                      : answer.failed(ending.error);
    }
    return ending;
}

} // namespace tollgate::relay
