// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/responses.h"
#include "core/conversation/keptstate.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

class TestResponsesRequest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyItemComesBackWhole_data();
    void everyItemComesBackWhole();
    void everyMemberComesBackWhole_data();
    void everyMemberComesBackWhole();
    void whatIsNoRequestIsRefusedByName_data();
    void whatIsNoRequestIsRefusedByName();
    void whatOnlyTheVendorKeptGoesToNoOther_data();
    void whatOnlyTheVendorKeptGoesToNoOther();
    void namespacesAreOneNameElsewhere();
    void whatAnotherDialectAskedIsAskedHere();
    void aModelThatDoesNotReasonIsNotAskedForSeals();
    void sealsGoToTheirOwnersAlone();
    void mediaOfOtherKindsIsRefusedNotDropped();
    void resultsTellImagesAndErrors();
    void whatTheTargetCannotTakeIsSaidOtherwise();
};

namespace {

const Codec &codec()
{
    return codecs::responsesCodec();
}

// A request with this as its only input item behind a user's words.
QByteArray withItem(const QByteArray &item)
{
    return R"({"model":"m","input":[{"role":"user","content":"hi"},)" + item + "]}";
}

Request foreign()
{
    Request request;
    request.source = Dialect::Messages;
    request.model = "m";
    Message message;
    Part part;
    part.body = Text{"hi", {}};
    message.parts.push_back(part);
    request.messages.push_back(message);
    return request;
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

struct Sent
{
    QByteArray body;
    QByteArrayList dropped;
};

Sent send(const Request &request, const Target &target = {})
{
    const auto encoded = codec().encodeRequest(request, target);
    return encoded ? Sent{encoded->body, encoded->dropped.members()}
                   : Sent{encoded.error().message.toUtf8(), {"refused"}};
}

} // namespace

void TestResponsesRequest::everyItemComesBackWhole_data()
{
    QTest::addColumn<QByteArray>("item");
    const std::pair<const char *, const char *> rows[] = {
        {"phase", R"({"type":"message","role":"assistant","id":"msg_1","status":"completed",
            "phase":"commentary","content":[{"type":"output_text","text":"a",
            "annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]})"},
        {"cached parts", R"({"role":"developer","content":[{"type":"input_text","text":"x",
            "prompt_cache_breakpoint":{"mode":"explicit"}}]})"},
        {"logprobs", R"({"type":"message","role":"assistant","id":"m","content":[{"type":
            "output_text","text":"a","annotations":[],"logprobs":[{"token":"a"}]}]})"},
        {"annotations", R"({"role":"assistant","content":[{"type":"output_text","text":"a",
            "annotations":[{"type":"file_path","file_id":"f","index":0}],"new":1}]})"},
        {"image by file", R"({"role":"user","content":[{"type":"input_image","file_id":"f",
            "detail":"original"}]})"},
        {"files", R"({"role":"user","content":[{"type":"input_file","file_data":
            "data:application/pdf;base64,AAAA","filename":"a.pdf"},{"type":"input_file",
            "file_url":"https://a.example/b"},{"type":"input_file","file_data":"AAAA"}]})"},
        {"unknown part", R"({"role":"user","content":[{"type":"input_smell","smell":1}]})"},
        {"reasoning", R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text",
            "text":"one"},{"type":"summary_text","text":"two"}],"content":[{"type":
            "reasoning_text","text":"deep"}],"encrypted_content":"gAAA","status":"completed"})"},
        {"empty reasoning", R"({"type":"reasoning","id":"rs_1","summary":[]})"},
        {"call", R"({"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":
            "{\u0022a\u0022: 1.0, \u0022b\u0022:\u0022\\u00e9\u0022}",
                "status":"completed","caller":{"type":"direct"}})"},
        {"namespaced call", R"({"type":"function_call","call_id":"c","name":"get",
            "namespace":"mcp__weather__","arguments":""})"},
        {"long namespaced call", R"({"type":"function_call","call_id":"c","arguments":"{}",
            "name":"a_name_that_is_as_long_as_names_may_be_in_this_world_of_ours",
            "namespace":"a_space_with_a_long_name"})"},
        {"custom call", R"({"type":"custom_tool_call","id":"ctc_1","call_id":"c",
            "name":"apply_patch","input":"*** Begin\n\u0022x\u0022"})"},
        {"text output", R"({"type":"function_call_output","call_id":"c","output":"ok"})"},
        {"list output", R"({"type":"function_call_output","call_id":"c","id":"o","status":
            "completed","output":[{"type":"input_text","text":"a"},{"type":"input_image",
            "image_url":"https://a.example/i.png","detail":"low"}]})"},
        {"odd output", R"({"type":"custom_tool_call_output","call_id":"c","output":[{"type":
            "input_text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}},
            {"type":"new","x":1}]})"},
        {"reference", R"({"type":"item_reference","id":"msg_1"})"},
        {"bare reference", R"({"id":"msg_1"})"},
        {"compaction", R"({"type":"compaction","id":"cmp","encrypted_content":"g"})"},
        {"web search", R"({"type":"web_search_call","id":"ws","status":"completed",
            "action":{"type":"search","query":"q"}})"},
        {"local shell", R"({"type":"local_shell_call","id":"l","call_id":"c","status":
            "completed","action":{"type":"exec","command":["ls"],"env":{}}})"},
        {"local shell output", R"({"type":"local_shell_call_output","id":"l","output":"x"})"},
        {"approval", R"({"type":"mcp_approval_response","approval_request_id":"a",
            "approve":true})"},
        {"more tools", R"({"type":"additional_tools","role":"developer","tools":[]})"},
        {"image made", R"({"type":"image_generation_call","id":"ig","status":"completed",
            "result":"AAAA","output_format":"webp"})"},
        {"tomorrow's", R"({"type":"quantum_call","id":"q","state":{"a":[1,2]}})"},
    };
    for (const auto &[name, item] : rows)
        QTest::newRow(name) << QByteArray(item);
}

void TestResponsesRequest::everyItemComesBackWhole()
{
    QFETCH(QByteArray, item);
    const QString wrong = requestSurvives(codec(), withItem(item), {});
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    const QString twice = requestSurvives(codec(), withItem(item + ',' + item), {});
    QVERIFY2(twice.isEmpty(), qPrintable(twice));
}

void TestResponsesRequest::everyMemberComesBackWhole_data()
{
    QTest::addColumn<QByteArray>("members");
    const std::pair<const char *, const char *> rows[] = {
        {"codex", R"("instructions":"Be good.","stream":true,"store":false,"include":
            ["reasoning.encrypted_content"],"parallel_tool_calls":true,"prompt_cache_key":"k",
            "client_metadata":{"a":"b"},"reasoning":{"effort":"xhigh","summary":"detailed",
            "context":"all_turns"},"text":{"verbosity":"low"})"},
        {"tools", R"("tools":[{"type":"function","name":"f","description":"d","parameters":
            {"type":"object","properties":{}},"strict":true,"defer_loading":true},
            {"type":"custom","name":"apply_patch","description":"p","format":{"type":
            "grammar","syntax":"lark","definition":"start: /a/"}},{"type":"namespace",
            "name":"mcp__a__","description":"A","tools":[{"type":"function","name":"x",
            "parameters":{}},{"type":"custom","name":"y"}]},{"type":"namespace","name":"b",
            "description":"B","tools":[{"type":"function","name":"x","parameters":{}}]},
            {"type":"web_search","external_web_access":true},{"type":"local_shell"},
            {"type":"mcp","server_label":"s","server_url":"https://s.example"}])"},
        {"custom chosen", R"("tools":[{"type":"custom","name":"p"}],"tool_choice":{"type":
            "custom","name":"p"})"},
        {"hosted chosen", R"("tool_choice":{"type":"web_search"})"},
        {"mcp chosen", R"("tool_choice":{"type":"mcp","server_label":"s","name":"n"})"},
        {"some allowed", R"("tools":[{"type":"function","name":"f","parameters":{}}],
            "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":
            "function","name":"f"}]})"},
        {"hosted allowed", R"("tool_choice":{"type":"allowed_tools","mode":"auto","tools":
            [{"type":"function","name":"f"},{"type":"web_search"}]})"},
        {"format", R"("text":{"format":{"type":"json_schema","name":"n","description":"d",
            "schema":{"type":"object"},"strict":true},"verbosity":"high","later":1})"},
        {"json", R"("text":{"format":{"type":"json_object"}})"},
        {"unknown format", R"("text":{"format":{"type":"grammar","syntax":"lark"}})"},
        {"numbers", R"("temperature":1.0,"top_p":0.90,"top_logprobs":3,"max_output_tokens":
            5000,"max_tool_calls":2)"},
        {"who", R"("user":"u","safety_identifier":"s","metadata":{"k":"v"})"},
        {"safety alone", R"("safety_identifier":"s")"},
        {"kept", R"("previous_response_id":"resp_1","store":true,"truncation":"auto",
            "background":true,"service_tier":"flex","conversation":"c","prompt":{"id":"p"},
            "context_management":[{"type":"compaction","compact_threshold":1000}],
            "stream_options":{"include_obfuscation":false},"prompt_cache_retention":"24h")"},
    };
    for (const auto &[name, members] : rows)
        QTest::newRow(name) << QByteArray(members);
}

void TestResponsesRequest::everyMemberComesBackWhole()
{
    QFETCH(QByteArray, members);
    const QByteArray body
        = R"({"model":"m","input":[{"role":"user","content":"hi"}],)" + members + '}';
    const QString wrong = requestSurvives(codec(), body, {});
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestResponsesRequest::whatIsNoRequestIsRefusedByName_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("param");
    using B = QByteArray;
    QTest::newRow("no JSON") << B("{") << B();
    QTest::newRow("no object") << B("[]") << B();
    QTest::newRow("no input") << B(R"({"model":"m"})") << B("input");
    QTest::newRow("input of a number") << B(R"({"input":5})") << B("input");
    QTest::newRow("instructions") << B(R"({"input":"a","instructions":[]})") << B("instructions");
    QTest::newRow("item without role") << B(R"({"input":[{"content":"x"}]})") << B("input[0].role");
    QTest::newRow("unknown role") << B(R"({"input":[{"role":"tool","content":"x"}]})")
                                  << B("input[0].role");
    QTest::newRow("call without id")
        << withItem(R"({"type":"function_call","name":"f","arguments":"{}"})")
        << B("input[1].call_id");
    QTest::newRow("output without output")
        << withItem(R"({"type":"function_call_output","call_id":"c"})") << B("input[1].output");
    QTest::newRow("nameless tool")
        << B(R"({"input":"a","tools":[{"type":"function"}]})") << B("tools");
    QTest::newRow("choice") << B(R"({"input":"a","tool_choice":"maybe"})") << B("tool_choice");
    QTest::newRow("temperature") << B(R"({"input":"a","temperature":"hot"})") << B("temperature");
    QTest::newRow("maximum") << B(R"({"input":"a","max_output_tokens":0})")
                             << B("max_output_tokens");
}

void TestResponsesRequest::whatIsNoRequestIsRefusedByName()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, param);
    const auto request = codec().decodeRequest(body);
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::InvalidRequest);
    QCOMPARE(request.error().param, param);
}

void TestResponsesRequest::whatOnlyTheVendorKeptGoesToNoOther_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::addColumn<QByteArray>("param");
    using B = QByteArray;
    QTest::newRow("answer") << B(R"("previous_response_id":"resp_1")") << B("previous_response_id");
    QTest::newRow("conversation") << B(R"("conversation":{"id":"c"})") << B("conversation");
    QTest::newRow("prompt") << B(R"("prompt":{"id":"p"})") << B("prompt");
    QTest::newRow("background") << B(R"("background":true)") << B("background");
    QTest::newRow("nothing") << B(R"("background":false,"prompt":null,"store":true)") << B();
}

void TestResponsesRequest::whatOnlyTheVendorKeptGoesToNoOther()
{
    QFETCH(QByteArray, members);
    QFETCH(QByteArray, param);
    const auto request = codec().decodeRequest(R"({"input":"a",)" + members + '}');
    QVERIFY(request);
    const std::optional<Error> refused = refersElsewhere(*request);
    QCOMPARE(refused.has_value(), !param.isEmpty());
    if (refused) {
        QCOMPARE(refused->param, param);
        QCOMPARE(refused->status(), 400);
    }
    const auto referring = codec().decodeRequest(withItem(R"({"id":"msg_1"})"));
    QVERIFY(refersElsewhere(*referring));
}

void TestResponsesRequest::namespacesAreOneNameElsewhere()
{
    const auto request = codec().decodeRequest(
        R"({"input":[{"type":"function_call","call_id":"c","name":"get","namespace":"a",
        "arguments":"{}"}],"tools":[{"type":"namespace","name":"a","description":"A","tools":
        [{"type":"function","name":"get","parameters":{}}]}]})");
    QVERIFY(request);
    QCOMPARE(request->tools.at(0).name, "a__get");
    const Part &part = request->messages.at(0).parts.at(0);
    QCOMPARE(std::get<ToolCall>(part.body).name, "a__get");
    // Nothing of it is missed there.
    QVERIFY(foreignNames(part.native, Dialect::Chat).empty());
    QVERIFY(foreignNames(request->tools.at(0).native, Dialect::Chat).empty());
}

void TestResponsesRequest::whatAnotherDialectAskedIsAskedHere()
{
    Request request = foreign();
    Message system;
    system.role = Role::System;
    for (const char *text : {"one", "two"}) {
        Part part;
        part.body = Text{text, {}};
        part.cache = CacheMark{};
        system.parts.push_back(part);
    }
    request.messages.insert(request.messages.begin(), system);
    Tool tool;
    tool.name = "f";
    request.tools.push_back(tool);
    request.maxOutput = 5;
    request.reasoning.mode = ReasoningSpec::Mode::On;
    request.reasoning.budget = 4096;
    request.reasoning.show = ReasoningSpec::Show::Full;
    request.toolChoice.mode = ToolChoice::Mode::Named;
    request.toolChoice.name = "f";
    request.sampling.seed = "7";
    request.sampling.topK = "40";
    request.stop = {"END"};
    request.candidates = 2;
    const Sent sent = send(request);
    const QStringList missing = uncovered(
        R"({"model":"m","instructions":"one\n\ntwo","input":[{"type":"message","role":"user",
        "content":"hi"}],"tools":[{"type":"function","name":"f","strict":false,"parameters":
        {"type":"object"}}],"tool_choice":{"type":"function","name":"f"},"max_output_tokens":16,
        "reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"],
        "store":false})",
        sent.body);
    QVERIFY2(missing.isEmpty(), qPrintable(missing.join(u'\n')));
    // Stop sequences are cut in the answer.
    QCOMPARE(sent.dropped, (QByteArrayList{"cache_control", "top_k", "seed", "n"}));
}

void TestResponsesRequest::aModelThatDoesNotReasonIsNotAskedForSeals()
{
    QVERIFY(!send(foreign()).body.contains("\"include\""));
}

void TestResponsesRequest::sealsGoToTheirOwnersAlone()
{
    Request request = foreign();
    Message answer;
    answer.role = Role::Assistant;
    for (const auto owner : {Sealed::Owner::OpenAi, Sealed::Owner::Anthropic}) {
        Part part;
        part.body = Reasoning{"thought", true, {}, Sealed{owner, "sealed-bytes", "rs_9"}};
        answer.parts.push_back(part);
    }
    Part open;
    open.body = Reasoning{"open thought", false, {}, {}};
    open.itemId = "rs_tg_x_0";
    answer.parts.push_back(open);
    Part call = callPart("c", "f", "");
    std::get<ToolCall>(call.body).sealed = Sealed{Sealed::Owner::Gemini, "g", {}};
    call.itemId = "fc_tg_x_1";
    answer.parts.push_back(call);
    request.messages.push_back(answer);
    const Sent sent = send(request);
    QCOMPARE(sent.body.count("\"type\":\"reasoning\""), 1);
    QVERIFY(sent.body.contains(R"("id":"rs_9")"));
    QVERIFY(sent.body.contains(R"("encrypted_content":"sealed-bytes")"));
    QVERIFY(!sent.body.contains("_tg_"));
    QVERIFY(sent.body.contains(R"("arguments":"{}")"));
    QCOMPARE(sent.dropped,
             (QByteArrayList{"reasoning:anthropic", "reasoning", "reasoning:gemini"}));
}

void TestResponsesRequest::mediaOfOtherKindsIsRefusedNotDropped()
{
    Request request = foreign();
    Media media;
    media.kind = Media::Kind::Audio;
    media.data = "AAAA";
    Part part;
    part.body = media;
    request.messages.front().parts.push_back(part);
    QCOMPARE(send(request).dropped, QByteArrayList{"refused"});
    media.kind = Media::Kind::Document;
    media.source = Media::Source::FileId;
    media.owner = Dialect::Messages;
    request.messages.front().parts.back().body = media;
    QCOMPARE(send(request).dropped, QByteArrayList{"refused"});
}

void TestResponsesRequest::resultsTellImagesAndErrors()
{
    Request request = foreign();
    Message answer;
    answer.role = Role::Assistant;
    answer.parts.push_back(callPart("c", "f", "{}"));
    Message result;
    ToolResult told;
    told.callId = "c";
    told.error = true;
    Media image;
    image.mime = "image/png";
    image.data = "AAAA";
    told.parts = {Text{"bad", {}}, image};
    Part part;
    part.body = told;
    result.parts.push_back(part);
    request.messages.push_back(answer);
    request.messages.push_back(result);
    const QByteArray body = send(request).body;
    QVERIFY(body.contains(R"("text":"Error: bad")"));
    QVERIFY(body.contains(R"("image_url":"data:image/png;base64,AAAA")"));
}

void TestResponsesRequest::whatTheTargetCannotTakeIsSaidOtherwise()
{
    Request request = foreign();
    request.toolChoice.mode = ToolChoice::Mode::Required;
    request.toolChoice.parallel = false;
    request.sampling.temperature = "0.5";
    request.reasoning.mode = ReasoningSpec::Mode::Off;
    Target target;
    target.model = "other";
    target.takesRequiredChoice = false;
    target.takesSampling = false;
    target.takesParallelToolCalls = false;
    target.alwaysThinks = true;
    target.efforts = {"low", "high"};
    const Sent sent = send(request, target);
    QVERIFY(sent.body.contains(R"("model":"other")"));
    QVERIFY(sent.body.contains(R"("tool_choice":"auto")"));
    QVERIFY(sent.body.contains("You must call one of the tools."));
    QVERIFY(sent.body.contains(R"("effort":"low")"));
    QCOMPARE(sent.dropped, (QByteArrayList{"parallel_tool_calls", "temperature"}));
}

QTEST_APPLESS_MAIN(TestResponsesRequest)
#include "test_responses_request.moc"
