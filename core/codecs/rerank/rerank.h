// SPDX-License-Identifier: GPL-3.0-or-later
// Ranking of documents by a query, in canonical form and in the ways of the vendors. Pure. Facts:
// each vendor's API reference.
#pragma once

#include "core/conversation/codec.h"

#include <vector>

namespace tollgate::codecs::rerank {

enum class Shape {
    Cohere, // /v2/rerank; v1's documents that are objects are understood
    Jina, // /v1/rerank; Together's, vLLM's and llama.cpp's are the same
    Voyage, // /v1/rerank
};

struct RerankRequest
{
    Shape source = Shape::Cohere;
    QByteArray model;
    QByteArray query;
    QByteArrayList documents;
    std::optional<std::int64_t> most; // results wanted
    std::optional<bool> returnDocuments;
    std::vector<std::pair<QByteArray, QByteArray>> extras; // as "name": JSON, for the same shape
    bool operator==(const RerankRequest &) const = default;
};

struct RerankResponse
{
    struct Result
    {
        std::int64_t index = 0; // of the document in the request
        QByteArray score; // as the vendor spelt it
        bool operator==(const Result &) const = default;
    };
    QByteArray id;
    QByteArray model;
    std::vector<Result> results; // best first
    std::optional<std::int64_t> searchUnits; // Cohere bills these
    std::optional<std::int64_t> tokens; // the others these
    bool operator==(const RerankResponse &) const = default;
};

// InvalidRequest with `param` where the query or a document is no text.
[[nodiscard]] Result<RerankRequest> readRequest(Shape shape, QByteArrayView body);
// Documents are never asked back: the answer's writer has them.
[[nodiscard]] conversation::EncodedRequest writeRequest(Shape shape, const RerankRequest &request,
                                                        const QByteArray &model);
// UpstreamFailed where the body is no such answer, or names a document that was not sent.
[[nodiscard]] Result<RerankResponse> readResponse(Shape shape, QByteArrayView body,
                                                  qsizetype documents);
[[nodiscard]] QByteArray writeResponse(Shape shape, const RerankResponse &response,
                                       const RerankRequest &asked, const QByteArray &model);

} // namespace tollgate::codecs::rerank
