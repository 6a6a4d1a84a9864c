// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/responses.h"
#include "core/conversation/customtools.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QTest>

#include <map>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

class TestResponsesStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void foreignAnswersAreToldInOrder();
    void aStreamIsItsWholeAnswer();
    void recordedStreamsAreToldInOrder();
    void customCallsAreFreeTextAgain();
    void aFailureIsNeverACompletion();
    void anySequenceOfEventsIsGrammatical();
    void statusesFollowTheStop_data();
    void statusesFollowTheStop();
    void sealsOfOthersComeBack();
    void interleavedCallsAreToldOneByOne();
    void whatTheDeltasLackedIsTold();
    void aTerminalEventAloneIsAnAnswer();
    void errorsOfEveryShapeFail_data();
    void errorsOfEveryShapeFail();
    void requestsAreEchoed();
    void nothingIsToldBeforeTheStart();
};

namespace {

const Codec &codec()
{
    return codecs::responsesCodec();
}

// What is wrong with a stream's order; empty: nothing.
QString disorder(const QByteArray &bytes)
{
    std::int64_t sequence = 0;
    std::map<std::int64_t, QByteArray> done;
    std::int64_t open = -1;
    QByteArray grown;
    QByteArray last;
    for (const WireEvent &event : wireEvents(bytes)) {
        const auto tree = protocol::JsonTree::parse(event.data);
        if (!tree)
            return QStringLiteral("no JSON");
        const JsonValue root = tree->root();
        const QByteArray type = root["type"].string();
        const QString where = QString::fromUtf8(type) + QStringLiteral(": ");
        if (type != event.type || root["sequence_number"].integer() != sequence++)
            return where + QStringLiteral("wrong type or number");
        if (last == "response.completed" || last == "response.failed")
            return where + QStringLiteral("behind the end");
        last = type;
        if (type.endsWith(".delta"))
            grown += root["delta"].string();
        const bool whole = type.endsWith("text.done") || type.endsWith("arguments.done")
            || type.endsWith("input.done") || type.endsWith("refusal.done");
        if (whole) {
            QByteArray told;
            for (const char *name : {"text", "arguments", "input", "refusal"})
                told += root[name].string();
            if (told != std::exchange(grown, {}))
                return where + QStringLiteral("not what the deltas said");
        }
        const auto output = root["output_index"].integer();
        if (type == "response.output_item.added") {
            if (open >= 0 || output != static_cast<std::int64_t>(done.size()))
                return where + QStringLiteral("out of order");
            open = *output;
        } else if (output && *output != open) {
            return where + QStringLiteral("of an item that is not open");
        }
        if (type == "response.output_item.done") {
            done[open] = root["item"].json();
            open = -1;
        }
        if (type == "response.completed" || type == "response.incomplete") {
            const JsonValue items = root["response"]["output"];
            if (items.size() != static_cast<qsizetype>(done.size()) || open >= 0)
                return where + QStringLiteral("items are missing");
            std::int64_t at = 0;
            for (const JsonValue item : items) {
                if (item.json() != done[at++])
                    return where + QStringLiteral("an item is not what it was when done");
            }
        }
    }
    if (last != "response.completed" && last != "response.incomplete" && last != "response.failed")
        return QStringLiteral("no end");
    return {};
}

Part textPart(const QByteArray &text)
{
    Part part;
    part.body = Text{text, {}};
    return part;
}

Part callPart(const QByteArray &id, const QByteArray &name, const QByteArray &arguments)
{
    ToolCall call;
    call.callId = id;
    call.name = name;
    call.arguments = arguments;
    Part part;
    part.body = call;
    return part;
}

Response foreign()
{
    Response response;
    response.source = Dialect::Messages;
    response.id = "msg_1";
    response.model = "vendor-model";
    Candidate candidate;
    Part thought;
    thought.body = Reasoning{"first second", true, {6}, {}};
    Part open;
    open.body = Reasoning{"open", false, {}, {}};
    Part refusal;
    refusal.body = Refusal{"No."};
    Part cited = textPart("See \xe2\x82\xac.");
    Citation citation;
    citation.url = "https:one.example";
    citation.owner = Dialect::Messages;
    std::get<Text>(cited.body).citations.push_back(citation);
    Part image;
    Media media;
    media.mime = "image/webp";
    media.data = "AAAA";
    image.body = media;
    Part unknown;
    unknown.body = Opaque{Dialect::Messages, "server_tool_use", "{}"};
    candidate.message.parts = {thought,
                               open,
                               textPart("Hello"),
                               cited,
                               refusal,
                               unknown,
                               callPart("c1", "f", "{\"a\":1.0}"),
                               callPart("c2", "g", ""),
                               image,
                               textPart("bye")};
    candidate.stop = {StopReason::ToolUse, {}, {}};
    response.candidates.push_back(candidate);
    Usage usage;
    usage.counts.input = 3;
    usage.counts.cacheRead = 4;
    usage.counts.output = 5;
    usage.counts.reasoning = 6;
    response.usage = usage;
    return response;
}

AnswerContext context(const Request *request = nullptr)
{
    AnswerContext told;
    told.requestId = "req_abc";
    told.model = "alias";
    told.nowS = 99;
    told.request = request;
    return told;
}

// Each part's contents as deltas instead of in its beginning.
StreamEvents grown(const Response &response)
{
    StreamEvents events;
    for (const StreamEvent &event : unfold(response)) {
        const auto *start = std::get_if<PartStart>(&event);
        if (!start) {
            events.push_back(event);
            continue;
        }
        PartStart begun = *start;
        PartDelta delta;
        delta.index = start->index;
        if (auto *text = std::get_if<Text>(&begun.part.body)) {
            delta.bytes = std::exchange(text->text, {});
        } else if (auto *call = std::get_if<ToolCall>(&begun.part.body)) {
            delta.kind = PartDelta::Kind::Arguments;
            delta.bytes = std::exchange(call->arguments, {});
        } else if (auto *refusal = std::get_if<Refusal>(&begun.part.body)) {
            delta.bytes = std::exchange(refusal->text, {});
        }
        events.emplace_back(std::move(begun));
        if (!delta.bytes.isEmpty())
            events.emplace_back(std::move(delta));
    }
    return events;
}

QByteArray terminalOf(const QByteArray &stream)
{
    const std::vector<WireEvent> wire = wireEvents(stream);
    const auto tree = protocol::JsonTree::parse(wire.back().data);
    return tree ? tree->root()["response"].json() : QByteArray();
}

StreamEvents readAll(const QList<QByteArray> &events)
{
    std::vector<WireEvent> wire;
    for (const QByteArray &data : events)
        wire.push_back({{}, data});
    return decodeStream(codec(), wire);
}

} // namespace

void TestResponsesStream::foreignAnswersAreToldInOrder()
{
    for (const StreamEvents &events : {unfold(foreign()), grown(foreign())}) {
        for (const qsizetype size : {1, 3, 1000}) {
            const QByteArray bytes = encodeStream(codec(), shattered(events, size), context());
            QCOMPARE(disorder(bytes), QString());
        }
    }
}

void TestResponsesStream::aStreamIsItsWholeAnswer()
{
    const QByteArray whole = codec().encodeResponse(foreign(), context());
    const QByteArray streamed
        = terminalOf(encodeStream(codec(), shattered(grown(foreign()), 2), context()));
    QCOMPARE(streamed, whole);
    const QStringList missing = uncovered(
        R"({"id":"resp_tg_abc","object":"response","status":"completed","created_at":99,
        "model":"alias","usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":4},
        "output_tokens":11,"output_tokens_details":{"reasoning_tokens":6},"total_tokens":18},
        "output":[{"type":"reasoning","summary":[{"text":"first "},{"text":"second"}]},
        {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"open"}]},
        {"type":"message","content":[{"text":"Hello"},{"annotations":[{"type":"url_citation"}]},
        {"type":"refusal","refusal":"No."}]},{"type":"function_call","call_id":"c1",
        "id":"fc_tg_abc_3"},{"call_id":"c2","arguments":"{}"},{"type":"image_generation_call",
        "result":"AAAA","output_format":"webp"},{"type":"message","status":"completed"}]})",
        whole);
    QVERIFY2(missing.isEmpty(), qPrintable(missing.join(u'\n')));
}

void TestResponsesStream::recordedStreamsAreToldInOrder()
{
    const std::vector<Recorded> all = recordedIn(Dialect::Responses);
    if (all.empty())
        QSKIP("TOLLGATE_FIXTURES does not name a folder with recorded traffic");
    for (const Recorded &recorded : all) {
        if (!recorded.stream || recorded.status != 200)
            continue;
        const StreamEvents events = decodeStream(codec(), wireEvents(recorded.body));
        const QString wrong = disorder(encodeStream(codec(), events, context()));
        QVERIFY2(wrong.isEmpty(), qPrintable(recorded.file + QStringLiteral(": ") + wrong));
    }
}

void TestResponsesStream::customCallsAreFreeTextAgain()
{
    Request request;
    Tool tool;
    tool.kind = Tool::Kind::Custom;
    tool.name = "apply_patch";
    request.tools.push_back(tool);
    const QByteArray patch = "*** Begin Patch\n+a \"b\" \xe2\x82\xac\n*** End Patch";
    Response response;
    Candidate candidate;
    candidate.message.parts = {callPart("c", "apply_patch", bridgeArguments(patch))};
    response.candidates.push_back(candidate);
    const QByteArray whole = codec().encodeResponse(response, context(&request));
    for (const qsizetype size : {1, 5, 1000}) {
        const StreamEvents events = shattered(grown(response), size);
        const QByteArray bytes = encodeStream(codec(), events, context(&request));
        QCOMPARE(disorder(bytes), QString());
        QVERIFY(bytes.contains("event: response.custom_tool_call_input.done"));
        QVERIFY(!bytes.contains("function_call_arguments"));
        QCOMPARE(terminalOf(bytes), whole);
    }
    const auto again = codec().decodeResponse(whole);
    QVERIFY(again);
    const auto &call = std::get<ToolCall>(again->candidates.at(0).message.parts.at(0).body);
    QCOMPARE(call.kind, ToolCall::Kind::Custom);
    QCOMPARE(call.arguments, patch);
}

void TestResponsesStream::aFailureIsNeverACompletion()
{
    StreamEvents events = grown(foreign());
    Error error;
    error.kind = ErrorKind::UpstreamFailed;
    error.message = QStringLiteral("gone");
    for (std::size_t length = 0; length < events.size() - 1; ++length) {
        StreamEvents cut(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(length));
        cut.emplace_back(StreamFailure{error});
        cut.emplace_back(StreamEnd{});
        const QByteArray bytes = encodeStream(codec(), cut, context());
        QCOMPARE(disorder(bytes), QString());
        QVERIFY(bytes.contains("event: error\n"));
        QVERIFY(bytes.contains("event: response.failed\n"));
        QVERIFY(!bytes.contains("event: response.completed"));
        const StreamEvents read = decodeStream(codec(), wireEvents(bytes));
        QVERIFY(std::holds_alternative<StreamFailure>(read.back()));
    }
}

void TestResponsesStream::anySequenceOfEventsIsGrammatical()
{
    const StreamEvents events = grown(foreign());
    // Each event left out once, each told twice: no client may see more than a poorer answer.
    for (std::size_t at = 0; at + 1 < events.size(); ++at) {
        StreamEvents without = events;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(at));
        QCOMPARE(disorder(encodeStream(codec(), without, context())), QString());
        StreamEvents twice = events;
        twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(at), events[at]);
        QCOMPARE(disorder(encodeStream(codec(), twice, context())), QString());
    }
    QCOMPARE(disorder(encodeStream(codec(), {StreamEnd{}}, context())), QString());
}

void TestResponsesStream::statusesFollowTheStop_data()
{
    QTest::addColumn<int>("reason");
    QTest::addColumn<QByteArray>("status");
    const std::pair<StopReason, const char *> rows[] = {
        {StopReason::End, "\"status\":\"completed\""},
        {StopReason::StopSequence, "\"status\":\"completed\""},
        {StopReason::ToolUse, "\"status\":\"completed\""},
        // No part of it refuses: only the status can tell.
        {StopReason::Refusal, "{\"reason\":\"content_filter\"}"},
        {StopReason::Paused, "\"status\":\"completed\""},
        {StopReason::MaxTokens, "{\"reason\":\"max_output_tokens\"}"},
        {StopReason::ContextFull, "{\"reason\":\"max_output_tokens\"}"},
        {StopReason::ContentFilter, "{\"reason\":\"content_filter\"}"},
        {StopReason::Recitation, "{\"reason\":\"content_filter\"}"},
        {StopReason::Blocked, "{\"reason\":\"content_filter\"}"},
    };
    for (const auto &[reason, status] : rows)
        QTest::addRow("%d", int(reason)) << int(reason) << QByteArray(status);
}

void TestResponsesStream::statusesFollowTheStop()
{
    QFETCH(int, reason);
    QFETCH(QByteArray, status);
    Response response;
    Candidate candidate;
    candidate.stop.reason = StopReason(reason);
    response.candidates.push_back(candidate);
    QVERIFY(codec().encodeResponse(response, context()).contains(status));
    const QByteArray bytes = encodeStream(codec(), unfold(response), context());
    QVERIFY(bytes.contains(status));
    QCOMPARE(bytes.contains("event: response.incomplete"), status.startsWith('{'));
}

void TestResponsesStream::sealsOfOthersComeBack()
{
    Response response;
    Candidate candidate;
    Part thought;
    thought.body = Reasoning{"t", true, {}, Sealed{Sealed::Owner::Anthropic, "sig", {}}};
    Part redacted;
    redacted.body = Reasoning{{}, true, {}, Sealed{Sealed::Owner::AnthropicRedacted, "data", {}}};
    Part call = callPart("c", "f", "{}");
    std::get<ToolCall>(call.body).sealed = Sealed{Sealed::Owner::Gemini, "thought", {}};
    Part text = textPart("hi");
    text.sealed = Sealed{Sealed::Owner::Gemini, "more", {}};
    candidate.message.parts = {thought, redacted, text, call};
    response.candidates.push_back(candidate);
    const QByteArray whole = codec().encodeResponse(response, context());
    QVERIFY(!whole.contains("\"sig\""));
    const auto tree = protocol::JsonTree::parse(whole);
    const auto back = codec().decodeRequest("{\"input\":" + tree->root()["output"].json() + '}');
    QVERIFY(back);
    const std::vector<Part> &parts = back->messages.at(0).parts;
    QCOMPARE(parts.size(), std::size_t(4));
    for (std::size_t i = 0; i < 2; ++i)
        QCOMPARE(std::get<Reasoning>(parts[i].body).sealed,
                 std::get<Reasoning>(candidate.message.parts[i].body).sealed);
    QCOMPARE(parts[2].sealed, text.sealed);
    QCOMPARE(std::get<ToolCall>(parts[3].body).sealed, std::get<ToolCall>(call.body).sealed);
    QCOMPARE(terminalOf(encodeStream(codec(), unfold(response), context())), whole);
}

void TestResponsesStream::interleavedCallsAreToldOneByOne()
{
    const StreamEvents events = readAll({
        R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call",
        "id":"a","call_id":"c0","name":"f"}})",
        R"({"type":"response.output_item.added","output_index":1,"item":{"type":"function_call",
        "id":"b","call_id":"c1","name":"g"}})",
        R"({"type":"response.function_call_arguments.delta","output_index":1,"delta":"[1"})",
        R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":"[0"})",
        R"({"type":"response.function_call_arguments.delta","output_index":1,"delta":",1]"})",
        R"({"type":"response.output_item.done","output_index":1,"item":{"type":"function_call",
        "id":"x","call_id":"c1","name":"g","arguments":"[1,1]"}})",
        R"({"type":"response.output_item.done","output_index":0,"item":{"type":"function_call",
        "id":"y","call_id":"c0","name":"f","arguments":"[0,0]"}})",
        R"({"type":"response.completed","response":{"id":"r","status":"completed","output":[]}})",
    });
    QCOMPARE(grammarOf(events), QString());
    const Response response = foldEvents(codec(), events);
    const std::vector<Part> &parts = response.candidates.at(0).message.parts;
    QCOMPARE(parts.size(), std::size_t(2));
    QCOMPARE(std::get<ToolCall>(parts[0].body).arguments, "[0,0]");
    QCOMPARE(std::get<ToolCall>(parts[1].body).arguments, "[1,1]");
    QCOMPARE(response.candidates.at(0).stop.reason, StopReason::ToolUse);
}

void TestResponsesStream::whatTheDeltasLackedIsTold()
{
    // No added, no part events, the end of the text only in the terminal event.
    const StreamEvents events = readAll({
        R"({"type":"response.output_text.delta","output_index":0,"item_id":"m","delta":"Hel"})",
        R"({"type":"response.completed","response":{"id":"r","status":"completed","output":[
        {"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":
        "Hello","annotations":[{"type":"url_citation","url":"u","title":"t"}]}]},
        {"type":"web_search_call","id":"w"}],"usage":{"input_tokens":1,"output_tokens":2}}})",
    });
    QCOMPARE(grammarOf(events), QString());
    const Response response = foldEvents(codec(), events);
    const std::vector<Part> &parts = response.candidates.at(0).message.parts;
    QCOMPARE(std::get<Text>(parts.at(0).body).text, "Hello");
    QCOMPARE(std::get<Text>(parts.at(0).body).citations.at(0).url, "u");
    QCOMPARE(std::get<Opaque>(parts.at(1).body).type, "web_search_call");
    QCOMPARE(response.usage->counts.output, 2);
}

void TestResponsesStream::aTerminalEventAloneIsAnAnswer()
{
    const QByteArray whole = codec().encodeResponse(foreign(), context());
    const StreamEvents events
        = readAll({"{\"type\":\"response.completed\",\"response\":" + whole + '}'});
    QCOMPARE(grammarOf(events), QString());
    const auto expected = codec().decodeResponse(whole);
    const Response folded = foldEvents(codec(), events);
    QCOMPARE(difference(describe(*expected), describe(folded)), QString());
}

void TestResponsesStream::errorsOfEveryShapeFail_data()
{
    QTest::addColumn<QByteArray>("event");
    using B = QByteArray;
    QTest::newRow("flat") << B(R"({"type":"error","code":"server_error","message":"boom"})");
    QTest::newRow("nested") << B(
        R"({"type":"error","error":{"code":"server_error","message":"boom"}})");
    QTest::newRow("failed") << B(
        R"({"type":"response.failed","response":{"error":{"code":"x","message":"boom"}}})");
    QTest::newRow("completed that failed")
        << B(R"({"type":"response.completed","response":{"status":"failed","error":{"code":
           "x","message":"boom"}}})");
    QTest::newRow("no type") << B(R"({"error":{"message":"boom"}})");
    QTest::newRow("no JSON") << B("boom");
}

void TestResponsesStream::errorsOfEveryShapeFail()
{
    QFETCH(QByteArray, event);
    const StreamEvents events
        = readAll({event, R"({"type":"response.completed","response":{"output":[]}})"});
    const auto *failed = std::get_if<StreamFailure>(&events.back());
    QVERIFY(failed);
    QVERIFY(event == "boom" || failed->error.message.contains(u"boom"));
}

void TestResponsesStream::requestsAreEchoed()
{
    const QByteArray asked = R"("instructions":"Be good.","metadata":{"k":"v"},"temperature":0.7,
        "parallel_tool_calls":false,"tool_choice":"required","tools":[{"type":"custom","name":"p",
        "format":{"type":"text"}},{"type":"namespace","name":"n","description":"d","tools":
        [{"type":"function","name":"x","parameters":{}}]}],"reasoning":{"effort":"low",
        "summary":"auto"},"text":{"format":{"type":"json_object"},"verbosity":"low"},
        "truncation":"auto","max_output_tokens":77)";
    const auto request = codec().decodeRequest("{\"input\":\"hi\"," + asked + '}');
    QVERIFY(request);
    const QByteArray bytes = encodeStream(codec(), unfold(foreign()), context(&*request));
    for (const WireEvent &event : wireEvents(bytes)) {
        const auto tree = protocol::JsonTree::parse(event.data);
        const JsonValue response = tree->root()["response"];
        if (!response)
            continue;
        const QStringList missing = uncovered('{' + asked + '}', response.json());
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(u'\n')));
        for (const char *name : {"error", "incomplete_details", "top_p", "store", "output"})
            QVERIFY2(response[name], name);
    }
}

void TestResponsesStream::nothingIsToldBeforeTheStart()
{
    const StreamEvents events = decodeStream(
        codec(), {{{}, R"({"type":"keepalive"})"}, {{}, R"({"type":"response.failed"})"}});
    QCOMPARE(grammarOf(events), QString());
    QVERIFY(std::holds_alternative<StreamFailure>(events.back()));
}

QTEST_APPLESS_MAIN(TestResponsesStream)
#include "test_responses_stream.moc"
