// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/chat.h"
#include "tests/codecs/properties.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

const Codec &codec()
{
    return codecs::completionsCodec();
}

AnswerContext context()
{
    AnswerContext made;
    made.requestId = "req_1";
    made.includeUsage = true;
    return made;
}

} // namespace

class TestCompletions final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersNumberedAlikeAreToldInOrder();
    void aPromptIsAQuestion();
    void whatNoChatModelCanDoIsRefused_data();
    void whatNoChatModelCanDoIsRefused();
    void aConversationBecomesATranscript();
    void recordedAnswersLoseNothing();
    void recordedStreamsComeBackTheSame();
    void logprobsComeInParallelLists();
    void thePromptIsRepeatedOnRequest();
};

void TestCompletions::aPromptIsAQuestion()
{
    const QByteArray body = R"({"model":"m","prompt":["Say hi"],"max_tokens":16,"temperature":0.50,
        "stop":["\n"],"n":2,"logprobs":3,"best_of":2,"user":"eve","stream":true})";
    const auto request = codec().decodeRequest(body);
    QVERIFY(request);
    QCOMPARE(request->messages.size(), std::size_t(1));
    QCOMPARE(std::get<Text>(request->messages[0].parts[0].body).text, QByteArray("Say hi"));
    QCOMPARE(request->sampling.temperature, QByteArray("0.50"));
    QCOMPARE(*request->candidates, 2);
    QCOMPARE(request->sampling.topLogprobs, QByteArray("3"));
    Target target;
    target.model = "m";
    QCOMPARE(test::requestSurvives(codec(), body, target, {QStringLiteral("prompt")}), QString());
}

void TestCompletions::whatNoChatModelCanDoIsRefused_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("param");
    QTest::newRow("tokens") << QByteArray(R"({"prompt":[1,2]})") << QByteArray("prompt");
    QTest::newRow("several") << QByteArray(R"({"prompt":["a","b"]})") << QByteArray("prompt");
    QTest::newRow("none") << QByteArray("{}") << QByteArray("prompt");
    QTest::newRow("suffix") << QByteArray(R"({"prompt":"a","suffix":"b"})") << QByteArray("suffix");
}

void TestCompletions::whatNoChatModelCanDoIsRefused()
{
    QFETCH(const QByteArray, body);
    const auto request = codec().decodeRequest(body);
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::InvalidRequest);
    QTEST(request.error().param, "param");
}

void TestCompletions::aConversationBecomesATranscript()
{
    const auto request = codecs::chatCodec().decodeRequest(
        R"({"model":"m","messages":[{"role":"system","content":"Be brief."},
            {"role":"user","content":"Hi"}]})");
    QVERIFY(request);
    const auto encoded = codec().encodeRequest(*request, {});
    QVERIFY(encoded);
    const auto tree = protocol::JsonTree::parse(encoded->body);
    QCOMPARE(tree->root()["prompt"].string(), QByteArray("Be brief.\n\nUser: Hi\n\nAssistant:"));
}

void TestCompletions::recordedAnswersLoseNothing()
{
    if (test::fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there is no recorded traffic to read.");
    int looked = 0;
    for (const test::Recorded &recorded : test::recordedIn(Dialect::Completions)) {
        if (recorded.stream)
            continue;
        ++looked;
        QCOMPARE(test::responseSurvives(codec(), recorded.body, context()), QString());
    }
    QVERIFY(looked > 0);
}

void TestCompletions::recordedStreamsComeBackTheSame()
{
    if (test::fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there is no recorded traffic to read.");
    int looked = 0;
    for (const test::Recorded &recorded : test::recordedIn(Dialect::Completions)) {
        if (!recorded.stream)
            continue;
        ++looked;
        const auto wire = test::wireEvents(recorded.body);
        QCOMPARE(test::grammarOf(test::decodeStream(codec(), wire)), QString());
        QCOMPARE(test::streamSurvives(codec(), wire, context()), QString());
        QCOMPARE(test::cutsAreTold(codec(), wire), QString());
    }
    QVERIFY(looked > 0);
}

void TestCompletions::logprobsComeInParallelLists()
{
    Response response;
    Candidate candidate;
    candidate.message.parts.push_back(Part{Text{"Hé!", {}}});
    candidate.logprobs = R"({"content":[{"token":"Hé","logprob":-0.5,"top_logprobs":[
        {"token":"Ho","logprob":-1}]},{"token":"!","logprob":0}],"refusal":null})";
    response.candidates.push_back(candidate);
    const QByteArray body = codec().encodeResponse(response, context());
    QVERIFY2(body.contains(R"("logprobs":{"tokens":["Hé","!"],"token_logprobs":[-0.5,0],)"
                           R"("top_logprobs":[{"Ho":-1},{}],"text_offset":[0,2]})"),
             body.constData());
    const auto again = codec().decodeResponse(body);
    QVERIFY(again);
    QVERIFY(again->candidates[0].logprobs.contains(R"("token":"Hé","logprob":-0.5)"));
}

void TestCompletions::thePromptIsRepeatedOnRequest()
{
    const auto request = codec().decodeRequest(R"({"model":"m","prompt":"One, ","echo":true})");
    QVERIFY(request);
    AnswerContext asked = context();
    asked.request = &*request;
    Response response;
    Candidate candidate;
    candidate.message.parts.push_back(Part{Text{"two", {}}});
    response.candidates.push_back(candidate);
    QVERIFY(codec().encodeResponse(response, asked).contains(R"("text":"One, two")"));
    const QByteArray stream = test::encodeStream(codec(), unfold(response), asked);
    QVERIFY(stream.contains(R"("text":"One, two")"));
    QVERIFY(stream.endsWith("data: [DONE]\n\n"));
}

void TestCompletions::answersNumberedAlikeAreToldInOrder()
{
    const auto read = codecs::completionsCodec().decodeResponse(
        R"({"choices":[{"text":"a","index":5,"finish_reason":"stop"},
        {"text":"b","index":5,"finish_reason":"stop"}]})");
    QVERIFY(read);
    QCOMPARE(test::grammarOf(unfold(*read)), QString());
}

QTEST_APPLESS_MAIN(TestCompletions)
#include "test_completions.moc"
