// SPDX-License-Identifier: GPL-3.0-or-later
// What is read of a request, what is refused, and edits that change nothing else.
#include "core/protocol/peek.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;

class TestPeek : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void membersAreRead();
    void hostileNumbersAreRefused_data();
    void hostileNumbersAreRefused();
    void doubledMembersAreRefused_data();
    void doubledMembersAreRefused();
    void whatIsNoObjectIsRefused();
    void nullIsAbsent();
    void geminiNamesOneModelOnly();
    void completionsCountTheirPrompts();
    void mediaCountsByWhatItCostsNotByItsBytes();
    void textDressedAsMediaCountsByItsBytes();
    void editsAreSurgical_data();
    void editsAreSurgical();
    void noEditSharesTheBytes();
    void randomObjectsKeepEverythingElse();
    void aCodingAgentsBodyIsPeekedQuickly();
};

namespace {

Endpoint of(Dialect dialect, Operation operation = Operation::Generate)
{
    Endpoint endpoint;
    endpoint.dialect = dialect;
    endpoint.operation = operation;
    if (dialect == Dialect::Gemini)
        endpoint.model = "gem";
    return endpoint;
}

QByteArray base64(int bytes)
{
    return QByteArray(bytes, 'q');
}

} // namespace

void TestPeek::membersAreRead()
{
    const auto chat = peek(of(Dialect::Chat),
                           R"({"messages":[],"\u006dodel":"a\/b","stream":true,)"
                           R"("stream_options":{"include_usage":true},"n":3,)"
                           R"("max_completion_tokens":9,"prompt_cache_key":"k"})");
    QVERIFY(chat);
    QCOMPARE(chat->model, QByteArray("a/b"));
    QVERIFY(chat->stream && chat->asksUsage);
    QCOMPARE(chat->choices, 3);
    QCOMPARE(*chat->maxOutput, 9);
    QCOMPARE(chat->maxOutputName, QByteArray("max_completion_tokens"));
    QCOMPARE(chat->sessionHint, QByteArray("k"));

    const auto messages
        = peek(of(Dialect::Messages),
               R"({"model":"c","max_tokens":0,"metadata":{"user_id":"u"},"tools":[]})");
    QVERIFY(messages);
    QCOMPARE(*messages->maxOutput, 0);
    QCOMPARE(messages->sessionHint, QByteArray("u"));

    const auto gemini = peek(of(Dialect::Gemini),
                             R"({"contents":[],"generation_config":{"max_output_tokens":5,)"
                             R"("candidateCount":2}})");
    QVERIFY(gemini);
    QCOMPARE(gemini->model, QByteArray("gem"));
    QCOMPARE(*gemini->maxOutput, 5);
    QCOMPARE(gemini->choices, 2);
    // What another dialect would mind is none of this one's business.
    QVERIFY(peek(of(Dialect::Messages), R"({"model":"c","n":"x","Max_Output_Tokens":[]})"));
}

void TestPeek::hostileNumbersAreRefused_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("form"); // % stands for the number
    const auto rows = [](const char *name, Dialect dialect, const char *form) {
        QTest::newRow(name) << int(dialect) << QByteArray(form);
    };
    rows("chat max_tokens", Dialect::Chat, R"({"model":"m","max_tokens":%})");
    rows("chat max_completion_tokens", Dialect::Chat, R"({"model":"m","max_completion_tokens":%})");
    rows("chat n", Dialect::Chat, R"({"model":"m","n":%})");
    rows("completions best_of", Dialect::Completions, R"({"model":"m","best_of":%})");
    rows("responses", Dialect::Responses, R"({"model":"m","max_output_tokens":%})");
    rows("messages", Dialect::Messages, R"({"model":"m","max_tokens":%})");
    rows("gemini tokens", Dialect::Gemini, R"({"generationConfig":{"maxOutputTokens":%}})");
    rows("gemini candidates", Dialect::Gemini, R"({"generationConfig":{"candidate_count":%}})");
}

void TestPeek::hostileNumbersAreRefused()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, form);
    for (const char *number :
         {"-1", "2147483649", "4294967297", "9007199254740993", "9223372036854775807",
          "9223372036854775808", "-9223372036854775809", "18446744073686646784", "1e308", "1e400",
          "1.5", "1e2", "1.0", "\"12\"", "[]", "{}", "true", "-0.0", "1000000001"}) {
        QByteArray body = form;
        body.replace("%", number);
        const auto found = peek(of(Dialect(dialect)), body);
        QVERIFY2(!found, body.constData());
        QCOMPARE(found.error().kind, ErrorKind::InvalidRequest);
        QVERIFY2(!found.error().param.isEmpty(), body.constData());
    }
    for (const char *number : {"NaN", "Infinity", "+1", "01", "0x10", ".5", "1."}) {
        QByteArray body = form;
        body.replace("%", number);
        QCOMPARE(peek(of(Dialect(dialect)), body).error().code, QByteArray("invalid_json"));
    }
}

void TestPeek::doubledMembersAreRefused_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, Dialect dialect, const char *body) {
        QTest::newRow(name) << int(dialect) << QByteArray(body);
    };
    row("model", Dialect::Chat, R"({"model":"a","model":"b"})");
    row("model escaped", Dialect::Chat, R"({"model":"a","\u006dodel":"b"})");
    row("model in capitals", Dialect::Chat, R"({"model":"a","Model":"b"})");
    row("model in capitals alone", Dialect::Messages, R"({"MODEL":"a"})");
    row("same value", Dialect::Responses, R"({"model":"a","model":"a"})");
    row("stream", Dialect::Messages, R"({"model":"a","stream":true,"stream":false})");
    row("max_tokens", Dialect::Chat, R"({"model":"a","max_tokens":1,"max_tokens":2})");
    row("both names", Dialect::Chat, R"({"model":"a","max_tokens":1,"max_completion_tokens":2})");
    row("n", Dialect::Chat, R"({"model":"a","n":1,"n":1})");
    row("stream_options", Dialect::Chat,
        R"({"model":"a","stream_options":{},"stream_options":null})");
    row("include_usage", Dialect::Chat,
        R"({"model":"a","stream_options":{"include_usage":true,"include_\u0075sage":false}})");
    row("generationConfig", Dialect::Gemini, R"({"generationConfig":{},"generation_config":{}})");
    row("maxOutputTokens", Dialect::Gemini,
        R"({"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}})");
    row("stream as text", Dialect::Chat, R"({"model":"a","stream":"true"})");
    row("stream as number", Dialect::Chat, R"({"model":"a","stream":1})");
    row("model as number", Dialect::Chat, R"({"model":1})");
    row("model empty", Dialect::Chat, R"({"model":""})");
    row("model with line end", Dialect::Chat, R"({"model":"a\nb"})");
    row("no model", Dialect::Chat, R"({"messages":[]})");
    row("options as list", Dialect::Chat, R"({"model":"a","stream_options":[]})");
}

void TestPeek::doubledMembersAreRefused()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, body);
    const auto found = peek(of(Dialect(dialect)), body);
    QVERIFY(!found);
    QCOMPARE(found.error().kind, ErrorKind::InvalidRequest);
    QVERIFY(!found.error().param.isEmpty());
    QVERIFY(validateJson(body));
}

void TestPeek::whatIsNoObjectIsRefused()
{
    for (const char *body : {"[]", "1", "\"x\"", "null", " true "}) {
        const auto found = peek(of(Dialect::Chat), body);
        QVERIFY(!found);
        QVERIFY2(found.error().message.contains(u"must be a JSON object"), body);
    }
    for (const char *body : {"", "{", "{}x", "{\"model\":\"a\"}{}", "[1,]"})
        QCOMPARE(peek(of(Dialect::Chat), body).error().code, QByteArray("invalid_json"));
}

void TestPeek::nullIsAbsent()
{
    const auto found = peek(of(Dialect::Chat),
                            R"({"model":"m","stream":null,"n":null,"max_tokens":null,)"
                            R"("max_completion_tokens":7,"stream_options":null})");
    QVERIFY(found);
    QVERIFY(!found->stream && !found->asksUsage);
    QCOMPARE(found->choices, 1);
    QCOMPARE(*found->maxOutput, 7);
    const auto other
        = peek(of(Dialect::Chat), R"({"model":"m","max_completion_tokens":7,"max_tokens":null})");
    QVERIFY(other);
    QCOMPARE(*other->maxOutput, 7);
    QCOMPARE(other->maxOutputName, QByteArray("max_completion_tokens"));
}

void TestPeek::geminiNamesOneModelOnly()
{
    QVERIFY(peek(of(Dialect::Gemini), R"({"model":"models/gem","contents":[]})"));
    QVERIFY(!peek(of(Dialect::Gemini), R"({"model":"models/dearer","contents":[]})"));
    const Endpoint embed = of(Dialect::Gemini, Operation::Embed);
    const QByteArray batch = R"({"requests":[{"model":"models/gem"},{"model":"models/gem"}]})";
    const auto found = peek(embed, batch);
    QVERIFY(found);
    QCOMPARE(found->nestedModels.size(), std::size_t(2));
    Edits edits;
    edits.model = "real";
    QCOMPARE(applyEdits(batch, embed, *found, edits),
             QByteArray(R"({"requests":[{"model":"models/real"},{"model":"models/real"}]})"));
    QVERIFY(!peek(embed, R"({"requests":[{"model":"models/gem"},{"model":"models/dearer"}]})"));
    QVERIFY(!peek(embed, R"({"requests":[{"model":"models/gem","model":"models/dearer"}]})"));
}

void TestPeek::completionsCountTheirPrompts()
{
    const auto choices
        = [](const char *body) { return peek(of(Dialect::Completions), body)->choices; };
    QCOMPARE(choices(R"({"model":"m","prompt":"a"})"), 1);
    QCOMPARE(choices(R"({"model":"m","prompt":["a","b"],"n":2})"), 4);
    QCOMPARE(choices(R"({"model":"m","prompt":[[1,2],[3]],"best_of":5,"n":2})"), 10);
    QCOMPARE(choices(R"({"model":"m","prompt":[1,2,3]})"), 1);
}

void TestPeek::mediaCountsByWhatItCostsNotByItsBytes()
{
    const QByteArray data = base64(2'000'000);
    const auto bound = [](Dialect dialect, const QByteArray &body) {
        const auto found = peek(of(dialect), body);
        return found ? found->inputTokensCeiling : -1;
    };
    const QByteArray anthropic
        = R"({"model":"m","messages":[{"role":"user","content":[{"type":"image",)"
          R"("source":{"type":"base64","media_type":"image/png","data":")"
        + data + R"("}}]}]})";
    QVERIFY(bound(Dialect::Messages, anthropic) < 10'000);
    // Whatever the order of the members.
    const QByteArray turned = R"({"model":"m","messages":[{"source":{"data":")" + data
        + R"(","media_type":"image/png","type":"base64"},"type":"image"}]})";
    QVERIFY(bound(Dialect::Messages, turned) < 10'000);
    const QByteArray chat
        = R"({"model":"m","messages":[{"content":[{"type":"image_url","image_url":)"
          R"({"url":"data:image/jpeg;base64,)"
        + data + R"("}}]}]})";
    QVERIFY(bound(Dialect::Chat, chat) < 60'000);
    const QByteArray gemini
        = R"({"contents":[{"parts":[{"inlineData":{"mimeType":"audio/wav","data":")" + data
        + R"("}}]}]})";
    QVERIFY(bound(Dialect::Gemini, gemini) < 140'000);
    QVERIFY(bound(Dialect::Gemini, gemini) > 2'000'000 / 32);
    // What is not in the body is told.
    const auto remote
        = peek(of(Dialect::Chat),
               R"({"model":"m","messages":[{"content":[{"image_url":{"url":"https://x/y"}}]}]})");
    QVERIFY(remote && remote->inputElsewhere);
    QVERIFY(remote->inputTokensCeiling > 50'000);
    QVERIFY(!peek(of(Dialect::Chat), R"({"model":"m","messages":[{"content":"https://x/y"}]})")
                 ->inputElsewhere);
}

void TestPeek::textDressedAsMediaCountsByItsBytes()
{
    const QByteArray data = base64(2'000'000);
    for (const QByteArray &source :
         {R"({"type":"text","media_type":"text/plain","data":")" + data + "\"}",
          R"({"type":"text","media_type":"image/png","data":")" + data + "\"}",
          R"({"data":")" + data + "\"}", R"({"text":"data:image/png;base64,)" + data + "\"}"}) {
        const auto found
            = peek(of(Dialect::Messages), R"({"model":"m","x":[{"source":)" + source + "}]}");
        QVERIFY(found);
        QVERIFY(found->inputTokensCeiling >= 2'000'000);
    }
}

void TestPeek::editsAreSurgical_data()
{
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("usage");
    QTest::addColumn<int>("maxOutput"); // -1: leave it
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *tag, Dialect dialect, const char *body, const char *model,
                        bool usage, int maxOutput, const char *name, const char *expected) {
        QTest::newRow(tag) << int(dialect) << QByteArray(body) << QByteArray(model) << usage
                           << maxOutput << QByteArray(name) << QByteArray(expected);
    };
    row("model", Dialect::Chat, R"({ "b":1.0, "model" : "a" ,"z":[ ]})", "x/\"y\"", false, -1, "",
        R"({ "b":1.0, "model" : "x/\"y\"" ,"z":[ ]})");
    row("usage absent", Dialect::Chat, R"({"model":"a"})", "", true, -1, "",
        R"({"stream_options":{"include_usage":true},"model":"a"})");
    row("usage empty options", Dialect::Chat, R"({"model":"a","stream_options":{ }})", "", true, -1,
        "", R"({"model":"a","stream_options":{"include_usage":true }})");
    row("usage other options", Dialect::Chat, R"({"stream_options":{"o":1},"model":"a"})", "", true,
        -1, "", R"({"stream_options":{"include_usage":true,"o":1},"model":"a"})");
    row("usage false", Dialect::Chat, R"({"model":"a","stream_options":{"include_usage": false }})",
        "", true, -1, "", R"({"model":"a","stream_options":{"include_usage": true }})");
    row("usage null", Dialect::Chat, R"({"model":"a","stream_options":{"include_usage":null}})", "",
        true, -1, "", R"({"model":"a","stream_options":{"include_usage":true}})");
    row("options null", Dialect::Completions, R"({"model":"a","stream_options":null})", "", true,
        -1, "", R"({"model":"a","stream_options":{"include_usage":true}})");
    row("usage there", Dialect::Chat, R"({"model":"a","stream_options":{"include_usage":true}})",
        "", true, -1, "", R"({"model":"a","stream_options":{"include_usage":true}})");
    row("no usage elsewhere", Dialect::Messages, R"({"model":"a"})", "", true, -1, "",
        R"({"model":"a"})");
    row("lowered", Dialect::Chat, R"({"max_completion_tokens":900,"model":"a"})", "", false, 64, "",
        R"({"max_completion_tokens":64,"model":"a"})");
    row("lowered, client's name", Dialect::Chat, R"({"max_tokens":900,"model":"a"})", "", false, 64,
        "max_completion_tokens", R"({"max_tokens":64,"model":"a"})");
    row("limit null", Dialect::Chat, R"({"max_tokens":null,"model":"a"})", "", false, 64, "",
        R"({"max_tokens":64,"model":"a"})");
    row("limit added", Dialect::Chat, R"({"model":"a"})", "", false, 64, "",
        R"({"max_tokens":64,"model":"a"})");
    row("limit added by name", Dialect::Chat, R"({"model":"a"})", "", false, 64,
        "max_completion_tokens", R"({"max_completion_tokens":64,"model":"a"})");
    row("responses", Dialect::Responses, R"({"model":"a"})", "", false, 64, "",
        R"({"max_output_tokens":64,"model":"a"})");
    row("gemini absent", Dialect::Gemini, R"({"contents":[]})", "real", false, 64, "",
        R"({"generationConfig":{"maxOutputTokens":64},"contents":[]})");
    row("gemini empty body", Dialect::Gemini, R"({ })", "", false, 64, "",
        R"({"generationConfig":{"maxOutputTokens":64} })");
    row("gemini inside", Dialect::Gemini, R"({"generationConfig":{"topK":1}})", "", false, 64, "",
        R"({"generationConfig":{"maxOutputTokens":64,"topK":1}})");
    row("gemini null", Dialect::Gemini, R"({"generation_config":null})", "", false, 64, "",
        R"({"generation_config":{"maxOutputTokens":64}})");
    row("gemini lowered", Dialect::Gemini, R"({"generationConfig":{"max_output_tokens":900}})", "",
        false, 64, "", R"({"generationConfig":{"max_output_tokens":64}})");
    row("gemini model in the body", Dialect::Gemini, R"({"model":"models/gem"})", "real", false, -1,
        "", R"({"model":"models/real"})");
    row("all at once", Dialect::Chat, R"({"stream":true,"model":"a"})", "b", true, 64, "",
        R"({"stream_options":{"include_usage":true},"max_tokens":64,"stream":true,"model":"b"})");
}

void TestPeek::editsAreSurgical()
{
    QFETCH(int, dialect);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, model);
    QFETCH(bool, usage);
    QFETCH(int, maxOutput);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, expected);
    const Endpoint endpoint = of(Dialect(dialect));
    const auto found = peek(endpoint, body);
    QVERIFY(found);
    Edits edits;
    edits.model = model;
    edits.addIncludeUsage = usage;
    edits.maxOutputName = name;
    if (maxOutput >= 0)
        edits.maxOutput = maxOutput;
    QCOMPARE(applyEdits(body, endpoint, *found, edits), expected);
}

void TestPeek::noEditSharesTheBytes()
{
    const QByteArray body = R"({"model":"a","max_tokens":5})";
    const auto found = peek(of(Dialect::Chat), body);
    Edits same;
    same.model = "a";
    same.maxOutput = 5;
    const QByteArray out = applyEdits(body, of(Dialect::Chat), *found, same);
    QCOMPARE(static_cast<const void *>(out.constData()),
             static_cast<const void *>(body.constData()));
}

namespace {

QByteArray randomSpace(QRandomGenerator &random)
{
    QByteArray out;
    for (int i = random.bounded(3); i-- > 0;)
        out += " \t\r\n"[random.bounded(4)];
    return out;
}

QByteArray randomValue(QRandomGenerator &random, int depth)
{
    switch (random.bounded(depth > 3 ? 4 : 6)) {
    case 0:
        return QByteArray::number(random.bounded(-999, 999));
    case 1:
        return "\"t\\u00e9\\\"}{][,:\\\\" + QByteArray::number(random.bounded(99)) + '"';
    case 2:
        return random.bounded(2) ? "true" : "null";
    case 3:
        return "-1.50e+3";
    case 4: {
        QByteArray out = "[";
        for (int i = random.bounded(3); i-- > 0;)
            out += randomSpace(random) + randomValue(random, depth + 1) + randomSpace(random)
                + (i ? "," : "");
        return out + randomSpace(random) + ']';
    }
    default: {
        QByteArray out = "{";
        for (int i = random.bounded(3); i-- > 0;)
            out += randomSpace(random) + "\"k" + QByteArray::number(i) + '"' + randomSpace(random)
                + ':' + randomSpace(random) + randomValue(random, depth + 1) + randomSpace(random)
                + (i ? "," : "");
        return out + randomSpace(random) + '}';
    }
    }
}

} // namespace

void TestPeek::randomObjectsKeepEverythingElse()
{
    QRandomGenerator random(99);
    const QByteArrayList options{"null",
                                 "{}",
                                 "{ }",
                                 R"({"include_usage":false})",
                                 R"({ "x" : [1] })",
                                 R"({"include_usage" : null , "x":{}})"};
    for (int round = 0; round < 20'000; ++round) {
        QByteArrayList members{"\"model\"" + randomSpace(random) + ":" + randomSpace(random)
                               + "\"m\""};
        if (random.bounded(2))
            members << "\"stream_options\":" + randomSpace(random)
                    + options[random.bounded(options.size())];
        if (random.bounded(2))
            members << QByteArray(random.bounded(2) ? "\"max_tokens\"" : "\"max_\\u0074okens\"")
                    + " : 500";
        for (int i = random.bounded(4); i-- > 0;)
            members << "\"other" + QByteArray::number(i) + "\":" + randomValue(random, 0);
        std::shuffle(members.begin(), members.end(), random);
        QByteArray body = randomSpace(random) + '{';
        for (qsizetype i = 0; i < members.size(); ++i)
            body += (i ? "," : "") + randomSpace(random) + members[i] + randomSpace(random);
        body += '}' + randomSpace(random);

        const Endpoint chat = of(Dialect::Chat);
        const auto found = peek(chat, body);
        QVERIFY2(found, body.constData());
        Edits edits;
        edits.model = random.bounded(2) ? "new/name" : "";
        edits.addIncludeUsage = random.bounded(2);
        if (random.bounded(2))
            edits.maxOutput = 64;
        const QByteArray out = applyEdits(body, chat, *found, edits);

        QJsonObject expected = QJsonDocument::fromJson(body).object();
        if (!edits.model.isEmpty())
            expected[u"model"] = QString::fromUtf8(edits.model);
        if (edits.addIncludeUsage) {
            QJsonObject inner = expected[u"stream_options"].toObject();
            inner[u"include_usage"] = true;
            expected[u"stream_options"] = inner;
        }
        if (edits.maxOutput)
            expected[u"max_tokens"] = 64;
        QVERIFY2(validateJson(out), out.constData());
        QCOMPARE(QJsonDocument::fromJson(out).object(), expected);
        QVERIFY2(peek(chat, out), out.constData());
    }
}

// The bar is a machine's, so it is only measured and printed; a tenfold slowdown fails.
void TestPeek::aCodingAgentsBodyIsPeekedQuickly()
{
    QByteArray body = R"({"model":"claude","max_tokens":32000,"stream":true,"system":[)";
    for (int i = 0; body.size() < 40'000; ++i)
        body += QByteArray(i ? "," : "") + R"({"type":"text","text":")"
            + QByteArray(
                  "You are careful and read the file before you edit it.\\n- Rule: \\\"x\\\"\\n")
                  .repeated(20)
            + R"(","cache_control":{"type":"ephemeral"}})";
    body += R"(],"tools":[)";
    for (int i = 0; body.size() < 88'000; ++i)
        body += QByteArray(i ? "," : "") + R"({"name":"tool)" + QByteArray::number(i)
            + R"(","description":"Reads a file from the disk and gives its lines with numbers.","input_schema":)"
              R"({"type":"object","properties":{"path":{"type":"string","description":"The absolute path"},)"
              R"("limit":{"type":"integer","minimum":0}},"required":["path"],"additionalProperties":false}})";
    body += R"(],"messages":[{"role":"user","content":"hello"}]})";
    const Endpoint messages = of(Dialect::Messages);
    qint64 best = std::numeric_limits<qint64>::max();
    for (int round = 0; round < 300; ++round) {
        QElapsedTimer timer;
        timer.start();
        const auto found = peek(messages, body);
        best = std::min(best, timer.nsecsElapsed());
        QVERIFY(found);
    }
    qInfo() << "peek of" << body.size() << "bytes: best" << double(best) / 1000 << "us";
    QVERIFY(best < 10'000'000);
}

QTEST_APPLESS_MAIN(TestPeek)
#include "test_peek.moc"
