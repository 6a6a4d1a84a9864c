// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/rerank/rerank.h"

#include "core/protocol/errors.h"

#include <QString>

namespace tollgate::codecs::rerank {
namespace {

using conversation::JsonValue;

tl::unexpected<Error> refusal(QString message, QByteArray param)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = std::move(message);
    error.param = std::move(param);
    return failure(std::move(error));
}

tl::unexpected<Error> unreadable()
{
    return failure(ErrorKind::UpstreamFailed,
                   QStringLiteral("The provider's answer holds no ranking that can be read."),
                   "unreadable_answer");
}

QByteArrayView mostName(Shape shape)
{
    return shape == Shape::Voyage ? QByteArrayView("top_k") : QByteArrayView("top_n");
}

// A text, or an object that holds one.
std::optional<QByteArray> textOf(JsonValue value)
{
    const JsonValue text = value.isObject() ? value["text"] : value;
    return text.isString() ? std::optional(text.string()) : std::nullopt;
}

// Jina returns documents unless told not to.
bool returnsDocuments(Shape shape, const RerankRequest &asked)
{
    return asked.returnDocuments.value_or(shape == Shape::Jina);
}

std::optional<std::int64_t> count(JsonValue value)
{
    const auto told = value.integer();
    return told && *told < 0 ? std::nullopt : told;
}

} // namespace

Result<RerankRequest> readRequest(Shape shape, QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return tl::unexpected(tree.error());
    const JsonValue root = tree->root();
    RerankRequest request;
    request.source = shape;
    request.model = root["model"].string();
    const auto query = textOf(root["query"]);
    if (!query)
        return refusal(QStringLiteral("\"query\" must be a text."), "query");
    request.query = *query;
    const JsonValue documents = root["documents"];
    if (!documents.isArray() || documents.size() == 0)
        return refusal(QStringLiteral("\"documents\" must be a list of texts."), "documents");
    for (const JsonValue document : documents) {
        const auto text = textOf(document);
        if (!text)
            return refusal(QStringLiteral("Only documents of text can be ranked."), "documents");
        request.documents.append(*text);
    }
    if (const JsonValue most = root[mostName(shape)]; most.isSet()) {
        request.most = most.integer();
        if (request.most.value_or(0) < 1)
            return refusal(QStringLiteral("The number of results must be a whole number above "
                                          "zero."),
                           mostName(shape).toByteArray());
    }
    request.returnDocuments = root["return_documents"].boolean();
    for (const JsonValue member : root) {
        const QByteArray name = member.key();
        if (name != "model" && name != "query" && name != "documents" && name != mostName(shape)
            && name != "return_documents")
            request.extras.emplace_back(name, member.json());
    }
    return request;
}

conversation::EncodedRequest writeRequest(Shape shape, const RerankRequest &request,
                                          const QByteArray &model)
{
    conversation::EncodedRequest encoded;
    JsonWriter out;
    out.beginObject().member("model", model).member("query", request.query);
    out.key("documents").beginArray();
    for (const QByteArray &document : request.documents)
        out.string(QByteArrayView(document));
    out.endArray();
    if (request.most)
        out.member(mostName(shape), *request.most);
    if (shape != Shape::Cohere) // whose second version knows it no more
        out.member("return_documents", false);
    for (const auto &[name, json] : request.extras) {
        if (request.source == shape)
            out.key(name).raw(json);
        else
            encoded.dropped.note(name);
    }
    out.endObject();
    encoded.body = out.take();
    return encoded;
}

Result<RerankResponse> readResponse(Shape shape, QByteArrayView body, qsizetype documents)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree || !tree->root().isObject())
        return unreadable();
    const JsonValue root = tree->root();
    if (root["error"].isSet())
        return failure(protocol::vendorFailure(200, protocol::readVendorError(body)));
    const JsonValue list = shape == Shape::Voyage ? root["data"] : root["results"];
    if (!list.isArray())
        return unreadable();
    RerankResponse response;
    for (const JsonValue one : list) {
        const auto index = one["index"].integer();
        const QByteArray score = one["relevance_score"].digits();
        if (!index || *index < 0 || *index >= documents || score.isEmpty())
            return unreadable();
        response.results.push_back({*index, score});
    }
    response.id = root["id"].string();
    response.model = root["model"].string();
    response.searchUnits = count(root["meta"]["billed_units"]["search_units"]);
    response.tokens = count(root["usage"]["total_tokens"]);
    return response;
}

QByteArray writeResponse(Shape shape, const RerankResponse &response, const RerankRequest &asked,
                         const QByteArray &model)
{
    const bool documents = returnsDocuments(shape, asked);
    JsonWriter out;
    out.beginObject();
    if (shape == Shape::Cohere)
        out.member("id", response.id);
    else
        out.member("object", "list").member("model", model);
    out.key(shape == Shape::Voyage ? "data" : "results").beginArray();
    for (const RerankResponse::Result &result : response.results) {
        out.beginObject().member("index", result.index);
        out.key("relevance_score").raw(result.score);
        if (documents && result.index < asked.documents.size()) {
            const QByteArray &text = asked.documents.at(result.index);
            out.key("document");
            if (shape == Shape::Voyage)
                out.string(QByteArrayView(text));
            else
                out.beginObject().member("text", text).endObject();
        }
        out.endObject();
    }
    out.endArray();
    if (shape == Shape::Cohere) {
        out.key("meta").beginObject();
        out.key("api_version").beginObject().member("version", "2").endObject();
        if (response.searchUnits)
            out.key("billed_units")
                .beginObject()
                .member("search_units", *response.searchUnits)
                .endObject();
        out.endObject();
    } else {
        out.key("usage").beginObject();
        out.member("total_tokens", response.tokens.value_or(0)).endObject();
    }
    out.endObject();
    return out.take();
}

} // namespace tollgate::codecs::rerank
