// SPDX-License-Identifier: GPL-3.0-or-later
// The grammars of the four answers, each as whole body and as stream event.
#include "core/protocol/answerreader.h"
#include "core/protocol/jsonreader.h"

#include <algorithm>

namespace tollgate::protocol {
namespace {

// Deeper than any vendor puts text into an item.
constexpr int kItemLevels = 8;

void mark(std::array<std::uint64_t, 2> &choices, std::int64_t index)
{
    const auto bit = static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, 127));
    choices[bit / 64] |= std::uint64_t(1) << (bit % 64);
}

bool isLabel(const JsonText &key)
{
    return key.is("object") || key.is("created") || key.is("system_fingerprint")
        || key.is("service_tier") || key.is("obfuscation") || key.is("provider");
}

} // namespace

// A completion or a chunk of one.
void AnswerReader::readChat(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("choices")) {
            const bool list = reader.array([&] {
                ++m_news.items;
                readChoice(reader);
            });
            m_news.listed = m_news.listed || list;
        } else if (key.is("id")) {
            readLabel(reader, m_facts.vendorId);
        } else if (key.is("model")) {
            readLabel(reader, m_facts.servedModel);
        } else if (key.is("usage")) {
            readUsage(reader);
        } else if (key.is("error")) {
            readError(reader);
        } else if (key.is("x_groq")) {
            reader.object([&](const JsonText &inner) {
                if (inner.is("usage"))
                    readUsage(reader);
                else if (inner.is("error"))
                    readError(reader);
            });
        } else if (key.is("base_resp")) { // MiniMax tells its errors in a 200
            reader.object([&](const JsonText &inner) {
                if (inner.is("status_code"))
                    readError(reader);
            });
        } else if (key.is("error_code")) {
            readError(reader);
        } else if (!isLabel(key)) {
            m_news.extras = m_news.extras || reader.type() != JsonType::Null;
        }
    });
}

void AnswerReader::readChoice(JsonReader &reader)
{
    std::int64_t index = 0;
    QByteArray finish;
    reader.object([&](const JsonText &key) {
        QByteArrayView digits;
        if (key.is("index")) {
            if (reader.number(digits))
                (void)toInteger(digits, index);
        } else if (key.is("delta") || key.is("message")) {
            readChatPart(reader);
        } else if (key.is("text")) {
            readText(reader);
        } else if (key.is("finish_reason")) {
            readFinish(reader, finish);
        } else if (key.is("usage")) { // Moonshot of old
            readUsage(reader);
        } else if (key.is("error")) {
            readError(reader);
        }
    });
    mark(m_news.begun, index);
    mark(m_facts.openChoices, index);
    if (!finish.isEmpty()) {
        mark(m_news.finished, index);
        m_news.finish = finish;
        for (std::size_t i = 0; i < m_news.finished.size(); ++i)
            m_facts.openChoices[i] &= ~m_news.finished[i];
    }
}

// A message, or the delta of one.
void AnswerReader::readChatPart(JsonReader &reader)
{
    qsizetype reasoning = 0;
    reader.object([&](const JsonText &key) {
        if (key.is("content")) {
            readTextOrParts(reader);
        } else if (key.is("reasoning_content") || key.is("reasoning")) {
            // Some servers send both, with the same text.
            const qsizetype before = m_news.text;
            readTextOrParts(reader);
            reasoning = std::max(reasoning, m_news.text - before);
            m_news.text = before;
        } else if (key.is("refusal")) {
            readText(reader);
        } else if (key.is("tool_calls")) {
            if (reader.type() == JsonType::Object)
                readToolCall(reader);
            else
                reader.array([&] { readToolCall(reader); });
        } else if (key.is("function_call")) {
            if (reader.type() == JsonType::Object)
                readToolCall(reader);
        } else if (key.is("audio") || key.is("images") || key.is("reasoning_details")) {
            bool filled = false;
            if (reader.type() == JsonType::Array)
                reader.array([&] { filled = true; });
            else
                reader.object([&](const JsonText &) { filled = true; });
            m_news.content = m_news.content || filled;
        }
    });
    m_news.text += reasoning;
}

void AnswerReader::readToolCall(JsonReader &reader)
{
    m_news.content = true;
    readItem(reader, 0);
}

// Sums up the text of whatever is at hand: parts of a message, an output item, a tool call.
void AnswerReader::readItem(JsonReader &reader, int level)
{
    if (level > kItemLevels) {
        reader.skip();
        return;
    }
    if (reader.type() == JsonType::Array) {
        reader.array([&] { readItem(reader, level + 1); });
        return;
    }
    reader.object([&](const JsonText &key) {
        if (reader.type() == JsonType::Object || reader.type() == JsonType::Array)
            readItem(reader, level + 1);
        else if (key.is("text") || key.is("refusal") || key.is("arguments") || key.is("input")
                 || key.is("thinking") || key.is("code") || key.is("name"))
            readText(reader);
    });
}

void AnswerReader::readResponsesEvent(JsonReader &reader)
{
    bool flatError = false;
    reader.object([&](const JsonText &key) {
        QByteArrayView digits;
        if (key.is("type")) {
            readLabel(reader, m_news.type);
        } else if (key.is("sequence_number")) {
            if (reader.number(digits))
                (void)toInteger(digits, m_facts.sequence);
        } else if (key.is("response")) {
            readResponse(reader);
        } else if (key.is("delta")) {
            readText(reader);
        } else if (key.is("item")) {
            QByteArray kind;
            reader.object([&](const JsonText &inner) {
                if (inner.is("type"))
                    readLabel(reader, kind);
            });
            // A message is about to be written; anything else is under way.
            m_news.content = m_news.content || kind != "message";
        } else if (key.is("error")) {
            readError(reader);
        } else if (key.is("code") || key.is("message")) {
            flatError = true;
        }
    });
    if (m_news.type == "error" || m_news.type == "response.failed")
        m_news.error = true;
    else if (m_news.type.isEmpty() && flatError && !m_news.content)
        m_news.error = true;
}

// The response object: the whole answer, or what the stream's first and last events carry.
void AnswerReader::readResponse(JsonReader &reader)
{
    const bool terminal = !m_streaming || m_news.type == "response.completed"
        || m_news.type == "response.incomplete" || m_news.type == "response.failed";
    QByteArray reason;
    reader.object([&](const JsonText &key) {
        if (key.is("id")) {
            readLabel(reader, m_facts.vendorId);
        } else if (key.is("model")) {
            readLabel(reader, m_facts.servedModel);
        } else if (key.is("status")) {
            readFinish(reader, m_news.status);
        } else if (key.is("output")) {
            // A stream has told it all before, piece by piece.
            const bool told = m_facts.outputBytes > 0;
            const qsizetype before = m_news.text;
            m_news.listed = reader.array([&] {
                ++m_news.items;
                readItem(reader, 0);
            });
            if (told)
                m_news.text = before;
            m_news.content = m_news.items > 0;
        } else if (key.is("usage")) {
            readUsage(reader);
        } else if (key.is("incomplete_details")) {
            reader.object([&](const JsonText &inner) {
                if (inner.is("reason"))
                    readFinish(reader, reason);
            });
        } else if (key.is("error")) {
            readError(reader);
        }
    });
    if (terminal)
        m_news.finish = reason.isEmpty() ? m_news.status : reason;
    if (m_news.status == "failed")
        m_news.error = true;
}

// A message, or an event about one.
void AnswerReader::readMessagesEvent(JsonReader &reader)
{
    std::int64_t block = -1;
    reader.object([&](const JsonText &key) {
        QByteArrayView digits;
        if (key.is("type")) {
            readLabel(reader, m_news.type);
        } else if (key.is("message")) {
            reader.object([&](const JsonText &inner) { (void)readMessageMember(reader, inner); });
        } else if (key.is("index")) {
            if (reader.number(digits))
                (void)toInteger(digits, block);
        } else if (key.is("content_block")) {
            readBlock(reader);
        } else if (key.is("delta")) {
            readBlockDelta(reader);
        } else if (key.is("error")) {
            readError(reader);
        } else {
            (void)readMessageMember(reader, key);
        }
    });
    if (m_news.type == "error")
        m_news.error = true;
    if (block >= 0)
        m_facts.openBlock = m_news.type == "content_block_stop" ? -1 : block;
}

bool AnswerReader::readMessageMember(JsonReader &reader, const JsonText &key)
{
    if (key.is("id")) {
        readLabel(reader, m_facts.vendorId);
    } else if (key.is("model")) {
        readLabel(reader, m_facts.servedModel);
    } else if (key.is("content")) {
        m_news.listed = reader.array([&] {
            ++m_news.items;
            readBlock(reader);
        });
    } else if (key.is("stop_reason")) {
        readFinish(reader, m_news.finish);
    } else if (key.is("usage")) {
        readUsage(reader);
    } else {
        return false;
    }
    return true;
}

void AnswerReader::readBlock(JsonReader &reader)
{
    QByteArray kind;
    reader.object([&](const JsonText &key) {
        if (key.is("type")) {
            readLabel(reader, kind);
        } else if (key.is("text") || key.is("thinking") || key.is("name")) {
            readText(reader);
        } else if (key.is("input")) {
            const qsizetype start = reader.position();
            reader.skip();
            m_news.text += reader.position() - start;
        }
    });
    m_news.content = m_news.content || (!kind.isEmpty() && kind != "text");
}

void AnswerReader::readBlockDelta(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("text") || key.is("partial_json") || key.is("thinking"))
            readText(reader);
        else if (key.is("stop_reason"))
            readFinish(reader, m_news.finish);
    });
}

void AnswerReader::readGemini(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("candidates")) {
            m_news.listed = reader.array([&] {
                ++m_news.items;
                readCandidate(reader);
            });
        } else if (key.is("promptFeedback")) {
            m_news.listed = true;
            reader.object([&](const JsonText &inner) {
                if (inner.is("blockReason"))
                    readFinish(reader, m_news.finish);
            });
        } else if (key.is("usageMetadata")) {
            m_news.listed = true;
            readUsage(reader);
        } else if (key.is("modelVersion")) {
            readLabel(reader, m_facts.servedModel);
        } else if (key.is("responseId")) {
            readLabel(reader, m_facts.vendorId);
        } else if (key.is("error")) {
            readError(reader);
        }
    });
}

void AnswerReader::readCandidate(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("content")) {
            reader.object([&](const JsonText &inner) {
                if (inner.is("parts"))
                    reader.array([&] { readGeminiPart(reader); });
            });
        } else if (key.is("finishReason")) {
            readFinish(reader, m_news.finish);
        }
    });
}

void AnswerReader::readGeminiPart(JsonReader &reader)
{
    reader.object([&](const JsonText &key) {
        if (key.is("text")) {
            readText(reader);
        } else if (reader.type() == JsonType::Object) {
            // A call, code, its result, media: all of them are content; media is not text.
            m_news.content = true;
            const qsizetype start = reader.position();
            reader.skip();
            if (!key.is("inlineData"))
                m_news.text += reader.position() - start;
        }
    });
}

} // namespace tollgate::protocol
