// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/ollama.h"
#include "tests/codecs/properties.h"

#include <QDir>
#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

AnswerContext context()
{
    AnswerContext context;
    context.requestId = "req_1";
    context.model = "llama";
    context.nowS = 1'750'000'000;
    return context;
}

Response decoded(const QByteArray &body, const Codec &codec = codecs::ollamaCodec())
{
    auto response = codec.decodeResponse(body);
    return response ? std::move(*response) : Response{};
}

QByteArray answer(const QByteArray &message, const QByteArray &rest = {})
{
    return R"({"model":"m","created_at":"2025-07-07T20:22:19.19314Z","message":)" + message
        + R"(,"done":true)" + rest + "}";
}

// The documented answers of the server: one file, one body.
std::vector<std::pair<QString, QByteArray>> documented()
{
    std::vector<std::pair<QString, QByteArray>> all;
    if (test::fixtureFolder().isEmpty())
        return all;
    const QDir folder(test::fixtureFolder() + QStringLiteral("/specs/ollama/examples"));
    for (const QString &name : folder.entryList({QStringLiteral("*.json")})) {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            all.emplace_back(name, file.readAll());
    }
    return all;
}

} // namespace

class OllamaAnswer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void documentedAnswersSurvive()
    {
        const auto files = documented();
        if (files.empty())
            QSKIP("TOLLGATE_FIXTURES is not set.");
        int seen = 0;
        for (auto [name, body] : files) {
            // Servers of 2023 gave no reason; it is told nowadays.
            if (!body.contains("done_reason"))
                body.replace("\"done\": true", "\"done\": true, \"done_reason\": \"stop\"");
            const auto tree = protocol::JsonTree::parse(body);
            QVERIFY2(tree, qPrintable(name));
            const JsonValue root = tree->root();
            const bool chat = root["message"].isObject();
            if (!root["done"].isTrue() || (!chat && !root["response"].isString()))
                continue;
            ++seen;
            const Codec &codec = chat ? codecs::ollamaCodec() : codecs::ollamaGenerateCodec();
            // Time is told to the second, and Ollama answers as the model it was asked for.
            AnswerContext told = context();
            told.model = root["model"].string();
            const QString lost
                = test::responseSurvives(codec, body, told, {QStringLiteral("created_at")});
            QVERIFY2(lost.isEmpty(), qPrintable(name + QStringLiteral(": ") + lost));
        }
        QVERIFY(seen > 20);
    }

    void figuresAndReasonsAreRead()
    {
        const Response response
            = decoded(answer(R"({"role":"assistant","content":"hi","thinking":"hm"})",
                             R"(,"done_reason":"length","prompt_eval_count":26,"eval_count":298)"));
        QCOMPARE(response.usage->counts.input, 26);
        QCOMPARE(response.usage->counts.output, 298);
        QCOMPARE(response.createdS, 1751919739);
        QCOMPARE(int(response.candidates.at(0).stop.reason), int(StopReason::MaxTokens));
        const auto &parts = response.candidates.at(0).message.parts;
        QCOMPARE(std::get<Reasoning>(parts.at(0).body).text, QByteArray("hm"));
        QCOMPARE(std::get<Text>(parts.at(1).body).text, QByteArray("hi"));
    }

    void absentFiguresAreNotZero()
    {
        QVERIFY(!decoded(answer(R"({"role":"assistant","content":"hi"})")).usage);
        const Response nonsense
            = decoded(answer(R"({"content":"hi"})", R"(,"prompt_eval_count":-3,"eval_count":1.5)"));
        QVERIFY(nonsense.usage->suspect);
        QCOMPARE(nonsense.usage->counts.total(), 0);
    }

    void reasonsAreRead_data()
    {
        QTest::addColumn<QByteArray>("told");
        QTest::addColumn<int>("reason");
        QTest::newRow("none") << QByteArray() << int(StopReason::End);
        QTest::newRow("stop") << QByteArray("stop") << int(StopReason::End);
        QTest::newRow("length") << QByteArray("length") << int(StopReason::MaxTokens);
        QTest::newRow("load") << QByteArray("load") << int(StopReason::Other);
        QTest::newRow("unload") << QByteArray("unload") << int(StopReason::Other);
    }

    void reasonsAreRead()
    {
        QFETCH(QByteArray, told);
        QFETCH(int, reason);
        const QByteArray rest = told.isEmpty() ? "" : ",\"done_reason\":\"" + told + '"';
        const QByteArray body = answer(R"({"content":""})", rest);
        QCOMPARE(int(decoded(body).candidates.at(0).stop.reason), reason);
    }

    void callsAreToolUseAndHaveIds()
    {
        const QByteArray message
            = R"({"content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1.0}}},
                 {"function":{"name":"f","arguments":{"a":1.0}}},
                 {"id":"call_x","function":{"name":"g","arguments":{}}}]})";
        const Response response = decoded(answer(message, R"(,"done_reason":"stop")"));
        const Candidate &said = response.candidates.at(0);
        QCOMPARE(int(said.stop.reason), int(StopReason::ToolUse));
        const auto call
            = [&](std::size_t at) { return std::get<ToolCall>(said.message.parts.at(at).body); };
        QCOMPARE(call(0).arguments, QByteArray(R"({"a":1.0})"));
        QVERIFY(!call(0).callId.isEmpty());
        QVERIFY(call(0).callId != call(1).callId);
        QCOMPARE(call(2).callId, QByteArray("call_x"));
    }

    void theSameCallInAnotherAnswerHasAnotherId()
    {
        const QByteArray message
            = R"({"content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}]})";
        const QByteArray first = answer(message);
        QByteArray second = first;
        second.replace("19.19314", "25.5");
        const auto id = [](const QByteArray &body) {
            return std::get<ToolCall>(decoded(body).candidates.at(0).message.parts.at(0).body)
                .callId;
        };
        QCOMPARE(id(first), id(first));
        QVERIFY(id(first) != id(second));
    }

    void whatIsNoAnswerFails_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("error") << QByteArray(R"({"error":"model 'x' not found"})") << QByteArray();
        QTest::newRow("html") << QByteArray("<html>") << QByteArray("unreadable_answer");
        QTest::newRow("another's")
            << QByteArray(R"({"choices":[]})") << QByteArray("unreadable_answer");
        QTest::newRow("unfinished")
            << QByteArray(R"({"model":"m","message":{"content":"x"},"done":false})")
            << QByteArray("truncated");
    }

    void whatIsNoAnswerFails()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, code);
        const auto response = codecs::ollamaCodec().decodeResponse(body);
        QVERIFY(!response);
        QVERIFY(response.error().status() >= 400);
        if (!code.isEmpty())
            QCOMPARE(response.error().code, code);
    }

    void anAnswerOfAnotherVendorIsToldWhole()
    {
        Response response;
        response.source = Dialect::Messages;
        response.createdS = 1'700'000'000;
        Candidate candidate;
        Reasoning thought;
        thought.text = "onetwo";
        thought.breaks = {3};
        thought.sealed = Sealed{Sealed::Owner::Anthropic, "c2VhbA==", {}};
        ToolCall call;
        call.callId = "toolu_1";
        call.name = "f";
        call.arguments = R"({"a": 1.0})";
        candidate.message.parts
            = {Part{thought}, Part{Text{"he", {}}}, Part{Text{"llo", {}}}, Part{call}};
        candidate.stop.reason = StopReason::ToolUse;
        response.candidates.push_back(candidate);
        Usage usage;
        usage.counts.input = 10;
        usage.counts.cacheRead = 5;
        usage.counts.output = 3;
        usage.counts.reasoning = 2;
        response.usage = usage;
        const QByteArray body = codecs::ollamaCodec().encodeResponse(response, context());
        QCOMPARE(body,
                 QByteArray(R"({"model":"llama","created_at":"2023-11-14T22:13:20Z","message":)"
                            R"({"role":"assistant","content":"hello","thinking":"one\n\ntwo",)"
                            R"("tool_calls":[{"id":"toolu_1","function":{"index":0,"name":"f",)"
                            R"("arguments":{"a": 1.0}}}]},"done":true,"done_reason":"stop",)"
                            R"("total_duration":0,"load_duration":0,"prompt_eval_duration":0,)"
                            R"("eval_duration":0,"prompt_eval_count":15,"eval_count":5})"));
    }

    void stopsAreWritten_data()
    {
        QTest::addColumn<int>("reason");
        QTest::addColumn<QByteArray>("written");
        const auto row = [](const char *name, StopReason reason, const char *written) {
            QTest::newRow(name) << int(reason) << QByteArray(written);
        };
        row("end", StopReason::End, "stop");
        row("sequence", StopReason::StopSequence, "stop");
        row("most", StopReason::MaxTokens, "length");
        row("context", StopReason::ContextFull, "length");
        row("filter", StopReason::ContentFilter, "stop");
        row("other", StopReason::Other, "stop");
    }

    void stopsAreWritten()
    {
        QFETCH(int, reason);
        QFETCH(QByteArray, written);
        Response response;
        Candidate candidate;
        candidate.stop.reason = static_cast<StopReason>(reason);
        response.candidates.push_back(candidate);
        const QByteArray body = codecs::ollamaGenerateCodec().encodeResponse(response, context());
        QVERIFY2(body.contains("\"done_reason\":\"" + written + '"'), body.constData());
        QVERIFY(body.contains(R"("response":"")"));
        QVERIFY(!body.contains("eval_count")); // nobody counted
    }

    void aRefusedPromptIsNoEmptySuccess()
    {
        Response response;
        response.promptBlocked = "SAFETY";
        const QByteArray body = codecs::ollamaCodec().encodeResponse(response, context());
        QVERIFY(body.contains("refused this prompt: SAFETY"));
    }
};

QTEST_APPLESS_MAIN(OllamaAnswer)
#include "test_ollama_answer.moc"
