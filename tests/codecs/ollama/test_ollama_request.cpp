// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/ollama.h"
#include "core/conversation/toolpairs.h"
#include "tests/codecs/properties.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

const Codec &chat()
{
    return codecs::ollamaCodec();
}

Request decoded(const QByteArray &body)
{
    auto request = chat().decodeRequest(body);
    return request ? std::move(*request) : Request{};
}

EncodedRequest encoded(const Request &request, const Target &target = {})
{
    auto out = chat().encodeRequest(request, target);
    return out ? std::move(*out) : EncodedRequest{};
}

Request saying(Role role, Part part)
{
    Request request;
    request.source = Dialect::Messages;
    request.model = "m";
    Message message{role};
    message.parts.push_back(std::move(part));
    request.messages.push_back(std::move(message));
    return request;
}

QByteArray chatBody(const QByteArray &messages, const QByteArray &rest = {})
{
    return R"({"model":"m","messages":[)" + messages + "]" + rest + "}";
}

// As base64: the first bytes of a PNG, enough to tell that it is one.
constexpr char kPng[] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";

QByteArray withPicture(QByteArray body)
{
    return body.replace("PNG", kPng);
}

} // namespace

class OllamaRequest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsLostOnTheWay_data()
    {
        QTest::addColumn<QByteArray>("body");
        const auto row
            = [](const char *name, const QByteArray &body) { QTest::newRow(name) << body; };
        row("one word", chatBody(R"({"role":"user","content":"why is the sky blue?"})"));
        row("options",
            chatBody(
                R"({"role":"user","content":"hi"})",
                R"(,"options":{"num_keep":5,"seed":42,"num_predict":100,"top_k":20,"top_p":0.9,)"
                R"("min_p":0.0,"typical_p":0.7,"repeat_last_n":33,"temperature":0.80,)"
                R"("repeat_penalty":1.2,"presence_penalty":1.5,"frequency_penalty":1.0,)"
                R"("penalize_newline":true,"stop":["\n","user:"],"numa":false,"num_ctx":1024,)"
                R"("num_gpu":1,"use_mmap":true,"num_thread":8},"keep_alive":"5m")"));
        row("endless",
            chatBody(R"({"role":"user","content":"hi"})",
                     R"(,"options":{"num_predict":-1},"stream":false,"keep_alive":0)"));
        row("json mode", chatBody(R"({"role":"user","content":"hi"})", R"(,"format":"json")"));
        row("schema",
            chatBody(R"({"role":"user","content":"hi"})",
                     R"(,"format":{"type":"object","properties":{"age":{"type":"integer"},)"
                     R"("available":{"type":"boolean"}},"required":["age"]})"));
        row("thinking",
            chatBody(R"({"role":"user","content":"hi"},{"role":"assistant","content":"a",)"
                     R"("thinking":"hm"},{"role":"user","content":"b"})",
                     R"(,"think":true,"logprobs":true,"top_logprobs":3,"truncate":false)"));
        row("no thinking", chatBody(R"({"role":"user","content":"hi"})", R"(,"think":false)"));
        row("effort", chatBody(R"({"role":"user","content":"hi"})", R"(,"think":"high")"));
        row("picture",
            chatBody(withPicture(R"({"role":"user","content":"what is it?","images":["PNG"]})")));
        row("tools without ids",
            chatBody(
                R"({"role":"system","content":"be brief"},)"
                R"({"role":"user","content":"weather in Toronto and Paris?"},)"
                R"({"role":"assistant","content":"","tool_calls":[)"
                R"({"function":{"name":"get_temperature","arguments":{"city":"Toronto"}}},)"
                R"({"function":{"name":"get_temperature","arguments":{"city":"Paris","n":1.0}}}]},)"
                R"({"role":"tool","content":"11 degrees","tool_name":"get_temperature"},)"
                R"({"role":"tool","content":"12 degrees","tool_name":"get_temperature"})",
                R"(,"tools":[{"type":"function","function":{"name":"get_temperature",)"
                R"("description":"Get it","parameters":{"type":"object","required":["city"],)"
                R"("properties":{"city":{"type":"string","description":"The city"}}}}}])"));
        row("tools with ids",
            chatBody(R"({"role":"user","content":"?"},)"
                     R"({"role":"assistant","content":"let me see","tool_calls":[)"
                     R"({"id":"call_a","function":{"index":0,"name":"f","arguments":{}}},)"
                     R"({"id":"call_b","function":{"index":1,"name":"f","arguments":{"x":"é"}}}]},)"
                     R"({"role":"tool","content":"B","tool_name":"f","tool_call_id":"call_b"},)"
                     R"({"role":"tool","content":"A","tool_name":"f","tool_call_id":"call_a"})"));
        row("load", chatBody({}));
    }

    void nothingIsLostOnTheWay()
    {
        QFETCH(QByteArray, body);
        QCOMPARE(test::requestSurvives(chat(), body, {}), QString());
    }

    void aTurnOfGenerateSurvives_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("prompt") << QByteArray(R"({"model":"m","prompt":"Why?","stream":false})");
        QTest::newRow("all of it")
            << QByteArray(R"({"model":"m","prompt":"<PRE>","suffix":"return x","system":"s",)"
                          R"("template":"{{ .Prompt }}","raw":true,"context":[1,2,3],)"
                          R"("options":{"temperature":0},"think":"low","format":"json",)"
                          R"("keep_alive":"10m"})");
        QTest::newRow("load") << QByteArray(R"({"model":"m"})");
        QTest::newRow("picture") << withPicture(R"({"model":"m","prompt":"?","images":["PNG"]})");
    }

    void aTurnOfGenerateSurvives()
    {
        QFETCH(QByteArray, body);
        QCOMPARE(test::requestSurvives(codecs::ollamaGenerateCodec(), body, {}), QString());
    }

    void aStreamIsAskedForUnlessRefused()
    {
        QVERIFY(decoded(chatBody({})).stream);
        QVERIFY(decoded(chatBody({}, R"(,"stream":null)")).stream);
        QVERIFY(!decoded(chatBody({}, R"(,"stream":false)")).stream);
        // What is absent means true over there as well.
        Request request = saying(Role::User, {Text{"hi", {}}});
        QVERIFY(encoded(request).body.contains(R"("stream":false)"));
        request.stream = true;
        QVERIFY(encoded(request).body.contains(R"("stream":true)"));
    }

    void optionsFindTheirPlaces()
    {
        const Request request = decoded(
            chatBody({},
                     R"(,"options":{"num_predict":7,"temperature":0.70,"stop":"x","num_ctx":8192,)"
                     R"("repeat_penalty":1.10,"seed":9007199254740993,"top_k":null})"));
        QCOMPARE(request.maxOutput, std::optional<std::int64_t>(7));
        QCOMPARE(request.sampling.temperature, QByteArray("0.70"));
        QCOMPARE(request.sampling.repetitionPenalty, QByteArray("1.10"));
        QCOMPARE(request.sampling.seed, QByteArray("9007199254740993"));
        QVERIFY(request.sampling.topK.isEmpty());
        QCOMPARE(request.stop, QByteArrayList{"x"});
        QCOMPARE(nativeOf(request.native, Dialect::Ollama, "options.num_ctx"), QByteArray("8192"));
        QCOMPARE(foreignNames(request.native, Dialect::Chat),
                 std::vector<QByteArray>{"options.num_ctx"});
    }

    void anEndlessAnswerHasNoMaximum()
    {
        QVERIFY(!decoded(chatBody({}, R"(,"options":{"num_predict":-1})")).maxOutput);
        QVERIFY(!decoded(chatBody({}, R"(,"options":{"num_predict":0})")).maxOutput);
    }

    void thinkingIsReadAndWritten_data()
    {
        QTest::addColumn<QByteArray>("think");
        QTest::addColumn<int>("mode");
        QTest::addColumn<QByteArray>("effort");
        using Mode = ReasoningSpec::Mode;
        QTest::newRow("absent") << QByteArray() << int(Mode::Unset) << QByteArray();
        QTest::newRow("true") << QByteArray("true") << int(Mode::On) << QByteArray();
        QTest::newRow("false") << QByteArray("false") << int(Mode::Off) << QByteArray();
        QTest::newRow("low") << QByteArray("\"low\"") << int(Mode::On) << QByteArray("low");
        QTest::newRow("max") << QByteArray("\"max\"") << int(Mode::On) << QByteArray("max");
    }

    void thinkingIsReadAndWritten()
    {
        QFETCH(QByteArray, think);
        QFETCH(int, mode);
        QFETCH(QByteArray, effort);
        const Request request = decoded(chatBody(R"({"role":"user","content":"x"})",
                                                 think.isEmpty() ? "" : ",\"think\":" + think));
        QCOMPARE(int(request.reasoning.mode), mode);
        QCOMPARE(request.reasoning.effort, effort);
        const QByteArray body = encoded(request).body;
        if (think.isEmpty())
            QVERIFY(!body.contains("think"));
        else
            QVERIFY2(body.contains("\"think\":" + think), body.constData());
    }

    void effortsOfOthersBecomeOllamas_data()
    {
        QTest::addColumn<QByteArray>("effort");
        QTest::addColumn<QByteArray>("think");
        QTest::newRow("none") << QByteArray("none") << QByteArray("false");
        QTest::newRow("minimal") << QByteArray("minimal") << QByteArray("\"low\"");
        QTest::newRow("medium") << QByteArray("medium") << QByteArray("\"medium\"");
        QTest::newRow("xhigh") << QByteArray("xhigh") << QByteArray("\"max\"");
        QTest::newRow("max") << QByteArray("max") << QByteArray("\"max\"");
    }

    void effortsOfOthersBecomeOllamas()
    {
        QFETCH(QByteArray, effort);
        QFETCH(QByteArray, think);
        Request request = saying(Role::User, {Text{"hi", {}}});
        request.reasoning.effort = effort;
        QVERIFY(encoded(request).body.contains("\"think\":" + think));
    }

    void whatIsNotOllamasIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("param");
        QTest::newRow("role") << chatBody(R"({"role":"robot","content":""})")
                              << QByteArray("messages[0].role");
        QTest::newRow("content") << chatBody(
            R"({"role":"user","content":"a"},{"role":"user","content":[{"type":"text"}]})")
                                 << QByteArray("messages[1].content");
        QTest::newRow("image") << chatBody(R"({"role":"user","content":"","images":[7]})")
                               << QByteArray("messages[0].images");
        QTest::newRow("arguments") << chatBody(
            R"({"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":[1]}}]})")
                                   << QByteArray("messages[0].tool_calls");
        QTest::newRow("format") << chatBody({}, R"(,"format":"xml")") << QByteArray("format");
        QTest::newRow("option") << chatBody({}, R"(,"options":{"temperature":"hot"})")
                                << QByteArray("options.temperature");
        QTest::newRow("stop") << chatBody({}, R"(,"options":{"stop":[1]})")
                              << QByteArray("options.stop");
        QTest::newRow("think") << chatBody({}, R"(,"think":"a lot")") << QByteArray("think");
        QTest::newRow("tool") << chatBody({}, R"(,"tools":[{"type":"web"}])")
                              << QByteArray("tools");
    }

    void whatIsNotOllamasIsRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, param);
        const auto request = chat().decodeRequest(body);
        QVERIFY(!request);
        QCOMPARE(int(request.error().kind), int(ErrorKind::InvalidRequest));
        QCOMPARE(request.error().param, param);
    }

    void resultsFindTheirCallsByNameThenByOrder()
    {
        const Request request = decoded(chatBody(
            R"({"role":"assistant","content":"","tool_calls":[)"
            R"({"function":{"name":"a","arguments":{}}},{"function":{"name":"b","arguments":{}}},)"
            R"({"function":{"name":"c","arguments":{}}}]},)"
            R"({"role":"tool","content":"of b","tool_name":"b"},{"role":"tool","content":"of a"},)"
            R"({"role":"tool","content":"of c"})"));
        QCOMPARE(request.messages.size(), std::size_t(2));
        QCOMPARE(request.messages[1].parts.size(), std::size_t(3)); // one message of results
        const auto call = [&](std::size_t at) {
            return std::get<ToolCall>(request.messages[0].parts[at].body);
        };
        const auto result = [&](std::size_t at) {
            return std::get<ToolResult>(request.messages[1].parts[at].body);
        };
        QCOMPARE(result(0).callId, call(1).callId);
        QCOMPARE(result(1).callId, call(0).callId);
        QCOMPARE(result(1).name, QByteArray("a"));
        QCOMPARE(result(2).callId, call(2).callId);
        QCOMPARE(call(0).callId, stableCallId("a", "{}", 0));
    }

    void sameCallsTwiceHaveTwoIds()
    {
        const QByteArray turn
            = R"({"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]},)"
              R"({"role":"tool","content":"x","tool_name":"f"})";
        const Request request = decoded(chatBody(turn + ',' + turn));
        const auto id = [&](std::size_t message) {
            return std::get<ToolCall>(request.messages[message].parts[0].body).callId;
        };
        QVERIFY(id(0) != id(2));
        QCOMPARE(std::get<ToolResult>(request.messages[3].parts[0].body).callId, id(2));
    }

    void picturesMayComeAsDataUrlsOrInLines()
    {
        const Request request = decoded(chatBody(
            R"({"role":"user","content":"","images":["data:image/webp;base64,UklGRg==","AAAA\nBBBB"]})"));
        const auto &parts = request.messages.at(0).parts;
        QCOMPARE(parts.size(), std::size_t(2));
        QCOMPARE(std::get<Media>(parts[0].body).mime, QByteArray("image/webp"));
        QCOMPARE(std::get<Media>(parts[0].body).data, QByteArray("UklGRg=="));
        QCOMPARE(std::get<Media>(parts[1].body).data, QByteArray("AAAABBBB"));
    }

    void argumentsBecomeObjects_data()
    {
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("empty") << QByteArray("") << QByteArray("{}");
        QTest::newRow("exact") << QByteArray(R"({"b":1.0,"a":"é"})")
                               << QByteArray(R"({"b":1.0,"a":"é"})");
        QTest::newRow("cut off") << QByteArray("{\"city\":\"Pa")
                                 << QByteArray("{\"_raw\":\"{\\\"city\\\":\\\"Pa\"}");
        QTest::newRow("no object") << QByteArray("[1]") << QByteArray(R"({"_raw":"[1]"})");
    }

    void argumentsBecomeObjects()
    {
        QFETCH(QByteArray, arguments);
        QFETCH(QByteArray, written);
        ToolCall call;
        call.callId = "call_1";
        call.name = "f";
        call.arguments = arguments;
        const QByteArray body = encoded(saying(Role::Assistant, {std::move(call)})).body;
        QVERIFY2(body.contains("\"arguments\":" + written), body.constData());
        QVERIFY(body.contains(R"("id":"call_1")"));
    }

    void sealsAreLeftOutAndToldSo()
    {
        Reasoning reasoning;
        reasoning.text = "because";
        reasoning.sealed = Sealed{Sealed::Owner::Anthropic, "c2lnbmVk", {}};
        const EncodedRequest out = encoded(saying(Role::Assistant, {std::move(reasoning)}));
        QVERIFY(out.body.contains(R"("thinking":"because")"));
        QVERIFY(!out.body.contains("c2lnbmVk"));
        QVERIFY(out.dropped.members().contains("reasoning:anthropic"));
    }

    void mediaThatOllamaCannotTakeIsRefused()
    {
        Media url;
        url.source = Media::Source::Url;
        url.data = "https://example.com/x.png";
        const auto refused = chat().encodeRequest(saying(Role::User, {url}), {});
        QVERIFY(!refused);
        QCOMPARE(int(refused.error().kind), int(ErrorKind::InvalidRequest));
        // What the model itself once made is history only.
        QVERIFY(encoded(saying(Role::Assistant, {url})).dropped.members().contains("media"));
    }

    void textFilesBecomeText()
    {
        Media file;
        file.kind = Media::Kind::Document;
        file.mime = "text/plain";
        file.data = QByteArray("one line").toBase64();
        QVERIFY(encoded(saying(Role::User, {file})).body.contains("one line"));
        file.source = Media::Source::PlainText;
        file.data = "as it is";
        QVERIFY(encoded(saying(Role::User, {file})).body.contains("as it is"));
    }

    void picturesInResultsStay()
    {
        ToolResult result;
        result.callId = "c";
        result.name = "shot";
        Media picture;
        picture.mime = "image/png";
        picture.data = kPng;
        result.parts.emplace_back(Text{"see", {}});
        result.parts.emplace_back(picture);
        const QByteArray body = encoded(saying(Role::User, {std::move(result)})).body;
        const QByteArray head = R"({"role":"tool","content":"see","images":["PNG"],)";
        QVERIFY(body.contains(withPicture(head)));
        QVERIFY(body.contains(R"("tool_name":"shot","tool_call_id":"c"})"));
    }

    void wordsAfterResultsKeepTheirOrder()
    {
        Request request;
        Message message;
        ToolResult result;
        result.callId = "c";
        result.parts.emplace_back(Text{"42", {}});
        message.parts.push_back({result});
        message.parts.push_back({Text{"and now?", {}}});
        request.messages.push_back(message);
        const QByteArray body = encoded(request).body;
        QVERIFY(body.contains(
            R"({"role":"tool","content":"42","tool_call_id":"c"},{"role":"user","content":"and now?"})"));
    }

    void toolChoiceIsSaidInWords()
    {
        Request request = saying(Role::User, {Text{"hi", {}}});
        for (const char *name : {"a", "b"}) {
            Tool tool;
            tool.name = name;
            request.tools.push_back(std::move(tool));
        }
        request.toolChoice.mode = ToolChoice::Mode::Required;
        EncodedRequest out = encoded(request);
        QVERIFY(out.body.contains(R"({"role":"system",)"));
        QVERIFY(out.body.contains("\"content\":\"You must answer by calling"));
        QCOMPARE(out.dropped.members(), QByteArrayList{"tool_choice"});

        request.toolChoice.mode = ToolChoice::Mode::Named;
        request.toolChoice.name = "b";
        out = encoded(request);
        QVERIFY(out.body.contains(R"("name":"b")"));
        QVERIFY(!out.body.contains(R"("name":"a")"));

        request.toolChoice = {ToolChoice::Mode::None};
        QVERIFY(!encoded(request).body.contains("tools"));
        request.toolChoice = {ToolChoice::Mode::Auto, {}, {"a"}};
        QVERIFY(!encoded(request).body.contains(R"("name":"b")"));
    }

    void freeTextToolsBecomeFunctions()
    {
        Request request = saying(Role::User, {Text{"hi", {}}});
        Tool tool;
        tool.kind = Tool::Kind::Custom;
        tool.name = "apply_patch";
        request.tools.push_back(tool);
        Tool hosted;
        hosted.kind = Tool::Kind::Hosted;
        hosted.hostedType = "web_search";
        request.tools.push_back(hosted);
        const EncodedRequest out = encoded(request);
        QVERIFY(out.body.contains(R"("name":"apply_patch")"));
        QVERIFY(out.body.contains(R"("input")"));
        QCOMPARE(out.dropped.members(), QByteArrayList{"tool:web_search"});
        // With nothing left to call, nothing is said of calling.
        request.tools = {hosted};
        request.toolChoice.mode = ToolChoice::Mode::Required;
        const EncodedRequest none = encoded(request);
        QVERIFY(!none.body.contains("tools"));
        QVERIFY(!none.body.contains("You must"));
    }

    void whatHasNoPlaceIsNoted()
    {
        Request request = saying(Role::User, {Text{"hi", {}}});
        request.sampling.logitBias = "{}";
        request.candidates = 2;
        request.userId = "u";
        request.verbosity = "low";
        request.toolChoice.parallel = false;
        keep(request.native, Dialect::Chat, "prediction", "{}");
        const QByteArrayList dropped = encoded(request).dropped.members();
        for (const char *name :
             {"logit_bias", "n", "user", "verbosity", "parallel_tool_calls", "prediction"})
            QVERIFY2(dropped.contains(name), name);
    }

    void whatTheGatewayDoesNotKeepIsRefused()
    {
        Request request = saying(Role::User, {Text{"hi", {}}});
        request.previousResponseId = "resp_1";
        QVERIFY(!chat().encodeRequest(request, {}));
    }

    void aConversationIsNoPrompt()
    {
        Request request = saying(Role::Assistant, {Text{"hi", {}}});
        QVERIFY(!codecs::ollamaGenerateCodec().encodeRequest(request, {}));
    }

    void loadingIsToldApartFromAsking()
    {
        const auto generated = codecs::ollamaGenerateCodec().decodeRequest(
            R"({"model":"m","system":"s","keep_alive":0})");
        QVERIFY(generated);
        QVERIFY(codecs::asksOllamaToLoad(true, *generated));
        QVERIFY(codecs::asksOllamaToLoad(false, decoded(chatBody({}))));
        QVERIFY(!codecs::asksOllamaToLoad(false,
                                          decoded(chatBody(R"({"role":"system","content":"x"})"))));
        AnswerContext context;
        context.model = "m";
        context.nowS = 1;
        QCOMPARE(codecs::ollamaLoadAnswer(false, decoded(chatBody({})), context),
                 QByteArray(R"({"model":"m","created_at":"1970-01-01T00:00:01Z","message":)"
                            R"({"role":"assistant","content":""},"done":true,"done_reason":"load",)"
                            R"("total_duration":0,"load_duration":0,"prompt_eval_duration":0,)"
                            R"("eval_duration":0})"));
        QVERIFY(codecs::ollamaLoadAnswer(true, *generated, context).contains(R"("unload")"));
    }
};

QTEST_APPLESS_MAIN(OllamaRequest)
#include "test_ollama_request.moc"
