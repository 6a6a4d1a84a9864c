// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of requests: those of other dialects' clients above all.
#include "core/codecs/messages/messages.h"
#include "tests/codecs/properties.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;
using protocol::JsonTree;

namespace {

using Owner = Sealed::Owner;

Message said(Role role, std::vector<Part> parts)
{
    Message message;
    message.role = role;
    message.parts = std::move(parts);
    return message;
}

Part text(const QByteArray &words)
{
    return {Text{words, {}}};
}

Part call(const QByteArray &id, const QByteArray &arguments = "{}")
{
    return {ToolCall{ToolCall::Kind::Function, id, "f", arguments, {}, {}}};
}

Part result(const QByteArray &id, const QByteArray &words)
{
    ToolResult answer;
    answer.callId = id;
    answer.parts.emplace_back(Text{words, {}});
    return {std::move(answer)};
}

Part thought(Owner owner, const QByteArray &words = "hm")
{
    Reasoning reasoning;
    reasoning.text = words;
    reasoning.sealed = Sealed{owner, "c2lnbg==", "id"};
    return {std::move(reasoning)};
}

Request asked(std::vector<Message> messages)
{
    Request request;
    request.source = Dialect::Chat;
    request.messages = std::move(messages);
    return request;
}

Request plain()
{
    return asked({said(Role::User, {text("hi")})});
}

Tool tool(const QByteArray &name)
{
    Tool made;
    made.name = name;
    made.schema = R"({"type":"object","properties":{}})";
    return made;
}

Target claude()
{
    Target target;
    target.model = "claude";
    return target;
}

struct Written
{
    QByteArray body;
    QByteArrayList dropped;
    QByteArray refused; // the parameter at fault
    QByteArray at(const QByteArray &path) const
    {
        const auto tree = JsonTree::parse(body);
        if (!tree)
            return "no JSON";
        JsonValue value = tree->root();
        for (const QByteArray &step : path.split('.')) {
            bool number = false;
            const int place = step.toInt(&number);
            if (!number) {
                value = value[step];
                continue;
            }
            int index = 0;
            JsonValue found;
            for (const JsonValue child : value) {
                if (index++ == place)
                    found = child;
            }
            value = found;
        }
        return value ? value.json() : QByteArray();
    }
};

Written write(const Request &request, const Target &target = claude())
{
    const auto encoded = codecs::messagesCodec().encodeRequest(request, target);
    if (!encoded)
        return {{}, {}, encoded.error().param};
    return {encoded->body, encoded->dropped.members(), {}};
}

QByteArray turns(const Written &written)
{
    return written.at("messages");
}

} // namespace

class TestMessagesRequest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void systemWordsStandBeforeTheTurns();
    void lateSystemWordsKeepTheirPlace();
    void turnsAlternateFromAUsersOn();
    void resultsStandFirstAndInTheOrderOfTheirCalls();
    void emptyTextsAreLeftOut();
    void prefillIsTrimmedOrAskedFor();
    void onlyAnthropicsThoughtsGoBack_data();
    void onlyAnthropicsThoughtsGoBack();
    void thinkingIsAskedForAsTheModelUnderstands_data();
    void thinkingIsAskedForAsTheModelUnderstands();
    void noThinkingBudgetWhereHistoryForbidsIt();
    void maxTokensIsAlwaysSaid_data();
    void maxTokensIsAlwaysSaid();
    void samplingIsMadeToFit();
    void argumentsAreByteExact_data();
    void argumentsAreByteExact();
    void toolsAndChoice();
    void schemasBecomeFormatsOrATool();
    void mediaFindTheirBlocks();
    void fourCacheMarksAtMost();
    void whatCannotBeSaidIsNotedOrRefused_data();
    void whatCannotBeSaidIsNotedOrRefused();
    void brokenRequestsAreRefusedByName_data();
    void brokenRequestsAreRefusedByName();
    void readsEveryMember();
};

void TestMessagesRequest::systemWordsStandBeforeTheTurns()
{
    const Written written
        = write(asked({said(Role::System, {text("a")}), said(Role::System, {text("b")}),
                       said(Role::User, {text("hi")})}));
    QCOMPARE(written.at("system"),
             QByteArray(R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])"));
    QCOMPARE(turns(written),
             QByteArray(R"([{"role":"user","content":[{"type":"text","text":"hi"}]}])"));
}

void TestMessagesRequest::lateSystemWordsKeepTheirPlace()
{
    const Request request
        = asked({said(Role::User, {text("hi")}), said(Role::Assistant, {text("yo")}),
                 said(Role::System, {text("be brief")}), said(Role::User, {text("go")})});
    QCOMPARE(write(request).at("messages.2.content.0.text"),
             QByteArray(R"("<system>\nbe brief\n</system>")"));
    Target newest = claude();
    newest.midConversationSystem = true;
    QCOMPARE(write(request, newest).at("messages.2"),
             QByteArray(R"({"role":"system","content":[{"type":"text","text":"be brief"}]})"));
}

void TestMessagesRequest::turnsAlternateFromAUsersOn()
{
    const Written written
        = write(asked({said(Role::Assistant, {text("a")}), said(Role::Assistant, {text("b")}),
                       said(Role::User, {text("c")}), said(Role::User, {text("d")})}));
    QCOMPARE(turns(written),
             QByteArray(R"([{"role":"user","content":[{"type":"text","text":"."}]},)"
                        R"({"role":"assistant","content":[{"type":"text","text":"a"},)"
                        R"({"type":"text","text":"b"}]},)"
                        R"({"role":"user","content":[{"type":"text","text":"c"},)"
                        R"({"type":"text","text":"d"}]}])"));
}

void TestMessagesRequest::resultsStandFirstAndInTheOrderOfTheirCalls()
{
    const Written written = write(asked({said(Role::User, {text("go")}),
                                         said(Role::Assistant, {call("x"), call("y"), call("z")}),
                                         said(Role::User, {text("and then"), result("y", "2")}),
                                         said(Role::User, {result("x", "1")})}));
    QCOMPARE(written.at("messages.2.content.0.tool_use_id"), QByteArray("\"x\""));
    QCOMPARE(written.at("messages.2.content.1.tool_use_id"), QByteArray("\"y\""));
    QCOMPARE(written.at("messages.2.content.2.is_error"), QByteArray("true"));
    QCOMPARE(written.at("messages.2.content.3.text"), QByteArray("\"and then\""));
    QVERIFY(written.at("messages.3").isEmpty());
}

void TestMessagesRequest::emptyTextsAreLeftOut()
{
    const Written written
        = write(asked({said(Role::User, {text(""), text("hi")}), said(Role::Assistant, {text("")}),
                       said(Role::User, {text("")})}));
    QCOMPARE(turns(written),
             QByteArray(R"([{"role":"user","content":[{"type":"text","text":"hi"},)"
                        R"({"type":"text","text":"."}]}])"));
}

void TestMessagesRequest::prefillIsTrimmedOrAskedFor()
{
    const Request request
        = asked({said(Role::User, {text("hi")}), said(Role::Assistant, {text("Well, \n")})});
    QCOMPARE(write(request).at("messages.1.content.0.text"), QByteArray("\"Well,\""));
    QVERIFY(write(request).at("messages.2").isEmpty());
    Target newer = claude();
    newer.takesPrefill = false;
    QCOMPARE(write(request, newer).at("messages.2.role"), QByteArray("\"user\""));
}

void TestMessagesRequest::onlyAnthropicsThoughtsGoBack_data()
{
    QTest::addColumn<int>("owner");
    QTest::addColumn<QByteArray>("block");
    QTest::addColumn<QByteArrayList>("dropped");
    QTest::newRow("its own") << int(Owner::Anthropic)
                             << QByteArray(R"({"type":"thinking","thinking":"hm",)"
                                           R"("signature":"c2lnbg=="})")
                             << QByteArrayList();
    QTest::newRow("its own, hidden")
        << int(Owner::AnthropicRedacted)
        << QByteArray(R"({"type":"redacted_thinking","data":"c2lnbg=="})") << QByteArrayList();
    const QByteArray none(R"({"type":"text","text":"so"})");
    QTest::newRow("OpenAI's") << int(Owner::OpenAi) << none << QByteArrayList{"reasoning:openai"};
    QTest::newRow("Gemini's") << int(Owner::Gemini) << none << QByteArrayList{"reasoning:gemini"};
    QTest::newRow("nobody's") << -1 << none << QByteArrayList{"reasoning"};
}

void TestMessagesRequest::onlyAnthropicsThoughtsGoBack()
{
    QFETCH(int, owner);
    Part part = thought(owner < 0 ? Owner::Anthropic : Owner(owner));
    if (owner < 0)
        std::get<Reasoning>(part.body).sealed.reset();
    const Written written
        = write(asked({said(Role::User, {text("hi")}), said(Role::Assistant, {part, text("so")}),
                       said(Role::User, {text("go")})}));
    QTEST((written.at("messages.1.content.0")), "block");
    QTEST(written.dropped, "dropped");
}

void TestMessagesRequest::thinkingIsAskedForAsTheModelUnderstands_data()
{
    QTest::addColumn<QByteArray>("effort");
    QTest::addColumn<qint64>("limit"); // max_tokens; 0: not said
    QTest::addColumn<bool>("adaptive");
    QTest::addColumn<QByteArray>("thinking");
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QByteArray>("maxTokens");
    const auto row = [](const char *name, const char *effort, qint64 limit, bool adaptive,
                        const char *thinking, const char *config, const char *most) {
        QTest::newRow(name) << QByteArray(effort) << limit << adaptive << QByteArray(thinking)
                            << QByteArray(config) << QByteArray(most);
    };
    row("silent", "", 0, false, "", "", "8192");
    row("budget", "medium", 0, false, R"({"type":"enabled","budget_tokens":10000})", "", "18192");
    row("budget below the limit", "low", 4096, false, R"({"type":"enabled","budget_tokens":2048})",
        "", "4096");
    row("budget cut to the limit", "high", 4096, false,
        R"({"type":"enabled","budget_tokens":3072})", "", "4096");
    row("no room to think", "high", 1200, false, R"({"type":"disabled"})", "", "1200");
    row("off", "none", 0, false, R"({"type":"disabled"})", "", "8192");
    row("adaptive", "high", 5000, true, R"({"type":"adaptive","display":"summarized"})",
        R"({"effort":"high"})", "5000");
    row("the nearest effort", "xhigh", 0, true, R"({"type":"adaptive","display":"summarized"})",
        R"({"effort":"high"})", "8192");
}

void TestMessagesRequest::thinkingIsAskedForAsTheModelUnderstands()
{
    QFETCH(QByteArray, effort);
    QFETCH(qint64, limit);
    QFETCH(bool, adaptive);
    Request request = plain();
    request.reasoning.effort = effort;
    if (limit > 0)
        request.maxOutput = limit;
    Target target = claude();
    target.adaptiveThinking = adaptive;
    const Written written = write(request, target);
    QTEST(written.at("thinking"), "thinking");
    QTEST(written.at("output_config"), "config");
    QTEST(written.at("max_tokens"), "maxTokens");
}

void TestMessagesRequest::noThinkingBudgetWhereHistoryForbidsIt()
{
    Request request = asked({said(Role::User, {text("hi")}), said(Role::Assistant, {call("x")}),
                             said(Role::User, {result("x", "1")})});
    request.tools = {tool("f")};
    request.reasoning.effort = "high";
    Written written = write(request);
    QCOMPARE(written.at("thinking.type"), QByteArray("\"disabled\""));
    QCOMPARE(written.dropped, QByteArrayList{"reasoning"});

    request.messages[1].parts.insert(request.messages[1].parts.begin(), thought(Owner::Anthropic));
    written = write(request);
    QCOMPARE(written.at("thinking.type"), QByteArray("\"enabled\""));

    request.toolChoice.mode = ToolChoice::Mode::Required;
    written = write(request);
    QCOMPARE(written.at("thinking.type"), QByteArray("\"disabled\""));
    QCOMPARE(written.at("tool_choice.type"), QByteArray("\"any\""));
}

void TestMessagesRequest::maxTokensIsAlwaysSaid_data()
{
    QTest::addColumn<qint64>("asked");
    QTest::addColumn<qint64>("cap");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("nobody knows") << qint64(0) << qint64(0) << QByteArray("8192");
    QTest::newRow("the model's limit") << qint64(0) << qint64(4096) << QByteArray("4096");
    QTest::newRow("the client's") << qint64(100) << qint64(4096) << QByteArray("100");
    QTest::newRow("never above the model's")
        << qint64(100000) << qint64(4096) << QByteArray("4096");
}

void TestMessagesRequest::maxTokensIsAlwaysSaid()
{
    QFETCH(qint64, asked);
    QFETCH(qint64, cap);
    Request request = plain();
    if (asked > 0)
        request.maxOutput = asked;
    Target target = claude();
    target.maxOutputTokens = cap;
    QTEST(write(request, target).at("max_tokens"), "written");
}

void TestMessagesRequest::samplingIsMadeToFit()
{
    Request request = plain();
    request.sampling.temperature = "1.7";
    QCOMPARE(write(request).at("temperature"), QByteArray("1"));
    request.sampling.temperature = "0.70";
    request.sampling.topP = "0.9";
    request.sampling.topK = "40";
    Written written = write(request);
    QCOMPARE(written.at("temperature"), QByteArray("0.70"));
    QCOMPARE(written.at("top_k"), QByteArray("40"));
    QCOMPARE(written.dropped, QByteArrayList{"top_p"});
    Target older = claude();
    older.takesTemperatureAndTopP = true;
    QCOMPARE(write(request, older).at("top_p"), QByteArray("0.9"));
    Target strict = claude();
    strict.takesSampling = false;
    written = write(request, strict);
    QCOMPARE(written.dropped, (QByteArrayList{"temperature", "top_p", "top_k"}));
    QVERIFY(written.at("temperature").isEmpty());
    request.sampling.topP.clear();
    request.reasoning.effort = "low";
    QCOMPARE(write(request).dropped, (QByteArrayList{"temperature", "top_k"}));
    request.stop = {"\n\n", "END"};
    QCOMPARE(write(request).at("stop_sequences"), QByteArray(R"(["END"])"));
}

void TestMessagesRequest::argumentsAreByteExact_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QByteArray>("input");
    const auto same = [](const char *name, const char *json) {
        QTest::newRow(name) << QByteArray(json) << QByteArray(json);
    };
    same("spelling of numbers", R"({"a":1.0,"b":1e2,"c":12345678901234567890})");
    same("escapes", R"({"a":"\u00e9\/\n"})");
    same("order and space", R"({ "b": 1, "a": [ ] })");
    QTest::newRow("none") << QByteArray() << QByteArray("{}");
    QTest::newRow("wrapped once more") << QByteArray(R"("{\"a\":1}")") << QByteArray(R"({"a":1})");
    QTest::newRow("cut short") << QByteArray(R"({"a":)") << QByteArray(R"({"_raw":"{\"a\":"})");
    QTest::newRow("a list") << QByteArray("[1]") << QByteArray(R"({"_raw":"[1]"})");
}

void TestMessagesRequest::argumentsAreByteExact()
{
    QFETCH(QByteArray, arguments);
    const Written written = write(
        asked({said(Role::User, {text("hi")}), said(Role::Assistant, {call("x", arguments)}),
               said(Role::User, {result("x", "1")})}));
    QTEST((written.at("messages.1.content.0.input")), "input");
}

void TestMessagesRequest::toolsAndChoice()
{
    Request request = plain();
    request.tools = {tool("f"), tool("g")};
    Tool hosted;
    hosted.kind = Tool::Kind::Hosted;
    hosted.owner = Dialect::Responses;
    hosted.hostedType = "web_search";
    request.tools.push_back(hosted);
    request.toolChoice.allowed = {"g"};
    request.toolChoice.mode = ToolChoice::Mode::Required;
    request.toolChoice.parallel = false;
    Written written = write(request);
    QCOMPARE(written.at("tools.0.name"), QByteArray("\"g\""));
    QVERIFY(written.at("tools.1").isEmpty());
    QCOMPARE(written.at("tool_choice"),
             QByteArray(R"({"type":"any","disable_parallel_tool_use":true})"));
    request.toolChoice.allowed.clear();
    QCOMPARE(write(request).dropped, QByteArrayList{"tool:web_search"});

    Target soft = claude();
    soft.takesRequiredChoice = false;
    written = write(request, soft);
    QCOMPARE(written.at("tool_choice.type"), QByteArray("\"auto\""));
    QVERIFY(written.at("system.0.text").contains("calling one of the tools"));

    request.tools[0].name = "with.dot";
    QCOMPARE(write(request).refused, QByteArray("tools"));

    request.tools = {tool("f")};
    request.tools[0].kind = Tool::Kind::Custom;
    request.toolChoice = {};
    request.messages
        = {said(Role::User, {text("hi")}), said(Role::Assistant, {call("c a/l", "free \"text\"")}),
           said(Role::User, {result("c a/l", "ok")})};
    std::get<ToolCall>(request.messages[1].parts[0].body).kind = ToolCall::Kind::Custom;
    written = write(request);
    QCOMPARE(written.at("messages.1.content.0.input"), QByteArray(R"({"input":"free \"text\""})"));
    const QByteArray id = written.at("messages.1.content.0.id");
    QVERIFY(id.startsWith("\"c_a_l_"));
    QCOMPARE(written.at("messages.2.content.0.tool_use_id"), id);
    QCOMPARE(written.at("tools.0.input_schema.required"), QByteArray(R"(["input"])"));
}

void TestMessagesRequest::schemasBecomeFormatsOrATool()
{
    Request request = plain();
    request.format.kind = OutputFormat::Kind::Schema;
    request.format.schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
    Written written = write(request);
    QCOMPARE(written.at("output_config.format.type"), QByteArray("\"json_schema\""));
    QVERIFY(written.at("output_config.format.schema").contains("additionalProperties"));
    Target older = claude();
    older.takesJsonSchema = false;
    written = write(request, older);
    QCOMPARE(written.at("tool_choice"), QByteArray(R"({"type":"tool","name":"tollgate_answer"})"));
    request.tools = {tool("f")};
    QCOMPARE(write(request, older).at("tool_choice.type"), QByteArray("\"any\""));
    request.format.kind = OutputFormat::Kind::JsonObject;
    QVERIFY(write(request).at("system.0.text").contains("JSON object"));
}

void TestMessagesRequest::mediaFindTheirBlocks()
{
    const auto block = [](Media media) {
        Part part{std::move(media)};
        return write(asked({said(Role::User, {std::move(part)})}));
    };
    const QByteArray png = QByteArray("\x89PNG\r\n\x1a\n0000", 12).toBase64();
    Media image;
    image.mime = "image/jpeg"; // told wrongly
    image.data = png;
    QCOMPARE(block(image).at("messages.0.content.0.source.media_type"),
             QByteArray("\"image/png\""));
    image.source = Media::Source::Url;
    image.data = "https://example.com/a.png";
    QCOMPARE(block(image).at("messages.0.content.0.source.type"), QByteArray("\"url\""));
    image.source = Media::Source::FileId;
    QCOMPARE(block(image).refused, QByteArray("messages"));

    Media document;
    document.kind = Media::Kind::Document;
    document.mime = "text/markdown";
    document.data = QByteArray("# hi").toBase64();
    document.filename = "a.md";
    QCOMPARE(block(document).at("messages.0.content.0"),
             QByteArray(R"({"type":"document","source":{"type":"text","media_type":"text/plain",)"
                        R"("data":"# hi"},"title":"a.md"})"));
    Media sound;
    sound.kind = Media::Kind::Audio;
    QCOMPARE(block(sound).refused, QByteArray("messages"));
}

void TestMessagesRequest::fourCacheMarksAtMost()
{
    Request request = asked({});
    for (int i = 0; i < 6; ++i) {
        Part part = text("t" + QByteArray::number(i));
        part.cache = CacheMark{i == 5 ? 1800 : 0};
        request.messages.push_back(said(Role::User, {part}));
    }
    const Written written = write(request);
    QCOMPARE(written.body.count("cache_control"), 4);
    QCOMPARE(written.dropped, QByteArrayList{"cache_control"});
    QVERIFY(written.at("messages.0.content.1.cache_control").isEmpty());
    QCOMPARE(written.at("messages.0.content.5.cache_control"),
             QByteArray(R"({"type":"ephemeral","ttl":"1h"})"));
}

void TestMessagesRequest::whatCannotBeSaidIsNotedOrRefused_data()
{
    QTest::addColumn<int>("what");
    QTest::addColumn<QByteArrayList>("dropped");
    QTest::addColumn<QByteArray>("refused");
    QTest::newRow("seed") << 0 << QByteArrayList{"seed"} << QByteArray();
    QTest::newRow("logprobs") << 1 << QByteArrayList{"logprobs"} << QByteArray();
    QTest::newRow("n") << 2 << QByteArrayList() << QByteArray("n");
    QTest::newRow("stored conversation")
        << 3 << QByteArrayList() << QByteArray("previous_response_id");
    QTest::newRow("sound only") << 4 << QByteArrayList() << QByteArray("modalities");
    QTest::newRow("sound, too") << 5 << QByteArrayList{"modalities"} << QByteArray();
    QTest::newRow("another dialect's member")
        << 6 << QByteArrayList{"safetySettings"} << QByteArray();
    QTest::newRow("metadata") << 7 << QByteArrayList{"metadata"} << QByteArray();
}

void TestMessagesRequest::whatCannotBeSaidIsNotedOrRefused()
{
    QFETCH(int, what);
    Request request = plain();
    switch (what) {
    case 0:
        request.sampling.seed = "7";
        break;
    case 1:
        request.sampling.logprobs = true;
        break;
    case 2:
        request.candidates = 2;
        break;
    case 3:
        request.previousResponseId = "resp_1";
        break;
    case 4:
        request.modalities = {"audio"};
        break;
    case 5:
        request.modalities = {"text", "audio"};
        break;
    case 6:
        request.native = {{Dialect::Gemini, "safetySettings", "[]"}};
        break;
    default:
        request.metadata = "{}";
        break;
    }
    const Written written = write(request);
    QTEST(written.dropped, "dropped");
    QTEST(written.refused, "refused");
}

void TestMessagesRequest::brokenRequestsAreRefusedByName_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("param");
    const auto row = [](const char *body, const char *param) {
        QTest::newRow(body) << QByteArray(body) << QByteArray(param);
    };
    row(R"({"model":"m"})", "messages");
    row(R"({"messages":[]})", "messages");
    row(R"({"messages":[{"role":"tool","content":"x"}]})", "messages.0.role");
    row(R"({"messages":[{"role":"user"}]})", "messages.0.content");
    row(R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})", "messages.0.content.0");
    row(R"({"messages":[{"role":"user","content":"x"}],"max_tokens":"many"})", "max_tokens");
    row(R"({"messages":[{"role":"user","content":"x"}],"temperature":"hot"})", "temperature");
    row(R"({"messages":[{"role":"user","content":"x"}],"tools":{}})", "tools");
    row(R"({"messages":[{"role":"user","content":"x"}],"tools":[{}]})", "tools.0");
    row(R"({"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"tool"}})",
        "tool_choice.name");
    row(R"({"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled"}})",
        "thinking.budget_tokens");
    row(R"({"messages":[{"role":"user","content":"x"}],"stop_sequences":"x"})", "stop_sequences");
    row(R"({"messages":[{"role":"user","content":[{"type":"tool_result"}]}]})",
        "messages.0.content");
    row(R"([1])", "");
}

void TestMessagesRequest::brokenRequestsAreRefusedByName()
{
    QFETCH(QByteArray, body);
    const auto request = codecs::messagesCodec().decodeRequest(body);
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::InvalidRequest);
    QTEST(request.error().param, "param");
}

void TestMessagesRequest::readsEveryMember()
{
    const QByteArray body
        = R"({"model":"m","max_tokens":100,"stream":true,"system":"be kind","temperature":0.50,)"
          R"("tools":[{"name":"f","input_schema":{"type":"object"},"input_examples":[{"a":1.0}],)"
          R"("defer_loading":true,"cache_control":{"type":"ephemeral","ttl":"1h"}},)"
          R"({"type":"web_search_20250305","name":"web_search","max_uses":2}],)"
          R"("tool_choice":{"type":"any","disable_parallel_tool_use":true},)"
          R"("thinking":{"type":"adaptive","display":"omitted"},)"
          R"("output_config":{"effort":"max","task_budget":{"type":"tokens","total":5}},)"
          R"("metadata":{"user_id":"u"},"service_tier":"standard_only",)"
          R"("context_management":{"edits":[]},"container":"c","mcp_servers":[],"speed":"fast",)"
          R"("inference_geo":"eu","cache_control":{"type":"ephemeral"},)"
          R"("messages":[{"role":"user","content":[)"
          R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"w"}]},)"
          R"("citations":{"enabled":true},"context":"why"},)"
          R"({"type":"tool_result","tool_use_id":"x","is_error":true,"content":[)"
          R"({"type":"search_result","title":"t","source":"s","content":[]},)"
          R"({"type":"text","text":"a"}]},{"type":"container_upload","file_id":"f"}]}]})";
    const auto request = codecs::messagesCodec().decodeRequest(body);
    QVERIFY(request);
    QCOMPARE(request->tools[0].cache->ttlS, 3600);
    QCOMPARE(request->tools[1].hostedType, QByteArray("web_search_20250305"));
    QCOMPARE(request->toolChoice.parallel, std::optional<bool>(false));
    QCOMPARE(int(request->reasoning.show), int(ReasoningSpec::Show::None));
    QCOMPARE(request->sampling.temperature, QByteArray("0.50"));
    QCOMPARE(request->userId, QByteArray("u"));
    QCOMPARE(std::get<Media>(request->messages[1].parts[0].body).data, QByteArray("w"));
    QCOMPARE(std::get<ToolResult>(request->messages[1].parts[1].body).parts.size(), std::size_t(2));
    Target target = claude();
    target.model = "m";
    target.adaptiveThinking = true;
    target.efforts = {"max"};
    // Nothing is looked for behind the results: they move to the head, and were orphans.
    Request again = *request;
    again.messages.insert(again.messages.begin() + 1, said(Role::Assistant, {call("x")}));
    const auto encoded = codecs::messagesCodec().encodeRequest(again, target);
    QVERIFY(encoded);
    QCOMPARE(encoded->dropped.members(), QByteArrayList{"temperature"}); // who thinks has none
    for (const char *kept :
         {R"("input_examples":[{"a":1.0}])", R"("defer_loading":true)",
          R"("task_budget":{"type":"tokens","total":5})", R"("context_management":{"edits":[]})",
          R"("container":"c")", R"("mcp_servers":[])", R"("speed":"fast")",
          R"("inference_geo":"eu")", R"("display":"omitted")", R"("citations":{"enabled":true})",
          R"("context":"why")", R"({"type":"container_upload","file_id":"f"})",
          R"({"type":"search_result","title":"t","source":"s","content":[]})", R"("max_uses":2)",
          R"("service_tier":"standard_only")", R"("effort":"max")"})
        QVERIFY2(encoded->body.contains(kept), kept);
}

QTEST_APPLESS_MAIN(TestMessagesRequest)
#include "test_messages_request.moc"
