// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/converse/converse.h"
#include "tests/codecs/properties.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

using Owner = Sealed::Owner;

const Codec &codec()
{
    return codecs::converseCodec();
}

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

Part result(const QByteArray &id, bool error = false)
{
    ToolResult answer;
    answer.callId = id;
    answer.error = error;
    answer.parts.emplace_back(Text{"done", {}});
    return {std::move(answer)};
}

Part document(const QByteArray &name)
{
    Media media;
    media.kind = Media::Kind::Document;
    media.mime = "application/pdf";
    media.data = "JVBERi0=";
    media.filename = name;
    return {std::move(media)};
}

Request asked(std::vector<Message> messages)
{
    Request request;
    request.source = Dialect::Messages;
    request.messages = std::move(messages);
    return request;
}

struct Written
{
    QByteArray body;
    QByteArrayList dropped;
    QByteArray refused;
    bool has(const char *json) const { return body.contains(json); }
};

Written write(const Request &request, const QByteArray &model = "eu.anthropic.claude-sonnet-4-5")
{
    Target target;
    target.model = model;
    const auto encoded = codec().encodeRequest(request, target);
    if (!encoded)
        return {{}, {}, encoded.error().param};
    return {encoded->body, encoded->dropped.members(), {}};
}

StreamEvents streamed(const std::vector<WireEvent> &wire)
{
    return decodeStream(codec(), wire);
}

QByteArray compact(const QJsonValue &value)
{
    return QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact);
}

struct Exchange
{
    QString file;
    QByteArray body; // whole
    std::vector<WireEvent> events;
};

std::vector<Exchange> recorded()
{
    const auto contents = [](const QString &name) {
        QFile file(fixtureFolder() + QStringLiteral("/recorded/") + name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    std::vector<Exchange> all;
    const QJsonArray index
        = QJsonDocument::fromJson(contents(QStringLiteral("index.json"))).array();
    for (const QJsonValue value : index) {
        const QJsonObject entry = value.toObject();
        const QString api = entry.value(u"apis").toArray().at(0).toString();
        const QString name = entry.value(u"file").toString();
        if (!api.startsWith(u"bedrock-converse"))
            continue;
        const QByteArray bytes = contents(name);
        if (entry.value(u"kind").toString() == u"http-exchange") {
            const QJsonArray exchanges
                = QJsonDocument::fromJson(bytes).object().value(u"interactions").toArray();
            for (const QJsonValue one : exchanges) {
                if (!one.toObject().value(u"api").toString().startsWith(u"bedrock-converse"))
                    continue;
                const QJsonObject response = one.toObject().value(u"response").toObject();
                Exchange exchange{name, {}, {}};
                for (const QJsonValue event : response.value(u"decoded_events").toArray())
                    exchange.events.push_back({event.toObject()
                                                   .value(u"headers")
                                                   .toObject()
                                                   .value(u":event-type")
                                                   .toString()
                                                   .toUtf8(),
                                               compact(event.toObject().value(u"payload"))});
                const QJsonObject body = response.value(u"body_json").toObject();
                if (body.contains(u"output"))
                    exchange.body = compact(body);
                all.push_back(std::move(exchange));
            }
        } else if (name.endsWith(u".txt")) {
            Exchange exchange{name, {}, {}};
            for (const QByteArray &line : bytes.split('\n'))
                exchange.events.push_back({{}, line});
            all.push_back(std::move(exchange));
        } else {
            all.push_back({name, bytes, {}});
        }
    }
    return all;
}

} // namespace

class TestConverse final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatAConversationSays();
    void thoughtsGoBackToClaudeAlone();
    void resultsStandWhereTheFamilyWantsThem();
    void toolsOfTheHistoryAreDeclared();
    void idsFitTheFamily();
    void cachePointsStandBehindTheirBlock();
    void reasoningIsAskedForInEachFamilysWords_data();
    void reasoningIsAskedForInEachFamilysWords();
    void documentsHavePlainNamesAndWordsBeside();
    void urlsAreRefused();
    void schemasTravelAsText();
    void usageComesBehindTheStop();
    void blocksBeginWithTheirFirstPiece();
    void exceptionsFailTheStream();
    void cutStreamsFail();
    void clientsDoNotSpeakIt();
    void recordedAnswersAreRead();
    void recordedStreamsAreRead();
};

void TestConverse::saysWhatAConversationSays()
{
    Request request = asked({said(Role::System, {text("be kind")}), said(Role::User, {text("hi")}),
                             said(Role::Assistant, {call("c", R"({"a":1.0})")}),
                             said(Role::User, {result("c", true)})});
    request.maxOutput = 50;
    request.sampling.temperature = "0.50";
    request.sampling.topK = "5";
    request.stop = {"END"};
    Tool tool;
    tool.name = "f";
    tool.schema = R"({"type":"object","properties":{}})";
    request.tools = {tool};
    request.toolChoice.mode = ToolChoice::Mode::Required;
    const Written written = write(request);
    for (const char *json :
         {R"("system":[{"text":"be kind"}])", R"({"role":"user","content":[{"text":"hi"}]})",
          R"({"toolUse":{"toolUseId":"c","name":"f","input":{"a":1.0}}})",
          R"({"toolResult":{"toolUseId":"c","content":[{"text":"done"}],"status":"error"}})",
          R"("inferenceConfig":{"maxTokens":50,"temperature":0.50,"stopSequences":["END"]})",
          R"("inputSchema":{"json":{)", R"("toolChoice":{"any":{}})",
          R"("additionalModelRequestFields":{"top_k":5})"})
        QVERIFY2(written.has(json), (QByteArray(json) + " in " + written.body).constData());
    QVERIFY(!written.has("\"model\""));
    QVERIFY(write(request, "amazon.nova-pro-v1:0").has(R"({"inferenceConfig":{"topK":5}})"));
    QCOMPARE(write(request, "meta.llama3").dropped, QByteArrayList{"top_k"});
}

void TestConverse::thoughtsGoBackToClaudeAlone()
{
    Reasoning open;
    open.text = "hm";
    open.sealed = Sealed{Owner::Anthropic, "sig", {}};
    Reasoning hidden;
    hidden.sealed = Sealed{Owner::AnthropicRedacted, "secret", {}};
    const Request request = asked({said(Role::User, {text("hi")}),
                                   said(Role::Assistant, {Part{open}, Part{hidden}, text("so")}),
                                   said(Role::User, {text("go")})});
    const Written written = write(request);
    QVERIFY(
        written.has(R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"sig"}}})"));
    QVERIFY(written.has(R"({"reasoningContent":{"redactedContent":"c2VjcmV0"}})"));
    const Written other = write(request, "meta.llama3");
    QVERIFY(!other.has("reasoningContent"));
    QCOMPARE(other.dropped, QByteArrayList{"reasoning:anthropic"});
}

void TestConverse::resultsStandWhereTheFamilyWantsThem()
{
    const auto history = [](Part beside) {
        return asked({said(Role::User, {text("hi")}), said(Role::Assistant, {call("c")}),
                      said(Role::User, {result("c"), std::move(beside)})});
    };
    QCOMPARE(write(history(text("go"))).body.count("\"role\""), 3);
    QCOMPARE(write(history(document("a.pdf"))).body.count("\"role\""), 5);
    QCOMPARE(write(history(text("go")), "us.meta.llama3").body.count("\"role\""), 5);
}

void TestConverse::toolsOfTheHistoryAreDeclared()
{
    const Written written
        = write(asked({said(Role::User, {text("hi")}), said(Role::Assistant, {call("c")}),
                       said(Role::User, {result("c")})}));
    QVERIFY(written.has(R"("toolConfig":{"tools":[{"toolSpec":{"name":"f")"));
    QVERIFY(!written.has("toolChoice"));
}

void TestConverse::idsFitTheFamily()
{
    const QByteArray longId = "call_" + QByteArray(80, 'x');
    const Request request
        = asked({said(Role::User, {text("hi")}), said(Role::Assistant, {call(longId)}),
                 said(Role::User, {result(longId)})});
    for (const auto &[model, size] :
         {std::pair<QByteArray, int>{"anthropic.claude", 64}, {"mistral.large", 9}}) {
        const Written written = write(request, model);
        const auto idBehind = [&](const QByteArray &where) {
            const qsizetype at = written.body.indexOf(where);
            const qsizetype from = written.body.indexOf("\"toolUseId\":\"", at) + 13;
            return written.body.mid(from, written.body.indexOf('"', from) - from);
        };
        QCOMPARE(idBehind("\"toolUse\":").size(), size);
        QCOMPARE(idBehind("\"toolUse\":"), idBehind("\"toolResult\":"));
    }
}

void TestConverse::cachePointsStandBehindTheirBlock()
{
    Part marked = text("long");
    marked.cache = CacheMark{3600};
    const Request request = asked({said(Role::User, {marked, text("short")})});
    QVERIFY(write(request).has(
        R"([{"text":"long"},{"cachePoint":{"type":"default","ttl":"1h"}},{"text":"short"}])"));
    QCOMPARE(write(request, "meta.llama3").dropped, QByteArrayList{"cache_control"});
}

void TestConverse::reasoningIsAskedForInEachFamilysWords_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *model, const char *json) {
        QTest::newRow(model) << QByteArray(model) << QByteArray(json);
    };
    row("anthropic.claude", R"({"thinking":{"type":"enabled","budget_tokens":16384}})");
    row("amazon.nova-2-lite",
        R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}})");
    row("openai.gpt-oss-120b", R"({"reasoning_effort":"high"})");
    row("qwen.qwen3", R"({"reasoning_config":"high"})");
    row("meta.llama3", "");
}

void TestConverse::reasoningIsAskedForInEachFamilysWords()
{
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, json);
    Request request = asked({said(Role::User, {text("hi")})});
    request.source = Dialect::Chat;
    request.reasoning.effort = "high";
    const Written written = write(request, model);
    if (json.isEmpty()) {
        QVERIFY(!written.has("additionalModelRequestFields"));
        QCOMPARE(written.dropped, QByteArrayList{"reasoning"});
    } else {
        QVERIFY2(written.has(("\"additionalModelRequestFields\":" + json).constData()),
                 written.body.constData());
    }
}

void TestConverse::documentsHavePlainNamesAndWordsBeside()
{
    const Written written
        = write(asked({said(Role::User, {document("my_report.v2.pdf"), document("")})}));
    QVERIFY2(written.has(R"("name":"my report v2 pdf")"), written.body.constData());
    QVERIFY(written.has(R"("name":"document 2")"));
    QVERIFY(written.has(R"({"text":"."})"));
}

void TestConverse::urlsAreRefused()
{
    Media media;
    media.source = Media::Source::Url;
    media.mime = "image/png";
    media.data = "https://example.com/a.png";
    QCOMPARE(write(asked({said(Role::User, {Part{media}})})).refused, QByteArray("messages"));
    media.data = "s3://bucket/a.png";
    const Written stored = write(asked({said(Role::User, {Part{media}})}));
    const char *const place = R"("s3Location":{"uri":"s3://bucket/a.png"})";
    QVERIFY(stored.has(place));
}

void TestConverse::schemasTravelAsText()
{
    Request request = asked({said(Role::User, {text("hi")})});
    request.format.kind = OutputFormat::Kind::Schema;
    request.format.name = "thing";
    request.format.schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
    const Written written = write(request);
    const char *const expected = R"("jsonSchema":{"name":"thing","schema":"{\"type\":\"object\")";
    QVERIFY2(written.has(expected), written.body.constData());
}

void TestConverse::usageComesBehindTheStop()
{
    const StreamEvents events = streamed(
        {{"messageStart", R"({"role":"assistant"})"},
         {"contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"hi"},"p":"abc"})"},
         {"contentBlockStop", R"({"contentBlockIndex":0})"},
         {"messageStop", R"({"stopReason":"end_turn"})"},
         {"metadata",
          R"({"usage":{"inputTokens":3,"outputTokens":4,"cacheReadInputTokens":5,)"
          R"("cacheWriteInputTokens":9,"cacheDetails":[{"ttl":"1h","inputTokens":2}]}})"}});
    QCOMPARE(grammarOf(events), QString());
    QVERIFY(std::holds_alternative<StreamEnd>(events.back()));
    const TokenCounts expected{
        .input = 3, .cacheRead = 5, .cacheWrite5m = 7, .cacheWrite1h = 2, .output = 4};
    QVERIFY(foldEvents(codec(), events).usage->counts == expected);
}

void TestConverse::blocksBeginWithTheirFirstPiece()
{
    const StreamEvents events = streamed(
        {{"messageStart", "{}"},
         {"contentBlockDelta",
          R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}})"},
         {"contentBlockDelta",
          R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}})"},
         {"contentBlockStop", R"({"contentBlockIndex":0})"},
         {"contentBlockDelta",
          R"({"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"c2VjcmV0"}}})"},
         {"contentBlockStop", R"({"contentBlockIndex":1})"},
         {"contentBlockStart",
          R"({"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"c","name":"f"}}})"},
         {"contentBlockDelta",
          R"({"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"a\":"}}})"},
         {"contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"toolUse":{"input":"1.0}"}}})"},
         {"contentBlockStop", R"({"contentBlockIndex":2})"},
         {"messageStop", R"({"stopReason":"tool_use"})"}});
    QCOMPARE(grammarOf(events), QString());
    const auto whole = codec().decodeResponse(
        R"({"output":{"message":{"role":"assistant","content":[)"
        R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"sig"}}},)"
        R"({"reasoningContent":{"redactedContent":"c2VjcmV0"}},)"
        R"({"toolUse":{"toolUseId":"c","name":"f","input":{"a":1.0}}}]}},"stopReason":"tool_use"})");
    QVERIFY(whole);
    QVERIFY(foldEvents(codec(), events).candidates == whole->candidates);
}

void TestConverse::exceptionsFailTheStream()
{
    const StreamEvents events
        = streamed({{"messageStart", "{}"},
                    {"throttlingException", R"({"message":"Too many requests"})"},
                    {"messageStop", R"({"stopReason":"end_turn"})"}});
    const auto *failed = std::get_if<StreamFailure>(&events.back());
    QVERIFY(failed);
    QCOMPARE(failed->error.kind, ErrorKind::RateLimited);
    QVERIFY(failed->error.message.contains(u"Too many requests"));
}

void TestConverse::cutStreamsFail()
{
    const StreamEvents events
        = streamed({{"messageStart", "{}"},
                    {"contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"hi"}})"}});
    const auto *failed = std::get_if<StreamFailure>(&events.back());
    QVERIFY(failed);
    QCOMPARE(failed->error.code, QByteArray("truncated"));
}

void TestConverse::clientsDoNotSpeakIt()
{
    const auto request = codec().decodeRequest("{}");
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::InvalidRequest);
    QVERIFY(codec().encodeResponse({}, {}).isEmpty());
    QVERIFY(encodeStream(codec(), {StreamStart{}, StreamEnd{}}, {}).isEmpty());
}

void TestConverse::recordedAnswersAreRead()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES does not say where the recorded traffic is.");
    int count = 0;
    for (const Exchange &exchange : recorded()) {
        if (exchange.body.isEmpty())
            continue;
        ++count;
        const auto response = codec().decodeResponse(exchange.body);
        QVERIFY2(response, qPrintable(exchange.file));
        const QJsonObject root = QJsonDocument::fromJson(exchange.body).object();
        const QJsonObject usage = root.value(u"usage").toObject();
        QVERIFY2(response->usage && !response->usage->suspect, qPrintable(exchange.file));
        QCOMPARE(response->usage->counts.total(), usage.value(u"totalTokens").toInteger());
        // A block is a part.
        const QJsonArray content = root.value(u"output")
                                       .toObject()
                                       .value(u"message")
                                       .toObject()
                                       .value(u"content")
                                       .toArray();
        QCOMPARE(qsizetype(response->candidates[0].message.parts.size()), content.size());
        QVERIFY(response->candidates[0].stop.reason != StopReason::None);
    }
    QVERIFY2(count > 100, qPrintable(QString::number(count)));
}

void TestConverse::recordedStreamsAreRead()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES does not say where the recorded traffic is.");
    int count = 0;
    for (const Exchange &exchange : recorded()) {
        if (exchange.events.empty())
            continue;
        ++count;
        const QString wrong = cutsAreTold(codec(), exchange.events);
        QVERIFY2(wrong.isEmpty(), qPrintable(exchange.file + QStringLiteral(": ") + wrong));
        const Response folded = foldEvents(codec(), streamed(exchange.events));
        // Folding what was folded changes nothing: nothing is told twice or left open.
        QVERIFY(foldEvents(codec(), unfold(folded)) == folded);
    }
    QVERIFY2(count >= 10, qPrintable(QString::number(count)));
}

QTEST_APPLESS_MAIN(TestConverse)
#include "test_converse.moc"
