// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded exchange in this dialect, there and back.
#include "core/codecs/gemini/gemini.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

const Codec &codec()
{
    return codecs::geminiCodec();
}

// Names are written in camelCase, however they were spelt.
QByteArray camelCased(QByteArray body)
{
    for (const char *name : {"file_data", "file_uri", "mime_type", "inline_data", "function_call",
                             "function_response", "thought_signature", "function_declarations",
                             "parameters_json_schema", "response_mime_type", "response_schema",
                             "include_thoughts", "thinking_budget", "thinking_level"}) {
        QByteArray camel;
        for (const char *at = name; *at != 0; ++at) {
            if (*at == '_')
                camel += static_cast<char>(*++at - 'a' + 'A');
            else
                camel += *at;
        }
        body.replace('"' + QByteArray(name) + "\":", '"' + camel + "\":");
        body.replace('"' + QByteArray(name) + "\": ", '"' + camel + "\": ");
    }
    return body;
}

bool asksForContent(const QByteArray &body)
{
    const auto tree = protocol::JsonTree::parse(body);
    return tree && tree->root()["contents"].isSet();
}

bool answers(const QByteArray &body)
{
    const auto tree = protocol::JsonTree::parse(body);
    return tree && (tree->root()["candidates"].isSet() || tree->root()["promptFeedback"].isSet());
}

const QStringList kRequestExceptions{
    QStringLiteral("tools"), // one alone is written as a list of one
    QStringLiteral("generationConfig"), // an empty one says nothing
};
} // namespace

class TestGeminiRecorded : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_recorded = recordedIn(protocol::Dialect::Gemini);
        if (m_recorded.empty())
            QSKIP("TOLLGATE_FIXTURES does not name a folder with recorded traffic");
    }

    void requestsComeBackWhole()
    {
        int seen = 0;
        QStringList wrong;
        for (const Recorded &recorded : m_recorded) {
            if (!asksForContent(recorded.request))
                continue;
            ++seen;
            const QString lost
                = requestSurvives(codec(), camelCased(recorded.request), {}, kRequestExceptions);
            if (!lost.isEmpty())
                wrong << recorded.file + QStringLiteral(": ") + lost;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n').left(20000)));
        QVERIFY(seen > 100);
    }

    void bothSpellingsOfNamesMeanTheSame()
    {
        for (const Recorded &recorded : m_recorded) {
            if (!asksForContent(recorded.request))
                continue;
            const auto given = codec().decodeRequest(recorded.request);
            const auto camel = codec().decodeRequest(camelCased(recorded.request));
            QVERIFY2(given && camel, qPrintable(recorded.file));
            const auto left = codec().encodeRequest(*given, {});
            const auto right = codec().encodeRequest(*camel, {});
            QVERIFY2(left && right, qPrintable(recorded.file));
            QVERIFY2(camelCased(left->body) == camelCased(right->body), qPrintable(recorded.file));
        }
    }

    void answersComeBackWhole()
    {
        int seen = 0;
        QStringList wrong;
        for (const Recorded &recorded : m_recorded) {
            if (!answers(recorded.body))
                continue;
            ++seen;
            AnswerContext context;
            const QString lost = responseSurvives(codec(), recorded.body, context);
            if (!lost.isEmpty())
                wrong << recorded.file + QStringLiteral(": ") + lost;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n').left(20000)));
        QVERIFY(seen > 100);
    }

    void streamsComeBackWhole()
    {
        int seen = 0;
        QStringList wrong;
        for (const Recorded &recorded : m_recorded) {
            if (!recorded.stream || recorded.status != 200)
                continue;
            const std::vector<WireEvent> wire = wireEvents(recorded.body);
            ++seen;
            for (const bool sse : {true, false}) {
                AnswerContext context;
                context.sse = sse;
                const QString lost = streamSurvives(codec(), wire, context);
                if (!lost.isEmpty())
                    wrong << recorded.file
                            + (sse ? QStringLiteral(": ") : QStringLiteral(" (array): ")) + lost;
            }
            const QString cut = cutsAreTold(codec(), wire);
            if (!cut.isEmpty())
                wrong << recorded.file + QStringLiteral(" cut: ") + cut;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n').left(20000)));
        QVERIFY2(seen > 20, QByteArray::number(seen).constData());
    }

    // The chunks of a stream are answers: one array of them is read like one answer.
    void anArrayOfChunksIsOneAnswer()
    {
        int seen = 0;
        for (const Recorded &recorded : m_recorded) {
            if (!recorded.stream || recorded.status != 200)
                continue;
            const std::vector<WireEvent> wire = wireEvents(recorded.body);
            const StreamEvents events = decodeStream(codec(), wire);
            const Response folded = foldEvents(codec(), events);
            QByteArray array;
            for (const WireEvent &event : wire)
                array += (array.isEmpty() ? "[" : ",") + event.data;
            const auto whole = codec().decodeResponse(array + ']');
            if (!whole)
                continue;
            ++seen;
            const QString differs = difference(describe(*whole), describe(folded));
            QVERIFY2(differs.isEmpty(), qPrintable(recorded.file + QStringLiteral(": ") + differs));
        }
        QVERIFY(seen > 20);
    }

private:
    std::vector<Recorded> m_recorded;
};

QTEST_APPLESS_MAIN(TestGeminiRecorded)
#include "test_recorded.moc"
