// SPDX-License-Identifier: GPL-3.0-or-later
// Files and batches: the wire to the key that keeps them, and what they come to cost.
#include "core/base/random.h"
#include "core/ledger/pricestore.h"
#include "core/protocol/headerpolicy.h"
#include "core/relay/ending.h"
#include "core/relay/keeping.h"
#include "core/relay/outgoing.h"
#include "core/relay/upstreamerror.h"
#include "core/store/store.h"

namespace tollgate::relay {
namespace {

using protocol::Dialect;
using protocol::KeptCall;

constexpr std::int64_t kLongestShown = 4 * 1024 * 1024; // of one file's or batch's description

// The vendor's usual rates in the share that it takes for a batch; rounded up.
ledger::Price batchPrice(const ledger::Price &usual, int percent)
{
    const auto share = [percent](PicoUsd &rate) {
        if (rate.value > 0)
            rate.value = rate.value / 100 * percent + (rate.value % 100 * percent + 99) / 100;
    };
    const auto all = [&share](ledger::Rates &rates) {
        for (PicoUsd *rate :
             {&rates.input, &rates.output, &rates.cacheRead, &rates.cacheWrite5m,
              &rates.cacheWrite1h, &rates.reasoning, &rates.audioInput, &rates.audioOutput,
              &rates.imageInput, &rates.imageOutput, &rates.perRequest})
            share(*rate);
    };
    ledger::Price price = usual;
    price.id = 0;
    price.model += " (batch)";
    price.source += ", in a batch";
    all(price.rates);
    for (ledger::Tier &tier : price.tiers)
        all(tier.rates);
    return price;
}

} // namespace

// As the client reached us; its bearer token must not go elsewhere.
QByteArray Keeping::origin() const
{
    const http::RequestHead &head = m_call.request.head;
    const bool tls = head.peer.tls || head.headers.value("x-forwarded-proto") == "https";
    return (tls ? "https://" : "http://") + head.headers.value("host");
}

Result<void> Keeping::begin(const routing::Candidate &candidate, const QByteArray &method,
                            const QByteArray &path, const QByteArray &body)
{
    const routing::Channel &channel = *candidate.channel;
    m_failure = {};
    m_retryAfter = -1;
    m_call.exchange = nullptr;
    m_attempt = Attempt();
    m_attempt.candidate = &candidate;
    m_attempt.row.keyId = channel.keys[candidate.key].row.id;
    m_attempt.provider = m_services.providers->find(channel.row.provider);
    if (!m_attempt.provider
        || !m_attempt.provider->speaks(m_call.endpoint.operation, m_call.endpoint.dialect)) {
        return failure(ErrorKind::NotImplemented,
                       QStringLiteral("Channel \u201c%1\u201d keeps no files and batches any more.")
                           .arg(channel.row.name),
                       "no_channel");
    }
    protocol::Endpoint endpoint = m_call.endpoint;
    endpoint.path = path;
    endpoint.form = method == "POST"
        && m_call.request.head.headers.value("content-type").startsWith("multipart/");
    Outgoing outgoing;
    outgoing.method = method;
    outgoing.endpoint = &endpoint;
    outgoing.channel = &channel;
    outgoing.key = channel.keys[candidate.key].secret.get();
    outgoing.body = body;
    outgoing.clientHeaders = &m_call.request.head.headers;
    Result<upstream::Request> request = m_attempt.provider->request(outgoing);
    if (!request)
        return failure(request.error());
    applyLimits(*request, channel.row, m_call.snapshot->settings);
    request->bodyLimit = m_what.act == KeptCall::Act::Content
        ? m_call.snapshot->settings.streamLimit
        : kLongestShown;
    m_attempt.exchange = m_attempt.provider->open(*m_services.client, std::move(*request));
    m_call.exchange = m_attempt.exchange.get();
    m_call.exchange->setWaker([this] { m_call.wakeup.fire(); });
    m_call.row.channelId = channel.row.id;
    m_call.row.attempts += 1;
    m_services.counters->attempts.fetch_add(1, std::memory_order_relaxed);
    if (m_call.stopped)
        m_call.exchange->cancel();
    return {};
}

Task<Result<Keeping::Said>> Keeping::ask(const routing::Candidate &candidate, QByteArray method,
                                         QByteArray path, QByteArray body)
{
    if (const Result<void> begun = begin(candidate, method, path, body); !begun)
        co_return failure(begun.error());
    upstream::Exchange &exchange = *m_attempt.exchange;
    Said said;
    for (;;) {
        said.body += exchange.take();
        if (exchange.ended())
            break;
        co_await m_call.wakeup;
    }
    m_failure.requestSent = exchange.sent();
    m_failure.answered = exchange.head() != nullptr;
    if (m_call.stopped)
        co_return failure(*m_call.stopped);
    if (exchange.failed()) {
        const Error error = errorOf(*exchange.failed(), m_attempt.channelName());
        m_failure.timedOut = error.kind == ErrorKind::UpstreamTimeout;
        noteFailure(*m_services.health, m_attempt.keyId(), m_failure, -1);
        co_return failure(error);
    }
    said.status = exchange.head()->status;
    said.headers = exchange.head()->headers;
    m_failure.status = said.status;
    if (said.good()) {
        m_services.health->succeeded(m_attempt.keyId());
    } else if (said.status != 404) {
        m_retryAfter
            = retryAfterSeconds(said.headers.value("retry-after"), m_services.clock->wallUs());
        noteFailure(*m_services.health, m_attempt.keyId(), m_failure, m_retryAfter);
    }
    co_return said;
}

// A refusal that is the client's own mistake is passed on in the vendor's words.
Result<void> Keeping::refusal(const routing::Candidate &candidate, const Said &said)
{
    const protocol::VendorError vendor = protocol::readVendorError(said.body.left(64 * 1024));
    Error error = errorOf(said.status, vendor, said.headers.value("retry-after"),
                          candidate.channel->row.name, m_services.clock->wallUs());
    error.message = QString::fromUtf8(withoutKey(m_attempt, error.message.toUtf8()));
    if (!isClientsFault(said.status) || blamesChannel(vendor) || !protocol::validateJson(said.body))
        return failure(std::move(error));
    Said passed = said;
    passed.body = withoutKey(m_attempt, said.body);
    answer(passed);
    m_told = std::move(error);
    return {};
}

void Keeping::answer(const Said &said)
{
    http::Response response;
    response.status = said.status;
    response.headers = protocol::clientHeadersFrom(said.headers);
    response.headers.set("content-type", "application/json");
    response.headers.set("x-request-id", m_call.row.id);
    if (m_what.dialect == Dialect::Messages)
        response.headers.set("request-id", m_call.row.id);
    response.body = withOwnResults(said.body, origin());
    m_status = said.status;
    m_call.row.bytesOut = response.body.size();
    m_call.out->respond(std::move(response));
}

// A file's bytes or a batch's results, piece by piece.
Task<Result<void>> Keeping::content()
{
    auto finding = find(m_what.id);
    const auto thing = co_await finding;
    if (!thing)
        co_return failure(thing.error());
    const auto keeper = keeperOf(*thing);
    if (!keeper)
        co_return failure(keeper.error());
    if (const Result<void> begun = begin(*keeper, "GET", m_call.endpoint.path, {}); !begun)
        co_return failure(begun.error());
    upstream::Exchange &exchange = *m_attempt.exchange;
    while (!exchange.head() && !exchange.ended())
        co_await m_call.wakeup;
    if (m_call.stopped)
        co_return failure(*m_call.stopped);
    if (!exchange.head())
        co_return failure(errorOf(*exchange.failed(), m_attempt.channelName()));
    if (exchange.head()->status != 200) {
        constexpr qsizetype kMost = 64 * 1024;
        Said said;
        while (!exchange.ended() && said.body.size() < kMost) {
            said.body += exchange.take();
            if (!exchange.ended())
                co_await m_call.wakeup;
        }
        said.body += exchange.take();
        said.status = exchange.head()->status;
        said.headers = exchange.head()->headers;
        co_return refusal(*keeper, said);
    }
    ResultTally tally;
    const bool results = m_what.thing == KeptCall::Thing::Batch;
    auto passing = pass(results ? &tally : nullptr);
    if (const Result<void> passed = co_await passing; !passed)
        co_return failure(passed.error());
    if (results) {
        auto settling = settle(*thing, tally.conclude().value_or(std::vector{BatchUse{}}));
        co_await settling;
    }
    m_call.out->end();
    co_return Result<void>();
}

// All but the end.
Task<Result<void>> Keeping::pass(ResultTally *tally)
{
    upstream::Exchange &exchange = *m_attempt.exchange;
    http::ResponseStream &out = *m_call.out;
    Headers headers = protocol::clientHeadersFrom(exchange.head()->headers);
    for (const char *name : {"content-type", "content-disposition"}) {
        if (const QByteArray *value = exchange.head()->headers.find(name))
            headers.set(name, *value);
    }
    headers.set("x-request-id", m_call.row.id);
    if (m_what.dialect == Dialect::Messages)
        headers.set("request-id", m_call.row.id);
    out.begin(200, std::move(headers));
    for (;;) {
        if (m_call.stopped)
            break;
        if (out.pending() <= m_call.snapshot->settings.outputHigh) {
            const bool ended = exchange.ended();
            const QByteArray piece = exchange.take();
            if (!piece.isEmpty()) {
                if (tally)
                    tally->see(piece);
                out.write(piece);
                m_call.row.bytesOut += piece.size();
                continue;
            }
            if (ended)
                break;
        }
        co_await m_call.wakeup;
    }
    if (m_call.stopped || exchange.failed()) {
        out.abort(); // a file that ends early must not look whole
        co_return failure(m_call.stopped ? *m_call.stopped
                                         : errorOf(*exchange.failed(), m_attempt.channelName()));
    }
    co_return Result<void>();
}

Task<Result<void>> Keeping::remember(store::KeptThing thing, QByteArray shown)
{
    thing.content = shown;
    thing.final = isFinal(m_what.thing, m_what.dialect, shown);
    std::vector<store::KeptThing> things{thing};
    const bool batch = m_what.thing == KeptCall::Thing::Batch;
    for (const QByteArray &file : batch ? filesOf(shown) : QByteArrayList()) {
        store::KeptThing made = thing;
        made.id = file;
        made.kind = store::ThingKind::File;
        made.content.clear(); // asked for when it is looked at
        things.push_back(std::move(made));
    }
    const auto writing = m_services.store->write(
        [things](store::Database &db) -> Result<void> {
            for (const store::KeptThing &one : things) {
                if (auto kept = store::keepThing(db, one); !kept)
                    return kept;
            }
            return {};
        },
        *m_services.mailbox);
    if (const Result<void> kept = co_await writing; !kept)
        co_return failure(kept.error());
    // Anthropic tells with the results, not before.
    if (batch && thing.final && !thing.billed && m_what.dialect != Dialect::Messages) {
        auto settling = settle(thing, {useOf(shown).value_or(BatchUse{})});
        co_await settling;
    }
    co_return Result<void>();
}

// Once a batch, by whoever first sees what it used.
Task<void> Keeping::settle(const store::KeptThing &thing, std::vector<BatchUse> uses)
{
    const auto claiming = m_services.store->write(
        [token = thing.tokenId, id = thing.id](store::Database &db) {
            return store::claimBill(db, token, id);
        },
        *m_services.mailbox);
    const Result<bool> claimed = co_await claiming;
    if (!claimed || !*claimed)
        co_return;
    for (BatchUse &use : uses) {
        auto settling = settleOne(thing, std::move(use));
        co_await settling;
    }
}

// A record of its own: the call that tells the cost is not the one that caused it.
Task<void> Keeping::settleOne(const store::KeptThing &thing, BatchUse use)
{
    const QByteArray vendor = m_attempt.candidate->channel->row.provider;
    const int percent = m_attempt.provider ? m_attempt.provider->batchPercent() : 0;
    const std::int64_t now = m_services.clock->wallUs();
    const ledger::Price *usual = m_call.snapshot->prices->find(vendor, use.model, now);
    std::int64_t priceId = 0;
    NanoUsd cost;
    if (usual && percent > 0 && use.usage.total() > 0) {
        const ledger::Price price = batchPrice(*usual, percent);
        const auto storing = m_services.store->write(
            [price](store::Database &db) { return ledger::storePrices(db, {price}); },
            *m_services.mailbox);
        const Result<std::vector<ledger::Price>> stored = co_await storing;
        if (const auto exact = ledger::costOf(price, use.usage); stored && exact) {
            priceId = stored->front().id;
            cost = *exact;
        }
    }
    ledger::HoldRequest hold;
    hold.tokenId = thing.tokenId;
    hold.attempt.requestId = orderedId("req_", now);
    hold.attempt.channelId = thing.channelId;
    hold.attempt.keyId = thing.keyId;
    hold.attempt.model = use.model;
    hold.attempt.priceId = priceId;
    hold.attempt.startedUs = now;
    hold.attempt.usage = use.usage;
    hold.attempt.reason = use.usage.total() > 0
        ? "what batch " + thing.id + " used, at " + QByteArray::number(percent) + " % of the price"
        : "batch " + thing.id + ": its vendor does not tell what it used";
    if (!priceId)
        hold.attempt.flags |= store::Unpriced;
    const auto reserving = m_services.ledger->reserve(hold, *m_services.mailbox);
    const Result<ledger::Hold> held = co_await reserving;
    if (!held)
        co_return;
    ledger::Settlement settlement;
    settlement.outcome = ledger::Outcome::Settled;
    settlement.attempt = hold.attempt;
    settlement.attempt.id = held->attemptId;
    settlement.attempt.status = 200;
    settlement.attempt.cost = cost;
    settlement.attempt.charge = cost;
    settlement.attempt.endUs = 0;
    store::RequestRow row = m_call.row;
    row.id = hold.attempt.requestId;
    row.startedUs = now;
    row.operation = "batch_result";
    row.model = use.model;
    row.servedModel = use.model;
    row.status = 200;
    row.attempts = 1;
    row.channelId = thing.channelId;
    row.usage = use.usage;
    row.flags = hold.attempt.flags;
    row.vendorId = thing.id;
    row.bytesIn = row.bytesOut = 0;
    row.endUs = 0;
    const auto finishing
        = m_services.ledger->finish(row, std::move(settlement), *m_services.mailbox);
    co_await finishing;
}

} // namespace tollgate::relay
