// SPDX-License-Identifier: GPL-3.0-or-later
// Errors in each dialect's shape, what vendors' refusals say, model lists, and the fields that
// pass.
#include "core/protocol/errors.h"
#include "core/protocol/geminiarray.h"
#include "core/protocol/headerpolicy.h"
#include "core/protocol/meter.h"
#include "core/protocol/models.h"
#include "core/protocol/peek.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;

class TestErrors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindHasItsWordsInEveryDialect();
    void eventsInARunningStreamAreReadAsErrors();
    void vendorsAreUnderstood_data();
    void vendorsAreUnderstood();
    void waitsAreRead_data();
    void waitsAreRead();
    void keysInVendorsWordsAreMasked();
    void ourCredentialIsNeverTheClients401();
    void oneModelListServesBothClients();
    void geminiArraysAreCutAnywhere();
    void brokenGeminiArraysAreRefused();
    void onlyListedFieldsPass();
};

namespace {

QJsonObject json(const QByteArray &bytes)
{
    return QJsonDocument::fromJson(bytes).object();
}

Error error(ErrorKind kind)
{
    Error made;
    made.kind = kind;
    made.message = QStringLiteral("It \u201cfailed\u201d\n");
    return made;
}

} // namespace

void TestErrors::everyKindHasItsWordsInEveryDialect()
{
    const struct
    {
        ErrorKind kind;
        const char *openAi;
        const char *anthropic;
        const char *gemini;
    } rows[]{
        {ErrorKind::InvalidRequest, "invalid_request_error", "invalid_request_error",
         "INVALID_ARGUMENT"},
        {ErrorKind::Unauthenticated, "invalid_request_error", "authentication_error",
         "UNAUTHENTICATED"},
        {ErrorKind::BudgetExhausted, "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED"},
        {ErrorKind::Forbidden, "invalid_request_error", "permission_error", "PERMISSION_DENIED"},
        {ErrorKind::NotFound, "invalid_request_error", "not_found_error", "NOT_FOUND"},
        {ErrorKind::TooLarge, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"},
        {ErrorKind::RateLimited, "requests", "rate_limit_error", "RESOURCE_EXHAUSTED"},
        {ErrorKind::Internal, "server_error", "api_error", "INTERNAL"},
        {ErrorKind::UpstreamFailed, "server_error", "api_error", "INTERNAL"},
        {ErrorKind::Unavailable, "server_error", "overloaded_error", "UNAVAILABLE"},
        {ErrorKind::UpstreamTimeout, "server_error", "timeout_error", "DEADLINE_EXCEEDED"},
    };
    for (const auto &row : rows) {
        const Error told = error(row.kind);
        const QJsonObject openAi
            = json(errorBody(Dialect::Chat, told, "req_1"))[u"error"].toObject();
        QCOMPARE(openAi[u"type"].toString(), QLatin1String(row.openAi));
        QCOMPARE(openAi[u"message"].toString(), told.message);
        QVERIFY(openAi.contains(u"param") && openAi.contains(u"code"));
        const QJsonObject anthropic = json(errorBody(Dialect::Messages, told, "req_1"));
        QCOMPARE(anthropic[u"type"].toString(), QStringLiteral("error"));
        QCOMPARE(anthropic[u"error"][u"type"].toString(), QLatin1String(row.anthropic));
        QCOMPARE(anthropic[u"request_id"].toString(), QStringLiteral("req_1"));
        const QJsonObject gemini
            = json(errorBody(Dialect::Gemini, told, "req_1"))[u"error"].toObject();
        QCOMPARE(gemini[u"status"].toString(), QLatin1String(row.gemini));
        QCOMPARE(gemini[u"code"].toInt(), told.status());
    }
    Error limited = error(ErrorKind::RateLimited);
    limited.retryAfterSeconds = 7;
    QCOMPARE(readVendorError(errorBody(Dialect::Gemini, limited, "")).retryAfterSeconds, 7);
    Error missing = error(ErrorKind::NotFound);
    missing.code = "model_not_found";
    QCOMPARE(json(errorBody(Dialect::Chat, missing, ""))[u"error"][u"code"].toString(),
             QStringLiteral("model_not_found"));
}

void TestErrors::eventsInARunningStreamAreReadAsErrors()
{
    for (const Dialect dialect : {Dialect::Chat, Dialect::Completions, Dialect::Responses,
                                  Dialect::Messages, Dialect::Gemini}) {
        AnswerFacts soFar;
        soFar.sequence = 41;
        const QByteArray bytes = errorEvent(dialect, error(ErrorKind::UpstreamFailed), "r", soFar);
        QVERIFY(bytes.endsWith(dialect == Dialect::Gemini ? "\r\n\r\n" : "\n\n"));
        QVERIFY(!bytes.contains("[DONE]") && !bytes.contains("message_stop"));
        Endpoint endpoint;
        endpoint.dialect = dialect;
        int events = 0;
        for (QByteArray line : bytes.split('\n')) {
            line = line.trimmed();
            if (!line.startsWith("data: "))
                continue;
            StreamMeter meter(endpoint);
            QVERIFY2(meter.read("", line.mid(6)) == EventClass::Error, line.constData());
            ++events;
            if (dialect == Dialect::Responses)
                QCOMPARE(json(line.mid(6))[u"sequence_number"].toInt(), 41 + events);
        }
        QCOMPARE(events, dialect == Dialect::Responses ? 2 : 1);
        StreamMeter quiet(endpoint);
        const QByteArray ping = keepAlive(dialect);
        QVERIFY(ping.isEmpty() || ping.startsWith(':')
                || quiet.read("ping", "{\"type\": \"ping\"}") == EventClass::Preamble);
    }
}

void TestErrors::vendorsAreUnderstood_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QByteArray>("code");
    const auto row = [](const char *name, const char *body, const char *message, const char *code) {
        QTest::newRow(name) << QByteArray(body) << QString::fromUtf8(message) << QByteArray(code);
    };
    row("openai",
        R"({"error":{"message":"No","type":"invalid_request_error","param":"x","code":"bad"}})",
        "No", "bad");
    row("anthropic",
        R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"},"request_id":"r"})",
        "Busy", "");
    row("gemini", R"({"error":{"code":400,"message":"API key","status":"INVALID_ARGUMENT"}})",
        "API key", "400");
    row("gemini list", R"([{"error":{"code":400,"message":"listed","status":"X"}}])", "listed",
        "400");
    row("voyage", R"({"detail":"plain"})", "plain", "");
    row("mistral", R"({"detail":[{"loc":["body"],"msg":"extra","type":"extra_forbidden"}]})",
        "extra", "");
    row("mistral nested", R"({"object":"error","message":{"detail":[{"msg":"deep"}]},"code":"3"})",
        "deep", "3");
    row("vllm", R"({"object":"error","message":"too long","type":"BadRequest","code":400})",
        "too long", "400");
    row("ollama", R"({"error":"model not found"})", "model not found", "");
    row("xai", R"({"code":"Some","error":"words"})", "words", "Some");
    row("cohere", R"({"id":"1","message":"hi"})", "hi", "");
    row("cloudflare", R"({"success":false,"errors":[{"code":7003,"message":"route"}]})", "route",
        "7003");
    row("tencent", R"({"Response":{"Error":{"Code":"Auth","Message":"m"},"RequestId":"r"}})", "m",
        "Auth");
    row("baidu", R"({"error_code":17,"error_msg":"limit"})", "limit", "17");
    row("text", "upstream connect error\nmore", "upstream connect error", "");
    row("html", "<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head>",
        "502 Bad Gateway", "");
    row("html without title", "<html><body>x</body></html>", "an HTML page", "");
    row("nothing", "", "", "");
    row("controls", "{\"error\":{\"message\":\"a\\u0000b\\u001b[31m\"}}", "a b [31m", "");
}

void TestErrors::vendorsAreUnderstood()
{
    QFETCH(QByteArray, body);
    QFETCH(QString, message);
    QFETCH(QByteArray, code);
    const VendorError said = readVendorError(body);
    QCOMPARE(said.message, message);
    QCOMPARE(said.code, code);
    // Any cut of it is read without harm.
    for (qsizetype i = 0; i < body.size(); ++i)
        QVERIFY(readVendorError(body.first(i)).message.size() <= 1024);
    QVERIFY(readVendorError(QByteArray(3'000'000, 'x')).message.toUtf8().size() <= 1024);
}

void TestErrors::waitsAreRead_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("seconds");
    const auto row
        = [](const char *body, int seconds) { QTest::newRow(body) << QByteArray(body) << seconds; };
    row(R"({"error":{"message":"x","details":[{"@type":"RetryInfo","retryDelay":"34.4s"}]}})", 35);
    row(R"({"error":{"message":"Please try again in 1.2s. Visit"}})", 2);
    row(R"({"error":{"message":"Please try again in 6m0s."}})", 360);
    row(R"({"error":{"message":"Please try again in 20ms."}})", 1);
    row(R"({"error":{"message":"try again in 1h2m3s"}})", 3723);
    row(R"({"error":{"message":"Please retry in 34.074s"}})", 35);
    row(R"({"error":{"message":"Retry after 12 seconds"}})", 12);
    row(R"({"error":{"message":"try again later"}})", -1);
    row(R"({"error":{"message":"try again in a while, 5s"}})", -1);
    row(R"({"error":{"message":"try again in 999999999h"}})", 86'400);
    row(R"({"error":{"message":"try again in -5s"}})", -1);
}

void TestErrors::waitsAreRead()
{
    QFETCH(QByteArray, body);
    QFETCH(int, seconds);
    QCOMPARE(readVendorError(body).retryAfterSeconds, seconds);
}

void TestErrors::keysInVendorsWordsAreMasked()
{
    for (const char *key :
         {"sk-proj-abcdefghijkl1234", "sk-ant-api03-abcdefgh", "AIzaSyA1234567890abcdef",
          "gsk_abcdefghijklmnop", "Bearer abcdefghijkl", "xai-abcdefghijkl"}) {
        const VendorError said = readVendorError(QByteArray("{\"error\":{\"message\":\"Wrong key: ")
                                                 + key + " sent\"}}");
        QVERIFY2(!said.message.contains(QString::fromUtf8(key).right(8)), key);
        QVERIFY(said.message.endsWith(u" sent"));
    }
}

void TestErrors::ourCredentialIsNeverTheClients401()
{
    const VendorError said = readVendorError(R"({"error":{"message":"no"}})");
    for (const int status : {300, 301, 400, 401, 402, 403, 404, 407, 408, 409, 413, 422, 429, 500,
                             502, 503, 504, 529}) {
        const int told = vendorFailure(status, said).status();
        QVERIFY(told != 401 && told != 403 && told != 402);
        QVERIFY(told >= 400);
    }
    QCOMPARE(vendorFailure(401, said).code, QByteArray("provider_credential"));
    QCOMPARE(vendorFailure(529, said).kind, ErrorKind::Unavailable);
}

void TestErrors::oneModelListServesBothClients()
{
    const std::vector<ModelInfo> models{{"claude-x", "anthropic", 1'700'000'000},
                                        {"meta/l\"3", "vllm", 0}};
    const QJsonObject list = json(modelList(Dialect::Chat, models));
    QCOMPARE(list[u"object"].toString(), QStringLiteral("list"));
    QCOMPARE(list[u"has_more"].toBool(true), false);
    QCOMPARE(list[u"first_id"].toString(), QStringLiteral("claude-x"));
    QCOMPARE(list[u"last_id"].toString(), QStringLiteral("meta/l\"3"));
    const QJsonObject first = list[u"data"][0].toObject();
    QCOMPARE(first[u"object"].toString(), QStringLiteral("model"));
    QCOMPARE(first[u"type"].toString(), QStringLiteral("model"));
    QCOMPARE(first[u"created"].toInteger(), 1'700'000'000);
    QCOMPARE(first[u"created_at"].toString(), QStringLiteral("2023-11-14T22:13:20Z"));
    QVERIFY(json(modelList(Dialect::Chat, {}))[u"first_id"].isNull());
    const QJsonObject gemini = json(modelList(Dialect::Gemini, models));
    QCOMPARE(gemini[u"models"][0][u"name"].toString(), QStringLiteral("models/claude-x"));
    QCOMPARE(json(modelObject(Dialect::Chat, models[0])), first);
}

void TestErrors::geminiArraysAreCutAnywhere()
{
    const QByteArray one = R"({"a":"]},[\"{","b":[{"c":1}]})";
    const QByteArray two = R"({"d":"\\"})";
    const QByteArray stream = "[" + one + "\n,\r\n" + two + "\n]\n";
    for (qsizetype piece = 1; piece <= stream.size(); ++piece) {
        GeminiArrayReader reader;
        QByteArrayList elements;
        QByteArray raw;
        for (qsizetype at = 0; at < stream.size(); at += piece) {
            reader.append(QByteArrayView(stream).sliced(at, std::min(piece, stream.size() - at)));
            for (;;) {
                const auto element = reader.next();
                QVERIFY(element);
                if (!*element)
                    break;
                elements << (*element)->json.toByteArray();
                raw += (*element)->raw;
            }
        }
        QCOMPARE(elements, QByteArrayList({one, two}));
        QVERIFY(reader.finished());
        QCOMPARE(raw + reader.rest().toByteArray(), stream);
    }
    GeminiArrayReader cut;
    cut.append(QByteArrayView(stream).chopped(3));
    while (cut.next().value_or(std::nullopt)) { }
    QVERIFY(!cut.finished());
    QCOMPARE(geminiArrayError(error(ErrorKind::Internal), "", true).left(4), QByteArray(",\r\n{"));
}

void TestErrors::brokenGeminiArraysAreRefused()
{
    for (const char *stream : {"{}", "x", "[1]", "[,{}]", "[{}]x", "[\"a\"]"}) {
        GeminiArrayReader reader;
        reader.append(stream);
        Result<std::optional<GeminiArrayReader::Element>> last;
        do {
            last = reader.next();
        } while (last && *last);
        QVERIFY2(!last, stream);
        QVERIFY(!reader.next());
    }
    GeminiArrayReader small(100);
    small.append("[{\"a\":\"" + QByteArray(200, 'x'));
    QCOMPARE(small.next().error().kind, ErrorKind::TooLarge);
}

void TestErrors::onlyListedFieldsPass()
{
    const Headers client{
        {"Authorization", "Bearer tg-x"},
        {"x-api-key", "tg-x"},
        {"X-Goog-Api-Key", "tg-x"},
        {"Cookie", "a=b"},
        {"Host", "evil"},
        {"Forwarded", "for=1"},
        {"X-Forwarded-For", "1"},
        {"Via", "1.1 a"},
        {"Connection", "close, openai-beta"},
        {"Transfer-Encoding", "chunked"},
        {"Idempotency-Key", "1"},
        {"OpenAI-Organization", "theirs"},
        {"User-Agent", "x"},
        {"x-stainless-os", "Linux"},
        {"Anthropic-Beta", "a"},
        {"anthropic-beta", "b"},
        {"anthropic-version", "2023-06-01"},
        {"OpenAI-Beta", "hop"},
        {"session-id", "s"},
        {"x-codex-window-id", "w"},
        {"x-session-affinity", "bad\r\nvalue"},
    };
    const auto names = [](const Headers &headers) {
        QByteArrayList all;
        for (const Header &field : headers)
            all << field.name.toLower() + '=' + field.value;
        return all;
    };
    QCOMPARE(
        names(vendorHeadersFrom(client, Dialect::Messages)),
        QByteArrayList({"anthropic-beta=a", "anthropic-beta=b", "anthropic-version=2023-06-01"}));
    QCOMPARE(names(vendorHeadersFrom(client, Dialect::Responses)),
             QByteArrayList({"session-id=s", "x-codex-window-id=w"}));
    QVERIFY(vendorHeadersFrom(client, Dialect::Gemini).isEmpty());

    const Headers vendor{
        {"Set-Cookie", "a"},
        {"Server", "b"},
        {"Location", "c"},
        {"Strict-Transport-Security", "d"},
        {"Alt-Svc", "e"},
        {"Access-Control-Allow-Origin", "*"},
        {"Content-Length", "5"},
        {"Content-Encoding", "gzip"},
        {"Connection", "close"},
        {"x-request-id", "req_theirs"},
        {"Retry-After", "5"},
        {"x-ratelimit-remaining-tokens", "1"},
        {"anthropic-ratelimit-requests-limit", "2"},
        {"openai-processing-ms", "3"},
        {"openai-organization", "secret-org"},
    };
    QCOMPARE(names(clientHeadersFrom(vendor)),
             QByteArrayList({"retry-after=5", "x-ratelimit-remaining-tokens=1",
                             "anthropic-ratelimit-requests-limit=2", "openai-processing-ms=3",
                             "x-upstream-request-id=req_theirs"}));
    for (const char *name : {"Host", "content-length", "Authorization", "X-Api-Key", "cookie",
                             "x-forwarded-proto", "Transfer-Encoding", "bad name", ""})
        QVERIFY2(!isAllowedExtra(name), name);
    for (const char *name : {"X-Title", "HTTP-Referer", "OpenAI-Organization", "anthropic-beta"})
        QVERIFY2(isAllowedExtra(name), name);
}

QTEST_APPLESS_MAIN(TestErrors)
#include "test_errors.moc"
