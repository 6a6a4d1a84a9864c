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

AnswerContext context(bool includeUsage = true)
{
    AnswerContext made;
    made.requestId = "req_1";
    made.model = "m";
    made.nowS = 7;
    made.includeUsage = includeUsage;
    return made;
}

// Chunks by their choice alone; what does not begin with a brace of a choice stands as it is.
StreamEvents events(const QByteArrayList &chunks, const Codec &by = codec())
{
    std::vector<test::WireEvent> wire;
    for (const QByteArray &chunk : chunks) {
        const bool choice = !chunk.startsWith("[") && !chunk.contains("\"choices\"")
            && (chunk.contains("\"delta\"") || chunk.contains("\"finish_reason\""));
        QByteArray data = chunk;
        if (choice)
            data = "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[" + chunk + "]}";
        wire.push_back({{}, data});
    }
    return test::decodeStream(by, wire);
}

QByteArray outline(const StreamEvents &all)
{
    Folder folder(Dialect::Chat);
    for (const StreamEvent &event : all)
        folder.add(event);
    QByteArrayList told;
    for (const Candidate &candidate : folder.response().candidates) {
        for (const Part &part : candidate.message.parts) {
            if (const auto *text = std::get_if<Text>(&part.body))
                told += text->text;
            else if (const auto *thought = std::get_if<Reasoning>(&part.body))
                told += '(' + thought->text + ')';
            else if (const auto *call = std::get_if<ToolCall>(&part.body))
                told += call->callId.left(6) + ':' + call->name + call->arguments;
            else if (const auto *refusal = std::get_if<Refusal>(&part.body))
                told += '!' + refusal->text;
        }
        told += '#' + QByteArray::number(int(candidate.stop.reason));
    }
    if (folder.failed())
        told += "failed";
    return told.join(' ');
}

constexpr const char *kStop = R"({"delta":{},"finish_reason":"stop"})";

} // namespace

class TestChatStreams final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void vendorsStreamsMeanTheSame_data();
    void vendorsStreamsMeanTheSame();
    void interleavedCallsComeOneAfterAnother();
    void azuresFirstChunkStartsNothing();
    void cumulativeUsageIsNotSummed();
    void errorsEndTheStream_data();
    void errorsEndTheStream();
    void aFailureHasNoDone();
    void usageIsToldOnlyWhenAskedFor();
    void theGrammarIsOpenAis();
    void candidatesInterleave();
    void aWholeAnswerMayStandInAChunk();
    void thinkTagsSplitOverChunks();
    void emptyArgumentsAreAnObject();
    void soundComesInPieces();
};

void TestChatStreams::vendorsStreamsMeanTheSame_data()
{
    QTest::addColumn<QByteArrayList>("chunks");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, QByteArrayList chunks, const char *expected) {
        QTest::newRow(name) << std::move(chunks) << QByteArray(expected);
    };
    row("plain",
        {R"({"delta":{"role":"assistant","content":""}})", R"({"delta":{"content":"a"}})",
         R"({"delta":{"content":"b"}})", kStop, "[DONE]"},
        "ab #1");
    row("without done", {R"({"delta":{"content":"a"}})", kStop}, "a #1");
    row("without a reason", {R"({"delta":{"content":"a"}})", "[DONE]"}, "a #1");
    row("cut", {R"({"delta":{"content":"a"}})"}, "a #0 failed");
    row("nothing at all", {"[DONE]"}, "failed");
    row("the role again and again",
        {R"({"delta":{"role":"assistant","content":"a"}})",
         R"({"delta":{"role":"assistant","content":"b"}})", kStop},
        "ab #1");
    row("nulls",
        {R"({"delta":null,"logprobs":null})", R"({"delta":{"content":null,"tool_calls":null}})",
         R"({"choices":null})", R"({"delta":{"content":"a"},"finish_reason":""})", kStop},
        "a #1");
    row("empty choices", {R"({"id":"c","choices":[]})", R"({"delta":{"content":"a"}})", kStop},
        "a #1");
    row("reasoning then text",
        {R"({"delta":{"reasoning_content":"h"}})", R"({"delta":{"reasoning":"m"}})",
         R"({"delta":{"content":"a"}})", kStop},
        "(hm) a #1");
    row("details beside reasoning",
        {R"({"delta":{"reasoning":"h","reasoning_details":[{"type":"reasoning.text","text":"h","index":0}]}})",
         R"({"delta":{"reasoning":"m","reasoning_details":[{"type":"reasoning.text","text":"m","index":0}]}})",
         kStop},
        "(hm) #1");
    row("Gemini's thoughts",
        {R"({"delta":{"content":"<thought>hm","extra_content":{"google":{"thought":true}}}})",
         R"({"delta":{"content":"</thought>a"}})", kStop},
        "(hm) </thought>a #1");
    row("indexes from one",
        {R"({"delta":{"tool_calls":[{"index":1,"id":"a","function":{"name":"f","arguments":""}}]}})",
         R"({"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}})", kStop},
        "a:f{} #5");
    row("no index",
        {R"({"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}})",
         R"({"delta":{"tool_calls":[{"function":{"arguments":"}"}}]}})",
         R"({"delta":{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{}"}}]}})",
         kStop},
        "a:f{} b:g{} #5");
    row("ids and names again",
        {R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}})",
         R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]}})",
         R"({"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":" "}}]}})",
         kStop},
        "a:f{}  #5");
    row("all by one index",
        {R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}})",
         R"({"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]}})",
         kStop},
        "a:f{} b:f{} #5");
    row("an object of arguments",
        {R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1.0}}}]}})",
         kStop},
        R"(a:f{"x":1.0} #5)");
    row("no list of calls",
        {R"({"delta":{"tool_calls":{"id":"a","function":{"name":"f","arguments":"{}"}}}})", kStop},
        "a:f{} #5");
    row("no id",
        {R"({"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}})", kStop},
        "call_d:f{} #5");
    row("legacy",
        {R"({"delta":{"function_call":{"name":"f","arguments":""}}})",
         R"({"delta":{"function_call":{"arguments":"{}"}}})",
         R"({"finish_reason":"function_call","delta":{}})"},
        "call_d:f{} #5");
    row("text behind a call",
        {R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}})",
         R"({"delta":{"content":"a"}})", kStop},
        "a:f{} a #5");
    row("refusal", {R"({"delta":{"refusal":"N"}})", R"({"delta":{"refusal":"o"}})", kStop},
        "!No #1");
    row("content in parts",
        {R"({"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}})",
         R"({"delta":{"content":[{"type":"text","text":"a"}]}})", kStop},
        "(hm) a #1");
    row("after the end", {R"({"delta":{"content":"a"}})", kStop, R"({"delta":{"content":"b"}})"},
        "a #1");
}

void TestChatStreams::vendorsStreamsMeanTheSame()
{
    QFETCH(const QByteArrayList, chunks);
    const StreamEvents all = events(chunks);
    QCOMPARE(test::grammarOf(all), QString());
    QByteArray found = outline(all);
    QFETCH(const QByteArray, expected);
    if (expected.startsWith("call_"))
        found.replace(0, 6, "call_d"); // whatever the made id is
    QCOMPARE(found, expected);
}

void TestChatStreams::interleavedCallsComeOneAfterAnother()
{
    const StreamEvents all = events(
        {R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}})",
         R"({"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"y\":"}}]}})",
         R"({"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}})",
         R"({"delta":{"tool_calls":[{"index":1,"function":{"arguments":"2}"}}]}})", kStop,
         "[DONE]"});
    QCOMPARE(test::grammarOf(all), QString());
    QCOMPARE(outline(all), QByteArray(R"(a:f{"x":1} b:g{"y":2} #5)"));
}

void TestChatStreams::azuresFirstChunkStartsNothing()
{
    const StreamEvents all
        = events({R"({"id":"","model":"","choices":[],"prompt_filter_results":[{"a":1}]})",
                  R"({"delta":{"content":"a"}})", kStop, "[DONE]"});
    const auto *start = std::get_if<StreamStart>(&all.front());
    QVERIFY(start);
    QCOMPARE(start->id, QByteArray("c1"));
    QCOMPARE(nativeOf(start->native, Dialect::Chat, "prompt_filter_results"),
             QByteArray(R"([{"a":1}])"));
}

void TestChatStreams::cumulativeUsageIsNotSummed()
{
    const char *chunk = R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"}}],)"
                        R"("usage":{"prompt_tokens":5,"completion_tokens":%1,"total_tokens":%2}})";
    const auto at = [&](const char *output, const char *total) {
        return QByteArray(chunk).replace("%1", output).replace("%2", total);
    };
    const StreamEvents all = events({at("1", "6"), at("2", "7"), kStop, "[DONE]"});
    const Response response = test::foldEvents(codec(), all);
    QCOMPARE(response.usage->counts.input, 5);
    QCOMPARE(response.usage->counts.output, 2);
    QVERIFY(!response.usage->suspect);
}

void TestChatStreams::errorsEndTheStream_data()
{
    QTest::addColumn<QByteArray>("chunk");
    for (const char *chunk : {R"({"error":{"message":"no","code":"x"}})", R"({"error":"no"})",
                              R"({"base_resp":{"status_code":1004,"status_msg":"no"}})",
                              R"({"code":10013,"message":"no"})", "{\"half\":",
                              R"({"choices":[{"index":0,"delta":{},"error":{"message":"no"}}]})",
                              R"({"x_groq":{"error":"no"}})"})
        QTest::newRow(chunk) << QByteArray(chunk);
}

void TestChatStreams::errorsEndTheStream()
{
    QFETCH(const QByteArray, chunk);
    const StreamEvents all = events({R"({"delta":{"content":"a"}})", chunk, kStop, "[DONE]"});
    QVERIFY(std::holds_alternative<StreamFailure>(all.back()));
    QCOMPARE(test::grammarOf(all), QString());
}

void TestChatStreams::aFailureHasNoDone()
{
    Error error;
    error.kind = ErrorKind::UpstreamFailed;
    error.message = QStringLiteral("gone");
    const QByteArray bytes
        = test::encodeStream(codec(),
                             {StreamStart{"c", "m"}, PartStart{0, 0, Part{Text{"a", {}}}},
                              StreamFailure{error}, StreamEnd{}},
                             context());
    QVERIFY(!bytes.contains("[DONE]"));
    QVERIFY2(bytes.contains(R"(data: {"error":)"), bytes.constData());
    QVERIFY(bytes.contains("gone"));
}

void TestChatStreams::usageIsToldOnlyWhenAskedFor()
{
    Response response;
    Candidate candidate;
    candidate.message.parts.push_back(Part{Text{"a", {}}});
    candidate.stop.reason = StopReason::End;
    response.candidates.push_back(candidate);
    response.usage = Usage{};
    response.usage->counts.input = 5;
    response.usage->counts.reasoning = 2;
    QVERIFY(!test::encodeStream(codec(), unfold(response), context(false)).contains("usage"));
    const QByteArray bytes = test::encodeStream(codec(), unfold(response), context(true));
    const auto wire = test::wireEvents(bytes);
    QCOMPARE(wire.back().data, QByteArray("[DONE]"));
    const auto last = protocol::JsonTree::parse(wire[wire.size() - 2].data);
    QVERIFY(last);
    QCOMPARE(last->root()["choices"].size(), 0);
    QCOMPARE(last->root()["usage"]["completion_tokens"].integer(), 2);
    QVERIFY(wire.front().data.contains(R"("usage":null)"));
}

void TestChatStreams::theGrammarIsOpenAis()
{
    Response response;
    response.id = "c1";
    Candidate candidate;
    candidate.message.parts
        = {Part{Text{"a", {}}}, Part{ToolCall{ToolCall::Kind::Function, "x", "f", "{\"a\":1}"}},
           Part{ToolCall{ToolCall::Kind::Function, "y", "g", ""}}};
    candidate.stop.reason = StopReason::ToolUse;
    response.candidates.push_back(candidate);
    const auto wire = test::wireEvents(test::encodeStream(codec(), unfold(response), context()));
    QByteArrayList choices;
    for (const test::WireEvent &event : wire) {
        if (const auto tree = protocol::JsonTree::parse(event.data);
            tree && tree->root().isObject()) {
            QVERIFY(tree->root()["id"].is("c1"));
            QVERIFY(tree->root()["object"].is("chat.completion.chunk"));
            QCOMPARE(tree->root()["created"].integer(), 7);
            choices += tree->root()["choices"].json();
        }
    }
    const QByteArrayList expected{
        R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])",
        R"([{"index":0,"delta":{"content":"a"},"finish_reason":null}])",
        R"([{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}])",
        R"([{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]},"finish_reason":null}])",
        R"([{"index":0,"delta":{"tool_calls":[{"index":1,"id":"y","type":"function","function":{"name":"g","arguments":""}}]},"finish_reason":null}])",
        R"([{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}])",
        R"([{"index":0,"delta":{},"finish_reason":"tool_calls"}])"};
    QCOMPARE(choices, expected);
}

void TestChatStreams::candidatesInterleave()
{
    const StreamEvents all = events(
        {R"({"index":0,"delta":{"content":"a"}})", R"({"index":1,"delta":{"content":"x"}})",
         R"({"index":0,"delta":{"content":"b"}})", R"({"index":1,"delta":{"content":"y"}})",
         R"({"index":1,"delta":{},"finish_reason":"length"})",
         R"({"index":0,"delta":{},"finish_reason":"stop"})", "[DONE]"});
    QCOMPARE(test::grammarOf(all), QString());
    QCOMPARE(outline(all), QByteArray("ab #1 xy #3"));
}

void TestChatStreams::aWholeAnswerMayStandInAChunk()
{
    const StreamEvents all = events({R"({"id":"c","model":"m","choices":[{"index":0,"message":
        {"role":"assistant","content":"a","reasoning_content":"hm"},"finish_reason":"stop"}]})"});
    QCOMPARE(outline(all), QByteArray("(hm) a #1"));
}

void TestChatStreams::thinkTagsSplitOverChunks()
{
    const QByteArray content = "<think>h<m</think>\n\na<b";
    for (qsizetype size = 1; size < content.size(); ++size) {
        QByteArrayList chunks;
        for (qsizetype at = 0; at < content.size(); at += size) {
            JsonWriter out;
            out.beginObject().key("delta").beginObject();
            out.member("content", content.mid(at, size)).endObject().endObject();
            chunks += out.take();
        }
        chunks += kStop;
        QCOMPARE(outline(events(chunks, codecs::chatThinkTagsCodec())), QByteArray("(h<m) a<b #1"));
    }
}

void TestChatStreams::emptyArgumentsAreAnObject()
{
    const StreamEvents all = events(
        {R"({"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}})",
         kStop, "[DONE]"});
    const QByteArray bytes = test::encodeStream(codec(), all, context());
    QVERIFY2(bytes.contains(R"("arguments":"{}")"), bytes.constData());
}

void TestChatStreams::soundComesInPieces()
{
    const StreamEvents all = events(
        {R"({"delta":{"audio":{"id":"audio_1","transcript":"he"}}})",
         R"({"delta":{"audio":{"data":"UklG"}}})", R"({"delta":{"audio":{"data":"AAAA"}}})",
         R"({"delta":{"audio":{"transcript":"y","expires_at":9}}})", kStop, "[DONE]"});
    const Response response = test::foldEvents(codec(), all);
    const Part &part = response.candidates.at(0).message.parts.at(0);
    QCOMPARE(std::get<Media>(part.body).data, QByteArray("UklGAAAA"));
    QCOMPARE(nativeOf(part.native, Dialect::Chat, "transcript"), QByteArray("\"hey\""));
    const Response again = test::foldEvents(
        codec(),
        test::decodeStream(codec(), test::wireEvents(test::encodeStream(codec(), all, context()))));
    QVERIFY(again.candidates.at(0).message.parts == response.candidates[0].message.parts);
}

QTEST_APPLESS_MAIN(TestChatStreams)
#include "test_streams.moc"
