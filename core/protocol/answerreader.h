// SPDX-License-Identifier: GPL-3.0-or-later
// What whole answers and stream events have in common: one reader a dialect that gathers facts.
#pragma once

#include "core/protocol/answerfacts.h"
#include "core/protocol/endpoint.h"
#include "core/protocol/usage.h"

#include <array>

namespace tollgate::protocol {

struct JsonText;

class AnswerReader
{
public:
    explicit AnswerReader(const Endpoint &endpoint);

    // A whole answer. False if it is not the JSON that the dialect promises.
    bool readWhole(QByteArrayView body);
    EventClass readEvent(QByteArrayView type, QByteArrayView data);
    [[nodiscard]] bool complete() const;
    [[nodiscard]] const AnswerFacts &facts() const { return m_facts; }

private:
    // By index of the choice; the last bit stands for all above.
    using Choices = std::array<std::uint64_t, 2>;

    // What one event, or the whole body, brought.
    struct News
    {
        QByteArray type; // "type" member
        QByteArray finish;
        QByteArray status; // Responses: status of the response object
        qsizetype text = 0; // bytes of output
        qsizetype items = 0; // of the list that this dialect answers with
        bool listed = false; // that list is there
        bool content = false;
        bool usage = false;
        bool extras = false; // members besides choices, usage and the usual labels
        bool error = false;
        bool counted = false; // count_tokens: the number is there
        Choices begun{};
        Choices finished{};
    };

    bool readObject(QByteArrayView json);
    void readChat(JsonReader &reader);
    void readChoice(JsonReader &reader);
    void readChatPart(JsonReader &reader);
    void readToolCall(JsonReader &reader);
    void readResponsesEvent(JsonReader &reader);
    void readResponse(JsonReader &reader);
    void readItem(JsonReader &reader, int level);
    void readMessagesEvent(JsonReader &reader);
    bool readMessageMember(JsonReader &reader, const JsonText &key);
    void readBlock(JsonReader &reader);
    void readBlockDelta(JsonReader &reader);
    void readGemini(JsonReader &reader);
    void readCandidate(JsonReader &reader);
    void readGeminiPart(JsonReader &reader);
    void readEmbeddings(JsonReader &reader);
    void readCount(JsonReader &reader);
    void readResult(JsonReader &reader);

    void readUsage(JsonReader &reader);
    void readError(JsonReader &reader);
    void readLabel(JsonReader &reader, QByteArray &label);
    void readText(JsonReader &reader);
    void readTextOrParts(JsonReader &reader);
    void readFinish(JsonReader &reader, QByteArray &finish);
    [[nodiscard]] EventClass classify() const;
    void settle(QByteArrayView json);

    Endpoint m_endpoint;
    AnswerFacts m_facts;
    UsageFigures m_figures;
    News m_news;
    Choices m_begun{};
    Choices m_finished{};
    bool m_streaming = false;
    bool m_content = false; // ever
    bool m_final = false;
};

} // namespace tollgate::protocol
