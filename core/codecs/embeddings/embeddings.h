// SPDX-License-Identifier: GPL-3.0-or-later
// Embeddings in canonical form, and every vendor's way of asking for them and giving them. Pure.
// Facts: each vendor's API reference.
#pragma once

#include "core/conversation/codec.h"

#include <vector>

namespace tollgate::codecs::embeddings {

enum class Shape {
    OpenAi, // /v1/embeddings
    Gemini, // models/M:embedContent: one text
    GeminiBatch, // models/M:batchEmbedContents
    Cohere, // /v2/embed
    Ollama, // /api/embed
    OllamaOne, // /api/embeddings: one text, before 2024-07
    Voyage, // /v1/embeddings
    Jina, // /v1/embeddings
};

// What the vectors are for; vendors without such a notion leave it out.
enum class Task {
    Unset,
    Query,
    Document,
    Similarity,
    Classification,
    Clustering,
    QuestionAnswering,
    FactVerification,
    CodeQuery,
};

enum class Encoding { Unset, Float, Base64 };

struct Input
{
    QByteArray text;
    QByteArray tokens; // a JSON array of token numbers, as spelt, instead of the text
    bool operator==(const Input &) const = default;
};

struct EmbedRequest
{
    Shape source = Shape::OpenAi;
    QByteArray model; // empty where the path names it
    std::vector<Input> inputs;
    std::optional<std::int64_t> dimensions;
    Encoding encoding = Encoding::Unset;
    Task task = Task::Unset;
    QByteArray title; // of the document (Gemini)
    QByteArray user;
    std::optional<bool> truncate; // texts that are too long: cut, or an error
    // Further members of the source's own, as "name": JSON. Written back to the same shape alone.
    std::vector<std::pair<QByteArray, QByteArray>> extras;
    bool operator==(const EmbedRequest &) const = default;
};

struct EmbedResponse
{
    QByteArray model;
    // Each a JSON array of numbers as the vendor spelt them, or their float32 bytes in base64.
    struct Vector
    {
        QByteArray json;
        QByteArray base64;
        bool operator==(const Vector &) const = default;
    };
    std::vector<Vector> vectors; // in the order of the inputs
    std::optional<std::int64_t> inputTokens; // absent is not zero: Gemini tells none
    bool operator==(const EmbedResponse &) const = default;
};

// As many inputs as one request may hold; more have to be asked for in turns.
[[nodiscard]] qsizetype mostInputs(Shape shape);

// InvalidRequest with `param` for what the shape forbids or what cannot be carried (pictures,
// integer vectors).
[[nodiscard]] Result<EmbedRequest> readRequest(Shape shape, QByteArrayView body);
// `model`: the vendor's name. Numbers are always asked for as floats. InvalidRequest for token
// arrays where only text is taken, and for several inputs where one is.
[[nodiscard]] Result<conversation::EncodedRequest>
writeRequest(Shape shape, const EmbedRequest &request, const QByteArray &model);

// UpstreamFailed where the body is no such answer.
[[nodiscard]] Result<EmbedResponse> readResponse(Shape shape, QByteArrayView body);
// In the encoding that the client asked for. `model`: as the client named it.
[[nodiscard]] QByteArray writeResponse(Shape shape, const EmbedResponse &response,
                                       const EmbedRequest &asked, const QByteArray &model);

// Little-endian float32, in base64, of a JSON array of numbers; and back, each number in the fewest
// digits that give the same float. nullopt where it is none.
[[nodiscard]] std::optional<QByteArray> floatsToBase64(QByteArrayView json);
[[nodiscard]] std::optional<QByteArray> floatsFromBase64(QByteArrayView base64);

// The vendor's word for a task; empty: it has none. And the reverse.
[[nodiscard]] QByteArray taskName(Shape shape, Task task);
[[nodiscard]] Task taskNamed(Shape shape, QByteArrayView name);

} // namespace tollgate::codecs::embeddings
