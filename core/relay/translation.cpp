// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/translation.h"

#include "core/codecs/chat/chat.h"
#include "core/codecs/codecs.h"
#include "core/codecs/ollama/ollama.h"
#include "core/conversation/keptstate.h"
#include "core/conversation/stopcut.h"
#include "core/protocol/peek.h"
#include "core/relay/embedtranslation.h"
#include "core/relay/folding.h"
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

const conversation::Codec *vendorCodec(const Endpoint &client, Dialect dialect,
                                       const conversation::Target &target)
{
    if (dialect == client.dialect)
        return codecs::codecOf(client);
    if (dialect == Dialect::Chat && target.thinkTags)
        return &codecs::chatThinkTagsCodec();
    return codecs::codecOf(dialect);
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

std::optional<bool> thinksInTags(const store::ChannelRow &channel)
{
    if (channel.options.isEmpty())
        return std::nullopt;
    const auto tree = protocol::JsonTree::parse(channel.options);
    const QByteArray word = tree ? tree->root()["think_tags"].string() : QByteArray();
    if (word == "on" || word == "off")
        return word == "on";
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
    , m_vendor(vendorCodec(client, vendor, target))
    , m_clientEndpoint(client)
    , m_endpoint(vendorEndpoint(vendor, target, request->stream))
    , m_request(std::move(request))
    , m_target(std::move(target))
    , m_requestId(requestId)
    , m_nowS(nowS)
{
    if (vendor == client.dialect)
        m_endpoint.ollamaMethod = client.ollamaMethod;
}

Result<QByteArray> Translation::requestBody(std::optional<std::int64_t> maxOutput)
{
    if (m_endpoint.dialect != m_clientEndpoint.dialect) {
        if (auto refused = codecs::onlyOllamas(*m_request))
            return failure(std::move(*refused));
    }
    const bool lowers = maxOutput && (!m_request->maxOutput || *maxOutput < *m_request->maxOutput);
    if (!lowers && !m_body.isEmpty())
        return m_body;
    const conversation::ReasoningSpec &asked = m_request->reasoning;
    const bool thoughtless = !m_target.takesReasoning && asked != conversation::ReasoningSpec{};
    const std::optional<std::int64_t> most = lowers ? maxOutput : std::nullopt;
    Result<conversation::EncodedRequest> written = encoded(most, thoughtless);
    if (written && !m_endpoint.stream && needsStream(written->body)) {
        m_folds = true;
        m_endpoint = vendorEndpoint(m_endpoint.dialect, m_target, true);
        written = encoded(most, thoughtless);
    }
    if (!written)
        return failure(written.error());
    m_dropped = std::move(written->dropped);
    // Not to reason is what such a model does anyway.
    if (thoughtless && asked.mode != conversation::ReasoningSpec::Mode::Off
        && asked.effort != "none")
        m_dropped.note("reasoning");
    m_body = std::move(written->body);
    return m_body;
}

Result<conversation::EncodedRequest> Translation::encoded(std::optional<std::int64_t> maxOutput,
                                                          bool thoughtless) const
{
    if (!maxOutput && !thoughtless && !m_folds)
        return m_vendor->encodeRequest(*m_request, m_target);
    conversation::Request fitted = *m_request;
    if (maxOutput)
        fitted.maxOutput = maxOutput;
    if (thoughtless)
        fitted.reasoning = {};
    if (m_folds)
        fitted.stream = fitted.includeUsage = true;
    return m_vendor->encodeRequest(fitted, m_target);
}

// A client that sets no maximum gets the codec's, which only the body tells.
bool Translation::needsStream(QByteArrayView body) const
{
    if (m_target.answersStreamsOnly)
        return true;
    if (m_target.longestWhole == 0)
        return false;
    const auto peeked = protocol::peek(m_endpoint, body);
    return peeked && mustStream(m_target, peeked->maxOutput);
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
    const Result<conversation::Response> response
        = m_folds ? foldStream(*m_vendor, body) : m_vendor->decodeResponse(body);
    if (!response)
        return failure(response.error());
    const conversation::AnswerContext asked = context();
    const auto tell = [&](const conversation::Response &told) {
        conversation::Untold untold = untoldIn(asked);
        untold.add(told);
        return Whole{m_client->encodeResponse(told, asked), factsOf(*response), untold.dropped()};
    };
    return cutsAtStops() ? tell(conversation::cutAtStop(*response, m_request->stop))
                         : tell(*response);
}

conversation::Untold Translation::untoldIn(const conversation::AnswerContext &context) const
{
    return {m_endpoint.dialect, m_clientEndpoint.dialect, m_client->answerPlaces(context)};
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
    const conversation::AnswerContext asked = context();
    return std::make_unique<StreamTranslator>(
        Framing(m_endpoint.dialect), m_vendor->streamDecoder(), m_client->streamEncoder(asked),
        untoldIn(asked), std::move(filter));
}

} // namespace tollgate::relay
