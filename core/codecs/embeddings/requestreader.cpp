// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/embeddings/embeddings.h"

#include <QString>

#include <algorithm>

namespace tollgate::codecs::embeddings {
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

tl::unexpected<Error> notText(QByteArray param)
{
    return refusal(QStringLiteral("Only text can be embedded through this gateway."),
                   std::move(param));
}

// The names of what shapes other than Gemini's have in common; empty: not theirs.
struct Names
{
    QByteArrayView inputs;
    QByteArrayView dimensions;
    QByteArrayView encoding;
    QByteArrayView task;
    QByteArrayView truncate;
};

Names namesOf(Shape shape)
{
    switch (shape) {
    case Shape::Cohere:
        return {"texts", "output_dimension", "embedding_types", "input_type", "truncate"};
    case Shape::Ollama:
        return {"input", "dimensions", "", "", "truncate"};
    case Shape::OllamaOne:
        return {"prompt", "", "", "", ""};
    case Shape::Voyage:
        return {"input", "output_dimension", "encoding_format", "input_type", "truncation"};
    case Shape::Jina:
        return {"input", "dimensions", "embedding_type", "task", "truncate"};
    case Shape::OpenAi:
    case Shape::Gemini:
    case Shape::GeminiBatch:
        break;
    }
    return {"input", "dimensions", "encoding_format", "", ""};
}

bool isTokens(JsonValue value)
{
    if (!value.isArray() || value.size() == 0)
        return false;
    for (const JsonValue token : value) {
        if (!token.integer())
            return false;
    }
    return true;
}

class RequestReader
{
public:
    explicit RequestReader(Shape shape) { m_request.source = shape; }

    Result<EmbedRequest> read(JsonValue root)
    {
        const bool gemini
            = m_request.source == Shape::Gemini || m_request.source == Shape::GeminiBatch;
        Result<void> done = gemini ? readGemini(root) : readNamed(root);
        if (!done)
            return tl::unexpected(std::move(done).error());
        if (m_request.inputs.empty())
            return refusal(QStringLiteral("The request holds nothing to embed."), "input");
        return std::move(m_request);
    }

private:
    Result<void> readNamed(JsonValue root)
    {
        const Names names = namesOf(m_request.source);
        m_request.model = root["model"].string();
        if (auto read = inputs(root, names); !read)
            return read;
        if (const JsonValue size = root[names.dimensions]; size.isSet()) {
            m_request.dimensions = size.integer();
            if (m_request.dimensions.value_or(0) < 1)
                return refusal(QStringLiteral("The number of dimensions must be a whole number "
                                              "above zero."),
                               names.dimensions.toByteArray());
        }
        if (auto read = encoding(root[names.encoding], names.encoding); !read)
            return read;
        m_request.task = taskNamed(m_request.source, root[names.task].string());
        const JsonValue truncate = root[names.truncate];
        m_request.truncate = truncate.boolean();
        if (truncate.isString())
            m_request.truncate = !truncate.is("NONE"); // Cohere: NONE, START, END
        m_request.user = root["user"].string();
        const bool integers = root["output_dtype"].isSet() && !root["output_dtype"].is("float");
        if (m_request.source == Shape::Voyage && integers)
            return refusal(QStringLiteral("Only vectors of floats can be carried."),
                           "output_dtype");
        for (const JsonValue member : root) {
            const QByteArray name = member.key();
            const bool known = name == "model" || name == "user" || name == names.inputs
                || name == names.dimensions || name == names.encoding || name == names.task
                || name == names.truncate || (name == "inputs" && names.inputs == "texts");
            if (!known)
                m_request.extras.emplace_back(name, member.json());
        }
        return {};
    }

    Result<void> inputs(JsonValue root, const Names &names)
    {
        const QByteArray param = names.inputs.toByteArray();
        JsonValue told = root[names.inputs];
        if (m_request.source == Shape::Cohere && root["inputs"].isSet())
            told = root["inputs"];
        if (m_request.source == Shape::Cohere && root["images"].isSet())
            return notText("images");
        if (told.isString() || isTokens(told))
            return input(told, param);
        if (!told.isArray())
            return refusal(QStringLiteral("\"%1\" must be a text or a list of texts.")
                               .arg(QString::fromUtf8(param)),
                           param);
        for (const JsonValue one : told) {
            if (auto read = input(one, param); !read)
                return read;
        }
        return {};
    }

    Result<void> input(JsonValue told, const QByteArray &param)
    {
        if (told.isString()) {
            m_request.inputs.push_back({told.string(), {}});
        } else if (m_request.source == Shape::OpenAi && isTokens(told)) {
            m_request.inputs.push_back({{}, told.json()});
        } else if (told["text"].isString() && told.size() == 1) { // Jina
            m_request.inputs.push_back({told["text"].string(), {}});
        } else if (told["content"].isArray()) { // Cohere
            return joined(told["content"], param);
        } else {
            return notText(param);
        }
        return {};
    }

    // The parts of one input are one text.
    Result<void> joined(JsonValue parts, const QByteArray &param)
    {
        QByteArray text;
        for (const JsonValue part : parts) {
            if (!part["text"].isString())
                return notText(param);
            text += (text.isEmpty() ? "" : "\n") + part["text"].string();
        }
        m_request.inputs.push_back({std::move(text), {}});
        return {};
    }

    Result<void> encoding(JsonValue told, QByteArrayView param)
    {
        JsonValue one = told;
        if (told.isArray()) {
            if (told.size() > 1)
                return refusal(QStringLiteral("One type of embeddings can be asked for."),
                               param.toByteArray());
            for (const JsonValue first : told)
                one = first;
        }
        if (!one.isSet())
            return {};
        if (one.is("base64"))
            m_request.encoding = Encoding::Base64;
        else if (one.is("float"))
            m_request.encoding = Encoding::Float;
        else
            return refusal(QStringLiteral("Embeddings can be asked for as \"float\" or "
                                          "\"base64\"."),
                           param.toByteArray());
        return {};
    }

    Result<void> readGemini(JsonValue root)
    {
        if (m_request.source == Shape::Gemini)
            return readContent(root, true);
        if (!root["requests"].isArray())
            return refusal(QStringLiteral("\"requests\" must be an array."), "requests");
        bool first = true;
        for (const JsonValue one : root["requests"]) {
            if (auto read = readContent(one, std::exchange(first, false)); !read)
                return read;
        }
        return {};
    }

    Result<void> readContent(JsonValue one, bool first)
    {
        const auto either = [one](const char *camel, const char *snake) {
            return one[camel].isSet() ? one[camel] : one[snake];
        };
        if (auto read = joined(one["content"]["parts"], "content"); !read)
            return read;
        const Task task = taskNamed(m_request.source, either("taskType", "task_type").string());
        const auto dimensions = either("outputDimensionality", "output_dimensionality").integer();
        const QByteArray title = one["title"].string();
        if (first) {
            m_request.task = task;
            m_request.dimensions = dimensions;
            m_request.title = title;
            m_request.model = one["model"].string();
            if (m_request.model.startsWith("models/"))
                m_request.model.remove(0, 7);
        } else if (task != m_request.task || dimensions != m_request.dimensions) {
            return refusal(QStringLiteral("The requests of one batch must ask for the same task "
                                          "and number of dimensions."),
                           "requests");
        } else if (title != m_request.title) {
            m_request.title.clear(); // each its own: none is told
        }
        return {};
    }

    EmbedRequest m_request;
};

} // namespace

Result<EmbedRequest> readRequest(Shape shape, QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return tl::unexpected(tree.error());
    if (!tree->root().isObject())
        return refusal(QStringLiteral("The request body must be a JSON object."), {});
    return RequestReader(shape).read(tree->root());
}

} // namespace tollgate::codecs::embeddings
