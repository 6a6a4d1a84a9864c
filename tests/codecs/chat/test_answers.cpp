// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/chat.h"
#include "tests/codecs/properties.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

const Codec &codec()
{
    return codecs::chatCodec();
}

AnswerContext context()
{
    AnswerContext made;
    made.requestId = "req_1";
    made.model = "m";
    made.nowS = 7;
    return made;
}

QByteArray answer(const QByteArray &message, const QByteArray &choice = {},
                  const QByteArray &more = {})
{
    return R"({"id":"c1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,)"
           R"("message":)"
        + message + (choice.isEmpty() ? "" : "," + choice) + "}]"
        + (more.isEmpty() ? "" : "," + more) + '}';
}

Response read(const QByteArray &body)
{
    const auto response = codec().decodeResponse(body);
    return response ? *response : Response{};
}

} // namespace

class TestChatAnswers final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMemberSurvives_data();
    void everyMemberSurvives();
    void finishReasonsHaveOneMeaning_data();
    void finishReasonsHaveOneMeaning();
    void reasoningIsReadInAllSpellings_data();
    void reasoningIsReadInAllSpellings();
    void thinkTagsAreReadWhereTheChannelSaysSo();
    void usageIsCountedOnce_data();
    void usageIsCountedOnce();
    void errorsInsideA200AreErrors_data();
    void errorsInsideA200AreErrors();
    void missingIdsAreMadeStable();
    void sealsGoToTheClient();
    void bridgedToolsComeBackAsCustom();
    void citationsCountCodePoints();
    void aBlockedPromptIsNoEmptySuccess();
};

void TestChatAnswers::everyMemberSurvives_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("text") << answer(R"({"role":"assistant","content":"Hi","refusal":null})",
                                    R"("finish_reason":"stop","logprobs":null)");
    QTest::newRow("refusal") << answer(R"({"role":"assistant","content":null,"refusal":"No."})",
                                       R"("finish_reason":"stop")");
    QTest::newRow("calls") << answer(
        R"({"role":"assistant","content":"so","tool_calls":[{"id":"a","type":"function","function":{
        "name":"f","arguments":"{\"a\": 1.0,\"b\":12345678901234567890}"}},{"id":"b",
        "type":"custom","custom":{"name":"c","input":"free"}}]})",
        R"("finish_reason":"tool_calls")");
    QTest::newRow("sound") << answer(
        R"({"role":"assistant","content":null,"audio":{"id":"audio_1","data":"UklG",
        "transcript":"hi","expires_at":9}})",
        R"("finish_reason":"stop")");
    QTest::newRow("citations") << answer(
        R"({"role":"assistant","content":"see x","annotations":[{"type":"url_citation",
        "url_citation":{"url":"https://x","title":"X","start_index":4,"end_index":5}}]})",
        R"("finish_reason":"stop")");
    QTest::newRow("pictures") << answer(
        R"({"role":"assistant","content":"look","images":[{"type":"image_url","image_url":{
        "url":"data:image/png;base64,iVBORw=="}}]})",
        R"("finish_reason":"stop")");
    QTest::newRow("logprobs") << answer(
        R"({"role":"assistant","content":"a"})",
        R"("finish_reason":"length","logprobs":{"content":[{"token":"a","logprob":-0.50,
        "bytes":[97],"top_logprobs":[]}],"refusal":null})");
    QTest::newRow("the rest") << answer(
        R"({"role":"assistant","content":"a","executed_tools":[{"index":0}]})",
        R"("finish_reason":"stop","native_finish_reason":"end","content_filter_results":{"a":1})",
        R"("service_tier":"flex","system_fingerprint":"fp","citations":["u"],"usage":{
        "prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{
        "cached_tokens":4,"text_tokens":10},"completion_tokens_details":{"reasoning_tokens":2,
        "accepted_prediction_tokens":1},"cost":0.00120})");
    QTest::newRow("several") << QByteArray(
        R"({"id":"c","object":"chat.completion","created":5,"model":"m","choices":[
        {"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"},
        {"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"length"}]})");
}

void TestChatAnswers::everyMemberSurvives()
{
    QFETCH(const QByteArray, body);
    QCOMPARE(test::responseSurvives(codec(), body, context()), QString());
}

void TestChatAnswers::finishReasonsHaveOneMeaning_data()
{
    QTest::addColumn<QByteArray>("choice");
    QTest::addColumn<bool>("calls");
    QTest::addColumn<int>("reason");
    QTest::addColumn<QByteArray>("told");
    const auto row = [](const char *choice, bool calls, StopReason reason, const char *told) {
        QTest::addRow("%s%s", choice, calls ? " with calls" : "")
            << QByteArray(choice) << calls << int(reason) << QByteArray(told);
    };
    row(R"("finish_reason":"stop")", false, StopReason::End, "stop");
    row(R"("finish_reason":"stop")", true, StopReason::ToolUse, "tool_calls");
    row(R"("finish_reason":"")", true, StopReason::ToolUse, "tool_calls");
    row(R"("finish_reason":null)", false, StopReason::End, "stop");
    row(R"("finish_reason":"length")", true, StopReason::MaxTokens, "length");
    row(R"("finish_reason":"model_length")", false, StopReason::ContextFull, "length");
    row(R"("finish_reason":"content_filter")", false, StopReason::ContentFilter, "content_filter");
    row(R"("finish_reason":"sensitive")", false, StopReason::ContentFilter, "content_filter");
    row(R"("finish_reason":"eos")", false, StopReason::End, "stop");
    row(R"("finish_reason":"MAX_TOKENS")", false, StopReason::MaxTokens, "length");
    row(R"("finish_reason":"function_call")", false, StopReason::ToolUse, "tool_calls");
    row(R"("finish_reason":"never heard of")", false, StopReason::Other, "stop");
    row(R"("finish_reason":"stop","stop_reason":"END")", false, StopReason::StopSequence, "stop");
    row(R"("finish_reason":"stop","stop_reason":151645)", false, StopReason::End, "stop");
}

void TestChatAnswers::finishReasonsHaveOneMeaning()
{
    QFETCH(const QByteArray, choice);
    QFETCH(const bool, calls);
    const QByteArray message = calls
        ? R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]})"
        : R"({"content":"a"})";
    const Response response = read(answer(message, choice));
    QCOMPARE(response.candidates.size(), std::size_t(1));
    QTEST(int(response.candidates[0].stop.reason), "reason");
    QFETCH(const QByteArray, told);
    QVERIFY(codec().encodeResponse(response, context()).contains("\"finish_reason\":\"" + told));
}

void TestChatAnswers::reasoningIsReadInAllSpellings_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<QByteArray>("thought");
    QTest::addColumn<QByteArray>("text");
    const auto row
        = [](const char *name, const char *message, const char *thought, const char *text) {
              QTest::newRow(name) << QByteArray(message) << QByteArray(thought) << QByteArray(text);
          };
    row("reasoning_content", R"({"content":"a","reasoning_content":"hm"})", "hm", "a");
    row("reasoning", R"({"content":"a","reasoning":"hm"})", "hm", "a");
    row("both", R"({"content":"a","reasoning":"hm","reasoning_content":"hm"})", "hm", "a");
    row("details", R"({"content":"a","reasoning":"hm","reasoning_details":[{"text":"hm"}]})", "hm",
        "a");
    row("details in pieces", R"({"content":"a","reasoning_details":[{"type":"reasoning.text",
        "text":"h","index":0},{"type":"reasoning.text","text":"m","index":0}]})",
        "hm", "a");
    row("parts", R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},
        {"type":"text","text":"a"}]})",
        "hm", "a");
    row("no tags without leave", R"({"content":"<think>hm</think>a"})", "", "<think>hm</think>a");
}

void TestChatAnswers::reasoningIsReadInAllSpellings()
{
    QFETCH(const QByteArray, message);
    QByteArray thought;
    QByteArray text;
    const Response response = read(answer(message));
    for (const Part &part : response.candidates.at(0).message.parts) {
        if (const auto *reasoning = std::get_if<Reasoning>(&part.body))
            thought += reasoning->text;
        else if (const auto *said = std::get_if<Text>(&part.body))
            text += said->text;
    }
    QTEST(thought, "thought");
    QTEST(text, "text");
}

void TestChatAnswers::thinkTagsAreReadWhereTheChannelSaysSo()
{
    const auto split = [](const char *content) {
        const auto response = codecs::chatThinkTagsCodec().decodeResponse(
            answer(QByteArray(R"({"content":")") + content + "\"}"));
        QByteArray told;
        for (const Part &part : response->candidates.at(0).message.parts) {
            if (const auto *reasoning = std::get_if<Reasoning>(&part.body))
                told += '(' + reasoning->text + ')';
            else
                told += std::get<Text>(part.body).text;
        }
        return told;
    };
    QCOMPARE(split(R"(<think>hm</think>\n\na)"), QByteArray("(hm)a"));
    QCOMPARE(split(R"(\n<thought>hm</thought>a)"), QByteArray("(hm)a"));
    QCOMPARE(split("<think>never ends"), QByteArray("(never ends)"));
    QCOMPARE(split("say <think>x</think>"), QByteArray("say <think>x</think>"));
    QCOMPARE(split("<th"), QByteArray("<th"));
}

void TestChatAnswers::usageIsCountedOnce_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<QByteArray>("expected"); // input/cached/output/reasoning
    const auto row = [](const char *name, const char *more, const char *expected) {
        QTest::newRow(name) << QByteArray(more) << QByteArray(expected);
    };
    row("OpenAI", R"("usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18,
        "prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{
        "reasoning_tokens":3}})",
        "6/4/5/3");
    row("xAI", R"("usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":21,
        "completion_tokens_details":{"reasoning_tokens":3}})",
        "10/0/8/3");
    row("Gemini", R"("usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":21})",
        "10/0/8/3");
    row("DeepSeek", R"("usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18,
        "prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6})",
        "6/4/8/0");
    row("Groq", R"("x_groq":{"usage":{"prompt_tokens":10,"completion_tokens":8}})", "10/0/8/0");
}

void TestChatAnswers::usageIsCountedOnce()
{
    QFETCH(const QByteArray, more);
    const Response response = read(answer(R"({"content":"a"})", {}, more));
    QVERIFY(response.usage);
    const TokenCounts &counts = response.usage->counts;
    const QByteArray found = QByteArray::number(qlonglong(counts.input)) + '/'
        + QByteArray::number(qlonglong(counts.cacheRead)) + '/'
        + QByteArray::number(qlonglong(counts.output)) + '/'
        + QByteArray::number(qlonglong(counts.reasoning));
    QTEST(found, "expected");
    const Response again = read(codec().encodeResponse(response, context()));
    QVERIFY(again.usage->counts == counts);
}

void TestChatAnswers::errorsInsideA200AreErrors_data()
{
    QTest::addColumn<QByteArray>("body");
    for (
        const char *body :
        {"", "[]", "<html>", R"({"id":"x"})", R"({"choices":[]})", R"({"choices":null})",
         R"({"error":{"message":"no","code":402}})", R"({"error":"no"})",
         R"({"object":"error","message":"no"})",
         R"({"base_resp":{"status_code":1004,"status_msg":"no"}})",
         R"({"code":10013,"message":"no","sid":"s"})",
         R"({"choices":[{"index":0,"message":{"content":""},"error":{"code":502,"message":"no"}}]})"})
        QTest::newRow(body) << QByteArray(body);
}

void TestChatAnswers::errorsInsideA200AreErrors()
{
    QFETCH(const QByteArray, body);
    QVERIFY(!codec().decodeResponse(body));
}

void TestChatAnswers::missingIdsAreMadeStable()
{
    const QByteArray message
        = R"({"tool_calls":[{"function":{"name":"f","arguments":{"a": 1.0}}},{"id":"","function":{
        "name":"f","arguments":"{\"a\": 1.0}"}}]})";
    const Response response = read(answer(message));
    const std::vector<Part> &parts = response.candidates.at(0).message.parts;
    QCOMPARE(parts.size(), std::size_t(2));
    const auto &first = std::get<ToolCall>(parts[0].body);
    const auto &second = std::get<ToolCall>(parts[1].body);
    QCOMPARE(first.arguments, QByteArray(R"({"a": 1.0})"));
    QVERIFY(!first.callId.isEmpty() && first.callId != second.callId);
    QVERIFY(read(answer(message)) == response);
}

void TestChatAnswers::sealsGoToTheClient()
{
    Response response;
    Candidate candidate;
    Reasoning thought;
    thought.text = "hm";
    thought.sealed = Sealed{Sealed::Owner::Anthropic, "sig", {}};
    Reasoning hidden;
    hidden.sealed = Sealed{Sealed::Owner::AnthropicRedacted, "secret", {}};
    Reasoning item;
    item.text = "sum";
    item.summary = true;
    item.sealed = Sealed{Sealed::Owner::OpenAi, "gAAA", "rs_1"};
    ToolCall call{ToolCall::Kind::Function, "a", "f", "{}"};
    call.sealed = Sealed{Sealed::Owner::Gemini, "gem", {}};
    candidate.message.parts
        = {Part{thought}, Part{hidden}, Part{item}, Part{Text{"so", {}}}, Part{call}};
    candidate.stop.reason = StopReason::ToolUse;
    response.candidates.push_back(candidate);
    Response again = read(codec().encodeResponse(response, context()));
    for (Part &part : again.candidates.at(0).message.parts)
        part.native.clear();
    QCOMPARE(again.candidates[0].message.parts.size(), std::size_t(5));
    QVERIFY(again.candidates[0].message.parts == candidate.message.parts);
    Response streamed = test::foldEvents(
        codec(),
        test::decodeStream(
            codec(), test::wireEvents(test::encodeStream(codec(), unfold(response), context()))));
    for (Part &part : streamed.candidates.at(0).message.parts)
        part.native.clear();
    QCOMPARE(test::difference(test::describe(again), test::describe(streamed))
                 .contains(QStringLiteral("part")),
             false);
    QVERIFY(streamed.candidates[0].message.parts == candidate.message.parts);
}

void TestChatAnswers::bridgedToolsComeBackAsCustom()
{
    const auto request = codec().decodeRequest(
        R"({"model":"m","messages":[],"tools":[{"type":"custom","custom":{"name":"patch"}}]})");
    QVERIFY(request);
    Target groq;
    groq.reasoningStyle = "groq";
    const auto sent = codec().encodeRequest(*request, groq);
    QVERIFY(sent && sent->body.contains(R"("type":"function")") && !sent->body.contains("custom"));
    Response response = read(answer(
        R"({"tool_calls":[{"id":"a","type":"function","function":{"name":"patch",
        "arguments":"{\"input\":\"line\\nline\"}"}}]})"));
    AnswerContext asked = context();
    asked.request = &*request;
    const QByteArray body = codec().encodeResponse(response, asked);
    QVERIFY2(body.contains(R"("custom":{"name":"patch","input":"line\nline"})"), body.constData());
    const QByteArray stream = test::encodeStream(codec(), unfold(response), asked);
    const Response folded
        = test::foldEvents(codec(), test::decodeStream(codec(), test::wireEvents(stream)));
    const auto &call = std::get<ToolCall>(folded.candidates.at(0).message.parts.at(0).body);
    QCOMPARE(call.kind, ToolCall::Kind::Custom);
    QCOMPARE(call.arguments, QByteArray("line\nline"));
}

void TestChatAnswers::citationsCountCodePoints()
{
    Response response;
    response.source = Dialect::Gemini;
    Candidate candidate;
    Citation citation;
    citation.url = "https://x";
    citation.start = 1;
    citation.end = 2;
    citation.owner = Dialect::Gemini;
    candidate.message.parts = {Part{Text{"日本", {}}}, Part{Text{"語です", {citation}}}};
    response.candidates.push_back(candidate);
    const QByteArray expected = R"("start_index":3,"end_index":4)";
    QVERIFY(codec().encodeResponse(response, context()).contains(expected));
    QVERIFY(test::encodeStream(codec(), unfold(response), context()).contains(expected));
}

void TestChatAnswers::aBlockedPromptIsNoEmptySuccess()
{
    Response response;
    response.source = Dialect::Gemini;
    response.promptBlocked = "SAFETY";
    const QByteArray expected = R"("finish_reason":"content_filter")";
    QVERIFY(codec().encodeResponse(response, context()).contains(expected));
    QVERIFY(test::encodeStream(codec(), unfold(response), context()).contains(expected));
}

QTEST_APPLESS_MAIN(TestChatAnswers)
#include "test_answers.moc"
