// SPDX-License-Identifier: GPL-3.0-or-later
// A request on its way to one channel: in whose words, and with which bytes.
#include "core/relay/call.h"
#include "core/relay/embedtranslation.h"
#include "core/relay/outgoing.h"
#include "core/relay/relay.h"
#include "core/relay/reranktranslation.h"

#include <algorithm>

namespace tollgate::relay {

namespace {

const Secret *keyOf(const Attempt &attempt)
{
    const auto &keys = attempt.candidate->channel->keys;
    return keys.empty() ? nullptr : keys[attempt.candidate->key].secret.get();
}

// nullptr: the vendor is asked as the client asks.
template <class Translation, class Shape>
Result<std::unique_ptr<Translator>> translator(const Call &call, const Attempt &attempt,
                                               std::optional<Shape> shape, protocol::Dialect vendor)
{
    const protocol::Dialect client = call.endpoint.dialect;
    const bool spoken = attempt.provider->speaks(call.endpoint.operation, client);
    if (!shape || (spoken && client != vendor)
        || !mustTranslate(call.endpoint, call.request.body, *shape))
        return std::unique_ptr<Translator>();
    auto made = Translation::make(call.endpoint, call.request.body, call.row.model, *shape,
                                  attempt.row.model);
    if (!made)
        return failure(made.error());
    return std::unique_ptr<Translator>(std::move(*made));
}

Result<std::unique_ptr<Translator>> translatorFor(const Call &call, const Attempt &attempt)
{
    const protocol::Dialect client = call.endpoint.dialect;
    if (call.endpoint.operation == protocol::Operation::Rerank) {
        const auto shape = attempt.provider->rerankShape();
        return translator<RerankTranslation>(call, attempt, shape,
                                             shape ? rerankDialect(*shape) : client);
    }
    const auto shape = attempt.provider->embedShape();
    return translator<EmbedTranslation>(call, attempt, shape,
                                        shape ? embedDialect(*shape) : client);
}

} // namespace

const Provider *Relay::providerFor(const routing::Candidate &candidate) const
{
    const Provider *const provider = m_services.providers->find(candidate.channel->row.provider);
    return provider ? &provider->forModel(candidate.vendorModel) : nullptr;
}

// What the provider needs beside the key is fetched before anything is held for the request.
Task<Result<void>> Relay::prepare(std::shared_ptr<Call> call, Attempt &attempt) const
{
    if (!attempt.provider)
        co_return Result<void>(); // send() says so
    const routing::Channel &channel = *attempt.candidate->channel;
    const auto told = std::make_shared<std::optional<Result<void>>>();
    Preparing preparing;
    preparing.channel = &channel;
    preparing.key = keyOf(attempt);
    preparing.caFile = call->snapshot->settings.caFile;
    preparing.mailbox = m_services.mailbox;
    preparing.done = [told, weak = std::weak_ptr(call)](Result<void> result) {
        told->emplace(std::move(result));
        if (const auto waiting = weak.lock())
            waiting->wakeup.fire();
    };
    const auto preparation = attempt.provider->prepare(std::move(preparing));
    while (preparation && !*told && !call->stopped)
        co_await call->wakeup;
    if (call->stopped)
        co_return failure(*call->stopped);
    co_return preparation ? **told : Result<void>();
}

Result<void> Relay::translateBesides(Call &call, Attempt &attempt) const
{
    auto made = translatorFor(call, attempt);
    if (!made)
        return failure(made.error());
    if (!*made)
        return {};
    if (const auto body = (*made)->requestBody({}); !body)
        return failure(body.error());
    attempt.row.reason += ", asked in " + protocol::dialectName((*made)->endpoint().dialect);
    if (const conversation::Dropped &dropped = (*made)->dropped(); !dropped.empty())
        attempt.row.reason += ", without " + dropped.header();
    attempt.translation = std::move(*made);
    return {};
}

void applyLimits(upstream::Request &request, const store::ChannelRow &channel,
                 const RelaySettings &settings)
{
    const auto orDefault = [](int own, int general) { return own > 0 ? own : general; };
    request.timeouts.connectMs = orDefault(channel.connectMs, settings.timeouts.connectMs);
    request.timeouts.firstByteMs = orDefault(channel.firstByteMs, settings.timeouts.firstByteMs);
    request.timeouts.idleMs = orDefault(channel.idleMs, settings.timeouts.idleMs);
    request.timeouts.totalMs = orDefault(channel.totalMs, settings.timeouts.totalMs);
    request.proxy = channel.proxy;
    request.local = channel.local;
    request.caFile = settings.caFile;
}

// The client's own bytes with edits in place, or what a translation makes of them.
Result<QByteArray> Relay::bodyFor(Call &call, Attempt &attempt, const ledger::Hold &hold) const
{
    const bool lower = call.endpoint.operation == protocol::Operation::Generate
        && call.token->budgetId && attempt.price && attempt.wantedOutput > 0
        && (hold.outputTokens < attempt.wantedOutput || !call.peek.maxOutput);
    std::optional<std::int64_t> maxOutput;
    if (lower)
        maxOutput = hold.outputTokens / std::max<std::int64_t>(call.peek.choices, 1);
    if (hold.outputTokens < attempt.wantedOutput)
        attempt.row.flags |= store::Lowered;
    if (attempt.translation)
        return attempt.translation->requestBody(maxOutput);

    protocol::Edits edits;
    if (attempt.row.model != call.peek.model)
        edits.model = attempt.row.model;
    edits.addIncludeUsage
        = call.peek.stream && !call.peek.asksUsage && attempt.provider->takesIncludeUsage();
    edits.maxOutput = maxOutput;
    if (lower)
        edits.maxOutputName = attempt.provider->maxOutputName(call.endpoint.dialect);
    return protocol::applyEdits(call.request.body, call.endpoint, call.peek, edits);
}

Result<void> Relay::send(Call &call, Attempt &attempt, const ledger::Hold &hold) const
{
    if (!attempt.provider)
        return failure(
            ErrorKind::Unavailable,
            QStringLiteral("Channel \u201c%1\u201d names the provider \u201c%2\u201d, which this "
                           "version does not know; edit the channel.")
                .arg(attempt.channelName(),
                     QString::fromUtf8(attempt.candidate->channel->row.provider)));
    Result<QByteArray> body = bodyFor(call, attempt, hold);
    if (!body)
        return failure(body.error());
    const routing::Channel &channel = *attempt.candidate->channel;
    Outgoing outgoing;
    outgoing.endpoint = attempt.translation ? &attempt.translation->endpoint() : &call.endpoint;
    outgoing.channel = &channel;
    outgoing.key = keyOf(attempt);
    outgoing.model = attempt.row.model;
    outgoing.body = std::move(*body);
    if (call.capture) {
        if (!channel.keys.empty())
            call.capture->hide(channel.keys[attempt.candidate->key].secret);
        call.capture->asked(attempt.row.number, outgoing.body, call.request.body);
    }
    outgoing.clientHeaders = &call.request.head.headers;
    outgoing.stream = attempt.translation ? outgoing.endpoint->stream : call.peek.stream;
    Result<upstream::Request> request = attempt.provider->request(outgoing);
    if (!request)
        return failure(request.error());

    const RelaySettings &settings = call.snapshot->settings;
    applyLimits(*request, channel.row, settings);
    attempt.timeouts = request->timeouts;
    request->bodyLimit = outgoing.stream ? settings.streamLimit : settings.answerLimit;

    attempt.exchange = attempt.provider->open(*m_services.client, std::move(*request));
    call.exchange = attempt.exchange.get();
    call.exchange->setWaker([&call] { call.wakeup.fire(); });
    if (call.stopped)
        call.exchange->cancel();
    return {};
}

} // namespace tollgate::relay
