// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/reranktranslation.h"

#include "core/protocol/jsonreader.h"
#include "core/protocol/usage.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

using codecs::rerank::Shape;
using protocol::Dialect;

Shape shapeOf(const protocol::Endpoint &client)
{
    return client.dialect == Dialect::Cohere ? Shape::Cohere : Shape::Jina;
}

bool saysTopN(QByteArrayView body)
{
    bool found = false;
    protocol::JsonReader reader(body);
    reader.object([&](const protocol::JsonText &key) { found = found || key.is("top_n"); });
    return found;
}

} // namespace

Dialect rerankDialect(Shape shape)
{
    return shape == Shape::Cohere ? Dialect::Cohere : Dialect::Chat;
}

bool mustTranslate(const protocol::Endpoint &client, QByteArrayView body, Shape vendor)
{
    if (client.dialect != rerankDialect(vendor))
        return true;
    return vendor == Shape::Voyage && saysTopN(body); // who calls it top_k
}

Result<std::unique_ptr<RerankTranslation>>
RerankTranslation::make(const protocol::Endpoint &client, QByteArrayView body,
                        const QByteArray &clientModel, Shape vendor, const QByteArray &model)
{
    std::unique_ptr<RerankTranslation> made(new RerankTranslation);
    made->m_client = shapeOf(client);
    made->m_vendor = vendor;
    auto request = codecs::rerank::readRequest(made->m_client, body);
    if (!request)
        return failure(request.error());
    made->m_request = std::move(*request);
    made->m_clientModel = clientModel;
    made->m_endpoint.operation = protocol::Operation::Rerank;
    made->m_endpoint.dialect = rerankDialect(vendor);
    made->m_endpoint.path = vendor == Shape::Cohere ? "v2/rerank" : "rerank";
    made->m_endpoint.model = model;
    return made;
}

Result<QByteArray> RerankTranslation::requestBody(std::optional<std::int64_t>)
{
    auto encoded = codecs::rerank::writeRequest(m_vendor, m_request, m_endpoint.model);
    m_dropped = std::move(encoded.dropped);
    return std::move(encoded.body);
}

Result<Translator::Whole> RerankTranslation::answer(QByteArrayView body) const
{
    auto response = codecs::rerank::readResponse(m_vendor, body, m_request.documents.size());
    if (!response)
        return failure(response.error());
    Whole whole;
    whole.facts.vendorId = response->id;
    whole.facts.servedModel = response->model;
    whole.facts.empty = response->results.empty();
    if (response->tokens || response->searchUnits) {
        TokenCounts used; // what is billed a search has no tokens
        used.input
            = std::clamp<std::int64_t>(response->tokens.value_or(0), 0, protocol::kMostTokens);
        whole.facts.usage = used;
        whole.facts.units.searches
            = std::clamp<std::int64_t>(response->searchUnits.value_or(0), 0, 1'000'000);
    }
    whole.body = codecs::rerank::writeResponse(m_client, *response, m_request, m_clientModel);
    return whole;
}

} // namespace tollgate::relay
