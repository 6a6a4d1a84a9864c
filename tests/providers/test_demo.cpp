// SPDX-License-Identifier: GPL-3.0-or-later
// The demo answers in every dialect as a vendor would, and behaves like an exchange with one.
#include "core/protocol/geminiarray.h"
#include "core/protocol/meter.h"
#include "core/protocol/peek.h"
#include "core/upstream/client.h"
#include "core/upstream/ssereader.h"
#include "providers/providers.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace tollgate;
using protocol::Dialect;
using protocol::Endpoint;
using protocol::Operation;

namespace {

struct Ask
{
    const char *path;
    const char *query;
    const char *body; // without its opening brace
};

constexpr Ask kAsks[]{
    {"/v1/chat/completions", "",
     R"("messages":[{"role":"system","content":"no"},{"role":"user","content":[{"type":"text","text":"h\u00e4llo big world"}]},{"role":"assistant","content":"no"}]})"},
    {"/v1/completions", "", R"("prompt":"h\u00e4llo big world"})"},
    {"/v1/responses", "",
     R"("input":[{"role":"user","content":[{"type":"input_text","text":"h\u00e4llo big world"}]}]})"},
    {"/v1/messages", "",
     R"("max_tokens":500,"messages":[{"role":"user","content":"h\u00e4llo big world"}]})"},
    {"/v1beta/models/demo:generateContent", "",
     R"("contents":[{"parts":[{"text":"h\u00e4llo big world"}]}]})"},
};

QByteArray said()
{
    return QByteArray("h\xC3\xA4llo big world");
}

} // namespace

class TestDemo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void wholeAnswersEchoInEveryDialect();
    void streamsEchoAndAreComplete();
    void responsesFollowTheWholeGrammar();
    void limitsAreKept();
    void tokensAreCounted();
    void cancellingEndsItFromTheEventLoop();
    void leavingAtAnyTimeIsSafe();

private:
    QByteArray ask(const Ask &ask, bool stream, const char *extra, Endpoint &endpoint);
    std::unique_ptr<upstream::Exchange> open(const Endpoint &endpoint, const QByteArray &body,
                                             bool stream);

    relay::Providers m_providers;
    routing::Channel m_channel;
    std::unique_ptr<upstream::Client> m_client;
};

void TestDemo::initTestCase()
{
    providers::registerAll(m_providers);
    m_client = upstream::Client::create();
}

std::unique_ptr<upstream::Exchange> TestDemo::open(const Endpoint &endpoint, const QByteArray &body,
                                                   bool stream)
{
    const relay::Provider &demo = *m_providers.find("demo");
    relay::Outgoing outgoing;
    outgoing.endpoint = &endpoint;
    outgoing.channel = &m_channel;
    outgoing.model = "demo/echo";
    outgoing.body = body;
    outgoing.stream = stream;
    auto request = demo.request(outgoing);
    return request ? demo.open(*m_client, std::move(*request)) : nullptr;
}

QByteArray TestDemo::ask(const Ask &ask, bool stream, const char *extra, Endpoint &endpoint)
{
    QByteArray path = ask.path;
    const bool gemini = path.contains(':');
    if (gemini && stream)
        path.replace(":generate", ":streamGenerate");
    endpoint = *protocol::findEndpoint("POST", path, ask.query, false);
    QByteArray body = gemini ? "{" : "{\"model\":\"demo/echo\",";
    if (stream && !gemini)
        body += "\"stream\":true,";
    body += QByteArray(extra) + ask.body;
    const auto exchange = open(endpoint, body, stream);
    QByteArray all;
    bool inside = false;
    bool wokenInside = false;
    exchange->setWaker([&] {
        wokenInside = wokenInside || inside;
        inside = true;
        all += exchange->take();
        inside = false;
    });
    QElapsedTimer timer;
    timer.start();
    while (!exchange->ended() && timer.elapsed() < 30'000)
        QTest::qWait(1);
    const bool good = exchange->ended() && !exchange->failed() && exchange->head()
        && exchange->head()->status == 200 && !wokenInside;
    return good ? all : QByteArray("failed");
}

void TestDemo::wholeAnswersEchoInEveryDialect()
{
    for (const Ask &one : kAsks) {
        Endpoint endpoint;
        const QByteArray body = ask(one, false, "", endpoint);
        QVERIFY2(body.contains(said()), body.constData());
        QVERIFY(body.contains("no cost"));
        const auto facts = protocol::readAnswer(endpoint, body);
        QVERIFY(facts && !facts->empty && !facts->error && facts->usage);
        QVERIFY(facts->usage->totalInput() > 0 && facts->usage->totalOutput() > 0);
        QCOMPARE(facts->servedModel, QByteArray("demo/echo"));
    }
}

void TestDemo::streamsEchoAndAreComplete()
{
    for (const Ask &one : kAsks) {
        for (const char *query : {"", "alt=sse"}) {
            Ask asked = one;
            asked.query = query;
            Endpoint endpoint;
            const bool counts = QByteArray(one.path).endsWith("completions");
            const QByteArray body
                = ask(asked, true, counts ? "\"stream_options\":{\"include_usage\":true}," : "",
                      endpoint);
            protocol::StreamMeter meter(endpoint);
            int contents = 0;
            if (endpoint.sse) {
                upstream::SseReader reader;
                reader.append(body);
                for (auto event = reader.next(); event && *event; event = reader.next())
                    contents += meter.read((*event)->type, (*event)->data)
                        == protocol::EventClass::Content;
                QVERIFY(reader.rest().isEmpty());
            } else {
                protocol::GeminiArrayReader reader;
                reader.append(body);
                for (auto element = reader.next(); element && *element; element = reader.next())
                    contents += meter.read("", (*element)->json) == protocol::EventClass::Content;
                QVERIFY(reader.finished());
            }
            QVERIFY2(meter.complete(), one.path);
            QVERIFY(contents > 5);
            QVERIFY(meter.facts().usage && meter.facts().usage->totalOutput() > 5);
            QVERIFY(!meter.facts().empty && !meter.facts().usageSuspect);
        }
    }
}

void TestDemo::responsesFollowTheWholeGrammar()
{
    Endpoint endpoint;
    const QByteArray body = ask(kAsks[2], true, "", endpoint);
    upstream::SseReader reader;
    reader.append(body);
    QStringList types;
    QString text;
    int sequence = 0;
    for (auto event = reader.next(); event && *event; event = reader.next()) {
        const QJsonObject json = QJsonDocument::fromJson((*event)->data.toByteArray()).object();
        QCOMPARE(json[u"type"].toString().toUtf8(), (*event)->type.toByteArray());
        QCOMPARE(json[u"sequence_number"].toInt(-1), sequence++);
        if (json[u"type"].toString() == u"response.output_text.delta")
            text += json[u"delta"].toString();
        if (json[u"type"].toString() == u"response.completed")
            QCOMPARE(json[u"response"][u"output"][0][u"content"][0][u"text"].toString(), text);
        if (types.isEmpty() || types.last() != json[u"type"].toString())
            types << json[u"type"].toString();
    }
    QCOMPARE(
        types,
        QStringList({QStringLiteral("response.created"), QStringLiteral("response.in_progress"),
                     QStringLiteral("response.output_item.added"),
                     QStringLiteral("response.content_part.added"),
                     QStringLiteral("response.output_text.delta"),
                     QStringLiteral("response.output_text.done"),
                     QStringLiteral("response.content_part.done"),
                     QStringLiteral("response.output_item.done"),
                     QStringLiteral("response.completed")}));
    QVERIFY(text.startsWith(QString::fromUtf8(said())));
}

void TestDemo::limitsAreKept()
{
    Endpoint endpoint;
    const QByteArray body = ask(kAsks[0], false, "\"max_tokens\":2,", endpoint);
    const auto facts = protocol::readAnswer(endpoint, body);
    QVERIFY(facts);
    QCOMPARE(facts->finishReason, QByteArray("length"));
    QVERIFY(facts->usage->totalOutput() <= 2);
    QVERIFY(protocol::validateJson(body));
}

void TestDemo::tokensAreCounted()
{
    Endpoint endpoint;
    const Ask count{"/v1/messages/count_tokens", "",
                    R"("messages":[{"role":"user","content":"hello"}]})"};
    const QJsonObject json = QJsonDocument::fromJson(ask(count, false, "", endpoint)).object();
    QCOMPARE(json[u"input_tokens"].toInt(), 2);
}

void TestDemo::cancellingEndsItFromTheEventLoop()
{
    const Endpoint chat;
    const auto exchange = open(
        chat, R"({"model":"demo/echo","messages":[{"role":"user","content":"a b c d"}]})", true);
    int woken = 0;
    exchange->setWaker([&] { ++woken; });
    QTRY_VERIFY(exchange->head());
    const int before = woken;
    exchange->cancel();
    QVERIFY(!exchange->ended());
    QCOMPARE(woken, before);
    QTRY_VERIFY(exchange->ended());
    QCOMPARE(exchange->failed()->kind, upstream::FailureKind::Cancelled);
    QVERIFY(woken > before);
}

void TestDemo::leavingAtAnyTimeIsSafe()
{
    const Endpoint chat;
    for (int steps = 0; steps < 12; ++steps) {
        auto exchange = open(
            chat, R"({"model":"demo/echo","messages":[{"role":"user","content":"a b c d e f"}]})",
            true);
        int woken = 0;
        exchange->setWaker([&] {
            if (++woken > steps)
                exchange.reset(); // from inside the waker, as a relay may
        });
        QTRY_VERIFY(!exchange);
    }
}

QTEST_GUILESS_MAIN(TestDemo)
#include "test_demo.moc"
