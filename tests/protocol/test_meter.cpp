// SPDX-License-Identifier: GPL-3.0-or-later
// What answers cost and whether they are answers, by hand-made cases; the vendors' own recordings
// are in test_recorded.cpp.
#include "core/protocol/meter.h"

#include <QElapsedTimer>
#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;

class TestMeter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void usageBecomesDisjoint_data();
    void usageBecomesDisjoint();
    void hostileUsageIsClampedAndFlagged_data();
    void hostileUsageIsClampedAndFlagged();
    void shrinkingUsageKeepsTheLargerAndIsFlagged();
    void emptyAnswersAreToldFromShortOnes_data();
    void emptyAnswersAreToldFromShortOnes();
    void errorsInsideASuccessAreFound_data();
    void errorsInsideASuccessAreFound();
    void whatIsNoAnswerFails();
    void chatEventsAreClassified();
    void messagesEventsAreClassified();
    void responsesEventsAreClassified();
    void geminiEventsAreClassified();
    void chatWithoutDoneIsCompleteOnlyWhenEveryChoiceFinished();
    void garbageIsPassedOverAndEndsNothing();
    void contentChunksAreReadQuickly();
};

namespace {

Endpoint of(Dialect dialect, Operation operation = Operation::Generate)
{
    Endpoint endpoint;
    endpoint.dialect = dialect;
    endpoint.operation = operation;
    return endpoint;
}

QByteArray wrapped(Dialect dialect, const QByteArray &usage)
{
    switch (dialect) {
    case Dialect::Messages:
        return R"({"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":)"
            + usage + '}';
    case Dialect::Responses:
        return R"({"status":"completed","output":[{"type":"message","content":[]}],"usage":)"
            + usage + '}';
    case Dialect::Gemini:
        return R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":)"
            + usage + '}';
    default:
        return R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}],"usage":)"
            + usage + '}';
    }
}

} // namespace

void TestMeter::usageBecomesDisjoint_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("usage");
    QTest::addColumn<TokenCounts>("expected");
    const auto row
        = [](const char *name, Dialect dialect, const char *usage, TokenCounts expected) {
              QTest::newRow(name) << int(dialect) << QByteArray(usage) << expected;
          };
    row("openai", Dialect::Chat,
        R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":)"
        R"({"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":5},"completion_tokens_details":)"
        R"({"reasoning_tokens":20,"audio_tokens":7}})",
        {.input = 25,
         .cacheRead = 60,
         .cacheWrite5m = 10,
         .output = 23,
         .reasoning = 20,
         .audioInput = 5,
         .audioOutput = 7});
    row("responses", Dialect::Responses,
        R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":8,)"
        R"("output_tokens_details":{"reasoning_tokens":8},"total_tokens":18})",
        {.input = 6, .cacheRead = 4, .reasoning = 8});
    row("xai, reasoning beside", Dialect::Chat,
        R"({"prompt_tokens":10,"completion_tokens":3,"total_tokens":113,"completion_tokens_details":)"
        R"({"reasoning_tokens":100}})",
        {.input = 10, .output = 3, .reasoning = 100});
    row("xai, less reasoning than output", Dialect::Chat,
        R"({"prompt_tokens":10,"completion_tokens":30,"total_tokens":60,"completion_tokens_details":)"
        R"({"reasoning_tokens":20}})",
        {.input = 10, .output = 30, .reasoning = 20});
    row("xai, cache beside the prompt", Dialect::Chat,
        R"({"prompt_tokens":10,"completion_tokens":1,"total_tokens":75,"prompt_tokens_details":)"
        R"({"cached_tokens":64}})",
        {.input = 10, .cacheRead = 64, .output = 1});
    row("gemini behind openai", Dialect::Chat,
        R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":45})",
        {.input = 10, .output = 5, .reasoning = 30});
    row("deepseek", Dialect::Chat,
        R"({"prompt_tokens":30,"completion_tokens":2,"total_tokens":32,"prompt_cache_hit_tokens":20,)"
        R"("prompt_cache_miss_tokens":10,"prompt_tokens_details":{"cached_tokens":20}})",
        {.input = 10, .cacheRead = 20, .output = 2});
    row("moonshot", Dialect::Chat,
        R"({"prompt_tokens":30,"completion_tokens":2,"cached_tokens":20})",
        {.input = 10, .cacheRead = 20, .output = 2});
    row("mistral", Dialect::Chat,
        R"({"prompt_tokens":30,"completion_tokens":2,"num_cached_tokens":20})",
        {.input = 10, .cacheRead = 20, .output = 2});
    row("alibaba", Dialect::Chat,
        R"({"prompt_tokens":30,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":5,)"
        R"("cache_creation_input_tokens":7}})",
        {.input = 18, .cacheRead = 5, .cacheWrite5m = 7, .output = 2});
    row("null details", Dialect::Chat,
        R"({"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null,"cost":0.1})",
        {.input = 3, .output = 2});
    row("anthropic", Dialect::Messages,
        R"({"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":30,)"
        R"("cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},)"
        R"("output_tokens":40,"output_tokens_details":{"thinking_tokens":15}})",
        {.input = 10,
         .cacheRead = 100,
         .cacheWrite5m = 20,
         .cacheWrite1h = 10,
         .output = 25,
         .reasoning = 15});
    row("anthropic unsplit", Dialect::Messages,
        R"({"input_tokens":1,"cache_creation_input_tokens":30,"output_tokens":4})",
        {.input = 1, .cacheWrite5m = 30, .output = 4});
    row("gemini", Dialect::Gemini,
        R"({"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":20,)"
        R"("thoughtsTokenCount":30,"toolUsePromptTokenCount":7,"totalTokenCount":157,)"
        R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":60},{"modality":"AUDIO","tokenCount":25},)"
        R"({"modality":"IMAGE","tokenCount":15}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":5}],)"
        R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":12}]})",
        {.input = 32,
         .cacheRead = 40,
         .output = 8,
         .reasoning = 30,
         .audioInput = 20,
         .imageInput = 15,
         .imageOutput = 12});
}

void TestMeter::usageBecomesDisjoint()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, usage);
    QFETCH(TokenCounts, expected);
    const auto facts = readAnswer(of(Dialect(dialect)), wrapped(Dialect(dialect), usage));
    QVERIFY(facts && facts->usage);
    QVERIFY(*facts->usage == expected);
    QVERIFY(!facts->usageSuspect);
}

void TestMeter::hostileUsageIsClampedAndFlagged_data()
{
    QTest::addColumn<QByteArray>("number");
    QTest::addColumn<qint64>("taken");
    const auto row = [](const char *number, qint64 taken) {
        QTest::newRow(number) << QByteArray(number) << taken;
    };
    constexpr qint64 most = 1'000'000'000;
    row("-1", 0);
    row("-9223372036854775809", 0);
    row("-1e308", 0);
    row("2147483649", most);
    row("9007199254740993", most);
    row("9223372036854775808", most);
    row("18446744073686646784", most);
    row("1e308", most);
    row("1e400", most);
    row("-1e400", 0);
    row("12.5", 13);
    row("\"12\"", 12);
    row("\"-12\"", 0);
    row("\"many\"", 0);
    row("[]", 0);
    row("true", 0);
}

void TestMeter::hostileUsageIsClampedAndFlagged()
{
    QFETCH(QByteArray, number);
    QFETCH(qint64, taken);
    const struct
    {
        Dialect dialect;
        QByteArray input;
        QByteArray output;
    } rows[]{
        {Dialect::Chat, "prompt_tokens", "completion_tokens"},
        {Dialect::Responses, "input_tokens", "output_tokens"},
        {Dialect::Messages, "input_tokens", "output_tokens"},
        {Dialect::Gemini, "promptTokenCount", "candidatesTokenCount"},
    };
    for (const auto &row : rows) {
        const QByteArray usage = "{\"" + row.input + "\":5,\"" + row.output + "\":" + number + '}';
        const auto facts = readAnswer(of(row.dialect), wrapped(row.dialect, usage));
        QVERIFY(facts && facts->usage);
        QVERIFY(facts->usageSuspect);
        QCOMPARE(facts->usage->input, 5);
        QCOMPARE(qint64(facts->usage->output), taken);
    }
    // Parts larger than their whole never make a counter negative.
    const auto parts = readAnswer(
        of(Dialect::Chat),
        wrapped(Dialect::Chat,
                R"({"prompt_tokens":5,"completion_tokens":5,"prompt_tokens_details":)"
                R"({"cached_tokens":50,"audio_tokens":900},"completion_tokens_details":)"
                R"({"reasoning_tokens":99}})"));
    QVERIFY(parts && parts->usage && parts->usageSuspect);
    QVERIFY(parts->usage->input >= 0 && parts->usage->output >= 0);
    QVERIFY(parts->usage->total() >= 10);
    // No figure is no usage.
    const auto none = readAnswer(of(Dialect::Gemini),
                                 wrapped(Dialect::Gemini, R"({"trafficType":"ON_DEMAND"})"));
    QVERIFY(none && !none->usage);
    QVERIFY(!readAnswer(of(Dialect::Chat), wrapped(Dialect::Chat, "null"))->usage);
}

void TestMeter::shrinkingUsageKeepsTheLargerAndIsFlagged()
{
    StreamMeter meter(of(Dialect::Messages));
    meter.read("message_start",
               R"({"type":"message_start","message":{"id":"msg_1","model":"c","content":[],)"
               R"("usage":{"input_tokens":50,"output_tokens":1}}})");
    meter.read(
        "",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":30}})");
    QVERIFY(!meter.facts().usageSuspect);
    QCOMPARE(meter.facts().usage->input, 50);
    QCOMPARE(meter.facts().usage->output, 30);
    meter.read(
        "", R"({"type":"message_delta","delta":{},"usage":{"input_tokens":0,"output_tokens":10}})");
    QVERIFY(meter.facts().usageSuspect);
    QCOMPARE(meter.facts().usage->input, 50);
    QCOMPARE(meter.facts().usage->output, 30);
}

void TestMeter::emptyAnswersAreToldFromShortOnes_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("empty");
    const auto row = [](const char *name, Dialect dialect, const char *body, bool empty) {
        QTest::newRow(name) << int(dialect) << QByteArray(body) << empty;
    };
    row("no choice", Dialect::Chat, R"({"choices":[]})", true);
    row("nothing said, nothing billed", Dialect::Chat,
        R"({"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":0}})",
        true);
    row("all went into reasoning", Dialect::Chat,
        R"({"choices":[{"message":{"content":""},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":0}})",
        false);
    row("nothing said, but billed", Dialect::Chat,
        R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":7}})",
        false);
    row("a tool call", Dialect::Chat,
        R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})",
        false);
    row("no block", Dialect::Messages, R"({"content":[],"stop_reason":null})", true);
    row("no block, end_turn, billed", Dialect::Messages,
        R"({"content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}})",
        false);
    row("refused", Dialect::Messages, R"({"content":[],"stop_reason":"refusal"})", false);
    row("no item", Dialect::Responses,
        R"({"status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":0}})", true);
    row("in the background", Dialect::Responses, R"({"status":"queued","output":[]})", false);
    row("no candidate", Dialect::Gemini, R"({"usageMetadata":{"promptTokenCount":3}})", true);
    row("prompt blocked", Dialect::Gemini, R"({"promptFeedback":{"blockReason":"SAFETY"}})", false);
    row("stopped for safety", Dialect::Gemini,
        R"({"candidates":[{"content":{},"finishReason":"SAFETY"}]})", false);
    row("no embedding", Dialect::Embeddings, R"({"data":[]})", true);
}

void TestMeter::emptyAnswersAreToldFromShortOnes()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, body);
    QFETCH(bool, empty);
    const auto facts = readAnswer(of(Dialect(dialect)), body);
    QVERIFY(facts);
    QVERIFY(!facts->error);
    QCOMPARE(facts->empty, empty);
}

void TestMeter::errorsInsideASuccessAreFound_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, Dialect dialect, const char *body, int status) {
        QTest::newRow(name) << int(dialect) << QByteArray(body) << status;
    };
    row("openrouter", Dialect::Chat,
        R"({"choices":null,"error":{"code":429,"message":"slow down"}})", 429);
    row("text", Dialect::Chat, R"({"error":"model is loading"})", 502);
    row("minimax", Dialect::Chat,
        R"({"choices":null,"base_resp":{"status_code":1004,"status_msg":"no"}})", 502);
    row("baidu", Dialect::Chat, R"({"error_code":17,"error_msg":"limit"})", 502);
    row("anthropic", Dialect::Messages,
        R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", 503);
    row("responses", Dialect::Responses,
        R"({"status":"failed","output":[],"error":{"code":"server_error","message":"sorry"}})",
        502);
    row("gemini", Dialect::Gemini,
        R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})", 503);
    row("gemini list", Dialect::Gemini,
        R"([{"error":{"code":429,"message":"q","status":"RESOURCE_EXHAUSTED"}}])", 429);
    row("credential", Dialect::Messages,
        R"({"type":"error","error":{"type":"authentication_error","message":"bad key"}})", 502);
}

void TestMeter::errorsInsideASuccessAreFound()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    const auto facts = readAnswer(of(Dialect(dialect)), body);
    QVERIFY(facts && facts->error);
    QCOMPARE(facts->error->status(), status);
    StreamMeter meter(of(Dialect(dialect)));
    if (Dialect(dialect) != Dialect::Responses)
        QCOMPARE(meter.read("", body), EventClass::Error);
}

void TestMeter::whatIsNoAnswerFails()
{
    for (const Dialect dialect : {Dialect::Chat, Dialect::Completions, Dialect::Responses,
                                  Dialect::Messages, Dialect::Gemini, Dialect::Embeddings}) {
        for (const char *body :
             {"", "<html><body>Bad gateway</body></html>", "null", "\"ok\"", "{}", "{\"ok\":true}",
              "[1,2]", "{\"choices\":[{\"message\":{\"content\":\"cut"}) {
            const auto facts = readAnswer(of(dialect), body);
            QVERIFY2(!facts, body);
            QCOMPARE(facts.error().kind, ErrorKind::UpstreamFailed);
        }
    }
    const auto count
        = readAnswer(of(Dialect::Messages, Operation::CountTokens), R"({"input_tokens":12})");
    QVERIFY(count && count->usage && !count->empty);
    QCOMPARE(count->usage->total(), 0);
    QVERIFY(!readAnswer(of(Dialect::Messages, Operation::CountTokens), R"({"tokens":12})"));
}

void TestMeter::chatEventsAreClassified()
{
    StreamMeter meter(of(Dialect::Chat));
    const auto read = [&](const char *data) { return meter.read("", data); };
    QCOMPARE(read(R"({"choices":[],"prompt_filter_results":[{}]})"), EventClass::Preamble);
    QCOMPARE(
        read(
            R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null})"),
        EventClass::Preamble);
    QVERIFY(meter.facts().empty);
    QCOMPARE(read(R"({"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]})"),
             EventClass::Content);
    QCOMPARE(read(R"({"choices":[{"index":0,"delta":{"content":"h\u00e9"}}]})"),
             EventClass::Content);
    QCOMPARE(meter.facts().outputBytes, 2 + 4);
    QCOMPARE(
        read(
            R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":""}}]}}]})"),
        EventClass::Content);
    QCOMPARE(read(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"),
             EventClass::Content);
    QCOMPARE(
        read(
            R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2},"obfuscation":"x"})"),
        EventClass::Usage);
    QCOMPARE(
        read(R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2},"moderation":{}})"),
        EventClass::Preamble);
    QCOMPARE(read("[DONE]"), EventClass::Final);
    QVERIFY(meter.complete());
    QCOMPARE(meter.facts().vendorId, QByteArray("c1"));
    QCOMPARE(meter.facts().usage->total(), 6);

    StreamMeter failing(of(Dialect::Chat));
    failing.read("", R"({"choices":[{"index":0,"delta":{"content":"a"}}]})");
    QCOMPARE(failing.read("error", R"({"error":{"message":"broke"}})"), EventClass::Error);
    failing.read("", "[DONE]");
    QVERIFY(!failing.complete());

    // A stream that says nothing at all is no answer.
    StreamMeter silent(of(Dialect::Chat));
    QCOMPARE(silent.read("", R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"),
             EventClass::Preamble);
    silent.read("", R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":0}})");
    silent.read("", "[DONE]");
    QVERIFY(silent.complete() && silent.facts().empty);
}

void TestMeter::messagesEventsAreClassified()
{
    StreamMeter meter(of(Dialect::Messages));
    const auto read = [&](const char *data) { return meter.read("", data); };
    QCOMPARE(
        read(
            R"({"type":"message_start","message":{"id":"m1","model":"c","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}})"),
        EventClass::Preamble);
    QCOMPARE(read(R"({"type":"ping"})"), EventClass::Preamble);
    QCOMPARE(
        read(
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
        EventClass::Preamble);
    QCOMPARE(
        read(
            R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}})"),
        EventClass::Content);
    QCOMPARE(
        read(
            R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"f","input":{}}})"),
        EventClass::Content);
    QVERIFY(!meter.complete());
    read(
        R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}})");
    QVERIFY(!meter.complete());
    QCOMPARE(meter.read("message_stop", R"({"type":"message_stop"})"), EventClass::Final);
    QVERIFY(meter.complete());
    QCOMPARE(meter.facts().finishReason, QByteArray("tool_use"));
    QCOMPARE(meter.facts().usage->output, 5);
    // The name of an event alone ends nothing.
    StreamMeter cut(of(Dialect::Messages));
    QCOMPARE(cut.read("message_stop", R"({"type":"mess)"), EventClass::Preamble);
    QVERIFY(!cut.complete());
    StreamMeter failing(of(Dialect::Messages));
    QCOMPARE(failing.read("error",
                          R"({"type":"error","error":{"type":"overloaded_error","message":"o"}})"),
             EventClass::Error);
    QCOMPARE(failing.facts().error->kind, ErrorKind::Unavailable);
}

void TestMeter::responsesEventsAreClassified()
{
    StreamMeter meter(of(Dialect::Responses));
    const auto read = [&](const char *data) { return meter.read("", data); };
    QCOMPARE(
        read(
            R"({"type":"response.created","sequence_number":0,"response":{"id":"r1","model":"m","status":"in_progress","output":[],"usage":null,"error":null}})"),
        EventClass::Preamble);
    QCOMPARE(
        read(
            R"({"type":"response.output_item.added","sequence_number":1,"item":{"type":"message","content":[]}})"),
        EventClass::Preamble);
    QCOMPARE(
        read(
            R"({"type":"response.output_item.added","sequence_number":2,"item":{"type":"reasoning"}})"),
        EventClass::Content);
    QCOMPARE(read(R"({"type":"response.output_text.delta","sequence_number":3,"delta":"abc"})"),
             EventClass::Content);
    QVERIFY(!meter.complete());
    QCOMPARE(
        read(
            R"({"sequence_number":4,"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"abc"}]}],"usage":{"input_tokens":3,"output_tokens":2}}})"),
        EventClass::Final);
    QVERIFY(meter.complete());
    QCOMPARE(meter.facts().outputBytes, 3);
    QCOMPARE(meter.facts().sequence, 4);
    QCOMPARE(meter.facts().finishReason, QByteArray("max_output_tokens"));
    QCOMPARE(meter.facts().usage->total(), 5);

    StreamMeter failing(of(Dialect::Responses));
    QCOMPARE(
        failing.read("error", R"({"type":"error","code":"rate_limit_exceeded","message":"m"})"),
        EventClass::Error);
    QCOMPARE(failing.facts().error->kind, ErrorKind::RateLimited);
    StreamMeter done(of(Dialect::Responses));
    done.read("", "[DONE]");
    QVERIFY(!done.complete());
}

void TestMeter::geminiEventsAreClassified()
{
    StreamMeter meter(of(Dialect::Gemini));
    const auto read = [&](const char *data) { return meter.read("", data); };
    QCOMPARE(read(R"({"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"x"}]}}]})"),
             EventClass::Preamble);
    QCOMPARE(
        read(
            R"({"candidates":[{"content":{"parts":[{"text":"hi"}]}}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1}})"),
        EventClass::Content);
    QVERIFY(!meter.complete());
    QCOMPARE(
        read(
            R"({"candidates":[{"content":{},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":6,"thoughtsTokenCount":2}})"),
        EventClass::Content);
    QVERIFY(meter.complete());
    // What follows still counts.
    read(R"({"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":9}})");
    QCOMPARE(meter.facts().usage->total(), 15);
    QVERIFY(!meter.facts().usageSuspect);
}

void TestMeter::chatWithoutDoneIsCompleteOnlyWhenEveryChoiceFinished()
{
    StreamMeter meter(of(Dialect::Chat));
    meter.read("", R"({"choices":[{"index":0,"delta":{"content":"a"}}]})");
    meter.read("", R"({"choices":[{"index":1,"delta":{"content":"b"}}]})");
    QVERIFY(!meter.complete());
    meter.read("", R"({"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]})");
    QVERIFY(!meter.complete());
    meter.read("", R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})");
    QVERIFY(meter.complete());
    QVERIFY(!StreamMeter(of(Dialect::Chat)).complete());
}

void TestMeter::garbageIsPassedOverAndEndsNothing()
{
    for (const Dialect dialect :
         {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini}) {
        StreamMeter meter(of(dialect));
        for (const char *data :
             {"", "{", "not json", "[1,2]", "null", "\"x\"", "{\"a\":1}}", "\x80\xff",
              "{\"choices\":3,\"candidates\":{},\"type\":[],\"usage\":\"x\"}"})
            QCOMPARE(meter.read("", data), EventClass::Preamble);
        QVERIFY(!meter.complete());
        QVERIFY(meter.facts().empty && !meter.facts().error && !meter.facts().usage);
    }
}

// Measured and printed; a tenfold slowdown fails.
void TestMeter::contentChunksAreReadQuickly()
{
    const struct
    {
        Dialect dialect;
        const char *type;
        const char *data;
    } rows[]{
        {Dialect::Chat, "",
         R"({"id":"chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0","object":"chat.completion.chunk","created":1770933892,"model":"gpt-4.1-nano-2025-04-14","service_tier":"default","system_fingerprint":"fp_de604bd877","choices":[{"index":0,"delta":{"content":" words"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"Qup1BsQ3"})"},
        {Dialect::Messages, "content_block_delta",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" words and more"}})"},
        {Dialect::Responses, "response.output_text.delta",
         R"({"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_68c1b0","output_index":0,"content_index":0,"delta":" words","logprobs":[],"obfuscation":"hJ2"})"},
        {Dialect::Gemini, "",
         R"({"candidates":[{"content":{"parts":[{"text":" words and more"}],"role":"model"},"index":0}],"modelVersion":"gemini-2.5-pro","responseId":"abc"})"},
    };
    for (const auto &row : rows) {
        StreamMeter meter(of(row.dialect));
        const QByteArray type(row.type);
        const QByteArray data(row.data);
        qint64 best = std::numeric_limits<qint64>::max();
        constexpr int kBatch = 2'000;
        for (int round = 0; round < 40; ++round) {
            QElapsedTimer timer;
            timer.start();
            for (int i = 0; i < kBatch; ++i)
                meter.read(type, data);
            best = std::min(best, timer.nsecsElapsed());
        }
        QCOMPARE(meter.read(type, data), EventClass::Content);
        qInfo() << int(row.dialect) << "ns a content chunk:" << double(best) / kBatch;
        QVERIFY(best / kBatch < 40'000);
    }
}

QTEST_APPLESS_MAIN(TestMeter)
#include "test_meter.moc"
