// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/embeddings/embeddings.h"

#include <QString>

#include <algorithm>

namespace tollgate::codecs::embeddings {
namespace {

using conversation::Dropped;

tl::unexpected<Error> refusal(QString message)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = std::move(message);
    error.param = "input";
    return failure(std::move(error));
}

class RequestWriter
{
public:
    RequestWriter(Shape shape, const EmbedRequest &request, const QByteArray &model)
        : m_shape(shape)
        , m_request(request)
        , m_model(model)
    {
    }

    conversation::EncodedRequest write()
    {
        switch (m_shape) {
        case Shape::Gemini:
            writeContent(m_request.inputs.front());
            break;
        case Shape::GeminiBatch:
            m_out.beginObject().key("requests").beginArray();
            for (const Input &input : m_request.inputs)
                writeContent(input);
            m_out.endArray().endObject();
            break;
        default:
            m_out.beginObject().member("model", m_model);
            writeInputs();
            writeRest();
            m_out.endObject();
            break;
        }
        noteRest();
        conversation::EncodedRequest encoded;
        encoded.body = m_out.take();
        encoded.dropped = std::move(m_dropped);
        return encoded;
    }

private:
    void writeContent(const Input &input)
    {
        m_out.beginObject().member("model", "models/" + m_model);
        m_out.key("content").beginObject().key("parts").beginArray();
        m_out.beginObject().member("text", input.text).endObject().endArray().endObject();
        if (const QByteArray task = taskName(m_shape, m_request.task); !task.isEmpty())
            m_out.member("taskType", task);
        if (!m_request.title.isEmpty())
            m_out.member("title", m_request.title);
        if (m_request.dimensions)
            m_out.member("outputDimensionality", *m_request.dimensions);
        m_out.endObject();
    }

    void writeInputs()
    {
        if (m_shape == Shape::OllamaOne) {
            m_out.member("prompt", m_request.inputs.front().text);
            return;
        }
        m_out.key(m_shape == Shape::Cohere ? "texts" : "input").beginArray();
        for (const Input &input : m_request.inputs) {
            if (input.tokens.isEmpty())
                m_out.string(QByteArrayView(input.text));
            else
                m_out.raw(input.tokens);
        }
        m_out.endArray();
    }

    void writeRest()
    {
        const bool late = m_shape == Shape::Cohere || m_shape == Shape::Voyage;
        if (m_request.dimensions && m_shape == Shape::OllamaOne)
            m_dropped.note("dimensions");
        else if (m_request.dimensions)
            m_out.member(late ? "output_dimension" : "dimensions", *m_request.dimensions);

        QByteArray task = taskName(m_shape, m_request.task);
        if (m_shape == Shape::Cohere && task.isEmpty())
            task = "search_document"; // it insists on one
        if (!task.isEmpty())
            m_out.member(m_shape == Shape::Jina ? "task" : "input_type", task);

        if (m_shape == Shape::Cohere)
            m_out.key("embedding_types").beginArray().string(QByteArrayView("float")).endArray();
        else if (m_shape == Shape::OpenAi)
            m_out.member("encoding_format", "float");
        writeTruncate();
        if (!m_request.user.isEmpty() && m_shape == Shape::OpenAi)
            m_out.member("user", m_request.user);
        if (m_request.source == m_shape) {
            for (const auto &[name, json] : m_request.extras)
                m_out.key(name).raw(json);
        }
    }

    void writeTruncate()
    {
        if (!m_request.truncate)
            return;
        if (m_shape == Shape::Cohere)
            m_out.member("truncate", *m_request.truncate ? "END" : "NONE");
        else if (m_shape == Shape::Voyage)
            m_out.member("truncation", *m_request.truncate);
        else if (m_shape == Shape::Ollama || m_shape == Shape::Jina)
            m_out.member("truncate", *m_request.truncate);
        else
            m_dropped.note("truncate");
    }

    void noteRest()
    {
        const bool gemini = m_shape == Shape::Gemini || m_shape == Shape::GeminiBatch;
        if (m_request.task != Task::Unset && taskName(m_shape, m_request.task).isEmpty())
            m_dropped.note("task");
        if (!m_request.title.isEmpty() && !gemini)
            m_dropped.note("title");
        if (!m_request.user.isEmpty() && m_shape != Shape::OpenAi)
            m_dropped.note("user");
        if (m_request.truncate && gemini)
            m_dropped.note("truncate");
        if (m_request.source != m_shape) {
            for (const auto &extra : m_request.extras)
                m_dropped.note(extra.first);
        }
    }

    Shape m_shape;
    const EmbedRequest &m_request;
    const QByteArray &m_model;
    JsonWriter m_out;
    Dropped m_dropped;
};

} // namespace

Result<conversation::EncodedRequest> writeRequest(Shape shape, const EmbedRequest &request,
                                                  const QByteArray &model)
{
    const auto count = static_cast<qsizetype>(request.inputs.size());
    if (count == 0 || count > mostInputs(shape))
        return refusal(QStringLiteral("The provider takes %1 inputs at a time; this request has "
                                      "%2.")
                           .arg(QString::number(mostInputs(shape)), QString::number(count)));
    const bool tokens = std::any_of(request.inputs.begin(), request.inputs.end(),
                                    [](const Input &input) { return !input.tokens.isEmpty(); });
    if (tokens && shape != Shape::OpenAi)
        return refusal(QStringLiteral("The provider embeds text, no token numbers."));
    return RequestWriter(shape, request, model).write();
}

} // namespace tollgate::codecs::embeddings
