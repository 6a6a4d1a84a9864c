// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/relay.h"

#include "core/base/random.h"
#include "core/protocol/formpeek.h"
#include "core/protocol/protocol.h"
#include "core/relay/answers.h"
#include "core/relay/call.h"
#include "core/relay/estimate.h"
#include "core/relay/folding.h"
#include "core/relay/idempotency.h"
#include "core/relay/running.h"
#include "core/relay/streamwords.h"
#include "core/relay/upstreamerror.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

constexpr int kTickMs = 500;

std::int64_t sinceStart(const Call &call, const Clock &clock)
{
    return clock.monotonicUs() - call.startedUs;
}

// What ties the requests of one conversation together, in the words of the clients that say so.
QByteArray sessionOf(const Call &call)
{
    for (const char *name :
         {"x-claude-code-session-id", "session-id", "x-session-affinity", "x-session-id"}) {
        if (const QByteArray *value = call.request.head.headers.find(name))
            return value->left(128);
    }
    return call.peek.sessionHint.left(128);
}

std::int64_t keyIdOf(const routing::Candidate &candidate)
{
    const auto &keys = candidate.channel->keys;
    return keys.empty() ? 0 : keys[candidate.key].row.id;
}

Attempt attemptAt(const Call &call, const routing::Candidate &candidate, int number,
                  const Clock &clock)
{
    Attempt attempt;
    attempt.candidate = &candidate;
    attempt.startedUs = clock.monotonicUs();
    attempt.row.requestId = call.row.id;
    attempt.row.number = number;
    attempt.row.channelId = candidate.channel->row.id;
    attempt.row.keyId = keyIdOf(candidate);
    attempt.row.model = candidate.vendorModel;
    attempt.row.reason = candidate.reason;
    attempt.row.startedUs = clock.wallUs();
    return attempt;
}

Result<protocol::Peek> peekOf(Call &call)
{
    using protocol::Operation;
    const Operation operation = call.endpoint.operation;
    const QByteArray type = call.request.head.headers.value("content-type");
    call.endpoint.form = (operation == Operation::Image || operation == Operation::Transcribe)
        && protocol::isForm(type);
    auto peek = call.endpoint.form
        ? protocol::peekForm(type, call.request.body)
        : protocol::peek(call.endpoint, call.request.body, call.snapshot->settings.jsonLimits);
    const bool streams = operation == Operation::Generate || operation == Operation::Image
        || operation == Operation::Transcribe;
    if (peek && !streams)
        peek->stream = false; // what the vendor makes of the member, its one answer comes whole
    return peek;
}

} // namespace

Relay::Relay(Services services)
    : m_services(std::move(services))
    , m_snapshot(std::make_shared<Snapshot>())
    , m_usual(std::make_unique<UsualOutput>())
{
    m_ticker.setInterval(kTickMs);
    m_ticker.setTimerType(Qt::CoarseTimer);
    QObject::connect(&m_ticker, &QTimer::timeout, &m_ticker, [this] { tick(); });
}

Relay::~Relay()
{
    Q_ASSERT(m_calls.empty());
}

void Relay::setSnapshot(std::shared_ptr<const Snapshot> snapshot)
{
    m_snapshot = std::move(snapshot);
}

void Relay::handle(http::Request request, std::shared_ptr<http::ResponseStream> out)
{
    auto call = std::make_shared<Call>();
    call->request = std::move(request);
    call->out = std::move(out);
    call->snapshot = m_snapshot;
    call->startedUs = call->request.head.startedUs;
    const std::int64_t age = m_services.clock->monotonicUs() - call->startedUs;
    call->row.startedUs = m_services.clock->wallUs() - age;
    call->row.id = orderedId("req_", call->row.startedUs);
    call->row.bytesIn = call->request.body.size();
    if (call->snapshot->settings.captureBodies && m_services.capture)
        call->capture = std::make_unique<Capture>(*m_services.clock, call->startedUs);
    call->out->onGone([weak = std::weak_ptr(call)] {
        if (const auto left = weak.lock()) {
            left->stop(
                {ErrorKind::ClientGone,
                 QStringLiteral("The client closed the connection before the answer ended.")});
        }
    });
    call->out->onDrained([weak = std::weak_ptr(call)] {
        if (const auto waiting = weak.lock())
            waiting->wakeup.fire();
    });
    m_services.counters->running.fetch_add(1, std::memory_order_relaxed);
    m_calls.insert(call);
    if (!m_ticker.isActive())
        m_ticker.start();
    start(serve(std::move(call)));
}

// The life of a request. Each step is one call into one room.
Task<void> Relay::serve(std::shared_ptr<Call> call)
{
    Result<void> ready = identify(*call);
    if (ready && answerLocally(*call)) {
        end(call);
        co_return;
    }
    if (ready && call->endpoint.operation == protocol::Operation::Kept) {
        auto keeping = serveKept(call);
        co_await keeping;
        end(call);
        co_return;
    }
    if (ready)
        ready = understand(*call);
    if (ready)
        ready = choose(*call);
    if (!ready) {
        refuseCall(*call, ready.error());
        m_services.ledger->record(call->row);
        end(call);
        co_return;
    }
    if (answerLoading(*call) || answerCount(*call)) {
        end(call);
        co_return;
    }

    const int tries = std::min<int>(static_cast<int>(call->plan.candidates.size()),
                                    call->snapshot->settings.maxAttempts);
    for (int number = 1; number <= tries; ++number) {
        const routing::Candidate &candidate
            = call->plan.candidates[static_cast<std::size_t>(number) - 1];
        Attempt attempt = attemptAt(*call, candidate, number, *m_services.clock);
        attempt.provider = providerFor(candidate);
        Result<void> told = translate(*call, attempt);
        if (told && !attempt.media.empty() && !attempt.translation) {
            auto fetching = fetchMedia(call, attempt);
            told = co_await fetching;
        }
        if (!told) {
            if (number < tries)
                continue; // another channel may understand what this one cannot be told
            refuseCall(*call, told.error());
            m_services.ledger->record(call->row, keyUnused(*call));
            break;
        }
        if (const bool probing = !m_services.health->beginAttempt(keyIdOf(candidate));
            probing && number < tries)
            continue; // another request is finding out whether this key works again

        auto preparing = prepare(call, attempt);
        const Result<void> prepared = co_await preparing;
        Result<ledger::HoldRequest> wanted = price(*call, attempt);
        if (!wanted) {
            refuseCall(*call, wanted.error());
            m_services.ledger->record(call->row, keyUnused(*call));
            break;
        }
        const bool leased = wanted->leasedTokens > 0;
        const NanoUsd fixed = wanted->fixed;
        const PicoUsd perToken = wanted->perOutputToken;
        const auto reserving = m_services.ledger->reserve(std::move(*wanted), *m_services.mailbox);
        Result<ledger::Hold> hold = co_await reserving;
        if (!hold) {
            refuseCall(*call, hold.error());
            m_services.ledger->record(call->row, keyUnused(*call));
            break;
        }
        if (hold->replay) {
            replay(*call, std::move(*hold->replay));
            m_services.ledger->record(call->row);
            break;
        }
        attempt.row.id = hold->attemptId;
        attempt.row.held = hold->amount;
        if (leased)
            attempt.lease = Lease(hold->amount, fixed, perToken, hold->outputTokens);
        call->leased = attempt.lease.partial();
        call->row.attempts = number;
        call->row.channelId = attempt.row.channelId;
        call->row.servedModel = attempt.row.model;
        if (call->row.reservedUs < 0)
            call->row.reservedUs = sinceStart(*call, *m_services.clock);
        m_services.counters->attempts.fetch_add(1, std::memory_order_relaxed);

        Ending ending;
        if (const Result<void> sent = prepared ? send(*call, attempt, *hold) : prepared; !sent) {
            ending.error = sent.error();
        } else {
            auto delivering = deliver(*call, attempt);
            ending = co_await delivering;
        }

        ledger::Settlement settlement = bill(*call, attempt, ending);
        const bool moveOn = ending.kind == Ending::Kind::Failed && !call->stopped && number < tries
            && routing::judge(ending.failure) == routing::Verdict::Next;
        if (moveOn) {
            m_services.counters->failovers.fetch_add(1, std::memory_order_relaxed);
            const auto settling
                = m_services.ledger->settle(std::move(settlement), *m_services.mailbox);
            co_await settling;
            routing::steerAway(call->plan, static_cast<std::size_t>(number) - 1, ending.failure);
            continue;
        }
        auto key = keyAfter(*call, ending, settlement.outcome);
        const auto finishing = m_services.ledger->finish(call->row, std::move(settlement),
                                                         *m_services.mailbox, std::move(key));
        co_await finishing; // an answer is whole only once it is paid
        conclude(*call, ending);
        break;
    }
    end(call);
}

namespace {

// Those that run go on; what is new is told when to come back, if that is known.
Result<void> notPaused(const Snapshot &snapshot, std::int64_t nowUs)
{
    constexpr std::int64_t kUsPerSecond = 1'000'000;
    const std::int64_t untilUs = snapshot.settings.pausedUntilUs;
    if (untilUs <= nowUs)
        return {};
    Error error{ErrorKind::Unavailable,
                QStringLiteral("Tollgate is paused by its owner; try again when it is resumed."),
                "paused"};
    if (untilUs != store::kUntilResumed) {
        const std::int64_t seconds = (untilUs - nowUs + kUsPerSecond - 1) / kUsPerSecond;
        error.retryAfterSeconds = static_cast<int>(std::min<std::int64_t>(seconds, 86'400));
    }
    return failure(std::move(error));
}

} // namespace

Result<void> Relay::choose(Call &call) const
{
    Result<access::Meters::Place> place
        = m_services.meters->admit(*call.token, call.peek.inputTokensCeiling);
    if (!place)
        return failure(place.error());
    call.place = std::move(*place);

    routing::Question question;
    question.model = call.row.model;
    question.operation = call.endpoint.operation;
    question.dialect = call.endpoint.dialect;
    question.affinity = call.row.sessionId;
    question.nowUs = m_services.clock->wallUs();
    call.plan = routing::plan(
        *call.snapshot->channels, question,
        [this](std::int64_t key) { return m_services.health->cooldownUs(key); },
        [](std::uint32_t bound) { return randomBelow(bound); });
    call.row.routedUs = sinceStart(call, *m_services.clock);
    call.row.leftOut = leftOut(call.plan);
    if (call.plan.candidates.empty())
        return failure(routing::whyNoChannel(call.plan, question));
    return {};
}

Result<void> Relay::understand(Call &call) const
{
    if (auto open = notPaused(*call.snapshot, m_services.clock->wallUs()); !open)
        return open;
    Result<protocol::Peek> peek = peekOf(call);
    if (!peek)
        return failure(peek.error());
    call.peek = std::move(*peek);
    if (protocol::countsUnits(call.endpoint.operation))
        call.units = protocol::readUnitsAsked(
            call.endpoint, call.request.head.headers.value("content-type"), call.request.body);
    call.row.model = call.peek.model;
    call.row.stream = call.peek.stream;
    call.row.sessionId = sessionOf(call);
    if (!access::modelAllowed(*call.token, call.row.model)) {
        return failure(
            ErrorKind::Forbidden,
            QStringLiteral("This token may not use the model \u201c%1\u201d; ask for one "
                           "that lists it.")
                .arg(QString::fromUtf8(call.row.model)),
            "model_not_allowed");
    }
    auto idempotency = idempotencyOf(call.request, call.endpoint);
    if (!idempotency)
        return failure(idempotency.error());
    call.idempotency = std::move(*idempotency);
    return {};
}

Result<ledger::HoldRequest> Relay::price(const Call &call, Attempt &attempt) const
{
    const QByteArray &vendor = attempt.candidate->channel->row.provider;
    attempt.price = call.snapshot->prices->find(vendor, attempt.row.model, attempt.row.startedUs);
    const protocol::Operation operation = call.endpoint.operation;
    if (attempt.price && !covers(*attempt.price, operation))
        attempt.price = nullptr;
    attempt.row.priceId = attempt.price ? attempt.price->id : 0;
    if (!attempt.price)
        attempt.row.flags |= store::Unpriced;

    ledger::HoldRequest wanted;
    wanted.tokenId = call.token->id;
    wanted.idempotency = call.idempotency;
    if (call.token->budgetId)
        wanted.budgetIds.push_back(call.token->budgetId);
    const Result<void> estimated
        = estimateHold(wanted, attempt.price, call.endpoint, call.peek, call.snapshot->settings,
                       protocol::mostUnits(operation, call.peek, call.units));
    if (!estimated)
        return failure(estimated.error());
    attempt.wantedOutput = wanted.outputTokens;
    const bool leases = call.peek.stream && operation == protocol::Operation::Generate;
    if (leases && call.token->budgetId && wanted.perOutputToken.value > 0)
        wanted.leasedTokens = firstLease(m_usual->most(call.token->id, attempt.row.model),
                                         wanted.minimumOutputTokens);
    // What a sweep bills by, should we not live to see the answer: the input went out.
    attempt.row.usage = tokensUsed({}, call.peek, call.request.body.size(), false).counts;
    attempt.row.units = protocol::usedUnits(operation, call.units, {}, 0).counts;
    wanted.attempt = attempt.row;
    return wanted;
}

void Relay::conclude(Call &call, const Ending &ending) const
{
    http::ResponseStream &out = *call.out;
    switch (ending.kind) {
    case Ending::Kind::Answered:
        if (out.begun())
            out.end(ending.tail);
        else
            out.respond(ending.response);
        break;
    case Ending::Kind::Broken:
        if (ending.abort)
            out.abort();
        else
            out.end(ending.tail);
        break;
    case Ending::Kind::Failed:
        if (out.begun()) // only keep-alives so far: the error is told as an event
            out.end(errorEnd(call.endpoint, ending.error, call.row.id, false));
        else if (!ending.response.body.isEmpty())
            out.respond(ending.response);
        else
            out.respond(errorResponse(call.endpoint.dialect, ending.error, call.row.id));
        if (call.capture)
            call.capture->told(
                ending.response.body.isEmpty()
                    ? errorResponse(call.endpoint.dialect, ending.error, call.row.id).body
                    : ending.response.body);
        break;
    }
    keepBodies(call);
}

void Relay::keepBodies(Call &call) const
{
    if (call.capture)
        m_services.capture(call.row.id, call.row.startedUs, call.capture->take(call.request.body));
}

void Relay::refuseCall(Call &call, const Error &error) const
{
    const Error &told = call.stopped ? *call.stopped : error;
    closeRecord(call, told.status(), &told);
    if (call.out->begun())
        call.out->end(errorEnd(call.endpoint, told, call.row.id, call.contentSent));
    else
        call.out->respond(errorResponse(call.endpoint.dialect, told, call.row.id));
}

void Relay::closeRecord(Call &call, int status, const Error *error) const
{
    store::RequestRow &row = call.row;
    row.status = status;
    row.endUs = sinceStart(call, *m_services.clock);
    row.error = error ? slug(error->kind) : QByteArray();
    row.errorText = error ? error->message : QString();
}

void Relay::end(const std::shared_ptr<Call> &call)
{
    Counters &counters = *m_services.counters;
    const store::RequestRow &row = call->row;
    counters.running.fetch_sub(1, std::memory_order_relaxed);
    if (call->streaming)
        counters.streams.fetch_sub(1, std::memory_order_relaxed);
    counters.requests.fetch_add(1, std::memory_order_relaxed);
    counters.byClass[static_cast<std::size_t>(std::clamp(row.status / 100, 0, 5))].fetch_add(
        1, std::memory_order_relaxed);
    counters.inputTokens.fetch_add(row.usage.totalInput(), std::memory_order_relaxed);
    counters.outputTokens.fetch_add(row.usage.totalOutput(), std::memory_order_relaxed);
    counters.chargedNano.fetch_add(row.charge.value, std::memory_order_relaxed);
    if (call->stopped && call->stopped->kind == ErrorKind::ClientGone)
        counters.clientsLeft.fetch_add(1, std::memory_order_relaxed);
    if (row.firstTokenUs >= 0)
        counters.observeFirstToken(row.firstTokenUs);
    call->place.settle(row.usage.total());
    call->out->onGone({});
    call->out->onDrained({});
    m_calls.erase(call);
    if (m_calls.empty()) {
        m_ticker.stop();
        if (m_onIdle)
            m_onIdle();
    }
}

void Relay::stopAll()
{
    const std::vector<std::shared_ptr<Call>> running(m_calls.begin(), m_calls.end());
    for (const auto &call : running) {
        Error error{ErrorKind::Unavailable,
                    QStringLiteral("Tollgate is shutting down; try again in a moment.")};
        error.code = "shutting_down";
        error.retryAfterSeconds = 5;
        call->stop(std::move(error));
    }
}

// Twice a second: ends calls whose token no longer holds, and wakes silent streams.
void Relay::tick()
{
    const std::int64_t nowUs = m_services.clock->wallUs();
    const std::int64_t monotonic = m_services.clock->monotonicUs();
    const std::vector<std::shared_ptr<Call>> running(m_calls.begin(), m_calls.end());
    for (const auto &call : running) {
        const auto valid = call->token
            ? access::stillValid(*m_snapshot->tokens, call->token->id, nowUs)
            : Result<void>();
        if (!valid) {
            call->stop(valid.error());
        } else if (call->leased && call->exchange) {
            call->wakeup.fire();
        } else if (call->peek.stream && call->exchange && call->snapshot->settings.keepAliveMs > 0
                   && monotonic - call->lastSentUs
                       > std::int64_t(call->snapshot->settings.keepAliveMs) * 1000) {
            call->wakeup.fire();
        }
    }
}

} // namespace tollgate::relay
