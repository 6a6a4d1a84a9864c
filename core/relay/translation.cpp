// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/translation.h"

#include "core/codecs/codecs.h"
#include "core/conversation/keptstate.h"
#include "core/conversation/stopcut.h"
#include "core/relay/embedtranslation.h"
#include "core/relay/reranktranslation.h"
#include "core/relay/streamtranslator.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

using protocol::Dialect;
using protocol::Endpoint;

const conversation::Codec *codecFor(const Endpoint &client)
{
    return codecs::codecOf(client);
}

// Of a channel's options, {"dialect": "responses"}.
std::optional<Dialect> wished(QByteArrayView options)
{
    const auto tree = protocol::JsonTree::parse(options);
    if (!tree)
        return std::nullopt;
    const QByteArray name = tree->root()["dialect"].string();
    for (const Dialect dialect :
         {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini, Dialect::Ollama}) {
        if (protocol::dialectName(dialect) == name)
            return dialect;
    }
    return std::nullopt;
}

Endpoint vendorEndpoint(Dialect dialect, const conversation::Target &target, bool stream)
{
    Endpoint endpoint;
    endpoint.operation = protocol::Operation::Generate;
    endpoint.dialect = dialect;
    endpoint.model = target.model;
    endpoint.stream = stream;
    if (dialect == Dialect::Gemini) {
        endpoint.geminiMethod = stream ? "streamGenerateContent" : "generateContent";
        endpoint.geminiVersion = "v1beta";
    }
    return endpoint;
}

} // namespace

std::optional<Dialect> dialectFor(const Provider &provider, const store::ChannelRow &channel,
                                  protocol::Operation operation, Dialect client)
{
    const bool generates = operation == protocol::Operation::Generate && codecs::codecOf(client);
    if (generates && !channel.options.isEmpty()) {
        if (const auto wish = wished(channel.options);
            wish && provider.speaks(operation, *wish) && codecs::codecOf(*wish))
            return wish;
    }
    if (provider.speaks(operation, client))
        return client;
    if (operation == protocol::Operation::CountTokens)
        return client; // counted here where no vendor does
    if (const auto shape = provider.embedShape(); shape && operation == protocol::Operation::Embed)
        return embedDialect(*shape);
    if (const auto shape = provider.rerankShape();
        shape && operation == protocol::Operation::Rerank)
        return rerankDialect(*shape);
    if (!generates)
        return std::nullopt;
    for (const Dialect dialect : provider.generates()) {
        if (codecs::codecOf(dialect))
            return dialect;
    }
    return std::nullopt;
}

Result<std::shared_ptr<const conversation::Request>>
readConversation(const Endpoint &client, QByteArrayView body, const QByteArray &model, bool stream)
{
    Result<conversation::Request> request = codecFor(client)->decodeRequest(body);
    if (!request)
        return failure(request.error());
    if (auto elsewhere = conversation::refersElsewhere(*request))
        return failure(std::move(*elsewhere));
    request->model = model;
    request->stream = stream;
    return std::make_shared<const conversation::Request>(std::move(*request));
}

Translation::Translation(const Endpoint &client, Dialect vendor,
                         std::shared_ptr<const conversation::Request> request,
                         conversation::Target target, const QByteArray &requestId,
                         std::int64_t nowS)
    : m_client(codecFor(client))
    , m_vendor(codecs::codecOf(vendor))
    , m_clientEndpoint(client)
    , m_endpoint(vendorEndpoint(vendor, target, request->stream))
    , m_request(std::move(request))
    , m_target(std::move(target))
    , m_requestId(requestId)
    , m_nowS(nowS)
{
}

Result<QByteArray> Translation::requestBody(std::optional<std::int64_t> maxOutput)
{
    const bool lowers = maxOutput && (!m_request->maxOutput || *maxOutput < *m_request->maxOutput);
    if (!lowers && !m_body.isEmpty())
        return m_body;
    const conversation::ReasoningSpec &asked = m_request->reasoning;
    const bool thoughtless = !m_target.takesReasoning && asked != conversation::ReasoningSpec{};
    conversation::Request fitted;
    if (lowers || thoughtless)
        fitted = *m_request;
    if (lowers)
        fitted.maxOutput = maxOutput;
    if (thoughtless)
        fitted.reasoning = {};
    Result<conversation::EncodedRequest> encoded
        = m_vendor->encodeRequest(lowers || thoughtless ? fitted : *m_request, m_target);
    if (!encoded)
        return failure(encoded.error());
    m_dropped = std::move(encoded->dropped);
    // Not to reason is what such a model does anyway.
    if (thoughtless && asked.mode != conversation::ReasoningSpec::Mode::Off
        && asked.effort != "none")
        m_dropped.note("reasoning");
    m_body = std::move(encoded->body);
    return m_body;
}

conversation::AnswerContext Translation::context() const
{
    conversation::AnswerContext context;
    context.requestId = m_requestId;
    context.model = m_request->model;
    context.nowS = m_nowS;
    context.includeUsage = m_request->includeUsage;
    context.sse = m_clientEndpoint.sse;
    context.request = m_request.get();
    return context;
}

Result<Translation::Whole> Translation::answer(QByteArrayView body) const
{
    const Result<conversation::Response> response = m_vendor->decodeResponse(body);
    if (!response)
        return failure(response.error());
    if (cutsAtStops()) {
        const auto cut = conversation::cutAtStop(*response, m_request->stop);
        return Whole{m_client->encodeResponse(cut, context()), factsOf(*response)};
    }
    return Whole{m_client->encodeResponse(*response, context()), factsOf(*response)};
}

// Responses has no stop sequences: they are met here.
bool Translation::cutsAtStops() const
{
    return m_endpoint.dialect == Dialect::Responses && !m_request->stop.isEmpty();
}

std::unique_ptr<AnswerStream> Translation::stream() const
{
    StreamTranslator::Filter filter;
    if (cutsAtStops()) {
        filter = [cut = conversation::StopCut(m_request->stop)](
                     conversation::StreamEvents &events) mutable {
            conversation::StreamEvents kept;
            for (const conversation::StreamEvent &event : events)
                cut.filter(event, kept);
            events = std::move(kept);
        };
    }
    return std::make_unique<StreamTranslator>(
        Framing(m_endpoint.dialect), m_vendor->streamDecoder(), m_client->streamEncoder(context()),
        std::move(filter));
}

} // namespace tollgate::relay
