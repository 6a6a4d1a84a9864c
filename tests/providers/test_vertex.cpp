// SPDX-License-Identifier: GPL-3.0-or-later
// Where Vertex AI is asked for which model, with what body and in whose name.
#include "providers/providers.h"
#include "providers/vertex.h"
#include "tests/providers/testkey.h"
#include "tests/upstream/scriptserver.h"

#include <QTest>

using namespace tollgate;
using protocol::Dialect;
using protocol::Endpoint;
using protocol::Operation;

namespace {

struct Asked
{
    Endpoint endpoint;
    QByteArray model;
    QByteArray body = "{}";
    bool stream = false; // where it is the body that asks for one
};

Asked gemini(const QByteArray &model, bool stream = false)
{
    Asked asked;
    asked.endpoint.dialect = Dialect::Gemini;
    asked.endpoint.geminiMethod = stream ? "streamGenerateContent" : "generateContent";
    asked.endpoint.geminiVersion = "v1beta";
    asked.endpoint.stream = stream;
    asked.model = model;
    return asked;
}

Asked messages(const QByteArray &model, const QByteArray &body, bool stream = false)
{
    Asked asked;
    asked.endpoint.dialect = Dialect::Messages;
    asked.stream = stream;
    asked.model = model;
    asked.body = body;
    return asked;
}

struct Channel
{
    routing::Channel made;

    Channel(const QByteArray &baseUrl, const QByteArray &options, const QByteArray &key)
    {
        made.row.name = QStringLiteral("v");
        made.row.baseUrl = baseUrl;
        made.row.options = options;
        made.row.local = true;
        routing::ChannelKey own;
        own.row.boundTo = baseUrl;
        own.secret = std::make_shared<const Secret>(key);
        made.keys.push_back(std::move(own));
    }
    [[nodiscard]] const Secret *key() const { return made.keys[0].secret.get(); }
    [[nodiscard]] Result<upstream::Request> ask(const relay::Provider &vertex,
                                                const Asked &asked) const
    {
        relay::Outgoing outgoing;
        outgoing.endpoint = &asked.endpoint;
        outgoing.channel = &made;
        outgoing.key = key();
        outgoing.model = asked.model;
        outgoing.body = asked.body;
        outgoing.stream = asked.stream;
        return vertex.forModel(asked.model).request(outgoing);
    }
};

constexpr char kGlobal[] = "https://aiplatform.googleapis.com";
constexpr char kProject[] = R"({"project":"p-1"})";

} // namespace

class TestVertex : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachModelIsAskedWhereItLives_data();
    void eachModelIsAskedWhereItLives();
    void aLocationHasItsHost();
    void claudesBodyNamesTheVersionAndNotTheModel();
    void modelsSpeakTheirMakersDialect();
    void keysTravelAsWhatTheyAre();
    void aFileIsExchangedFirst();
    void aFileWithoutAProjectIsSaid();
    void aForeignTokenServerIsNotCalled();
    void modelListsAreRead();

private:
    std::unique_ptr<relay::Provider> m_vertex = providers::makeVertex();
    test::TestKey m_key;
};

void TestVertex::eachModelIsAskedWhereItLives_data()
{
    QTest::addColumn<QByteArray>("base");
    QTest::addColumn<QByteArray>("options");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("stream");
    QTest::addColumn<QByteArray>("url");
    const auto row = [](const char *base, const char *options, const char *model, bool stream,
                        const char *url) {
        QTest::addRow("%s %s %s %d", base, options, model, stream)
            << QByteArray(base) << QByteArray(options) << QByteArray(model) << stream
            << QByteArray(url);
    };
    const char *const west = "https://europe-west4-aiplatform.googleapis.com";
    row(kGlobal, kProject, "gemini-3-pro", false,
        "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/google/"
        "models/gemini-3-pro:generateContent");
    row(west, kProject, "gemini-3-pro", true,
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/"
        "publishers/google/models/gemini-3-pro:streamGenerateContent?alt=sse");
    row("https://aiplatform.eu.rep.googleapis.com", kProject, "publishers/google/models/g", false,
        "https://aiplatform.eu.rep.googleapis.com/v1/projects/p-1/locations/eu/publishers/google/"
        "models/g:generateContent");
    row(kGlobal, "", "gemini-3-pro", false,
        "https://aiplatform.googleapis.com/v1/publishers/google/models/"
        "gemini-3-pro:generateContent");
    row(west, kProject, "claude-opus-4-5@20251101", false,
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/"
        "publishers/anthropic/models/claude-opus-4-5%4020251101:rawPredict");
    row(kGlobal, kProject, "claude-opus-4-5", true,
        "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/anthropic/"
        "models/claude-opus-4-5:streamRawPredict");
    row(kGlobal, kProject, "meta/llama-4-maas", true,
        "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/endpoints/openapi/"
        "chat/completions");
    row("https://vertex.example/base/v1beta1", R"({"project":"p-1","location":"us-east5"})", "g",
        false,
        "https://vertex.example/base/v1beta1/projects/p-1/locations/us-east5/publishers/google/"
        "models/g:generateContent");
    row(kGlobal, R"({"project":"a/../b"})", "g", false,
        "https://aiplatform.googleapis.com/v1/projects/a%2F..%2Fb/locations/global/publishers/"
        "google/models/g:generateContent");
}

void TestVertex::eachModelIsAskedWhereItLives()
{
    QFETCH(QByteArray, base);
    QFETCH(QByteArray, options);
    QFETCH(QByteArray, model);
    QFETCH(bool, stream);
    QFETCH(QByteArray, url);
    const bool claude = model.startsWith("claude");
    const auto request
        = Channel(base, options, "AIza-key")
              .ask(*m_vertex, claude ? messages(model, "{}", stream) : gemini(model, stream));
    QVERIFY(request);
    QCOMPARE(request->url, url);
}

void TestVertex::aLocationHasItsHost()
{
    QCOMPARE(m_vertex->baseUrlFor({}), QByteArray(kGlobal));
    QCOMPARE(m_vertex->baseUrlFor(R"({"location":"global"})"), QByteArray(kGlobal));
    QCOMPARE(m_vertex->baseUrlFor(R"({"location":"us-east5"})"),
             QByteArray("https://us-east5-aiplatform.googleapis.com"));
    QCOMPARE(m_vertex->baseUrlFor(R"({"location":"eu"})"),
             QByteArray("https://aiplatform.eu.rep.googleapis.com"));
    const auto refused = Channel(kGlobal, R"({"project":"p","location":"us-east5"})", "AIza-key")
                             .ask(*m_vertex, gemini("g"));
    QVERIFY(!refused);
    QVERIFY(refused.error().message.contains(u"https://us-east5-aiplatform.googleapis.com"));
    for (const char *model : {"..", ".", "", "publishers/google/models/.."})
        QVERIFY2(!Channel(kGlobal, kProject, "AIza-key").ask(*m_vertex, gemini(model)), model);
}

void TestVertex::claudesBodyNamesTheVersionAndNotTheModel()
{
    const Channel channel(kGlobal, kProject, "AIza-key");
    const QByteArray body
        = R"({ "model":"x", "max_tokens": 1e2,"messages":[{"role":"user","model":"kept"}] , "stream":true})";
    const auto request = channel.ask(*m_vertex, messages("claude-x", body, true));
    QVERIFY(request);
    QCOMPARE(
        request->body,
        QByteArray(
            R"({"anthropic_version":"vertex-2023-10-16","max_tokens":1e2,"messages":[{"role":"user","model":"kept"}],"stream":true})"));
    // A version of the client's own gives way; a name with escapes is the same name.
    const auto own = channel.ask(
        *m_vertex, messages("claude-x", R"({"anthropic_version":"y","\u006dodel":"x","a\"b":1})"));
    QVERIFY(own);
    QCOMPARE(own->body, QByteArray(R"({"anthropic_version":"vertex-2023-10-16","a\"b":1})"));
    QCOMPARE(channel.ask(*m_vertex, messages("claude-x", "{}"))->body,
             QByteArray(R"({"anthropic_version":"vertex-2023-10-16"})"));
    QVERIFY(!channel.ask(*m_vertex, messages("claude-x", R"({"a":)")));
    // Its clients ask for a stream in the body, and the path says so too.
    QVERIFY(request->url.endsWith(":streamRawPredict"));
    Asked counts = messages("claude-x", R"({"model":"mine","messages":[]})");
    counts.endpoint.operation = Operation::CountTokens;
    const auto counting = channel.ask(*m_vertex, counts);
    QVERIFY(counting);
    QVERIFY(counting->url.endsWith("/publishers/anthropic/models/count-tokens:rawPredict"));
    QCOMPARE(counting->body,
             QByteArray(
                 R"({"anthropic_version":"vertex-2023-10-16","model":"claude-x","messages":[]})"));
    // Gemini's goes as it is.
    QCOMPARE(channel.ask(*m_vertex, gemini("g"))->body, QByteArray("{}"));
}

void TestVertex::modelsSpeakTheirMakersDialect()
{
    for (const Dialect dialect : {Dialect::Gemini, Dialect::Messages, Dialect::Chat})
        QVERIFY(m_vertex->speaks(Operation::Generate, dialect));
    QVERIFY(!m_vertex->speaks(Operation::Embed, Dialect::Gemini));
    const std::pair<const char *, Dialect> models[]{{"gemini-3-pro", Dialect::Gemini},
                                                    {"claude-opus-4-5@20251101", Dialect::Messages},
                                                    {"meta/llama-4-maas", Dialect::Chat}};
    for (const auto &[model, dialect] : models)
        QCOMPARE(m_vertex->forModel(model).generates(), std::vector{dialect});
    QVERIFY(!m_vertex->target("claude-x").takesImageUrls);
    QVERIFY(m_vertex->target("gemini-x").takesImageUrls);
}

void TestVertex::keysTravelAsWhatTheyAre()
{
    const auto express = Channel(kGlobal, "", "AIza-key").ask(*m_vertex, gemini("g"));
    QCOMPARE(express->headers.value("x-goog-api-key"), QByteArray("AIza-key"));
    QVERIFY(!express->headers.contains("authorization"));
    const auto pasted = Channel(kGlobal, kProject, "ya29.x").ask(*m_vertex, gemini("g"));
    QCOMPARE(pasted->headers.value("authorization"), QByteArray("Bearer ya29.x"));
}

void TestVertex::aFileIsExchangedFirst()
{
    upstream::ScriptServer google(upstream::always(
        upstream::okResponse(R"({"access_token":"ya29.token","expires_in":3600})")));
    const QByteArray options = R"({"project":"p-1","token_uri":")" + google.url("/token") + R"("})";
    const Channel channel(kGlobal, options, m_key.file("https://elsewhere.example/token"));
    QCOMPARE(channel.ask(*m_vertex, gemini("g")).error().code, QByteArray("no_access_token"));
    Mailbox mailbox;
    std::optional<Result<void>> told;
    const auto prepare = [&] {
        told.reset();
        return m_vertex->forModel("g").prepare(
            {&channel.made, channel.key(), {}, &mailbox, [&](Result<void> result) {
                 told = result;
             }});
    };
    auto waiting = prepare();
    QVERIFY(waiting);
    QVERIFY(QTest::qWaitFor([&] { return told.has_value(); }, 60'000));
    QVERIFY(told->has_value());
    // What was fetched for one model serves the others, and the list.
    for (const Asked &asked : {gemini("g"), messages("claude-x", "{}")}) {
        const auto request = channel.ask(*m_vertex, asked);
        QVERIFY(request);
        QCOMPARE(request->headers.value("authorization"), QByteArray("Bearer ya29.token"));
        QVERIFY(!request->headers.contains("x-goog-api-key"));
    }
    QVERIFY(m_vertex->modelsRequest(channel.made, channel.key()));
    QVERIFY(!prepare());
    QCOMPARE(google.requests(), 1);
    m_vertex->refused(channel.made, channel.key());
    waiting = prepare();
    QVERIFY(waiting);
    QVERIFY(QTest::qWaitFor([&] { return told.has_value(); }, 60'000));
    QCOMPARE(google.requests(), 2);
    // The private key itself goes nowhere.
    QVERIFY(!google.lastRequest().contains("PRIVATE"));
}

void TestVertex::aFileWithoutAProjectIsSaid()
{
    const auto refused = Channel(kGlobal, "", m_key.file()).ask(*m_vertex, gemini("g"));
    QVERIFY(!refused);
    QVERIFY(refused.error().message.contains(u"project=p-1"));
}

void TestVertex::aForeignTokenServerIsNotCalled()
{
    upstream::ScriptServer foreign(
        upstream::always(upstream::okResponse(R"({"access_token":"stolen"})")));
    const Channel channel(kGlobal, kProject, m_key.file(foreign.url("/token")));
    Mailbox mailbox;
    const auto waiting = m_vertex->forModel("g").prepare(
        {&channel.made, channel.key(), {}, &mailbox, [](const Result<void> &) {}});
    QVERIFY(!waiting);
    const auto refused = channel.ask(*m_vertex, gemini("g"));
    QVERIFY(!refused);
    QVERIFY(refused.error().message.contains(u"not Google's"));
    QCOMPARE(foreign.connections(), 0);
}

void TestVertex::modelListsAreRead()
{
    const Channel channel(kGlobal, kProject, "AIza-key");
    const auto request = m_vertex->modelsRequest(channel.made, channel.key());
    QVERIFY(request);
    QCOMPARE(request->url,
             QByteArray("https://aiplatform.googleapis.com/v1beta1/publishers/google/"
                        "models?pageSize=300"));
    QCOMPARE(
        m_vertex
            ->readModels(
                R"({"publisherModels":[{"name":"publishers/google/models/gemini-3"},{"name":""}]})")
            .value(),
        QByteArrayList{"gemini-3"});
    QVERIFY(!m_vertex->readModels("<html>"));
}

QTEST_GUILESS_MAIN(TestVertex)
#include "test_vertex.moc"
