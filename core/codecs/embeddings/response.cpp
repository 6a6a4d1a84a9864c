// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/embeddings/embeddings.h"
#include "core/protocol/errors.h"

#include <QString>

namespace tollgate::codecs::embeddings {
namespace {

using conversation::JsonValue;
using Vector = EmbedResponse::Vector;

tl::unexpected<Error> unreadable()
{
    return failure(ErrorKind::UpstreamFailed,
                   QStringLiteral("The provider's answer holds no embeddings that can be read."),
                   "unreadable_answer");
}

std::optional<Vector> vectorOf(JsonValue value)
{
    if (value.isString())
        return floatsFromBase64(value.string()) ? std::optional(Vector{{}, value.string()})
                                                : std::nullopt;
    if (!value.isArray())
        return std::nullopt;
    for (const JsonValue number : value) {
        if (!number.isNumber())
            return std::nullopt;
    }
    return Vector{value.json(), {}};
}

bool readList(JsonValue list, QByteArrayView inner, std::vector<Vector> &vectors)
{
    if (!list.isArray())
        return false;
    for (const JsonValue one : list) {
        auto vector = vectorOf(inner.isEmpty() ? one : one[inner]);
        if (!vector)
            return false;
        vectors.push_back(std::move(*vector));
    }
    return true;
}

// OpenAI's list: each names its place.
bool readData(JsonValue data, std::vector<Vector> &vectors)
{
    if (!data.isArray())
        return false;
    vectors.resize(static_cast<std::size_t>(data.size()));
    std::vector<bool> filled(vectors.size());
    std::int64_t next = 0;
    for (const JsonValue one : data) {
        const auto at = static_cast<std::size_t>(one["index"].integer().value_or(next++));
        auto vector = vectorOf(one["embedding"]);
        if (!vector || at >= vectors.size() || filled[at])
            return false;
        filled[at] = true;
        vectors[at] = std::move(*vector);
    }
    return true;
}

bool readVectors(Shape shape, JsonValue root, std::vector<Vector> &vectors)
{
    switch (shape) {
    case Shape::OpenAi:
    case Shape::Voyage:
    case Shape::Jina:
        return readData(root["data"], vectors);
    case Shape::GeminiBatch:
        return readList(root["embeddings"], "values", vectors);
    case Shape::Ollama:
        return readList(root["embeddings"], {}, vectors);
    case Shape::Cohere: {
        const JsonValue floats = root["embeddings"]["float"];
        return readList(floats ? floats : root["embeddings"]["base64"], {}, vectors);
    }
    case Shape::Gemini:
    case Shape::OllamaOne: {
        const JsonValue told = root["embedding"];
        auto vector = vectorOf(shape == Shape::Gemini ? told["values"] : told);
        if (vector)
            vectors.push_back(std::move(*vector));
        return vector.has_value();
    }
    }
    return false;
}

std::optional<std::int64_t> tokensIn(Shape shape, JsonValue root)
{
    const auto first = [](std::optional<std::int64_t> one, std::optional<std::int64_t> other) {
        const auto told = one ? one : other;
        return told && *told < 0 ? std::nullopt : told;
    };
    switch (shape) {
    case Shape::Ollama:
    case Shape::OllamaOne:
        return first(root["prompt_eval_count"].integer(), std::nullopt);
    case Shape::Cohere:
        return first(root["meta"]["billed_units"]["input_tokens"].integer(), std::nullopt);
    case Shape::Gemini:
    case Shape::GeminiBatch:
        return first(root["usageMetadata"]["promptTokenCount"].integer(), std::nullopt);
    case Shape::OpenAi:
    case Shape::Voyage:
    case Shape::Jina:
        break;
    }
    const JsonValue usage = root["usage"];
    return first(usage["prompt_tokens"].integer(), usage["total_tokens"].integer());
}

QByteArray asFloats(const Vector &vector)
{
    return vector.json.isEmpty() ? floatsFromBase64(vector.base64).value_or("[]") : vector.json;
}

QByteArray asBase64(const Vector &vector)
{
    return vector.base64.isEmpty() ? floatsToBase64(vector.json).value_or(QByteArray())
                                   : vector.base64;
}

class ResponseWriter
{
public:
    ResponseWriter(Shape shape, const EmbedResponse &response, const EmbedRequest &asked,
                   const QByteArray &model)
        : m_shape(shape)
        , m_response(response)
        , m_base64(asked.encoding == Encoding::Base64)
        , m_asked(asked)
        , m_model(model)
    {
    }

    QByteArray write()
    {
        m_out.beginObject();
        switch (m_shape) {
        case Shape::OpenAi:
        case Shape::Voyage:
        case Shape::Jina:
            data();
            break;
        case Shape::Gemini:
            m_out.key("embedding").beginObject().key("values").raw(first()).endObject();
            break;
        case Shape::GeminiBatch:
            m_out.key("embeddings").beginArray();
            for (const Vector &vector : m_response.vectors)
                m_out.beginObject().key("values").raw(asFloats(vector)).endObject();
            m_out.endArray();
            break;
        case Shape::Cohere:
            cohere();
            break;
        case Shape::Ollama:
            m_out.member("model", m_model).key("embeddings");
            list();
            m_out.member("total_duration", 0).member("load_duration", 0); // nobody measured
            if (m_response.inputTokens)
                m_out.member("prompt_eval_count", *m_response.inputTokens);
            break;
        case Shape::OllamaOne:
            m_out.key("embedding").raw(first());
            break;
        }
        m_out.endObject();
        return m_out.take();
    }

private:
    [[nodiscard]] QByteArray first() const
    {
        return m_response.vectors.empty() ? QByteArrayLiteral("[]")
                                          : asFloats(m_response.vectors.front());
    }

    void list()
    {
        m_out.beginArray();
        for (const Vector &vector : m_response.vectors)
            value(vector);
        m_out.endArray();
    }

    void value(const Vector &vector)
    {
        if (m_base64)
            m_out.string(QByteArrayView(asBase64(vector)));
        else
            m_out.raw(asFloats(vector));
    }

    void data()
    {
        m_out.member("object", "list").key("data").beginArray();
        std::int64_t index = 0;
        for (const Vector &vector : m_response.vectors) {
            m_out.beginObject().member("object", "embedding").member("index", index++);
            m_out.key("embedding");
            value(vector);
            m_out.endObject();
        }
        m_out.endArray().member("model", m_model);
        // The official clients take the object for given.
        const std::int64_t tokens = m_response.inputTokens.value_or(0);
        m_out.key("usage").beginObject();
        if (m_shape != Shape::Voyage)
            m_out.member("prompt_tokens", tokens);
        m_out.member("total_tokens", tokens).endObject();
    }

    void cohere()
    {
        m_out.member("id", "").key("embeddings").beginObject();
        m_out.key(m_base64 ? "base64" : "float");
        list();
        m_out.endObject().key("texts").beginArray();
        for (const Input &input : m_asked.inputs)
            m_out.string(QByteArrayView(input.text));
        m_out.endArray().key("meta").beginObject();
        m_out.key("api_version").beginObject().member("version", "2").endObject();
        if (m_response.inputTokens)
            m_out.key("billed_units")
                .beginObject()
                .member("input_tokens", *m_response.inputTokens)
                .endObject();
        m_out.endObject();
    }

    Shape m_shape;
    const EmbedResponse &m_response;
    bool m_base64;
    const EmbedRequest &m_asked;
    const QByteArray &m_model;
    JsonWriter m_out;
};

} // namespace

Result<EmbedResponse> readResponse(Shape shape, QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree || !tree->root().isObject())
        return unreadable();
    const JsonValue root = tree->root();
    if (root["error"].isSet())
        return failure(protocol::vendorFailure(200, protocol::readVendorError(body)));
    EmbedResponse response;
    if (!readVectors(shape, root, response.vectors))
        return unreadable();
    response.model = root["model"].string();
    response.inputTokens = tokensIn(shape, root);
    return response;
}

QByteArray writeResponse(Shape shape, const EmbedResponse &response, const EmbedRequest &asked,
                         const QByteArray &model)
{
    return ResponseWriter(shape, response, asked, model).write();
}

} // namespace tollgate::codecs::embeddings
