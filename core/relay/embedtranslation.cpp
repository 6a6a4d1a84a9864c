// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/embedtranslation.h"

#include "core/protocol/jsonreader.h"
#include "core/protocol/meter.h"
#include "core/protocol/usage.h"

#include <QString>

#include <algorithm>

namespace tollgate::relay {
namespace {

using codecs::embeddings::Shape;
using protocol::Dialect;
using protocol::Endpoint;

Shape shapeOf(const Endpoint &client)
{
    switch (client.dialect) {
    case Dialect::Gemini:
        return client.geminiMethod == "batchEmbedContents" ? Shape::GeminiBatch : Shape::Gemini;
    case Dialect::Ollama:
        return client.ollamaMethod == "embeddings" ? Shape::OllamaOne : Shape::Ollama;
    case Dialect::Cohere:
        return Shape::Cohere;
    default:
        return Shape::OpenAi;
    }
}

bool isGemini(Shape shape)
{
    return shape == Shape::Gemini || shape == Shape::GeminiBatch;
}

// Members of OpenAI's that vendors with words of their own refuse or do not heed.
bool saysOpenAisOwn(QByteArrayView body)
{
    bool own = false;
    protocol::JsonReader reader(body);
    reader.object([&](const protocol::JsonText &key) {
        own = own || key.is("dimensions") || key.is("encoding_format") || key.is("user");
    });
    return own;
}

// Where the vendor tells none, its client is told what is billed: an estimate.
std::int64_t estimated(const codecs::embeddings::EmbedRequest &request)
{
    qsizetype bytes = 0;
    for (const auto &input : request.inputs)
        bytes += input.text.size() + input.tokens.size();
    return protocol::estimateTokens(bytes);
}

} // namespace

Dialect embedDialect(Shape shape)
{
    switch (shape) {
    case Shape::Gemini:
    case Shape::GeminiBatch:
        return Dialect::Gemini;
    case Shape::Ollama:
    case Shape::OllamaOne:
        return Dialect::Ollama;
    case Shape::Cohere:
        return Dialect::Cohere;
    case Shape::OpenAi:
    case Shape::Voyage:
    case Shape::Jina:
        break;
    }
    return Dialect::Embeddings;
}

bool mustTranslate(const Endpoint &client, QByteArrayView body, Shape vendor)
{
    if (client.dialect != embedDialect(vendor) || client.dialect == Dialect::Ollama)
        return true;
    return (vendor == Shape::Voyage || vendor == Shape::Jina) && saysOpenAisOwn(body);
}

Result<std::unique_ptr<EmbedTranslation>>
EmbedTranslation::make(const Endpoint &client, QByteArrayView body, const QByteArray &clientModel,
                       Shape vendor, const QByteArray &model)
{
    std::unique_ptr<EmbedTranslation> made(new EmbedTranslation);
    made->m_client = shapeOf(client);
    auto request = codecs::embeddings::readRequest(made->m_client, body);
    if (!request)
        return failure(request.error());
    made->m_request = std::move(*request);
    made->m_clientModel = clientModel;
    const bool batch = made->m_request.inputs.size() > 1;
    made->m_vendor = isGemini(vendor) ? (batch ? Shape::GeminiBatch : Shape::Gemini) : vendor;
    Endpoint &endpoint = made->m_endpoint;
    endpoint.operation = protocol::Operation::Embed;
    endpoint.dialect = embedDialect(vendor);
    endpoint.model = model;
    if (isGemini(vendor)) {
        endpoint.geminiMethod = batch ? "batchEmbedContents" : "embedContent";
        endpoint.geminiVersion = "v1beta";
    } else if (endpoint.dialect == Dialect::Ollama) {
        endpoint.ollamaMethod = vendor == Shape::OllamaOne ? "embeddings" : "embed";
    }
    return made;
}

Result<QByteArray> EmbedTranslation::requestBody(std::optional<std::int64_t>)
{
    auto encoded = codecs::embeddings::writeRequest(m_vendor, m_request, m_endpoint.model);
    if (!encoded)
        return failure(encoded.error());
    m_dropped = std::move(encoded->dropped);
    return std::move(encoded->body);
}

Result<Translator::Whole> EmbedTranslation::answer(QByteArrayView body) const
{
    auto response = codecs::embeddings::readResponse(m_vendor, body);
    if (!response)
        return failure(response.error());
    if (!response->vectors.empty() && response->vectors.size() != m_request.inputs.size())
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider gave %1 embeddings for %2 inputs.")
                           .arg(QString::number(response->vectors.size()),
                                QString::number(m_request.inputs.size())),
                       "bad_answer");
    Whole whole;
    whole.facts.servedModel = response->model;
    whole.facts.empty = response->vectors.empty();
    if (response->inputTokens) {
        TokenCounts used;
        used.input = std::min(*response->inputTokens, protocol::kMostTokens);
        whole.facts.usage = used;
        whole.facts.usageSuspect = used.input != *response->inputTokens;
    } else {
        response->inputTokens = estimated(m_request);
    }
    whole.body = codecs::embeddings::writeResponse(m_client, *response, m_request, m_clientModel);
    return whole;
}

} // namespace tollgate::relay
