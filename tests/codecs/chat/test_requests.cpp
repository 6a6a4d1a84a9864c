// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/names.h"
#include "tests/codecs/properties.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

const Codec &codec()
{
    return codecs::chatCodec();
}

QByteArray withMessages(const QByteArray &messages, const QByteArray &more = {})
{
    return R"({"model":"m","messages":)" + messages + (more.isEmpty() ? "" : "," + more) + '}';
}

Target targetFor(const char *style)
{
    Target target;
    target.model = "m";
    target.reasoningStyle = style;
    return target;
}

EncodedRequest encoded(const Request &request, const Target &target)
{
    auto made = codec().encodeRequest(request, target);
    return made ? *made : EncodedRequest{made.error().message.toUtf8(), {}};
}

} // namespace

Q_DECLARE_METATYPE(tollgate::conversation::Target)

class TestChatRequests final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMemberSurvives_data();
    void everyMemberSurvives();
    void reasoningIsAskedForInTheVendorsWords_data();
    void reasoningIsAskedForInTheVendorsWords();
    void reasoningGoesBackToThoseWhoTakeIt_data();
    void reasoningGoesBackToThoseWhoTakeIt();
    void theTargetIsObeyed_data();
    void theTargetIsObeyed();
    void resultsStandBehindTheirCalls();
    void picturesOfResultsFollowInAMessage();
    void sealsComeBackFromTheClient();
    void legacyFunctionsAreTools();
    void foreignThingsAreNoted();
    void badRequestsAreRefused_data();
    void badRequestsAreRefused();
    void stylesHaveNamesOfTheirOwn();
};

void TestChatRequests::everyMemberSurvives_data()
{
    QTest::addColumn<QByteArray>("body");
    const QByteArray hi = R"([{"role":"user","content":"Hi"}])";
    const auto row = [&](const char *name, const QByteArray &more) {
        QTest::newRow(name) << withMessages(hi, more);
    };
    const auto said = [](const char *name, const QByteArray &messages) {
        QTest::newRow(name) << withMessages(messages);
    };
    row("sampling", R"("temperature":1.0,"top_p":0.10,"presence_penalty":-2,"frequency_penalty":1,
        "seed":9223372036854775807,"logit_bias":{"50256":-100},"logprobs":true,"top_logprobs":5)");
    row("limits", R"("max_tokens":100,"n":3,"stop":["a","b"])");
    row("caching", R"("prompt_cache_key":"k","prompt_cache_options":{"mode":"explicit"},
        "prompt_cache_retention":"24h")");
    row("the client", R"("user":"u","safety_identifier":"s","metadata":{"a":"b"},"store":true)");
    row("output", R"("modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"},
        "verbosity":"low","prediction":{"type":"content","content":"x"})");
    row("search", R"("web_search_options":{"search_context_size":"low"})");
    row("tier and moderation", R"("service_tier":"flex","moderation":{"model":"om"})");
    row("effort", R"("reasoning_effort":"xhigh")");
    row("text", R"("response_format":{"type":"text"})");
    row("json", R"("response_format":{"type":"json_object"})");
    row("schema", R"("response_format":{"type":"json_schema","json_schema":{"name":"n",
        "description":"d","schema":{"type":"object","properties":{}},"strict":true}})");
    row("tools", R"("tools":[{"type":"function","function":{"name":"f","description":"d",
        "parameters":{"type":"object","properties":{"a":{"type":"number","maximum":1.0}}},
        "strict":false}},{"type":"function","function":{"name":"g"}},{"type":"custom",
        "custom":{"name":"c","description":"d","format":{"type":"grammar","grammar":{
        "syntax":"lark","definition":"start: A"}}}}],"tool_choice":"required",
        "parallel_tool_calls":false)");
    row("chosen", R"("tools":[{"type":"function","function":{"name":"f"}}],
        "tool_choice":{"type":"function","function":{"name":"f"}})");
    row("chosen custom", R"("tools":[{"type":"custom","custom":{"name":"c"}}],
        "tool_choice":{"type":"custom","custom":{"name":"c"}})");
    row("allowed", R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"custom",
        "custom":{"name":"c"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{
        "mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom",
        "custom":{"name":"c"}}]}})");
    row("hosted", R"("tools":[{"type":"openrouter:web_search","parameters":{"a":1}}])");
    row("unknown", R"("top_k":5,"brand_new":{"x":[1,2.50]},"stream":true)");
    said("roles", R"([{"role":"system","content":"a","name":"s"},{"role":"user","content":"b",
        "name":"u"},{"role":"assistant","content":"c","name":"a"},{"role":"system","content":"d"},
        {"role":"user","content":""}])");
    said("parts", R"([{"role":"user","content":[{"type":"text","text":"a"},
        {"type":"image_url","image_url":{"url":"https://x/y.png","detail":"high"}},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},
        {"type":"image_url","image_url":{"url":"data:image/PNG;charset=x;base64,iVBORw=="}},
        {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},
        {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"mp3"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},
        {"type":"file","file":{"filename":"a.png","file_data":"data:image/png;base64,JVBE"}},
        {"type":"file","file":{"file_id":"file-1"}},
        {"type":"video_url","video_url":{"url":"https://x/y.mp4"}},
        {"type":"document_url","document_url":"https://x/y.pdf"},
        {"type":"text","text":"b","prompt_cache_breakpoint":{"mode":"explicit"}},
        {"type":"text","text":"c","cache_control":{"type":"ephemeral","ttl":"1h"}}]}])");
    said("calls", R"([{"role":"user","content":"go"},{"role":"assistant","content":null,
        "tool_calls":[{"id":"a","type":"function","function":{"name":"f",
        "arguments":"{\"x\": 1.0, \"y\":\"\\u00e9\"}"}},{"id":"b","type":"custom","custom":{
        "name":"c","input":"free"}}]},{"role":"tool","tool_call_id":"a","content":"1"},
        {"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"2"},
        {"type":"text","text":"3"}]}])");
    said("refusal and sound", R"([{"role":"assistant","content":[{"type":"text","text":"a"},
        {"type":"refusal","refusal":"b"}]},{"role":"assistant","content":null,
        "audio":{"id":"audio_1"}}])");
}

void TestChatRequests::everyMemberSurvives()
{
    QFETCH(const QByteArray, body);
    QCOMPARE(test::requestSurvives(codec(), body, targetFor("openai"),
                                   {QStringLiteral("stream_options")}),
             QString());
}

void TestChatRequests::reasoningIsAskedForInTheVendorsWords_data()
{
    QTest::addColumn<QByteArray>("style");
    QTest::addColumn<QByteArray>("asked");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *style, const char *asked, const char *expected) {
        QTest::addRow("%s %s", style, asked)
            << QByteArray(style) << QByteArray(asked) << QByteArray(expected);
    };
    row("openai", R"("reasoning_effort":"high")", R"("reasoning_effort":"high")");
    row("openai", R"("reasoning":{"max_tokens":2000})", R"("reasoning_effort":"low")");
    row("openai", R"("thinking":{"type":"disabled"})", R"("reasoning_effort":"none")");
    row("openrouter", R"("reasoning_effort":"low")", R"("reasoning":{"effort":"low"})");
    row("openrouter", R"("reasoning":{"max_tokens":2000,"exclude":true})",
        R"("reasoning":{"max_tokens":2000,"exclude":true})");
    row("openrouter", R"("enable_thinking":true)", R"("reasoning":{"enabled":true})");
    row("deepseek", R"("reasoning_effort":"none")", R"("thinking":{"type":"disabled"})");
    row("deepseek", R"("reasoning_effort":"high")",
        R"("thinking":{"type":"enabled"},"reasoning_effort":"high")");
    row("zhipu", R"("thinking":{"type":"enabled","clear_thinking":false})",
        R"("thinking":{"type":"enabled","clear_thinking":false})");
    row("minimax", R"("reasoning_effort":"low")",
        R"("reasoning_split":true,"thinking":{"type":"adaptive"})");
    row("qwen", R"("reasoning_effort":"none")", R"("enable_thinking":false)");
    row("qwen", R"("reasoning_effort":"low")", R"("enable_thinking":true,"thinking_budget":2048)");
    row("qwen", R"("enable_thinking":true,"thinking_budget":777)",
        R"("enable_thinking":true,"thinking_budget":777)");
    row("groq", R"("reasoning_effort":"low","reasoning_format":"hidden")",
        R"("reasoning_format":"hidden","reasoning_effort":"low")");
    row("mistral", R"("thinking":{"type":"enabled"})", R"("prompt_mode":"reasoning")");
    row("vllm", R"("reasoning_effort":"none")",
        R"("chat_template_kwargs":{"enable_thinking":false})");
    row("gemini", R"("reasoning_effort":"low")", R"("reasoning_effort":"low")");
    row("gemini", R"("extra_body":{"google":{"thinking_config":{"thinking_budget":5,
        "include_thoughts":true},"cached_content":"c"}})",
        R"("thinking_config":{"thinking_budget":5,"include_thoughts":true},"cached_content":"c")");
}

void TestChatRequests::reasoningIsAskedForInTheVendorsWords()
{
    QFETCH(const QByteArray, style);
    QFETCH(const QByteArray, asked);
    QFETCH(const QByteArray, expected);
    const auto request
        = codec().decodeRequest(withMessages(R"([{"role":"user","content":"Hi"}])", asked));
    QVERIFY(request);
    const QByteArray body = encoded(*request, targetFor(style.constData())).body;
    QVERIFY2(body.contains(expected), body.constData());
}

void TestChatRequests::reasoningGoesBackToThoseWhoTakeIt_data()
{
    QTest::addColumn<QByteArray>("style");
    QTest::addColumn<bool>("wants");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("openai") << QByteArray("openai") << false << QByteArray();
    QTest::newRow("deepseek") << QByteArray("deepseek") << true
                              << QByteArray(R"("reasoning_content":"hm")");
    QTest::newRow("openrouter")
        << QByteArray("openrouter") << false
        << QByteArray(
               R"("reasoning":"hm","reasoning_details":[{"type":"reasoning.text",)"
               R"("text":"hm","signature":"sig","format":"anthropic-claude-v1","index":0}])");
    QTest::newRow("mistral") << QByteArray("mistral") << false
                             << QByteArray(R"("thinking":[{"type":"text","text":"hm"}])");
}

void TestChatRequests::reasoningGoesBackToThoseWhoTakeIt()
{
    QFETCH(const QByteArray, style);
    QFETCH(const bool, wants);
    QFETCH(const QByteArray, expected);
    Request request;
    Message message;
    message.role = Role::Assistant;
    Reasoning thought;
    thought.text = "hm";
    thought.sealed = Sealed{Sealed::Owner::Anthropic, "sig", {}};
    message.parts = {Part{thought}, Part{Text{"so", {}}}};
    request.messages.push_back(message);
    Target target = targetFor(style.constData());
    target.wantsReasoningContent = wants;
    const EncodedRequest made = encoded(request, target);
    if (expected.isEmpty()) {
        QVERIFY2(!made.body.contains("hm"), made.body.constData());
        QVERIFY(made.dropped.members().contains("reasoning"));
    } else {
        QVERIFY2(made.body.contains(expected), made.body.constData());
    }
}

void TestChatRequests::theTargetIsObeyed_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<Target>("target");
    QTest::addColumn<QByteArray>("has");
    QTest::addColumn<QByteArray>("lacks");
    const auto row = [](const char *name, const char *more, Target target, const char *has,
                        const char *lacks) {
        target.model = "m";
        QTest::newRow(name) << QByteArray(more) << target << QByteArray(has) << QByteArray(lacks);
    };
    constexpr const char *kTool = R"("tools":[{"type":"function","function":{"name":"f",
        "strict":true}}],"tool_choice":"required","parallel_tool_calls":true)";
    row("limit", R"("max_tokens":9)", {.maxCompletionTokens = true}, R"("max_completion_tokens":9)",
        "max_tokens\"");
    row("no more than the model can", R"("max_tokens":9)", {.maxOutputTokens = 5},
        R"("max_tokens":5)", "9");
    row("no sampling", R"("temperature":1,"seed":1)", {.takesSampling = false}, R"("seed":1)",
        "temperature");
    row("what a vendor refuses", R"("frequency_penalty":1,"logit_bias":{"5":1},"seed":3)",
        {.reasoningStyle = "cerebras"}, R"("seed":3)", "penalty");
    row("no seed", R"("seed":3,"top_p":0.5)", {.reasoningStyle = "deepseek"}, R"("top_p":0.5)",
        "seed");
    row("as hot as it gets", R"("temperature":1.7)", {.reasoningStyle = "moonshot"},
        R"("temperature":1,)", "1.7");
    row("cool enough", R"("temperature":0.60)", {.reasoningStyle = "zhipu"},
        R"("temperature":0.60)", "\"temperature\":1");
    row("hot for others", R"("temperature":1.7)", {.reasoningStyle = "qwen"},
        R"("temperature":1.7)", "\"temperature\":1,");
    row("no strict schemas", kTool, {.takesStrictSchemas = false}, R"("name":"f")", "strict");
    row("no required choice", kTool, {.takesRequiredChoice = false}, R"("tool_choice":"auto")",
        "required");
    row("no parallel calls", kTool, {.takesParallelToolCalls = false}, "tool_choice", "parallel");
    row("no stream options", R"("stream":true)", {.takesStreamOptions = false}, R"("stream":true)",
        "stream_options");
    row("usage in streams", R"("stream":true)", {}, R"("stream_options":{"include_usage":true})",
        "obfuscation");
    row("nothing unknown", R"("brand_new":1,"metadata":{"a":"b"},"user":"u")",
        {.refusesUnknown = true}, "messages", "brand_new");
    row("no schema",
        R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1}}})",
        {.takesJsonSchema = false}, R"("response_format":{"type":"json_object"})", "json_schema");
    row("no system role", "", {.takesSystemRole = false}, R"("role":"user")", "system");
    row("always thinks", R"("reasoning_effort":"none")",
        {.alwaysThinks = true, .efforts = {"low", "high"}}, R"("reasoning_effort":"low")", "none");
}

void TestChatRequests::theTargetIsObeyed()
{
    QFETCH(const QByteArray, more);
    QFETCH(const Target, target);
    QFETCH(const QByteArray, has);
    QFETCH(const QByteArray, lacks);
    const auto request = codec().decodeRequest(
        withMessages(R"([{"role":"system","content":"s"},{"role":"user","content":"Hi"}])", more));
    QVERIFY(request);
    const QByteArray body = encoded(*request, target).body;
    QVERIFY2(body.contains(has), body.constData());
    QVERIFY2(!body.contains(lacks), body.constData());
}

void TestChatRequests::resultsStandBehindTheirCalls()
{
    const auto request = codec().decodeRequest(withMessages(
        R"([{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":""}}]},{"role":"user","content":"wait"},
        {"role":"tool","tool_call_id":"a","content":"1"}])"));
    QVERIFY(request);
    const QByteArray body = encoded(*request, targetFor("openai")).body;
    QVERIFY2(body.indexOf(R"("role":"tool")") < body.indexOf("wait"), body.constData());
    QVERIFY(body.contains(R"("arguments":"{}")"));
}

void TestChatRequests::picturesOfResultsFollowInAMessage()
{
    Request request;
    Message calls;
    calls.role = Role::Assistant;
    calls.parts.push_back(Part{ToolCall{ToolCall::Kind::Function, "a", "look", "{}"}});
    ToolResult result;
    result.callId = "a";
    result.error = true;
    result.parts.emplace_back(Text{"seen", {}});
    Media picture;
    picture.mime = "image/png";
    picture.data = "iVBORw==";
    result.parts.emplace_back(picture);
    Message results;
    results.parts.push_back(Part{result});
    request.messages = {calls, results};
    const auto written = encoded(request, targetFor("openai"));
    const auto tree = protocol::JsonTree::parse(written.body);
    QVERIFY(tree);
    const JsonValue messages = tree->root()["messages"];
    QCOMPARE(messages.size(), 3);
    auto at = messages.begin();
    ++at;
    QVERIFY((*at)["role"].is("tool"));
    ++at;
    QVERIFY((*at)["role"].is("user"));
    QVERIFY((*at)["content"].raw().toByteArray().contains("data:image/png;base64,iVBORw=="));
}

void TestChatRequests::sealsComeBackFromTheClient()
{
    const auto request = codec().decodeRequest(withMessages(
        R"([{"role":"assistant","content":"so","reasoning_content":"hm","reasoning_details":[
        {"type":"reasoning.text","text":"hm","signature":"sig","format":"anthropic-claude-v1",
        "index":0},{"type":"reasoning.encrypted","data":"secret","format":"anthropic-claude-v1",
        "index":1},{"type":"reasoning.summary","summary":"sum","format":"openai-responses-v1",
        "index":2},{"type":"reasoning.encrypted","data":"gAAA","id":"rs_1",
        "format":"openai-responses-v1","index":3}],"tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{}"},"extra_content":{"google":{
        "thought_signature":"gem"}}}]}])"));
    QVERIFY(request);
    const std::vector<Part> &parts = request->messages[0].parts;
    QCOMPARE(parts.size(), std::size_t(5));
    const auto sealOf = [&](std::size_t at) { return std::get<Reasoning>(parts[at].body).sealed; };
    QVERIFY(sealOf(0) == (Sealed{Sealed::Owner::Anthropic, "sig", {}}));
    QVERIFY(sealOf(1) == (Sealed{Sealed::Owner::AnthropicRedacted, "secret", {}}));
    QVERIFY(sealOf(2) == (Sealed{Sealed::Owner::OpenAi, "gAAA", "rs_1"}));
    QVERIFY(std::get<Reasoning>(parts[2].body).summary);
    QVERIFY(std::get<ToolCall>(parts[4].body).sealed == (Sealed{Sealed::Owner::Gemini, "gem", {}}));
}

void TestChatRequests::legacyFunctionsAreTools()
{
    const auto request = codec().decodeRequest(withMessages(
        R"([{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
        {"role":"function","name":"f","content":"1"}])",
        R"("functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"})"));
    QVERIFY(request);
    QCOMPARE(request->tools.size(), std::size_t(1));
    QCOMPARE(request->toolChoice.name, QByteArray("f"));
    const auto &call = std::get<ToolCall>(request->messages[0].parts[0].body);
    const auto &result = std::get<ToolResult>(request->messages[1].parts[0].body);
    QVERIFY(!call.callId.isEmpty());
    QCOMPARE(result.callId, call.callId);
    AnswerContext context;
    context.request = &*request;
    Response response;
    Candidate candidate;
    candidate.message.parts.push_back(Part{ToolCall{ToolCall::Kind::Function, "x", "f", "{}"}});
    candidate.stop.reason = StopReason::ToolUse;
    response.candidates.push_back(candidate);
    const QByteArray body = codec().encodeResponse(response, context);
    QVERIFY2(body.contains(R"("function_call":{"name":"f","arguments":"{}"})"), body.constData());
    QVERIFY(body.contains(R"("finish_reason":"function_call")"));
}

void TestChatRequests::foreignThingsAreNoted()
{
    Request request;
    request.source = Dialect::Messages;
    request.native = {{Dialect::Messages, "context_management", "{}"}};
    Tool hosted;
    hosted.kind = Tool::Kind::Hosted;
    hosted.owner = Dialect::Messages;
    hosted.hostedType = "web_search_20250305";
    request.tools.push_back(hosted);
    request.sampling.topK = "5";
    Message message;
    message.parts.push_back(Part{Text{"Hi", {}}});
    message.parts.back().cache = CacheMark{};
    request.messages.push_back(message);
    const EncodedRequest made = encoded(request, targetFor("openai"));
    const QByteArrayList expected{"tool:web_search_20250305", "top_k", "context_management",
                                  "cache_control"};
    for (const QByteArray &name : expected)
        QVERIFY2(made.dropped.members().contains(name), name.constData());
    QVERIFY(!made.body.contains("tools"));
    QVERIFY(encoded(request, targetFor("openrouter"))
                .body.contains(R"("cache_control":{"type":"ephemeral"})"));
}

void TestChatRequests::badRequestsAreRefused_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("param");
    QTest::newRow("no json") << QByteArray("{") << QByteArray();
    QTest::newRow("no object") << QByteArray("[]") << QByteArray();
    QTest::newRow("no messages") << QByteArray(R"({"model":"m"})") << QByteArray("messages");
    QTest::newRow("a strange role")
        << withMessages(R"([{"role":"user","content":"a"},{"role":"elf","content":"b"}])")
        << QByteArray("messages.1");
    QTest::newRow("no message") << withMessages("[1]") << QByteArray("messages.0");
}

void TestChatRequests::badRequestsAreRefused()
{
    QFETCH(const QByteArray, body);
    const auto request = codec().decodeRequest(body);
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::InvalidRequest);
    QTEST(request.error().param, "param");
}

void TestChatRequests::stylesHaveNamesOfTheirOwn()
{
    QByteArrayList names;
    for (const codecs::chat::ReasoningStyle &style : codecs::chat::reasoningStyles()) {
        QVERIFY(!names.contains(style.name.toByteArray()));
        names += style.name.toByteArray();
        QCOMPARE(codecs::chat::reasoningStyle(style.name).name, style.name);
    }
    QCOMPARE(codecs::chat::reasoningStyle("").name, QByteArrayView("openai"));
}

QTEST_APPLESS_MAIN(TestChatRequests)
#include "test_requests.moc"
