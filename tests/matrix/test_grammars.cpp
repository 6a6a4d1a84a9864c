// SPDX-License-Identifier: GPL-3.0-or-later
// The validators refuse what is broken: each good example, with one thing wrong in it.
#include "tests/matrix/grammar.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::test;
using protocol::Dialect;

namespace {

QByteArray chatChunk(const char *rest)
{
    return QByteArray(
               R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",)")
        + rest + "}\n\n";
}

QByteArray chatStream()
{
    return chatChunk(
               R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])")
        + chatChunk(
               R"("choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}])")
        + chatChunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}])")
        + chatChunk(
               R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7})")
        + "data: [DONE]\n\n";
}

QByteArray named(const QByteArrayList &events)
{
    QByteArray bytes;
    for (const QByteArray &event : events) {
        const qsizetype from = event.indexOf("\"type\":\"") + 8;
        bytes += "event: " + event.mid(from, event.indexOf('"', from) - from) + "\ndata: " + event
            + "\n\n";
    }
    return bytes;
}

QByteArray messagesStream()
{
    return named(
        {R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}})",
         R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
         R"({"type":"content_block_stop","index":0})",
         R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
         R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
         R"({"type":"content_block_stop","index":1})",
         R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":5}})",
         R"({"type":"message_stop"})"});
}

QByteArray response(const char *status, const char *rest)
{
    return QByteArray(R"("response":{"id":"resp_1","object":"response","created_at":1,"status":")")
        + status
        + R"(","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":"m","parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,)"
        + rest + '}';
}

QByteArray responsesStream()
{
    const QByteArray item
        = R"({"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]})";
    const QByteArray place = R"("item_id":"msg_1","output_index":0,"content_index":0,)";
    return named(
        {R"({"type":"response.created","sequence_number":0,)"
             + response("in_progress", R"("output":[])") + '}',
         R"({"type":"response.in_progress","sequence_number":1,)"
             + response("in_progress", R"("output":[])") + '}',
         R"({"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}})",
         R"({"type":"response.content_part.added","sequence_number":3,)" + place
             + R"("part":{"type":"output_text","text":"","annotations":[]}})",
         R"({"type":"response.output_text.delta","sequence_number":4,)" + place
             + R"("delta":"hi","logprobs":[]})",
         R"({"type":"response.output_text.done","sequence_number":5,)" + place
             + R"("text":"hi","logprobs":[]})",
         R"({"type":"response.content_part.done","sequence_number":6,)" + place
             + R"("part":{"type":"output_text","text":"hi","annotations":[]}})",
         R"({"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":)"
             + item + '}',
         R"({"type":"response.completed","sequence_number":8,)"
             + response("completed", QByteArray("\"output\":[" + item + ']').constData()) + '}'});
}

const char *const kGemini
    = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hi\"}],\"role\":\"model\"},"
      "\"index\":0}],\"modelVersion\":\"m\",\"responseId\":\"r\"}\r\n\r\n"
      "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":"
      "{}}}],\"role\":\"model\"},\"index\":0,\"finishReason\":\"STOP\"}],\"usageMetadata\":"
      "{\"promptTokenCount\":3,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":1,"
      "\"totalTokenCount\":6},\"modelVersion\":\"m\",\"responseId\":\"r\"}\r\n\r\n";

const char *const kOllama
    = "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":"
      "\"assistant\",\"content\":\"hi\"},\"done\":false}\n"
      "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":"
      "\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"total_duration\":0,"
      "\"load_duration\":0,\"prompt_eval_duration\":0,\"eval_duration\":0}\n";

} // namespace

class TestGrammars final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goodStreamsAreFinished_data();
    void goodStreamsAreFinished();
    void oneThingWrongIsSeen_data();
    void oneThingWrongIsSeen();
    void aCutIsNotFinished_data() { goodStreamsAreFinished_data(); }
    void aCutIsNotFinished();
};

void TestGrammars::goodStreamsAreFinished_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("chat") << int(Dialect::Chat) << chatStream();
    QTest::newRow("messages") << int(Dialect::Messages) << messagesStream();
    QTest::newRow("responses") << int(Dialect::Responses) << responsesStream();
    QTest::newRow("gemini") << int(Dialect::Gemini) << QByteArray(kGemini);
    QTest::newRow("ollama") << int(Dialect::Ollama) << QByteArray(kOllama);
}

void TestGrammars::goodStreamsAreFinished()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, bytes);
    const Verdict verdict = streamVerdict(Dialect(dialect), bytes);
    QCOMPARE(verdict.wrong, QString());
    QVERIFY(verdict.finished && !verdict.failed);
}

void TestGrammars::oneThingWrongIsSeen_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("good");
    QTest::addColumn<QByteArray>("find");
    QTest::addColumn<QByteArray>("put");
    const auto row
        = [](Dialect dialect, const QByteArray &good, const char *find, const char *put) {
              QTest::addRow("%d: %s > %s", int(dialect), find, put)
                  << int(dialect) << good << QByteArray(find) << QByteArray(put);
          };
    row(Dialect::Chat, chatStream(), "\"role\":\"assistant\",", "");
    row(Dialect::Chat, chatStream(), "\"id\":\"a\",", "");
    row(Dialect::Chat, chatStream(), "\"arguments\":\"{}\"", "\"arguments\":\"\"");
    row(Dialect::Chat, chatStream(), "\"total_tokens\":7", "\"total_tokens\":8");
    row(Dialect::Chat, chatStream(), "\"finish_reason\":\"tool_calls\"", "\"finish_reason\":null");
    row(Dialect::Chat, chatStream(), "\"finish_reason\":\"tool_calls\"",
        "\"finish_reason\":\"tool_use\"");
    row(Dialect::Chat, chatStream(), "data: [DONE]\n\n", "data: [DONE]\n\ndata: [DONE]\n\n");
    row(Dialect::Chat, chatStream(), "[{\"index\":0,\"id\"", "[{\"index\":1,\"id\"");
    row(Dialect::Messages, messagesStream(), "\"content_block_stop\",\"index\":1",
        "\"content_block_stop\",\"index\":0");
    row(Dialect::Messages, messagesStream(), "\"partial_json\":\"{}\"", "\"partial_json\":\"{\"");
    row(Dialect::Messages, messagesStream(), "\"stop_reason\":\"tool_use\"",
        "\"stop_reason\":\"tool_calls\"");
    row(Dialect::Messages, messagesStream(), "signature_delta\",\"signature\"",
        "text_delta\",\"text\"");
    row(Dialect::Messages, messagesStream(), "event: message_stop", "event: stop");
    row(Dialect::Messages, messagesStream(), "\"id\":\"t\"", "\"id\":\"t:1\"");
    row(Dialect::Responses, responsesStream(), "\"sequence_number\":4", "\"sequence_number\":5");
    row(Dialect::Responses, responsesStream(), "\"delta\":\"hi\"", "\"delta\":\"ho\"");
    row(Dialect::Responses, responsesStream(), "\"status\":\"completed\",\"error\"",
        "\"status\":\"incomplete\",\"error\"");
    row(Dialect::Responses, responsesStream(), "\"top_p\":1,", "");
    row(Dialect::Responses, responsesStream(), "\"content_index\":0,\"delta\"",
        "\"content_index\":1,\"delta\"");
    row(Dialect::Gemini, kGemini, "\"totalTokenCount\":6", "\"totalTokenCount\":5");
    row(Dialect::Gemini, kGemini, "\"args\":{}", "\"args\":\"{}\"");
    row(Dialect::Gemini, kGemini, "\"role\":\"model\"", "\"role\":\"assistant\"");
    row(Dialect::Gemini, kGemini, "\"finishReason\":\"STOP\"", "\"finishReason\":\"stop\"");
    row(Dialect::Gemini, kGemini, "{\"text\":\"hi\"}", "{\"text\":\"hi\",\"inlineData\":{}}");
    row(Dialect::Ollama, kOllama, "\"done\":false", "\"done\":true");
    row(Dialect::Ollama, kOllama, "\"done_reason\":\"stop\"", "\"done_reason\":\"end\"");
    row(Dialect::Ollama, kOllama, "\"content\":\"hi\"", "\"content\":null");
}

void TestGrammars::oneThingWrongIsSeen()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, good);
    QFETCH(QByteArray, find);
    QFETCH(QByteArray, put);
    QCOMPARE(streamVerdict(Dialect(dialect), good).wrong, QString());
    const qsizetype at = good.indexOf(find);
    QVERIFY(at >= 0);
    QVERIFY(!streamVerdict(Dialect(dialect), good.replace(at, find.size(), put)).wrong.isEmpty());
}

void TestGrammars::aCutIsNotFinished()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, bytes);
    for (qsizetype length = 0; length + 1 < bytes.size(); ++length)
        QVERIFY(!streamVerdict(Dialect(dialect), bytes.first(length)).finished);
}

QTEST_APPLESS_MAIN(TestGrammars)
#include "test_grammars.moc"
