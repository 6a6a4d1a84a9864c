// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/ollama.h"
#include "tests/codecs/properties.h"

#include <QFile>
#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

AnswerContext context()
{
    AnswerContext context;
    context.requestId = "req_1";
    context.model = "m";
    context.nowS = 1'750'000'000;
    return context;
}

QByteArray line(const QByteArray &message, const QByteArray &rest = R"("done":false)")
{
    return R"({"model":"m","created_at":"2025-07-07T20:22:19.184789Z","message":)" + message + ','
        + rest + "}\n";
}

constexpr char kDone[]
    = R"("done":true,"done_reason":"stop","total_duration":182242375,"load_duration":41295167,)"
      R"("prompt_eval_count":169,"prompt_eval_duration":24573166,"eval_count":15,)"
      R"("eval_duration":115959084)";

// Thinking, words, two calls, as recent servers tell them.
QByteArray wholeStream()
{
    return line(R"({"role":"assistant","content":"","thinking":"The "})")
        + line(R"({"role":"assistant","content":"","thinking":"user…"})")
        + line(R"({"role":"assistant","content":"Let "})",
               R"("done":false,"logprobs":[{"token":)"
               R"("Let","logprob":-0.1,"bytes":[76,101,116]}])")
        + line(R"({"role":"assistant","content":"me sée"})")
        + line(R"({"role":"assistant","content":"","tool_calls":[{"id":"call_1","function":)"
               R"({"index":0,"name":"f","arguments":{"city":"Tokyo","n":1.0}}}]})")
        + line(R"({"role":"assistant","content":"","tool_calls":[{"function":)"
               R"({"name":"g","arguments":{}}}]})")
        + line(R"({"role":"assistant","content":""})", kDone);
}

QByteArray documentedStream(const char *name)
{
    QFile file(test::fixtureFolder() + QStringLiteral("/specs/ollama/examples/")
               + QLatin1String(name));
    return !test::fixtureFolder().isEmpty() && file.open(QIODevice::ReadOnly) ? file.readAll()
                                                                              : QByteArray();
}

StreamEvents toldBy(const Codec &codec, const QByteArray &body)
{
    return test::decodeStream(codec, test::wireEvents(body));
}

QByteArray written(const StreamEvents &events, const Codec &codec = codecs::ollamaCodec())
{
    return test::encodeStream(codec, events, context());
}

StreamEvents oneCall(const QByteArray &arguments)
{
    ToolCall call;
    call.callId = "c";
    call.name = "f";
    StreamEvents events;
    events.emplace_back(StreamStart{});
    events.emplace_back(PartStart{0, 0, Part{call}});
    events.emplace_back(PartDelta{0, 0, PartDelta::Kind::Arguments, arguments});
    return events;
}

} // namespace

class OllamaStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStreamSurvivesInAnyPieces()
    {
        const auto wire = test::wireEvents(wholeStream());
        QCOMPARE(wire.size(), std::size_t(7));
        QCOMPARE(test::grammarOf(test::decodeStream(codecs::ollamaCodec(), wire)), QString());
        QCOMPARE(test::streamSurvives(codecs::ollamaCodec(), wire, context()), QString());
        QCOMPARE(test::cutsAreTold(codecs::ollamaCodec(), wire), QString());
    }

    void aFoldedStreamIsTheWholeAnswer()
    {
        const QByteArray whole = line(
            R"({"role":"assistant","content":"Let me sée","thinking":"The user…","tool_calls":)"
            R"([{"id":"call_1","function":{"name":"f","arguments":{"city":"Tokyo","n":1.0}}},)"
            R"({"function":{"name":"g","arguments":{}}}]})",
            QByteArray(kDone)
                + R"(,"logprobs":[{"token":"Let","logprob":-0.1,"bytes":[76,101,116]}])");
        const auto expected = codecs::ollamaCodec().decodeResponse(whole);
        QVERIFY(expected);
        const Response folded
            = test::foldEvents(codecs::ollamaCodec(), toldBy(codecs::ollamaCodec(), wholeStream()));
        QCOMPARE(test::difference(test::describe(folded), test::describe(*expected)), QString());
    }

    void documentedStreamsAreRead()
    {
        const QByteArray good = documentedStream("47-streaming-.ndjson");
        if (good.isEmpty())
            QSKIP("TOLLGATE_FIXTURES is not set.");
        const Codec &codec = codecs::ollamaGenerateCodec();
        const auto wire = test::wireEvents(good);
        AnswerContext told = context();
        told.model = "gemma4";
        QCOMPARE(test::streamSurvives(codec, wire, told), QString());
        const Response response = test::foldEvents(codec, toldBy(codec, good));
        QCOMPARE(std::get<Text>(response.candidates.at(0).message.parts.at(0).body).text,
                 QByteArray("That's a fantastic question!"));

        const QByteArray bad
            = documentedStream("46-errors-errors-that-occur-while-streaming.ndjson");
        const StreamEvents events = toldBy(codec, bad);
        QCOMPARE(test::grammarOf(events), QString());
        const auto *failed = std::get_if<StreamFailure>(&events.back());
        QVERIFY(failed);
        QVERIFY(failed->error.message.contains(
            QStringLiteral("an error was encountered while running the model")));
    }

    void whatIsNoLineIsPassedOverOrEndsTheStream()
    {
        const QByteArray progress = line(R"({"content":"a"})") + "\n{\"status\":\"pulling\"}\n"
            + line(R"({"content":"b"})", kDone);
        const Response response
            = test::foldEvents(codecs::ollamaCodec(), toldBy(codecs::ollamaCodec(), progress));
        QCOMPARE(std::get<Text>(response.candidates.at(0).message.parts.at(0).body).text,
                 QByteArray("ab"));
        const StreamEvents broken = test::decodeStream(
            codecs::ollamaCodec(), {{"", line(R"({"content":"a"})")}, {"", "{\"model\":"}});
        QVERIFY(std::holds_alternative<StreamFailure>(broken.back()));
    }

    void aCutIsNoEnd()
    {
        const StreamEvents events = toldBy(codecs::ollamaCodec(), line(R"({"content":"a"})"));
        const auto *failed = std::get_if<StreamFailure>(&events.back());
        QVERIFY(failed);
        QCOMPARE(failed->error.code, QByteArray("truncated"));
        QCOMPARE(int(failed->error.kind), int(ErrorKind::UpstreamFailed));
    }

    void linesAreWrittenAsOllamaWritesThem()
    {
        StreamEvents events;
        events.emplace_back(StreamStart{});
        events.emplace_back(PartStart{0, 0, Part{Reasoning{}}});
        events.emplace_back(PartDelta{0, 0, PartDelta::Kind::Text, "hm"});
        events.emplace_back(PartEnd{0, 0, {}});
        events.emplace_back(PartStart{0, 1, Part{Text{}}});
        events.emplace_back(PartDelta{0, 1, PartDelta::Kind::Text, "hi"});
        events.emplace_back(StreamPing{});
        events.emplace_back(PartEnd{0, 1, {}});
        events.emplace_back(CandidateStop{0, {StopReason::End, {}, "end_turn"}, {}});
        Usage usage;
        usage.counts.input = 3;
        usage.counts.output = 2;
        events.emplace_back(UsageReport{usage});
        events.emplace_back(StreamEnd{});
        const QByteArray head = R"({"model":"m","created_at":"2025-06-15T15:06:40Z","message":)"
                                R"({"role":"assistant","content":)";
        QCOMPARE(written(events),
                 head
                     + R"("","thinking":"hm"},"done":false})"
                       "\n"
                     + head
                     + R"("hi"},"done":false})"
                       "\n"
                     + head
                     + R"(""},"done":true,"done_reason":"stop","total_duration":0,)"
                       R"("load_duration":0,"prompt_eval_duration":0,"eval_duration":0,)"
                       R"("prompt_eval_count":3,"eval_count":2})"
                       "\n");
        const QByteArray generated = written(events, codecs::ollamaGenerateCodec());
        QVERIFY(generated.contains(R"("response":"","thinking":"hm","done":false)"));
        QVERIFY(generated.contains(R"("response":"hi","done":false)"));
    }

    void aLineHoldsNoLineBreak()
    {
        StreamEvents events = oneCall("{\n\t\"a\": \"x\\ny\"\r\n}");
        events.emplace_back(PartEnd{0, 0, {}});
        events.emplace_back(StreamEnd{});
        const QByteArray out = written(events);
        QCOMPARE(out.count('\n'), 2);
        QVERIFY(!out.contains('\r'));
        QVERIFY(out.contains(R"("a": "x\ny")"));
    }

    void callsAreToldWhole()
    {
        StreamEvents events = oneCall(R"({"a":)");
        events.emplace_back(PartDelta{0, 0, PartDelta::Kind::Arguments, "1}"});
        QVERIFY(written(events).isEmpty());
        // A stream that ends without ending its part tells it all the same.
        events.emplace_back(StreamEnd{});
        QVERIFY(written(events).contains(
            R"("tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{"a":1}}}])"));
    }

    void aFailureIsAnErrorLineAndTheLast()
    {
        Error error;
        error.kind = ErrorKind::UpstreamFailed;
        error.message = QStringLiteral("gone");
        StreamEvents events;
        events.emplace_back(StreamStart{});
        events.emplace_back(PartStart{0, 0, Part{Text{"a", {}}}});
        events.emplace_back(StreamFailure{error});
        events.emplace_back(StreamEnd{});
        const QByteArray out = written(events);
        QVERIFY(out.endsWith("{\"error\":\"gone\"}\n"));
        QVERIFY(!out.contains("\"done\":true"));
    }

    void furtherThoughtsBeginAParagraph()
    {
        StreamEvents events;
        events.emplace_back(StreamStart{});
        events.emplace_back(PartStart{0, 0, Part{Reasoning{"one"}}});
        events.emplace_back(PartDelta{0, 0, PartDelta::Kind::Break, {}});
        events.emplace_back(PartDelta{0, 0, PartDelta::Kind::Text, "two"});
        events.emplace_back(PartEnd{0, 0, {}});
        events.emplace_back(PartStart{0, 1, Part{Reasoning{"three"}}});
        events.emplace_back(PartEnd{0, 1, {}});
        events.emplace_back(StreamEnd{});
        const Response folded = test::foldEvents(codecs::ollamaCodec(),
                                                 toldBy(codecs::ollamaCodec(), written(events)));
        QCOMPARE(std::get<Reasoning>(folded.candidates.at(0).message.parts.at(0).body).text,
                 QByteArray("one\n\ntwo\n\nthree"));
    }

    void onlyTheFirstAnswerIsTold()
    {
        StreamEvents events;
        events.emplace_back(StreamStart{});
        events.emplace_back(PartStart{1, 0, Part{Text{"other", {}}}});
        events.emplace_back(PartEnd{1, 0, {}});
        events.emplace_back(StreamEnd{});
        QVERIFY(!written(events).contains("other"));
    }
};

QTEST_APPLESS_MAIN(OllamaStream)
#include "test_ollama_stream.moc"
