// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/cohere/cohere.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QDir>
#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

const Codec &codec()
{
    return codecs::cohereCodec();
}

Part text(const char *said)
{
    return {Text{said, {}}};
}

Request asking(const char *said)
{
    Request request;
    request.model = "m";
    request.messages.push_back({Role::User});
    request.messages.back().parts.push_back(text(said));
    return request;
}

QByteArray bodyOf(const Request &request, const Target &target = {})
{
    const auto encoded = codec().encodeRequest(request, target);
    return encoded ? encoded->body : encoded.error().message.toUtf8();
}

QByteArray memberOf(const QByteArray &body, const char *name)
{
    const auto tree = protocol::JsonTree::parse(body);
    return tree ? tree->root()[name].json() : QByteArray("not JSON: ") + body;
}

Tool function(const char *name)
{
    Tool tool;
    tool.name = name;
    tool.schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
    return tool;
}

std::vector<WireEvent> events(const QList<QByteArray> &lines)
{
    std::vector<WireEvent> wire;
    for (const QByteArray &line : lines) {
        if (!line.trimmed().isEmpty())
            wire.push_back({{}, line});
    }
    return wire;
}

QByteArray callDelta(const char *arguments)
{
    JsonWriter out;
    out.beginObject().member("type", "tool-call-delta").key("delta").beginObject();
    out.key("message").beginObject().key("tool_calls").beginObject().key("function");
    out.beginObject().member("arguments", arguments).endObject();
    return out.endObject().endObject().endObject().endObject().take();
}

QByteArray fileText(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestCohere : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbersStayWithinItsBounds();
    void aPlainQuestionIsAsked()
    {
        QCOMPARE(
            bodyOf(asking("Hi")),
            QByteArray(
                R"({"model":"m","stream":false,"messages":[{"role":"user","content":"Hi"}]})"));
    }

    void toolsTheirCallsAndResultsAreTold()
    {
        Request request = asking("Weather?");
        request.tools = {function("f"), function("g")};
        request.toolChoice.mode = ToolChoice::Mode::Named;
        request.toolChoice.name = "f";
        Message call{Role::Assistant};
        call.parts = {text("I look."), {ToolCall{{}, "id1", "f", "{}"}}};
        Message result{Role::User};
        ToolResult told;
        told.callId = "id1";
        told.parts = {Text{"sunny", {}}};
        result.parts = {{told}, text("and?")};
        request.messages.push_back(call);
        request.messages.push_back(result);
        const QByteArray body = bodyOf(request);
        QCOMPARE(
            memberOf(body, "messages"),
            QByteArray(
                R"([{"role":"user","content":"Weather?"},{"role":"assistant","tool_plan":"I look.","tool_calls":[{"id":"id1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"id1","content":"sunny"},{"role":"user","content":"and?"}])"));
        QCOMPARE(memberOf(body, "tool_choice"), QByteArray("\"REQUIRED\""));
        const auto tree = protocol::JsonTree::parse(body);
        QCOMPARE(tree->root()["tools"].size(), 1);
    }

    void aThinkingModelIsToldNoPlan()
    {
        Request request = asking("Weather?");
        Message call{Role::Assistant};
        call.parts = {text("I look."), {ToolCall{{}, "id1", "f", "{}"}}};
        request.messages.push_back(call);
        Target target;
        target.efforts = {"low", "high"};
        const QByteArray body = bodyOf(request, target);
        QVERIFY(!body.contains("tool_plan"));
        QVERIFY(body.contains(R"("content":"I look.")"));
    }

    void documentsAndImagesFindTheirPlace()
    {
        Request request = asking("What?");
        Media document{Media::Kind::Document, Media::Source::PlainText, "text/plain", "facts"};
        document.title = "T";
        Media image{Media::Kind::Image, Media::Source::Base64, "image/png", "aGk="};
        request.messages.back().parts.push_back({document});
        request.messages.back().parts.push_back({image});
        const QByteArray body = bodyOf(request);
        QCOMPARE(memberOf(body, "documents"),
                 QByteArray(R"([{"data":{"text":"facts","title":"T"}}])"));
        QVERIFY(body.contains(R"("image_url":{"url":"data:image/png;base64,aGk="})"));
    }

    void whatItCannotReadIsRefused()
    {
        Request request = asking("What?");
        request.messages.back().parts.push_back(
            {Media{Media::Kind::Audio, Media::Source::Base64, "audio/wav", "aGk="}});
        const auto encoded = codec().encodeRequest(request, {});
        QVERIFY(!encoded);
        QCOMPARE(encoded.error().kind, ErrorKind::InvalidRequest);
    }

    void settingsAreTranslated()
    {
        Request request = asking("Hi");
        request.stream = true;
        request.maxOutput = 5000;
        request.sampling.temperature = "0.70";
        request.sampling.topP = "0.9";
        request.sampling.topK = "4";
        request.sampling.logitBias = "{}";
        request.stop = {"a", "b", "c", "d", "e", "f"};
        request.reasoning.effort = "low";
        request.format.kind = OutputFormat::Kind::JsonObject;
        Target target;
        target.maxOutputTokens = 4000;
        const auto encoded = codec().encodeRequest(request, target);
        QVERIFY(encoded.has_value());
        const QByteArray &body = encoded->body;
        QCOMPARE(memberOf(body, "stream"), QByteArray("true"));
        QCOMPARE(memberOf(body, "max_tokens"), QByteArray("4000"));
        QCOMPARE(memberOf(body, "temperature"), QByteArray("0.70"));
        QCOMPARE(memberOf(body, "p"), QByteArray("0.9"));
        QCOMPARE(memberOf(body, "k"), QByteArray("4"));
        QCOMPARE(memberOf(body, "stop_sequences"), QByteArray(R"(["a","b","c","d","e"])"));
        QCOMPARE(memberOf(body, "thinking"),
                 QByteArray(R"({"type":"enabled","token_budget":1024})"));
        QCOMPARE(memberOf(body, "response_format"), QByteArray(R"({"type":"json_object"})"));
        QCOMPARE(encoded->dropped.members(), QByteArrayList({"stop", "logit_bias"}));
    }

    void aFormatBesideToolsIsAskedForInWords()
    {
        Request request = asking("Hi");
        request.tools = {function("f")};
        request.format.kind = OutputFormat::Kind::Schema;
        request.format.schema = R"({"type":"object"})";
        const QByteArray body = bodyOf(request);
        QVERIFY(memberOf(body, "response_format").isEmpty());
        QVERIFY(memberOf(body, "messages").contains("JSON Schema"));
    }

    void usageIsCountedApart()
    {
        const auto answer = codec().decodeResponse(
            R"({"id":"x","message":{"role":"assistant","content":[{"type":"text","text":"a"}]},"finish_reason":"MAX_TOKENS","usage":{"billed_units":{"input_tokens":2},"tokens":{"input_tokens":10,"output_tokens":3},"cached_tokens":4}})");
        QVERIFY(answer.has_value());
        QCOMPARE(answer->usage->counts.input, 6);
        QCOMPARE(answer->usage->counts.cacheRead, 4);
        QCOMPARE(answer->usage->counts.output, 3);
        QVERIFY(!answer->usage->suspect);
        QCOMPARE(answer->candidates.front().stop.reason, StopReason::MaxTokens);
    }

    void anErrorInsideASuccessIsAFailure()
    {
        for (const char *body : {R"({"id":"x","message":"too long"})", "{}", "no", "[]"}) {
            const auto answer = codec().decodeResponse(body);
            QVERIFY2(!answer, body);
            QVERIFY2(answer.error().kind != ErrorKind::Internal, body);
        }
    }

    void citationsComeWithTheirText()
    {
        const StreamEvents told = decodeStream(
            codec(),
            events(
                {R"({"id":"i","type":"message-start"})",
                 R"({"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}})",
                 R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"abc"}}}})",
                 R"({"type":"content-end","index":0})",
                 R"({"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":1,"end":3,"text":"bc","sources":[{"type":"document","document":{"title":"T","url":"https://x"}}],"type":"TEXT_CONTENT"}}}})",
                 R"({"type":"citation-end","index":0})",
                 R"({"type":"message-end","delta":{"finish_reason":"COMPLETE"}})"}));
        QCOMPARE(grammarOf(told), QString());
        const Response folded = foldEvents(codec(), told);
        const auto &said = std::get<Text>(folded.candidates.front().message.parts.front().body);
        QCOMPARE(said.citations.size(), std::size_t(1));
        QCOMPARE(said.citations.front().url, QByteArray("https://x"));
        QCOMPARE(said.citations.front().start, 1);
        QCOMPARE(said.citations.front().end, 3);
    }

    void argumentsThatAreNullAreNone()
    {
        for (const char *piece : {"null", ""}) {
            const StreamEvents told = decodeStream(
                codec(),
                events(
                    {R"({"type":"message-start","id":"i"})",
                     R"({"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","function":{"name":"f","arguments":""}}}}})",
                     callDelta(piece), R"({"type":"tool-call-end","index":0})",
                     R"({"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}})"}));
            const Response folded = foldEvents(codec(), told);
            const auto &call
                = std::get<ToolCall>(folded.candidates.front().message.parts.front().body);
            QCOMPARE(call.arguments, QByteArray());
        }
    }

    void recordedAnswersAreRead()
    {
        const QByteArray fixtures = qgetenv("TOLLGATE_FIXTURES");
        if (fixtures.isEmpty())
            QSKIP("TOLLGATE_FIXTURES does not name a folder with recorded traffic");
        const QDir folder(QString::fromLocal8Bit(fixtures)
                          + QStringLiteral("/recorded/vercel-ai/cohere"));
        int seen = 0;
        for (const QString &name : folder.entryList({QStringLiteral("*.json")}, QDir::Files)) {
            const QByteArray body = fileText(folder.filePath(name));
            if (!body.contains("finish_reason"))
                continue;
            ++seen;
            const auto answer = codec().decodeResponse(body);
            QVERIFY2(answer.has_value(), qPrintable(name));
            QVERIFY2(!answer->candidates.front().message.parts.empty(), qPrintable(name));
            QVERIFY2(answer->usage && answer->usage->counts.total() > 0, qPrintable(name));
        }
        QVERIFY(seen >= 5);
    }

    void recordedStreamsAreReadAndTheirCutsTold()
    {
        const QByteArray fixtures = qgetenv("TOLLGATE_FIXTURES");
        if (fixtures.isEmpty())
            QSKIP("TOLLGATE_FIXTURES does not name a folder with recorded traffic");
        const QDir folder(QString::fromLocal8Bit(fixtures)
                          + QStringLiteral("/recorded/vercel-ai/cohere"));
        int seen = 0;
        for (const QString &name :
             folder.entryList({QStringLiteral("*.chunks.txt")}, QDir::Files)) {
            const auto wire = events(fileText(folder.filePath(name)).split('\n'));
            const StreamEvents told = decodeStream(codec(), wire);
            const QString wrong = grammarOf(told) + cutsAreTold(codec(), wire);
            QVERIFY2(wrong.isEmpty(), qPrintable(name + QStringLiteral(": ") + wrong));
            QVERIFY2(std::holds_alternative<StreamEnd>(told.back()), qPrintable(name));
            const Response folded = foldEvents(codec(), told);
            QVERIFY2(!folded.candidates.front().message.parts.empty(), qPrintable(name));
            QVERIFY2(folded.usage && folded.usage->counts.output > 0, qPrintable(name));
            ++seen;
        }
        QVERIFY(seen >= 4);
    }

    void noClientSpeaksIt()
    {
        QCOMPARE(codec().decodeRequest("{}").error().kind, ErrorKind::InvalidRequest);
        QVERIFY(codec().encodeResponse({}, {}).isEmpty());
        QByteArray out;
        codec().streamEncoder({})->write(StreamEnd{}, out);
        QVERIFY(out.isEmpty());
    }
};

void TestCohere::numbersStayWithinItsBounds()
{
    Request request;
    request.messages.push_back({Role::User, false, {}, {{Text{"hi", {}}}}, {}});
    request.sampling.topP = "1";
    request.sampling.temperature = "0.70";
    request.sampling.presencePenalty = "-0.5";
    request.sampling.frequencyPenalty = "1.5";
    Target target;
    target.model = "m";
    const auto written = codecs::cohereCodec().encodeRequest(request, target);
    QVERIFY(written);
    const auto tree = protocol::JsonTree::parse(written->body);
    QVERIFY(tree);
    QCOMPARE(tree->root()["p"].digits(), QByteArray("0.99"));
    QCOMPARE(tree->root()["temperature"].digits(), QByteArray("0.70"));
    QCOMPARE(tree->root()["frequency_penalty"].digits(), QByteArray("1"));
    QVERIFY(!tree->root()["presence_penalty"]);
    QCOMPARE(written->dropped.members(), QByteArrayList{"presence_penalty"});
}

QTEST_APPLESS_MAIN(TestCohere)
#include "test_cohere.moc"
