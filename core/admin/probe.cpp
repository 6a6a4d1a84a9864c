// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/probe.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/errors.h"
#include "core/protocol/meter.h"
#include "core/relay/wakeup.h"
#include "core/upstream/ssereader.h"

#include <QJsonArray>
#include <QTimer>

#include <array>

namespace tollgate::admin {
namespace {

constexpr int kProbeMs = 60'000;
constexpr int kBeatMs = 25;
constexpr std::int64_t kBodyLimit = 16 << 20;

constexpr std::array kDialects{
    ProbeDialect{protocol::Dialect::Chat, "chat"},
    ProbeDialect{protocol::Dialect::Messages, "messages"},
    ProbeDialect{protocol::Dialect::Gemini, "gemini"},
    ProbeDialect{protocol::Dialect::Responses, "responses"},
};

QByteArray bodyOf(const ProbeDialect &dialect, const QByteArray &model)
{
    const QByteArray prompt = "Reply with the word OK.";
    JsonWriter writer;
    writer.beginObject();
    switch (dialect.dialect) {
    case protocol::Dialect::Gemini:
        writer.key("contents").beginArray().beginObject();
        writer.member("role", "user").key("parts").beginArray().beginObject();
        writer.member("text", prompt).endObject().endArray().endObject().endArray();
        break;
    case protocol::Dialect::Responses:
        writer.member("model", model).member("input", prompt).member("stream", true);
        break;
    default:
        writer.member("model", model).member("stream", true);
        // Required by the Messages dialect; elsewhere its name differs between models, and the
        // answer is cut after its first token anyway.
        if (dialect.dialect == protocol::Dialect::Messages)
            writer.member("max_tokens", 16);
        writer.key("messages").beginArray().beginObject();
        writer.member("role", "user").member("content", prompt).endObject().endArray();
        break;
    }
    writer.endObject();
    return writer.take();
}

const Secret *keyOf(const routing::Channel &channel)
{
    return channel.keys.empty() ? nullptr : channel.keys.front().secret.get();
}

Result<upstream::Request> requestFor(const relay::Provider &provider,
                                     const routing::Channel &channel, const ProbeDialect &dialect,
                                     const QByteArray &model)
{
    const protocol::Endpoint endpoint = probeEndpoint(dialect, model);
    const Headers clientHeaders{{"Content-Type", "application/json"}};
    relay::Outgoing outgoing;
    outgoing.endpoint = &endpoint;
    outgoing.channel = &channel;
    outgoing.key = keyOf(channel);
    outgoing.model = model;
    outgoing.body = bodyOf(dialect, model);
    outgoing.clientHeaders = &clientHeaders;
    outgoing.stream = true;
    return provider.request(outgoing);
}

// An exchange with the wake-up that it fires. The exchange must not be destroyed inside its own
// waker, so the pair is let go of in a later turn.
struct Conversation
{
    relay::Wakeup wakeup;
    std::unique_ptr<upstream::Client> client;
    std::unique_ptr<upstream::Exchange> exchange;
};

std::shared_ptr<Conversation> converse(const relay::Provider &provider, upstream::Request request,
                                       const Clock &clock)
{
    auto conversation = std::make_shared<Conversation>();
    conversation->client = upstream::Client::create(clock);
    conversation->exchange = provider.open(*conversation->client, std::move(request));
    conversation->exchange->setWaker([weak = std::weak_ptr(conversation)] {
        if (const auto alive = weak.lock())
            alive->wakeup.fire();
    });
    return conversation;
}

// What a provider fetches before it can be asked.
struct Fetching
{
    Mailbox mailbox;
    relay::Wakeup wakeup;
    std::optional<Result<void>> told;
};

Task<Result<void>> prepare(const relay::Provider &provider, const routing::Channel &channel)
{
    const auto fetching = std::make_shared<Fetching>();
    relay::Preparing preparing;
    preparing.channel = &channel;
    preparing.key = keyOf(channel);
    preparing.mailbox = &fetching->mailbox;
    preparing.done = [weak = std::weak_ptr(fetching)](Result<void> result) {
        if (const auto alive = weak.lock()) {
            alive->told = std::move(result);
            alive->wakeup.fire();
        }
    };
    const auto preparation = provider.prepare(std::move(preparing));
    while (preparation && !fetching->told)
        co_await fetching->wakeup;
    // Its mailbox is reading the letter: it goes in a later turn.
    QTimer::singleShot(0, [fetching] {});
    co_return preparation ? *fetching->told : Result<void>();
}

ProbeMoment momentOf(const upstream::Exchange &exchange, std::int64_t firstTokenUs)
{
    ProbeMoment moment;
    moment.timing = exchange.timing();
    moment.firstTokenUs = firstTokenUs;
    if (exchange.head())
        moment.status = exchange.head()->status;
    if (exchange.failed())
        moment.failure = exchange.failed()->kind;
    moment.refused = moment.status != 0 && moment.status != 200;
    return moment;
}

void letGo(std::shared_ptr<Conversation> conversation)
{
    conversation->exchange->cancel();
    QTimer::singleShot(0, [conversation] { conversation->exchange.reset(); });
}

void limit(upstream::Request &request, const store::ChannelRow &row)
{
    request.local = row.local;
    request.proxy = row.proxy;
    request.timeouts.firstByteMs = kProbeMs;
    request.timeouts.totalMs = kProbeMs;
    request.bodyLimit = kBodyLimit;
    if (row.connectMs > 0)
        request.timeouts.connectMs = row.connectMs;
}

void passUpTo(ProbeReport &report, const upstream::Timing &timing)
{
    if (timing.connectedUs > 0)
        report.pass("connection", timing.connectedUs - timing.startedUs);
    if (timing.firstByteUs > 0)
        report.pass("answer", timing.firstByteUs - timing.startedUs);
}

} // namespace

protocol::Endpoint probeEndpoint(const ProbeDialect &dialect, const QByteArray &model)
{
    protocol::Endpoint endpoint;
    endpoint.dialect = dialect.dialect;
    endpoint.stream = true;
    if (dialect.dialect == protocol::Dialect::Gemini) {
        endpoint.model = model;
        endpoint.geminiMethod = "streamGenerateContent";
        endpoint.geminiVersion = "v1beta";
    }
    return endpoint;
}

std::span<const ProbeDialect> probeDialects()
{
    return kDialects;
}

QByteArray withoutQuery(const QByteArray &url)
{
    const auto mark = url.indexOf('?');
    return mark < 0 ? url : url.left(mark);
}

void ProbeReport::pass(const char *name, std::int64_t us)
{
    m_steps.push_back({QString::fromLatin1(name), true, us, {}});
}

void ProbeReport::fail(const char *name, const QString &detail, const QString &hint)
{
    m_ok = false;
    m_hint = hint;
    m_steps.push_back({QString::fromLatin1(name), false, -1, detail});
}

QJsonObject ProbeReport::toJson() const
{
    QJsonArray steps;
    QJsonObject json{{QStringLiteral("ok"), m_ok}};
    for (const ProbeStep &step : m_steps) {
        QJsonObject one{{QStringLiteral("step"), step.name}, {QStringLiteral("ok"), step.ok}};
        if (step.us >= 0)
            one.insert(QStringLiteral("us"), qint64{step.us});
        if (!step.ok) {
            json.insert(QStringLiteral("failed_at"), step.name);
            json.insert(QStringLiteral("message"), step.detail);
        }
        steps.append(one);
    }
    if (!m_hint.isEmpty())
        json.insert(QStringLiteral("hint"), m_hint);
    json.insert(QStringLiteral("steps"), steps);
    return json;
}

void explainFailure(ProbeReport &report, const upstream::Failure &failure,
                    const upstream::Timing &timing)
{
    using upstream::FailureKind;
    switch (failure.kind) {
    case FailureKind::Denied:
        report.fail(
            "address", failure.message,
            QStringLiteral("If the provider runs on this machine or network, mark the channel "
                           "as local."));
        return;
    case FailureKind::Resolve:
        report.fail("name", failure.message,
                    QStringLiteral("Check the host in the base URL, and this machine's DNS."));
        return;
    case FailureKind::Connect:
    case FailureKind::ConnectTimeout:
        report.fail("connection", failure.message,
                    QStringLiteral("Check host and port of the base URL, the proxy, and whether a "
                                   "firewall is in between."));
        return;
    case FailureKind::Tls:
        report.fail(
            "tls", failure.message,
            QStringLiteral("The certificate does not fit; check the host, this machine's clock, "
                           "and upstream.ca_file for a private authority."));
        return;
    default:
        break;
    }
    passUpTo(report, timing);
    report.fail(
        "answer", failure.message,
        QStringLiteral("The provider was reached but did not answer as it should; try again, "
                       "and check that the base URL's path is right."));
}

void explainStatus(ProbeReport &report, int status, QByteArrayView body)
{
    const protocol::VendorError vendor = protocol::readVendorError(body);
    const QString says = vendor.message.isEmpty()
        ? QStringLiteral("The provider answered %1.").arg(status)
        : QStringLiteral("The provider answered %1: %2").arg(status).arg(vendor.message);
    if (status == 401 || status == 403) {
        report.fail("login", says,
                    QStringLiteral("The key is wrong or may not do this; give it again."));
        return;
    }
    report.pass("login");
    if (status == 404) {
        report.fail(
            "model", says,
            QStringLiteral("The model's name or the base URL's path is wrong; see \"channel "
                           "models\" and \"channel preview\"."));
    } else if (status == 402 || status == 429) {
        report.fail(
            "model", says,
            QStringLiteral("The account has reached a limit of the provider; wait, or check its "
                           "credit."));
    } else if (status >= 500) {
        report.fail("model", says, QStringLiteral("The provider is in trouble; try again later."));
    } else {
        report.fail("model", says,
                    QStringLiteral("The provider refused the request; check the model."));
    }
}

Task<ProbeReport> probe(const relay::Provider &vendor, const routing::Channel &channel,
                        QByteArray model, const Clock &clock, OnMoment onMoment)
{
    const relay::Provider &provider = vendor.forModel(model);
    ProbeReport report;
    const ProbeDialect *dialect = nullptr;
    for (const ProbeDialect &one : kDialects) {
        if (!dialect && provider.speaks(protocol::Operation::Generate, one.dialect))
            dialect = &one;
    }
    if (!dialect) {
        report.fail("model", QStringLiteral("This provider generates no text that could be tried."),
                    {});
        co_return report;
    }
    auto preparing = prepare(provider, channel);
    if (const Result<void> prepared = co_await preparing; !prepared) {
        report.fail("key", prepared.error().message, {});
        co_return report;
    }
    auto request = requestFor(provider, channel, *dialect, model);
    if (!request) {
        report.fail("address", request.error().message, {});
        co_return report;
    }
    limit(*request, channel.row);
    report.pass("key");
    const auto conversation = converse(provider, std::move(*request), clock);
    upstream::Exchange &exchange = *conversation->exchange;
    upstream::SseReader reader;
    protocol::StreamMeter meter(probeEndpoint(*dialect, model));
    QByteArray refusal;
    std::int64_t firstTokenUs = 0;
    bool broken = false;
    QTimer beat; // a connection comes about without anybody being woken
    if (onMoment) {
        QObject::connect(&beat, &QTimer::timeout, &beat, [weak = std::weak_ptr(conversation)] {
            if (const auto alive = weak.lock())
                alive->wakeup.fire();
        });
        beat.start(kBeatMs);
    }
    for (;;) {
        const bool ended = exchange.ended();
        const upstream::Head *head = exchange.head();
        const QByteArray bytes = exchange.take();
        if (head && head->status != 200) {
            if (refusal.size() < 65'536)
                refusal += bytes;
        } else if (head) {
            reader.append(bytes);
            for (auto event = reader.next(); firstTokenUs == 0; event = reader.next()) {
                broken = !event;
                if (!event || !*event)
                    break;
                if ((*event)->hasData
                    && meter.read((*event)->type, (*event)->data) == protocol::EventClass::Content)
                    firstTokenUs = clock.monotonicUs();
            }
        }
        if (onMoment)
            onMoment(momentOf(exchange, firstTokenUs));
        if (ended || broken || firstTokenUs > 0 || meter.facts().error)
            break;
        co_await conversation->wakeup;
    }
    const upstream::Timing timing = exchange.timing();
    ProbeMoment end = momentOf(exchange, firstTokenUs);
    end.over = true;
    end.refused = end.refused || meter.facts().error.has_value();
    report.setEnd(end);
    if (firstTokenUs > 0) {
        passUpTo(report, timing);
        report.pass("login");
        report.pass("model");
        report.pass("first token", firstTokenUs - timing.startedUs);
    } else if (exchange.head() && exchange.head()->status != 200) {
        passUpTo(report, timing);
        explainStatus(report, exchange.head()->status, refusal);
    } else if (meter.facts().error) {
        passUpTo(report, timing);
        report.fail("model", meter.facts().error->message, {});
    } else if (exchange.failed()) {
        explainFailure(report, *exchange.failed(), timing);
    } else {
        passUpTo(report, timing);
        report.fail(
            "first token",
            QStringLiteral("The provider answered 200 but sent no text in the form expected."),
            QStringLiteral("Check that the base URL's path is right; see \"channel preview\"."));
    }
    letGo(conversation);
    co_return report;
}

Task<Result<QByteArrayList>> fetchModels(const relay::Provider &provider,
                                         const routing::Channel &channel, const Clock &clock,
                                         int patienceMs)
{
    auto preparing = prepare(provider, channel);
    if (const Result<void> prepared = co_await preparing; !prepared)
        co_return failure(prepared.error());
    auto request = provider.modelsRequest(channel, keyOf(channel));
    if (!request)
        co_return failure(request.error());
    limit(*request, channel.row);
    if (patienceMs > 0)
        request->timeouts = {patienceMs, patienceMs, patienceMs, patienceMs};
    const auto conversation = converse(provider, std::move(*request), clock);
    upstream::Exchange &exchange = *conversation->exchange;
    QByteArray body;
    for (;;) {
        const bool ended = exchange.ended();
        body += exchange.take();
        if (ended)
            break;
        co_await conversation->wakeup;
    }
    ProbeReport report;
    if (exchange.failed())
        explainFailure(report, *exchange.failed(), exchange.timing());
    else if (exchange.head() && exchange.head()->status != 200)
        explainStatus(report, exchange.head()->status, body);
    letGo(conversation);
    if (!report.ok()) {
        const ProbeStep &step = report.steps().back();
        co_return failure(ErrorKind::UpstreamFailed, step.detail, step.name.toLatin1());
    }
    co_return provider.readModels(body);
}

} // namespace tollgate::admin
