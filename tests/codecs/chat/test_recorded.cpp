// SPDX-License-Identifier: GPL-3.0-or-later
// What every codec must keep, on all recorded chat completions of all vendors.
#include "core/codecs/chat/chat.h"
#include "tests/codecs/properties.h"

#include <QtTest>

#include <algorithm>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

// What the dialect's canonical form says otherwise, and why.
const QStringList kRequestExceptions{
    QStringLiteral("stream"), // false is not said
    QStringLiteral("stream_options.*"), // asked for in every stream
    QStringLiteral("stream_options"),
    QStringLiteral("tool_choice"), // Mistral's "any" is "required"
    QStringLiteral("messages[].tool_calls[].index"), // no member of a request
    QStringLiteral("messages[].tool_calls[].type"), // always said
    QStringLiteral("tools[].type"),
    QStringLiteral("messages[].content[].text"), // null beside a picture
    QStringLiteral("messages[].content[].closed"), // by default
    QStringLiteral("messages[].content[].thinking"), // in one piece
    QStringLiteral("messages[].content[].thinking.*"),
    QStringLiteral("messages[].reasoning"), // told as the style's own member
    QStringLiteral("messages[].reasoning_content"),
};

const QStringList kAnswerExceptions{
    QStringLiteral("object"),
    QStringLiteral("choices[].message.reasoning"), // told as reasoning_content
    QStringLiteral("choices[].message.content"), // Mistral's parts are told as text
    QStringLiteral("choices[].message.audio.*"), // Snowflake's, without sound
    QStringLiteral("choices[].message.function_call.*"), // Snowflake's, without a name
    QStringLiteral("choices[].message.tool_calls[].index"),
    QStringLiteral("choices[].message.tool_calls[].custom.*"),
    QStringLiteral("choices[].finish_reason"), // "stop" with calls is "tool_calls"
    QStringLiteral("choices[].logprobs"), // lists without elements
    QStringLiteral("usage.prompt_tokens_details.cache_write_tokens"), // more than the prompt, once
    QStringLiteral("usage.completion_tokens"), // xAI counts reasoning beside it
};

AnswerContext context()
{
    AnswerContext made;
    made.requestId = "req_1";
    made.includeUsage = true;
    return made;
}

// As much as a test's message holds.
QString first(const QStringList &wrong)
{
    constexpr qsizetype kMost = 6;
    return QStringLiteral("%1: ").arg(wrong.size())
        + wrong.first(std::min(wrong.size(), kMost)).join(u'\n');
}

// The vendor's own target, so that what was said is said again.
Target targetOf(const test::Recorded &recorded)
{
    Target target;
    const auto tree = protocol::JsonTree::parse(recorded.request);
    if (!tree)
        return target;
    const JsonValue root = tree->root();
    target.model = root["model"].string();
    target.maxCompletionTokens = root["max_completion_tokens"].isSet();
    target.takesDeveloperRole = recorded.request.contains("\"developer\"");
    target.wantsReasoningContent = recorded.request.contains("\"reasoning_content\"")
        || recorded.request.contains("\"reasoning\":\"");
    struct Vendor
    {
        const char *in;
        const char *style;
    };
    for (const Vendor vendor :
         {Vendor{"openrouter", "openrouter"}, Vendor{"snowflake", "snowflake"},
          Vendor{"groq", "groq"}, Vendor{"mistral", "mistral"}, Vendor{"zai", "zhipu"},
          Vendor{"cerebras", "cerebras"}, Vendor{"deepseek", "deepseek"}}) {
        if (recorded.file.contains(QLatin1String(vendor.in)))
            target.reasoningStyle = vendor.style;
    }
    return target;
}

} // namespace

class TestChatRecorded final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void requestsLoseNothing();
    void answersLoseNothing();
    void streamsComeBackTheSame();
    void everyCutIsTold();
    void aWholeAnswerUnfoldedIsTheSame();
    void errorsAreTold();

private:
    std::vector<test::Recorded> m_all;
};

void TestChatRecorded::initTestCase()
{
    if (test::fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there is no recorded traffic to read.");
    m_all = test::recordedIn(Dialect::Chat);
    QVERIFY(m_all.size() > 200);
}

void TestChatRecorded::requestsLoseNothing()
{
    QStringList wrong;
    int looked = 0;
    for (const test::Recorded &recorded : m_all) {
        if (!recorded.request.contains("\"messages\""))
            continue;
        ++looked;
        const QString found = test::requestSurvives(codecs::chatCodec(), recorded.request,
                                                    targetOf(recorded), kRequestExceptions);
        if (!found.isEmpty())
            wrong += recorded.file + u' ' + found;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(first(wrong)));
    QVERIFY(looked > 200);
}

void TestChatRecorded::answersLoseNothing()
{
    QStringList wrong;
    int looked = 0;
    for (const test::Recorded &recorded : m_all) {
        if (recorded.stream || recorded.body.isEmpty() || recorded.status >= 300
            || !codecs::chatCodec().decodeResponse(recorded.body))
            continue;
        ++looked;
        const QString found = test::responseSurvives(codecs::chatCodec(), recorded.body, context(),
                                                     kAnswerExceptions);
        if (!found.isEmpty())
            wrong += recorded.file + u' ' + found;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(first(wrong)));
    QVERIFY(looked > 150);
}

void TestChatRecorded::streamsComeBackTheSame()
{
    QStringList wrong;
    int looked = 0;
    for (const test::Recorded &recorded : m_all) {
        if (!recorded.stream)
            continue;
        ++looked;
        const auto wire = test::wireEvents(recorded.body);
        const StreamEvents events = test::decodeStream(codecs::chatCodec(), wire);
        QString found = test::grammarOf(events);
        if (found.isEmpty() && std::holds_alternative<StreamEnd>(events.back()))
            found = test::streamSurvives(codecs::chatCodec(), wire, context());
        if (!found.isEmpty())
            wrong += recorded.file + u' ' + found;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(first(wrong)));
    QVERIFY(looked > 50);
}

void TestChatRecorded::everyCutIsTold()
{
    QStringList wrong;
    for (const test::Recorded &recorded : m_all) {
        if (!recorded.stream)
            continue;
        const QString found
            = test::cutsAreTold(codecs::chatCodec(), test::wireEvents(recorded.body));
        if (!found.isEmpty())
            wrong += recorded.file + u' ' + found;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(first(wrong)));
}

// For a client that asked for a stream of a vendor that gave a whole answer.
void TestChatRecorded::aWholeAnswerUnfoldedIsTheSame()
{
    QStringList wrong;
    for (const test::Recorded &recorded : m_all) {
        if (recorded.stream || recorded.status >= 300)
            continue;
        auto response = codecs::chatCodec().decodeResponse(recorded.body);
        if (!response)
            continue;
        const QByteArray sse
            = test::encodeStream(codecs::chatCodec(), unfold(*response), context());
        Response again = test::foldEvents(
            codecs::chatCodec(), test::decodeStream(codecs::chatCodec(), test::wireEvents(sse)));
        if (response->id.isEmpty())
            again.id.clear();
        for (Response *one : {&*response, &again}) {
            if (one->usage)
                one->usage->suspect = false; // a clamped figure is told as it was clamped
            one->native.clear();
            for (Candidate &candidate : one->candidates) {
                candidate.native.clear();
                candidate.message.native.clear();
                candidate.stop.native.clear();
                for (Part &part : candidate.message.parts)
                    part.native.clear();
            }
        }
        const QString found = test::difference(test::describe(*response), test::describe(again));
        if (!found.isEmpty())
            wrong += recorded.file + u' ' + found;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(first(wrong)));
}

void TestChatRecorded::errorsAreTold()
{
    int looked = 0;
    for (const test::Recorded &recorded : m_all) {
        if (recorded.stream || recorded.body.isEmpty() || recorded.status < 300)
            continue;
        ++looked;
        QVERIFY2(!codecs::chatCodec().decodeResponse(recorded.body), qPrintable(recorded.file));
    }
    QVERIFY(looked > 3);
}

QTEST_APPLESS_MAIN(TestChatRecorded)
#include "test_recorded.moc"
