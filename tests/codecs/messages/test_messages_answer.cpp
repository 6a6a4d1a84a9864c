// SPDX-License-Identifier: GPL-3.0-or-later
// Answers: seals on their way through this dialect, and streams as gateways really send them.
#include "core/codecs/messages/messages.h"
#include "tests/codecs/properties.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

using Owner = Sealed::Owner;

const Codec &codec()
{
    return codecs::messagesCodec();
}

Response answer(std::vector<Part> parts, StopReason reason = StopReason::End)
{
    Response response;
    response.source = Dialect::Gemini;
    response.id = "msg_1";
    response.model = "m";
    response.usage = Usage{};
    Candidate candidate;
    candidate.message.parts = std::move(parts);
    candidate.stop.reason = reason;
    response.candidates.push_back(std::move(candidate));
    return response;
}

Part thought(const QByteArray &words, std::optional<Sealed> seal)
{
    Reasoning reasoning;
    reasoning.text = words;
    reasoning.sealed = std::move(seal);
    return {std::move(reasoning)};
}

Part call(const QByteArray &id, std::optional<Sealed> seal = {})
{
    return {ToolCall{ToolCall::Kind::Function, id, "f", R"({"a":1.0})", {}, std::move(seal)}};
}

std::vector<Part> sealedParts()
{
    Part words{Text{"so", {}}};
    words.sealed = Sealed{Owner::Gemini, "dGV4dA==", {}};
    return {thought("hm", Sealed{Owner::OpenAi, "gAAAA", "rs_1"}),
            thought("", Sealed{Owner::OpenAi, "gBBBB", "rs_2"}),
            thought("", Sealed{Owner::AnthropicRedacted, "hidden", {}}),
            thought("ah", Sealed{Owner::Anthropic, "sig", {}}),
            words,
            call("call_1", Sealed{Owner::Gemini, "Y2FsbA==", {}}),
            call("call_2"),
            call("call_3", Sealed{Owner::Gemini, "dGhpcmQ=", {}})};
}

QByteArray sse(const QByteArrayList &events)
{
    QByteArray body;
    for (const QByteArray &event : events)
        body += "data: " + event + "\n\n";
    return body;
}

StreamEvents streamed(const QByteArrayList &events)
{
    return decodeStream(codec(), wireEvents(sse(events)));
}

const Error *failure(const StreamEvents &events)
{
    const auto *failed = events.empty() ? nullptr : std::get_if<StreamFailure>(&events.back());
    return failed ? &failed->error : nullptr;
}

const QByteArray kStart = R"({"type":"message_start","message":{"id":"msg_1","model":"m",)"
                          R"("content":[],"usage":{"input_tokens":3,"output_tokens":1}}})";
const QByteArray kText = R"({"type":"content_block_start","index":0,)"
                         R"("content_block":{"type":"text","text":""}})";
const QByteArray kHi = R"({"type":"content_block_delta","index":0,)"
                       R"("delta":{"type":"text_delta","text":"hi"}})";
const QByteArray kStop = R"({"type":"content_block_stop","index":0})";
const QByteArray kDelta = R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                          R"("usage":{"output_tokens":9}})";
const QByteArray kEnd = R"({"type":"message_stop"})";

QByteArray piece(int index, const QByteArray &json)
{
    JsonWriter out;
    out.beginObject().member("type", "content_block_delta").member("index", index);
    out.key("delta").beginObject().member("type", "input_json_delta");
    out.member("partial_json", json).endObject().endObject();
    return out.take();
}

QByteArray toolStart(int index, const QByteArray &id)
{
    return R"({"type":"content_block_start","index":)" + QByteArray::number(index)
        + R"(,"content_block":{"type":"tool_use","id":")" + id + R"(","name":"f","input":{}}})";
}

QByteArray saidIn(const StreamEvents &events)
{
    QByteArray words;
    for (const Candidate &candidate : foldEvents(codec(), events).candidates) {
        for (const Part &part : candidate.message.parts) {
            if (const auto *text = std::get_if<Text>(&part.body))
                words += text->text + '|';
            else if (const auto *made = std::get_if<ToolCall>(&part.body))
                words += made->callId + '(' + made->arguments + ")|";
        }
    }
    return words;
}

} // namespace

class TestMessagesAnswer final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sealsOfEveryOwnerComeBackFromTheClient();
    void sealsOfEveryOwnerComeBackFromAStream();
    void aSealThatComesLateStillFindsItsCall();
    void clientsThatAskedForNoThoughtsGetNone();
    void hiddenThoughtsKeepTheirSeal();
    void streamsOfOddGateways_data();
    void streamsOfOddGateways();
    void overlappingBlocksAreToldOneAfterTheOther();
    void failuresNeverLookFinished();
    void usageIsCumulativeAndDisjoint();
    void theAnswerToolIsText();
    void anyEventsMakeAGrammaticalStream();
    void errorsInsideAnAnswerAreErrors();
    void stopReasonsFollowTheTable_data();
    void stopReasonsFollowTheTable();
};

void TestMessagesAnswer::sealsOfEveryOwnerComeBackFromTheClient()
{
    const std::vector<Part> parts = sealedParts();
    const QByteArray body = codec().encodeResponse(answer(parts, StopReason::ToolUse), {});
    const auto tree = protocol::JsonTree::parse(body);
    QVERIFY(tree);
    // What a client sends back: the content as it came.
    const QByteArray request = R"({"messages":[{"role":"user","content":"x"},)"
                               R"({"role":"assistant","content":)"
        + tree->root()["content"].json() + "}]}";
    const auto back = codec().decodeRequest(request);
    QVERIFY(back);
    QVERIFY(back->messages[1].parts == parts);
}

void TestMessagesAnswer::sealsOfEveryOwnerComeBackFromAStream()
{
    const Response sealed = answer(sealedParts(), StopReason::ToolUse);
    const QByteArray bytes = encodeStream(codec(), unfold(sealed), {});
    const StreamEvents events = decodeStream(codec(), wireEvents(bytes));
    QCOMPARE(grammarOf(events), QString());
    const Response back = foldEvents(codec(), events);
    QVERIFY(back.candidates[0].message.parts == sealed.candidates[0].message.parts);
    // The same content, whole and streamed.
    const auto whole = codec().decodeResponse(codec().encodeResponse(sealed, {}));
    QVERIFY(whole);
    QVERIFY(whole->candidates == back.candidates);
}

void TestMessagesAnswer::aSealThatComesLateStillFindsItsCall()
{
    PartDelta seal;
    seal.kind = PartDelta::Kind::Seal;
    seal.sealed = Sealed{Owner::Gemini, "bGF0ZQ==", {}};
    const StreamEvents events{StreamStart{"msg_1", "m"},
                              PartStart{0, 0, call("call_1")},
                              seal,
                              PartEnd{0, 0, {}},
                              CandidateStop{0, {StopReason::ToolUse, {}, {}}, {}},
                              StreamEnd{}};
    const QByteArray bytes = encodeStream(codec(), events, {});
    const Response back = foldEvents(codec(), decodeStream(codec(), wireEvents(bytes)));
    const auto &parts = back.candidates[0].message.parts;
    QCOMPARE(parts.size(), std::size_t(1));
    QVERIFY(std::get<ToolCall>(parts[0].body).sealed == seal.sealed);
}

void TestMessagesAnswer::clientsThatAskedForNoThoughtsGetNone()
{
    Request request;
    AnswerContext context;
    context.request = &request;
    Response thoughtful = answer({thought("hm", {}), {Text{"so", {}}}});
    QVERIFY(!codec().encodeResponse(thoughtful, context).contains("thinking"));
    QVERIFY(!encodeStream(codec(), unfold(thoughtful), context).contains("thinking"));
    request.reasoning.mode = ReasoningSpec::Mode::On;
    QVERIFY(codec().encodeResponse(thoughtful, context).contains("thinking"));
    // But a call's seal must come back whatever the client asked for.
    request.reasoning.mode = ReasoningSpec::Mode::Unset;
    thoughtful = answer({call("c", Sealed{Owner::Gemini, "Y2FsbA==", {}})});
    QVERIFY(codec().encodeResponse(thoughtful, context).contains("tollgate.gemini."));
}

void TestMessagesAnswer::hiddenThoughtsKeepTheirSeal()
{
    Request request;
    request.reasoning.mode = ReasoningSpec::Mode::Adaptive;
    request.reasoning.show = ReasoningSpec::Show::None;
    AnswerContext context;
    context.request = &request;
    const Response thoughtful
        = answer({thought("secret", Sealed{Owner::Anthropic, "sig", {}}), thought("more", {})});
    for (const QByteArray &bytes : {codec().encodeResponse(thoughtful, context),
                                    encodeStream(codec(), unfold(thoughtful), context)}) {
        QVERIFY(!bytes.contains("secret"));
        QVERIFY(!bytes.contains("more"));
        QVERIFY(bytes.contains("\"sig\""));
    }
}

void TestMessagesAnswer::streamsOfOddGateways_data()
{
    QTest::addColumn<QByteArrayList>("events");
    QTest::addColumn<QByteArray>("said");
    const QByteArrayList tail{kStop, kDelta, kEnd};
    QTest::newRow("as documented")
        << QByteArrayList{kStart, kText, kHi} + tail << QByteArray("hi|");
    QTest::newRow("message_start twice")
        << QByteArrayList{kStart, kStart, kText, kStart, kHi} + tail << QByteArray("hi|");
    QTest::newRow("no message_start") << QByteArrayList{kText, kHi} + tail << QByteArray("hi|");
    QTest::newRow("no block start")
        << QByteArrayList{kStart, kHi, kHi} + tail << QByteArray("hihi|");
    QTest::newRow("no block stop")
        << QByteArrayList{kStart, kText, kHi, toolStart(1, "c"), piece(1, "{}"), kDelta, kEnd}
        << QByteArray("hi|c({})|");
    QTest::newRow("no message_stop")
        << QByteArrayList{kStart, kText, kHi, kStop, kDelta} << QByteArray("hi|");
    QTest::newRow("[DONE] at the end")
        << QByteArrayList{kStart, kText, kHi, kStop, kDelta, kEnd, "[DONE]"} << QByteArray("hi|");
    QTest::newRow("unknown events, blocks and deltas")
        << QByteArrayList{kStart, R"({"type":"weather"})", kText,
                          R"({"type":"content_block_delta","index":0,"delta":{"type":"odd"}})", kHi}
            + tail
        << QByteArray("hi|");
    QTest::newRow("a stop for no block")
        << QByteArrayList{kStart, R"({"type":"content_block_stop","index":7})", kText, kHi} + tail
        << QByteArray("hi|");
    QTest::newRow("a call without arguments")
        << QByteArrayList{kStart, toolStart(0, "c"), kStop, kDelta, kEnd} << QByteArray("c({})|");
    QTest::newRow("words behind their block's end")
        << QByteArrayList{kStart, kText, kHi, kStop, kHi, kDelta, kEnd} << QByteArray("hi|hi|");
}

void TestMessagesAnswer::streamsOfOddGateways()
{
    QFETCH(QByteArrayList, events);
    const StreamEvents read = streamed(events);
    QCOMPARE(grammarOf(read), QString());
    QVERIFY(std::holds_alternative<StreamEnd>(read.back()));
    QTEST(saidIn(read), "said");
}

void TestMessagesAnswer::overlappingBlocksAreToldOneAfterTheOther()
{
    const StreamEvents events
        = streamed({kStart, toolStart(0, "a"), toolStart(1, "b"), piece(0, R"({"x":)"),
                    piece(1, R"({"y")"), piece(0, "1}"), piece(1, ":2}"), kStop,
                    R"({"type":"content_block_stop","index":1})", kDelta, kEnd});
    QCOMPARE(grammarOf(events), QString());
    QCOMPARE(saidIn(events), QByteArray(R"(a({"x":1})|b({"y":2})|)"));
}

void TestMessagesAnswer::failuresNeverLookFinished()
{
    const QByteArray overloaded
        = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
    StreamEvents events = streamed({kStart, kText, kHi, overloaded, kDelta, kEnd});
    QVERIFY(failure(events));
    QVERIFY(failure(events)->message.contains(u"Overloaded"));
    const QByteArray bytes = encodeStream(codec(), events, {});
    QVERIFY(bytes.contains("event: error\n"));
    QVERIFY(!bytes.contains("message_stop"));
    QVERIFY(!bytes.contains("message_delta"));

    events = streamed({kStart, kText, kHi, kStop});
    QVERIFY(failure(events));
    QCOMPARE(failure(events)->code, QByteArray("truncated"));
    const QByteArray half = kHi.left(kHi.size() / 2);
    QVERIFY(failure(streamed({kStart, kText, half})));
    QVERIFY(failure(streamed({})));
}

void TestMessagesAnswer::usageIsCumulativeAndDisjoint()
{
    const QByteArray usage
        = R"({"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":12,)"
          R"("cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":7},)"
          R"("output_tokens":30,"output_tokens_details":{"thinking_tokens":8},)"
          R"("server_tool_use":{"web_search_requests":2},"service_tier":"priority"})";
    const QByteArray body
        = R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],)"
          R"("stop_reason":"end_turn","usage":)"
        + usage + '}';
    const auto whole = codec().decodeResponse(body);
    QVERIFY(whole);
    const TokenCounts expected{.input = 10,
                               .cacheRead = 20,
                               .cacheWrite5m = 5,
                               .cacheWrite1h = 7,
                               .output = 22,
                               .reasoning = 8};
    QVERIFY(whole->usage->counts == expected);
    QCOMPARE(whole->serviceTier, QByteArray("priority"));
    QVERIFY(uncovered(body, codec().encodeResponse(*whole, {})).isEmpty());

    const StreamEvents events = streamed(
        {kStart, kText, kHi, kStop,
         R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)" + usage + '}',
         kEnd});
    QVERIFY(foldEvents(codec(), events).usage->counts == expected);
    const QByteArray again = encodeStream(codec(), events, {});
    QVERIFY(again.contains(R"("output_tokens":30)"));
    QVERIFY(again.contains(R"("web_search_requests":2)"));
}

void TestMessagesAnswer::theAnswerToolIsText()
{
    const QByteArray body = R"({"content":[{"type":"tool_use","id":"c","name":"tollgate_answer",)"
                            R"("input":{"a": 1.0}}],"stop_reason":"tool_use"})";
    const auto whole = codec().decodeResponse(body);
    QVERIFY(whole);
    QCOMPARE(std::get<Text>(whole->candidates[0].message.parts[0].body).text,
             QByteArray(R"({"a": 1.0})"));
    QCOMPARE(int(whole->candidates[0].stop.reason), int(StopReason::End));
    QByteArray start = toolStart(0, "c");
    start.replace("\"f\"", "\"tollgate_answer\"");
    const StreamEvents events
        = streamed({kStart, start, piece(0, "{\"a\": "), piece(0, "1.0}"), kStop,
                    R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})", kEnd});
    const Response folded = foldEvents(codec(), events);
    QVERIFY(folded.candidates == whole->candidates);
}

void TestMessagesAnswer::anyEventsMakeAGrammaticalStream()
{
    PartDelta stray;
    stray.index = 5;
    stray.bytes = "x";
    const StreamEvents events{stray,
                              PartEnd{0, 3, {}},
                              PartStart{1, 0, {Text{"second", {}}}},
                              PartStart{0, 0, {Text{"first", {}}}},
                              PartStart{1, 1, {Text{"third", {}}}},
                              LogprobsDelta{},
                              UsageReport{},
                              StreamPing{},
                              StreamEnd{},
                              StreamEnd{},
                              PartStart{1, 2, {Text{"late", {}}}}};
    const QByteArray bytes = encodeStream(codec(), events, {});
    QCOMPARE(bytes.count("event: message_start\n"), 1);
    QCOMPARE(bytes.count("event: message_stop\n"), 1);
    QCOMPARE(bytes.count("event: content_block_start\n"), 2);
    QCOMPARE(bytes.count("event: content_block_stop\n"), 2);
    QVERIFY(!bytes.contains("late"));
    QVERIFY(!bytes.contains("first")); // one answer, the one that spoke first
    const StreamEvents again = decodeStream(codec(), wireEvents(bytes));
    QCOMPARE(saidIn(again), QByteArray("second|third|"));
}

void TestMessagesAnswer::errorsInsideAnAnswerAreErrors()
{
    for (const char *body : {R"({"type":"error","error":{"type":"api_error","message":"Oh"}})",
                             R"({"error":"Oh"})", R"({"ok":true})", "<html>", "[]"}) {
        const auto response = codec().decodeResponse(body);
        QVERIFY2(!response, body);
    }
}

void TestMessagesAnswer::stopReasonsFollowTheTable_data()
{
    QTest::addColumn<int>("reason");
    QTest::addColumn<QByteArray>("written");
    const auto row = [](StopReason reason, const char *written) {
        QTest::addRow("%d", int(reason)) << int(reason) << QByteArray(written);
    };
    row(StopReason::None, "end_turn");
    row(StopReason::End, "end_turn");
    row(StopReason::StopSequence, "stop_sequence");
    row(StopReason::MaxTokens, "max_tokens");
    row(StopReason::ContextFull, "model_context_window_exceeded");
    row(StopReason::ToolUse, "tool_use");
    row(StopReason::ContentFilter, "refusal");
    row(StopReason::Refusal, "refusal");
    row(StopReason::Recitation, "refusal");
    row(StopReason::Blocked, "refusal");
    row(StopReason::BadToolCall, "end_turn");
    row(StopReason::Paused, "pause_turn");
    row(StopReason::Compaction, "compaction");
    row(StopReason::Other, "end_turn");
}

void TestMessagesAnswer::stopReasonsFollowTheTable()
{
    QFETCH(int, reason);
    QFETCH(QByteArray, written);
    const Response response = answer({{Text{"x", {}}}}, StopReason(reason));
    const QByteArray expected = "\"stop_reason\":\"" + written + '"';
    QVERIFY(codec().encodeResponse(response, {}).contains(expected));
    QVERIFY(encodeStream(codec(), unfold(response), {}).contains(expected));
}

QTEST_APPLESS_MAIN(TestMessagesAnswer)
#include "test_messages_answer.moc"
