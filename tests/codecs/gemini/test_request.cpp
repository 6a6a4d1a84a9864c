// SPDX-License-Identifier: GPL-3.0-or-later
// Requests, rule by rule: what a Gemini client's mean, and how others' are put to Gemini.
#include "core/codecs/gemini/gemini.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

const Codec &codec()
{
    return codecs::geminiCodec();
}

const QByteArray kDummy = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

Part text(const char *said)
{
    return {Text{said, {}}};
}

Message message(Role role, std::vector<Part> parts)
{
    Message made{role};
    made.parts = std::move(parts);
    return made;
}

Part call(const char *id, const char *name, const char *arguments = "{}")
{
    return {ToolCall{ToolCall::Kind::Function, id, name, arguments}};
}

Part result(const char *id, const char *said, bool error = false)
{
    ToolResult told;
    told.callId = id;
    told.error = error;
    told.parts = {Text{said, {}}};
    return {std::move(told)};
}

// As a Chat client would have asked.
Request asking(std::vector<Message> messages)
{
    Request request;
    request.messages = std::move(messages);
    return request;
}

QByteArray memberOf(const QByteArray &body, const char *name)
{
    const auto tree = protocol::JsonTree::parse(body);
    return tree ? tree->root()[name].json() : QByteArray("not JSON: ") + body;
}

QByteArray encoded(const Request &request, const char *name, const Target &target = {})
{
    const auto done = codec().encodeRequest(request, target);
    return done ? memberOf(done->body, name) : done.error().message.toUtf8();
}

QByteArrayList dropped(const Request &request, const Target &target = {})
{
    const auto done = codec().encodeRequest(request, target);
    return done ? done->dropped.members() : QByteArrayList{"failed"};
}

Request decoded(const char *body)
{
    return codec().decodeRequest(body).value_or(Request{});
}

Tool function(const char *name, const char *schema)
{
    Tool tool;
    tool.name = name;
    tool.schema = schema;
    return tool;
}

Target gemini3()
{
    Target target;
    target.thinkingLevels = true;
    target.signsCalls = true;
    return target;
}

} // namespace

class TestGeminiRequest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mediaInTheAlphabetOfUrlsReachEverybody();
    void everySettingIsRead()
    {
        const Request request = decoded(
            R"({"system_instruction":{"parts":[{"text":"S"}]},"contents":{"role":"user","parts":{"text":"hi"}},"generation_config":{"temperature":0.50,"topP":1,"top_k":"40","candidateCount":2,"max_output_tokens":"100","stopSequences":["x"],"presencePenalty":-1.0,"frequencyPenalty":0,"seed":5,"responseLogprobs":true,"logprobs":3,"responseModalities":["TEXT","IMAGE"],"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":false},"responseMimeType":"application/json","speechConfig":{"a":1}},"safetySettings":[{"category":"C"}],"serviceTier":"standard"})");
        QCOMPARE(request.messages.size(), std::size_t(2));
        QCOMPARE(request.messages[0].role, Role::System);
        QCOMPARE(request.sampling.temperature, QByteArray("0.50"));
        QCOMPARE(request.sampling.topP, QByteArray("1"));
        QCOMPARE(request.sampling.topK, QByteArray("40"));
        QCOMPARE(request.sampling.presencePenalty, QByteArray("-1.0"));
        QCOMPARE(request.sampling.seed, QByteArray("5"));
        QCOMPARE(request.sampling.topLogprobs, QByteArray("3"));
        QCOMPARE(request.maxOutput, std::optional<std::int64_t>(100));
        QCOMPARE(request.candidates, std::optional<std::int64_t>(2));
        QCOMPARE(request.stop, QByteArrayList{"x"});
        QCOMPARE(request.modalities, QByteArrayList({"text", "image"}));
        QCOMPARE(request.reasoning.effort, QByteArray("low"));
        QCOMPARE(request.reasoning.show, ReasoningSpec::Show::None);
        QCOMPARE(request.format.kind, OutputFormat::Kind::JsonObject);
        QCOMPARE(request.serviceTier, QByteArray("default"));
        const auto again = codec().encodeRequest(request, {});
        QVERIFY(again->body.contains(R"("speechConfig":{"a":1})"));
        QVERIFY(again->body.contains(R"("safetySettings":[{"category":"C"}])"));
        QVERIFY(again->body.contains(R"("serviceTier":"standard")"));
        QVERIFY(again->dropped.empty());
    }

    void whatIsNoRequestIsRefused()
    {
        for (const char *body :
             {"", "[]", "{}", "{\"contents\":[5]}", "{\"contents\":null}",
              "{\"contents\":[],\"generationConfig\":{\"maxOutputTokens\":-1}}"}) {
            const auto read = codec().decodeRequest(body);
            QVERIFY2(!read, body);
            QCOMPARE(read.error().kind, ErrorKind::InvalidRequest);
        }
    }

    void callsWithoutIdsGetTheSameOnesEachTime()
    {
        const char *body
            = R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"g"}}]},{"role":"user","parts":[{"functionResponse":{"name":"g","response":{"output":"G"}}},{"functionResponse":{"name":"f","response":{"x":1}}},{"functionResponse":{"name":"f","response":{"error":"no"}}}]}]})";
        const Request request = decoded(body);
        QCOMPARE(describe(request), describe(decoded(body)));
        const auto &calls = request.messages[0].parts;
        const auto &results = request.messages[1].parts;
        const auto idOf = [](const Part &part) {
            const auto *made = std::get_if<ToolCall>(&part.body);
            return made ? made->callId : std::get<ToolResult>(part.body).callId;
        };
        QVERIFY(idOf(calls[0]) != idOf(calls[1]));
        QCOMPARE(idOf(results[0]), idOf(calls[2]));
        QCOMPARE(idOf(results[1]), idOf(calls[0]));
        QCOMPARE(idOf(results[2]), idOf(calls[1]));
        QVERIFY(std::get<ToolResult>(results[2].body).error);
        QCOMPARE(std::get<Text>(std::get<ToolResult>(results[0].body).parts[0]).text,
                 QByteArray("G"));
        const auto again = codec().encodeRequest(request, {});
        QVERIFY(!again->body.contains("\"id\""));
    }

    void openApiSchemasBecomeJsonSchemaForOthers()
    {
        const Request request = decoded(
            R"({"contents":[],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]},{"googleSearch":{}}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}})");
        QCOMPARE(request.tools[0].schema,
                 QByteArray(R"({"type":"object","properties":{"a":{"type":["string","null"]}}})"));
        QCOMPARE(request.tools[1].hostedType, QByteArray("googleSearch"));
        QCOMPARE(request.toolChoice.mode, ToolChoice::Mode::Named);
        const auto again = codec().encodeRequest(request, {});
        QVERIFY(again->body.contains(R"("type":"OBJECT")"));
    }

    void aForeignSealComesBackFromTheClient()
    {
        const Sealed seal{Sealed::Owner::Anthropic, "sig==", {}};
        Response response;
        response.source = Dialect::Messages;
        Candidate candidate;
        candidate.message.parts = {{Reasoning{"ab", false, {}, seal}}, text("c")};
        response.candidates = {candidate};
        // Streamed, the seal comes behind its text; a client sends the pieces as it got them.
        QByteArray stream;
        const auto writer = codec().streamEncoder({});
        for (const StreamEvent &event : shattered(unfold(response), 1))
            writer->write(event, stream);
        QByteArray parts;
        for (const WireEvent &event : wireEvents(stream)) {
            const auto tree = protocol::JsonTree::parse(event.data);
            for (const JsonValue one : tree->root()["candidates"]) {
                for (const JsonValue part : one["content"]["parts"])
                    parts += (parts.isEmpty() ? "" : ",") + part.json();
            }
        }
        const QByteArray body = R"({"contents":[{"role":"model","parts":[)" + parts + "]}]}";
        const auto back = codec().decodeRequest(body);
        QVERIFY(back.has_value());
        const auto &thought = std::get<Reasoning>(back->messages[0].parts[0].body);
        QCOMPARE(thought.text, QByteArray("ab"));
        QVERIFY(thought.sealed == seal);
        QCOMPARE(dropped(*back), QByteArrayList{"reasoning:anthropic"});
    }

    void turnsAlternateAndResultsStandAlone()
    {
        const Request request
            = asking({message(Role::System, {text("S")}), message(Role::Assistant, {text("first")}),
                      message(Role::User, {text("a")}), message(Role::System, {text("late")}),
                      message(Role::Assistant, {call("c1", "f", "{\"b\":1.0,\"a\":2}")}),
                      message(Role::User, {result("c1", "R"), text("b")})});
        QCOMPARE(encoded(request, "systemInstruction"), QByteArray(R"({"parts":[{"text":"S"}]})"));
        QCOMPARE(
            encoded(request, "contents"),
            QByteArray(
                R"([{"role":"user","parts":[{"text":" "}]},{"role":"model","parts":[{"text":"first"}]},{"role":"user","parts":[{"text":"a"},{"text":"late"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"b":1.0,"a":2}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"R"}}}]},{"role":"user","parts":[{"text":"b"}]}])"));
    }

    void resultsAreObjectsAndKeepTheirImages()
    {
        Part told = result("c1", "R", true);
        std::get<ToolResult>(told.body).parts.emplace_back(
            Media{Media::Kind::Image, Media::Source::Base64, "image/png", "aGk="});
        const Request request
            = asking({message(Role::User, {text("q")}), message(Role::Assistant, {call("c1", "f")}),
                      message(Role::User, {told})});
        const QByteArray old = encoded(request, "contents");
        QVERIFY(
            old.contains(R"("response":{"error":"R"}}}]},{"role":"user","parts":[{"inlineData")"));
        const QByteArray now = encoded(request, "contents", gemini3());
        QVERIFY(
            now.contains(R"("parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}}])"));
    }

    void argumentsThatAreNoObjectAreWrapped()
    {
        for (const auto &[given, expected] :
             {std::pair<const char *, const char *>{"", "\"args\":{}"},
              {"[1]", "\"args\":{\"_raw\":\"[1]\"}"},
              {"{\"a\":", "\"args\":{\"_raw\":\"{\\\"a\\\":\"}"},
              {"{\"a\":1.0}", "\"args\":{\"a\":1.0}"}}) {
            const Request request = asking({message(Role::User, {text("q")}),
                                            message(Role::Assistant, {call("c1", "f", given)})});
            QVERIFY2(encoded(request, "contents").contains(expected), given);
        }
    }

    void onlyTheFirstCallOfAStepIsSigned()
    {
        Part own = call("c3", "h");
        std::get<ToolCall>(own.body).sealed = Sealed{Sealed::Owner::Gemini, "own", {}};
        const Request request
            = asking({message(Role::User, {text("q")}),
                      message(Role::Assistant, {call("c1", "f"), call("c2", "g")}),
                      message(Role::User, {result("c1", "1"), result("c2", "2")}),
                      message(Role::Assistant, {own}), message(Role::User, {result("c3", "3")})});
        const QByteArray contents = encoded(request, "contents", gemini3());
        QCOMPARE(contents.count(kDummy), 1);
        QVERIFY(contents.indexOf(kDummy) < contents.indexOf("\"g\""));
        QVERIFY(contents.contains(R"("thoughtSignature":"own")"));
        QVERIFY(!encoded(request, "contents").contains(kDummy));
    }

    void anotherVendorsThoughtsAreNotTold()
    {
        const Request request
            = asking({message(Role::User, {text("q")}),
                      message(Role::Assistant,
                              {{Reasoning{"t", false, {}, {}}},
                               {Reasoning{"u", false, {}, Sealed{Sealed::Owner::OpenAi, "x", {}}}},
                               text("a")})});
        QVERIFY(!encoded(request, "contents").contains("thought"));
        QCOMPARE(dropped(request), QByteArrayList({"reasoning", "reasoning:openai"}));
    }

    void toolsAndChoicesAreTranslated()
    {
        Request request = asking({message(Role::User, {text("q")})});
        request.tools = {function("f", R"({"type":"object","properties":{"a":{"const":"x"}}})"),
                         function("none", R"({"type":"object","properties":{}})")};
        request.toolChoice.mode = ToolChoice::Mode::Named;
        request.toolChoice.name = "f";
        QCOMPARE(
            encoded(request, "tools"),
            QByteArray(
                R"([{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":{"enum":["x"],"type":"string"}}}},{"name":"none"}]}])"));
        QCOMPARE(
            encoded(request, "toolConfig"),
            QByteArray(R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}})"));
        Target old;
        old.jsonSchemaTools = false;
        QVERIFY(encoded(request, "tools", old).contains(R"("parameters":{"type":"object")"));
        Tool search;
        search.kind = Tool::Kind::Hosted;
        search.hostedType = "web_search_20250305";
        search.owner = Dialect::Messages;
        request.tools.push_back(search);
        QCOMPARE(dropped(request), QByteArrayList{"tool:web_search_20250305"});
        QVERIFY(encoded(request, "tools", gemini3()).contains(R"({"googleSearch":{}})"));
    }

    void thinkingIsAskedForAsTheModelWants()
    {
        Request request = asking({message(Role::User, {text("q")})});
        request.reasoning.effort = "high";
        QCOMPARE(
            encoded(request, "generationConfig"),
            QByteArray(R"({"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})"));
        QCOMPARE(
            encoded(request, "generationConfig", gemini3()),
            QByteArray(R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})"));
        request.reasoning = {};
        request.reasoning.mode = ReasoningSpec::Mode::Off;
        QCOMPARE(encoded(request, "generationConfig"),
                 QByteArray(R"({"thinkingConfig":{"thinkingBudget":0,"includeThoughts":false}})"));
        Target pro;
        pro.alwaysThinks = true;
        QVERIFY(encoded(request, "generationConfig", pro).contains("\"thinkingBudget\":128"));
        QVERIFY(encoded(request, "generationConfig", gemini3()).contains("\"MINIMAL\""));
    }

    void aFormatIsDemandedOrAskedForInWords()
    {
        Request request = asking({message(Role::User, {text("q")})});
        request.format.kind = OutputFormat::Kind::Schema;
        request.format.schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
        QVERIFY(encoded(request, "generationConfig").contains("\"responseJsonSchema\""));
        request.tools = {function("f", "{}")};
        QVERIFY(encoded(request, "generationConfig").isEmpty());
        QVERIFY(encoded(request, "systemInstruction").contains("JSON Schema"));
        QVERIFY(encoded(request, "generationConfig", gemini3()).contains("\"responseJsonSchema\""));
    }

    void filesOfOtherVendorsAreRefused()
    {
        const Request request = asking({message(
            Role::User, {{Media{Media::Kind::Document, Media::Source::FileId, {}, "file-1"}}})});
        const auto done = codec().encodeRequest(request, {});
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::InvalidRequest);
    }

    void whatCannotBeSaidIsNoted()
    {
        Request request = asking({message(Role::User, {text("q")})});
        request.sampling.logitBias = "{}";
        request.sampling.seed = "9007199254740993";
        request.verbosity = "low";
        request.userId = "u";
        request.toolChoice.parallel = false;
        keep(request.native, Dialect::Chat, "prediction", "{}");
        QCOMPARE(dropped(request),
                 QByteArrayList({"parallel_tool_calls", "logit_bias", "seed", "verbosity", "user",
                                 "prediction"}));
    }
};

void TestGeminiRequest::mediaInTheAlphabetOfUrlsReachEverybody()
{
    const QByteArray body = R"({"contents":[{"role":"user","parts":[
        {"inlineData":{"mimeType":"image/png","data":"-_-_"}}]}]})";
    const auto request = codecs::geminiCodec().decodeRequest(body);
    QVERIFY(request);
    QCOMPARE(std::get<Media>(request->messages[0].parts[0].body).data, QByteArray("+/+/"));
    const auto again = codecs::geminiCodec().encodeRequest(*request, {});
    QVERIFY(again && again->body.contains("-_-_"));
}

QTEST_APPLESS_MAIN(TestGeminiRequest)
#include "test_request.moc"
