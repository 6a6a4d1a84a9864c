// SPDX-License-Identifier: GPL-3.0-or-later
// The parts that all dialects share, embeddings and counts; the grammars of the answers proper are
// in answerdialects.cpp.
#include "core/protocol/answerreader.h"

#include "core/protocol/errors.h"
#include "core/protocol/jsonreader.h"

#include <QString>

#include <algorithm>
#include <utility>

namespace tollgate::protocol {
namespace {

// An end that says nothing but "done": with no content and nothing billed there was no answer.
bool isPlainEnd(QByteArrayView finish)
{
    static constexpr std::array<QByteArrayView, 5> kPlain{"stop", "STOP", "end_turn", "completed",
                                                          "eos"};
    return std::find(kPlain.begin(), kPlain.end(), finish) != kPlain.end();
}

} // namespace

AnswerReader::AnswerReader(const Endpoint &endpoint)
    : m_endpoint(endpoint)
{
}

bool AnswerReader::readObject(QByteArrayView json)
{
    JsonReader reader(json);
    // Gemini streams without alt=sse are one array, and so are their errors.
    if (m_endpoint.dialect == Dialect::Gemini && reader.type() == JsonType::Array) {
        reader.array([&] { readGemini(reader); });
        return reader.atEnd();
    }
    if (reader.type() != JsonType::Object)
        return false;
    switch (m_endpoint.operation) {
    case Operation::Embed:
        readEmbeddings(reader);
        return reader.atEnd();
    case Operation::CountTokens:
        readCount(reader);
        return reader.atEnd();
    case Operation::Compact:
    case Operation::Image:
    case Operation::Speak:
    case Operation::Transcribe:
    case Operation::Moderate:
    case Operation::Rerank:
        readResult(reader);
        return reader.atEnd();
    default:
        break;
    }
    switch (m_endpoint.dialect) {
    case Dialect::Chat:
    case Dialect::Completions:
        readChat(reader);
        break;
    case Dialect::Embeddings:
        readEmbeddings(reader);
        break;
    case Dialect::Responses:
        if (m_streaming)
            readResponsesEvent(reader);
        else
            readResponse(reader);
        break;
    case Dialect::Messages:
        readMessagesEvent(reader);
        break;
    case Dialect::Gemini:
        readGemini(reader);
        break;
    case Dialect::Ollama: // read by their codecs alone
    case Dialect::Converse:
    case Dialect::Cohere:
        break;
    }
    return reader.atEnd();
}

bool AnswerReader::readWhole(QByteArrayView body)
{
    m_streaming = false;
    m_news = {};
    if (!readObject(body))
        return false;
    settle(body);
    if (m_facts.error)
        return true;
    if (m_endpoint.operation == Operation::CountTokens) {
        m_facts.usage = TokenCounts{};
        m_facts.empty = false;
        return m_news.counted;
    }
    return m_news.listed;
}

EventClass AnswerReader::readEvent(QByteArrayView type, QByteArrayView data)
{
    m_streaming = true;
    m_news = {};
    if (data.trimmed() == QByteArrayView("[DONE]")) {
        m_final = true;
        return EventClass::Final;
    }
    // The same word as the data's own "type", for the dialects that send both.
    m_news.type = type.toByteArray();
    if (!readObject(data))
        return EventClass::Preamble;
    settle(data);
    const EventClass found = classify();
    m_final = m_final || found == EventClass::Final;
    return found;
}

// What the news mean for the facts.
void AnswerReader::settle(QByteArrayView json)
{
    m_content = m_content || m_news.content;
    m_facts.outputBytes += m_news.text;
    if (!m_news.finish.isEmpty())
        m_facts.finishReason = m_news.finish;
    for (std::size_t i = 0; i < m_begun.size(); ++i) {
        m_begun[i] |= m_news.begun[i];
        m_finished[i] |= m_news.finished[i];
    }
    if (m_news.usage && m_figures.reported()) {
        m_facts.usage = m_figures.counts(m_endpoint.dialect);
        m_facts.usageSuspect = m_figures.suspect();
    }
    if (m_news.error && !m_facts.error)
        m_facts.error = vendorFailure(0, readVendorError(json));
    const bool explained = !m_facts.finishReason.isEmpty()
        && (!isPlainEnd(m_facts.finishReason) || !m_facts.usage
            || m_facts.usage->totalOutput() > 0);
    m_facts.empty = !m_content && !explained;
}

EventClass AnswerReader::classify() const
{
    if (m_news.error)
        return EventClass::Error;
    const Dialect dialect = m_endpoint.dialect;
    if (dialect == Dialect::Messages && m_news.type == "message_stop")
        return EventClass::Final;
    if (dialect == Dialect::Responses
        && (m_news.type == "response.completed" || m_news.type == "response.incomplete"))
        return EventClass::Final;
    if (m_news.content)
        return EventClass::Content;
    if (!m_news.finish.isEmpty())
        return m_content || !isPlainEnd(m_news.finish) ? EventClass::Content : EventClass::Preamble;
    const bool chat = dialect == Dialect::Chat || dialect == Dialect::Completions;
    if (chat && m_news.usage && m_news.listed && m_news.items == 0 && !m_news.extras)
        return EventClass::Usage;
    return EventClass::Preamble;
}

bool AnswerReader::complete() const
{
    if (m_facts.error)
        return false;
    switch (m_endpoint.dialect) {
    case Dialect::Chat:
    case Dialect::Completions:
        return m_final || (m_begun != Choices{} && m_begun == m_finished);
    case Dialect::Gemini:
        return !m_facts.finishReason.isEmpty();
    default:
        break;
    }
    // A [DONE] behind a Responses stream ends nothing that was not over.
    return m_final && (m_endpoint.dialect != Dialect::Responses || !m_facts.finishReason.isEmpty());
}

void AnswerReader::readUsage(JsonReader &reader)
{
    if (reader.type() != JsonType::Object)
        return;
    m_figures.read(reader, m_endpoint.dialect);
    m_news.usage = m_figures.reported();
}

// `error` means one unless it is null, false, empty or zero.
void AnswerReader::readError(JsonReader &reader)
{
    JsonText text;
    QByteArrayView digits;
    switch (reader.type()) {
    case JsonType::Object: {
        bool filled = false;
        reader.object([&](const JsonText &) { filled = true; });
        m_news.error = m_news.error || filled;
        break;
    }
    case JsonType::String:
        m_news.error = (reader.string(text) && !text.raw.isEmpty()) || m_news.error;
        break;
    case JsonType::Number:
        m_news.error = (reader.number(digits) && digits != QByteArrayView("0")) || m_news.error;
        break;
    case JsonType::True:
        m_news.error = true;
        [[fallthrough]];
    default:
        reader.skip();
    }
}

// The first that is not empty stays.
void AnswerReader::readLabel(JsonReader &reader, QByteArray &label)
{
    constexpr qsizetype kLongest = 256;
    JsonText text;
    if (!label.isEmpty())
        reader.skip();
    else if (reader.string(text))
        label = text.decoded().left(kLongest);
}

void AnswerReader::readText(JsonReader &reader)
{
    JsonText text;
    if (!reader.string(text))
        return;
    m_news.text += text.bytes;
    m_news.content = m_news.content || text.bytes > 0;
}

// A string, or a list of parts with text somewhere inside.
void AnswerReader::readTextOrParts(JsonReader &reader)
{
    if (reader.type() == JsonType::Array || reader.type() == JsonType::Object)
        readItem(reader, 0);
    else
        readText(reader);
}

void AnswerReader::readFinish(JsonReader &reader, QByteArray &finish)
{
    JsonText text;
    if (reader.string(text) && !text.raw.isEmpty())
        finish = text.decoded().left(64);
}

void AnswerReader::readEmbeddings(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("data") || key.is("embeddings")) {
            m_news.listed = reader.array([&] { ++m_news.items; });
            m_news.content = m_news.items > 0;
        } else if (key.is("embedding")) {
            m_news.listed = m_news.content = reader.type() == JsonType::Object;
        } else if (key.is("usage") || key.is("usageMetadata")) {
            readUsage(reader);
        } else if (key.is("model")) {
            readLabel(reader, m_facts.servedModel);
        } else if (key.is("error")) {
            readError(reader);
        }
    });
}

// Images, rankings, verdicts, transcripts, and what ends their streams.
void AnswerReader::readResult(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("data") || key.is("results") || key.is("output")) {
            m_news.listed = reader.array([&] { ++m_news.items; });
            m_news.content = m_news.items > 0;
        } else if (key.is("text") || key.is("b64_json")) {
            m_news.listed = m_news.content = reader.type() == JsonType::String; // may be empty
        } else if (key.is("usage")) {
            readUsage(reader);
        } else if (key.is("type")) {
            readLabel(reader, m_news.type);
        } else if (key.is("id")) {
            readLabel(reader, m_facts.vendorId);
        } else if (key.is("model")) {
            readLabel(reader, m_facts.servedModel);
        } else if (key.is("error")) {
            readError(reader);
        }
    });
}

void AnswerReader::readCount(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        QByteArrayView digits;
        if (key.is("input_tokens") || key.is("totalTokens"))
            m_news.counted = reader.number(digits);
        else if (key.is("error"))
            readError(reader);
    });
}

} // namespace tollgate::protocol
