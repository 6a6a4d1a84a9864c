// SPDX-License-Identifier: GPL-3.0-or-later
// What of an answer a client's dialect has no place for is told, whole or streamed, in each pair.
#include "core/codecs/codecs.h"
#include "core/conversation/untold.h"
#include "core/store/attempts.h"
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

constexpr Dialect kVendors[] = {Dialect::Chat,   Dialect::Responses, Dialect::Messages,
                                Dialect::Gemini, Dialect::Converse,  Dialect::Cohere};
constexpr Dialect kClients[] = {Dialect::Chat,     Dialect::Completions, Dialect::Responses,
                                Dialect::Messages, Dialect::Gemini,      Dialect::Ollama};

Response saying(Part part)
{
    Response response;
    Candidate candidate;
    candidate.message.parts.push_back(Part{Text{"hello", {}}});
    candidate.message.parts.push_back(std::move(part));
    candidate.stop.reason = StopReason::End;
    response.candidates.push_back(std::move(candidate));
    return response;
}

Part media(Media::Kind kind, Media::Source source = Media::Source::Base64)
{
    Media media;
    media.kind = kind;
    media.source = source;
    media.data = source == Media::Source::Url ? "https://a.b/c" : "AAAA";
    return Part{std::move(media)};
}

Part hosted(Dialect owner)
{
    if (owner == Dialect::Messages)
        return Part{Opaque{owner, "server_tool_use", R"({"type":"server_tool_use"})"}};
    ToolCall call;
    call.kind = ToolCall::Kind::Hosted;
    call.callId = "ws_1";
    call.hostedType = "web_search_call";
    return Part{std::move(call)};
}

Part cited(const QByteArray &url)
{
    Citation citation;
    citation.url = url;
    citation.owner = Dialect::Cohere;
    citation.json = "{}";
    return Part{Text{"cited", {citation}}};
}

Part called(bool sealed)
{
    ToolCall call;
    call.callId = "c";
    call.name = "f";
    call.arguments = "{}";
    if (sealed)
        call.sealed = Sealed{Sealed::Owner::Gemini, "R0VN", {}};
    return Part{std::move(call)};
}

Response withLogprobs()
{
    Response response = saying(Part{Text{"x", {}}});
    response.candidates[0].logprobs = R"({"content":[{"token":"x","logprob":-1}],"refusal":null})";
    return response;
}

Response twice()
{
    Response response = saying(Part{Text{"x", {}}});
    response.candidates.push_back(response.candidates[0]);
    response.candidates[1].index = 1;
    return response;
}

Response rated()
{
    Response response = saying(Part{Text{"x", {}}});
    keep(response.candidates[0].native, Dialect::Gemini, "safetyRatings",
         R"([{"category":"HARM_CATEGORY_HARASSMENT"}])");
    keep(response.candidates[0].native, Dialect::Gemini, "avgLogprobs", "null");
    keep(response.candidates[0].native, Dialect::Gemini, ".mark", "1");
    return response;
}

QByteArrayList toldOf(const Response &response, Dialect vendor, Dialect client, bool whole)
{
    const AnswerContext context;
    Untold untold(vendor, client, codecs::codecOf(client)->answerPlaces(context));
    if (whole) {
        untold.add(response);
    } else {
        for (const StreamEvent &event : unfold(response))
            untold.add(event);
    }
    return untold.dropped().members();
}

using Clients = std::vector<Dialect>; // whose dialect has no place for it

// A vendor in a dialect of the test's, and a client in another.
class OneDialect final : public FakeProvider
{
public:
    OneDialect(std::deque<std::shared_ptr<Wire>> &wires, Dialect dialect)
        : FakeProvider(wires)
        , m_dialect(dialect)
    {
    }
    [[nodiscard]] QByteArray id() const override { return "one"; }
    [[nodiscard]] bool speaks(protocol::Operation, protocol::Dialect dialect) const override
    {
        return dialect == m_dialect;
    }

private:
    Dialect m_dialect;
};

void over(World &world, Dialect dialect)
{
    world.providers.add(std::make_unique<OneDialect>(world.wires, dialect));
    auto channel = World::channel(1);
    channel->row.provider = "one";
    auto table = std::make_shared<routing::ChannelTable>();
    table->channels.push_back(std::move(channel));
    auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
    snapshot->channels = std::move(table);
    world.relay->setSnapshot(snapshot);
}

QByteArray reasonOf(World &world)
{
    const store::LoggedRequest record = world.record();
    const auto attempts = world.store->readNow(
        [&](store::Database &db) { return store::attemptsOf(db, record.row.id); });
    return attempts && !attempts->empty() ? attempts->front().reason : QByteArray();
}

const QByteArray kTwoAnswers
    = R"({"candidates":[{"content":{"role":"model","parts":[{"text":"one"}]},"finishReason":"STOP",)"
      R"("index":0,"safetyRatings":[{"category":"HARM","probability":"LOW"}]},)"
      R"({"content":{"role":"model","parts":[{"text":"two"}]},"finishReason":"STOP","index":1}],)"
      R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}})";

} // namespace

class TestUntold final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachKindIsToldInEachPair_data();
    void eachKindIsToldInEachPair();
    void anAnswerInItsOwnDialectLeavesNothingOut();
    void oneCallAtMostInTheOldForm();
    void sealsThatComeLateAreTold();
    void theClientAndTheRecordAreTold();
    void aStreamIsToldInItsRecord();
    void aPlainAnswerIsToldWithoutANote();
};

void TestUntold::eachKindIsToldInEachPair_data()
{
    using Kind = Media::Kind;
    QTest::addColumn<Response>("response");
    QTest::addColumn<QByteArray>("note");
    QTest::addColumn<Clients>("placeless");
    constexpr auto C = Dialect::Chat;
    constexpr auto P = Dialect::Completions;
    constexpr auto R = Dialect::Responses;
    constexpr auto M = Dialect::Messages;
    constexpr auto G = Dialect::Gemini;
    constexpr auto O = Dialect::Ollama;
    const Clients all(std::begin(kClients), std::end(kClients));
    QTest::newRow("hosted call") << saying(hosted(R)) << QByteArray("answer:web_search_call")
                                 << all;
    QTest::newRow("server tool") << saying(hosted(M)) << QByteArray("answer:server_tool_use")
                                 << Clients{C, P, R, G, O};
    QTest::newRow("further answers")
        << twice() << QByteArray("answer:candidates") << Clients{R, M, O};
    QTest::newRow("logprobs") << withLogprobs() << QByteArray("answer:logprobs") << Clients{M};
    QTest::newRow("page cited") << saying(cited("https://a.b")) << QByteArray("answer:citations")
                                << Clients{P, O};
    QTest::newRow("place cited") << saying(cited({})) << QByteArray("answer:citations") << all;
    QTest::newRow("sound") << saying(media(Kind::Audio)) << QByteArray("answer:audio")
                           << Clients{P, R, M, O};
    QTest::newRow("picture") << saying(media(Kind::Image)) << QByteArray("answer:image")
                             << Clients{P};
    QTest::newRow("linked picture") << saying(media(Kind::Image, Media::Source::Url))
                                    << QByteArray("answer:image") << Clients{P, R};
    QTest::newRow("film") << saying(media(Kind::Video)) << QByteArray("answer:video")
                          << Clients{C, P, R, M, O};
    QTest::newRow("document") << saying(media(Kind::Document)) << QByteArray("answer:document")
                              << Clients{C, P, R, O};
    QTest::newRow("reasoning") << saying(Part{Reasoning{"hm", false, {}, {}}})
                               << QByteArray("answer:reasoning") << Clients{P};
    QTest::newRow("call") << saying(called(false)) << QByteArray("answer:tool_calls") << Clients{P};
    QTest::newRow("signed call") << saying(called(true)) << QByteArray("answer:signature")
                                 << Clients{O};
    Part signedText{Text{"x", {}}};
    signedText.sealed = Sealed{Sealed::Owner::Gemini, "R0VN", {}};
    QTest::newRow("signed text") << saying(signedText) << QByteArray("answer:signature")
                                 << Clients{C, P, O};
    QTest::newRow("safety ratings")
        << rated() << QByteArray("answer:safetyRatings") << Clients{C, P, R, M, O};
}

void TestUntold::eachKindIsToldInEachPair()
{
    QFETCH(Response, response);
    QFETCH(QByteArray, note);
    QFETCH(Clients, placeless);
    for (const Dialect vendor : kVendors) {
        for (const Dialect client : kClients) {
            if (vendor == client)
                continue;
            const bool lost
                = std::find(placeless.begin(), placeless.end(), client) != placeless.end();
            const QByteArray pair
                = protocol::dialectName(vendor) + " for " + protocol::dialectName(client);
            for (const bool whole : {true, false}) {
                const QByteArrayList told = toldOf(response, vendor, client, whole);
                QVERIFY2(told.contains(note) == lost && told.size() <= 1,
                         (pair + ": " + told.join(' ')).constData());
            }
        }
    }
}

void TestUntold::anAnswerInItsOwnDialectLeavesNothingOut()
{
    for (const Dialect dialect : kClients)
        QVERIFY(toldOf(saying(hosted(Dialect::Responses)), dialect, dialect, true).isEmpty());
}

void TestUntold::oneCallAtMostInTheOldForm()
{
    Request request;
    keep(request.native, Dialect::Chat, "functions", "[]");
    AnswerContext context;
    context.request = &request;
    Response response = saying(called(false));
    Untold one(Dialect::Messages, Dialect::Chat,
               codecs::codecOf(Dialect::Chat)->answerPlaces(context));
    one.add(response);
    QVERIFY(one.dropped().empty());
    response.candidates[0].message.parts.push_back(called(false));
    Untold two(Dialect::Messages, Dialect::Chat,
               codecs::codecOf(Dialect::Chat)->answerPlaces(context));
    two.add(response);
    QCOMPARE(two.dropped().members(), QByteArrayList{"answer:tool_calls"});
}

void TestUntold::sealsThatComeLateAreTold()
{
    const AnswerContext context;
    const auto told = [&](Dialect client, const Part &part) {
        Untold untold(Dialect::Gemini, client, codecs::codecOf(client)->answerPlaces(context));
        untold.add(PartStart{0, 0, part});
        PartDelta delta;
        delta.kind = PartDelta::Kind::Seal;
        delta.sealed = Sealed{Sealed::Owner::Gemini, "R0VN", {}};
        untold.add(delta);
        return untold.dropped().members();
    };
    const QByteArrayList lost{"answer:signature"};
    QCOMPARE(told(Dialect::Ollama, called(false)), lost);
    QCOMPARE(told(Dialect::Chat, Part{Text{"x", {}}}), lost);
    QVERIFY(told(Dialect::Chat, called(false)).isEmpty());
    QVERIFY(told(Dialect::Messages, Part{Reasoning{"hm", false, {}, {}}}).isEmpty());
}

void TestUntold::theClientAndTheRecordAreTold()
{
    World world(1);
    over(world, Dialect::Gemini);
    const auto client = world.askAt(
        "/v1/messages",
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})");
    QVERIFY(world.waitForWire(1));
    world.wires[0]->answer(200, "application/json", kTwoAnswers);
    QTRY_VERIFY(client->finished());
    QCOMPARE(client->status, 200);
    QCOMPARE(client->headers.value("x-tollgate-dropped"),
             QByteArray("answer:safetyRatings, answer:candidates"));
    const QByteArray reason = reasonOf(world);
    QVERIFY2(reason.endsWith(", untold answer:safetyRatings, answer:candidates"),
             reason.constData());
}

void TestUntold::aStreamIsToldInItsRecord()
{
    World world(1);
    over(world, Dialect::Gemini);
    const auto client = world.askAt(
        "/v1/messages",
        R"({"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]})");
    QVERIFY(world.waitForWire(1));
    world.wires[0]->answer(
        200, "text/event-stream",
        "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"one\"}]},"
        "\"index\":0}]}\n\n",
        false);
    QTRY_VERIFY(client->begun());
    QVERIFY(client->headers.value("x-tollgate-dropped").isEmpty()); // nothing yet, and sent
    world.wires[0]->send("data: " + kTwoAnswers + "\n\n");
    world.wires[0]->finish();
    QTRY_VERIFY(client->finished());
    QVERIFY2(client->bytes.contains("message_stop"), client->bytes.constData());
    const QByteArray reason = reasonOf(world);
    QVERIFY2(reason.contains(", untold ") && reason.contains("answer:candidates")
                 && reason.contains("answer:safetyRatings"),
             reason.constData());
}

void TestUntold::aPlainAnswerIsToldWithoutANote()
{
    World world(1);
    over(world, Dialect::Chat);
    const auto client = world.askAt(
        "/v1/messages",
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})");
    QVERIFY(world.waitForWire(1));
    world.wires[0]->answer(200, "application/json", kAnswer);
    QTRY_VERIFY(client->finished());
    QVERIFY(!client->headers.contains("x-tollgate-dropped"));
    QVERIFY(!reasonOf(world).contains("untold"));
}

QTEST_GUILESS_MAIN(TestUntold)
#include "test_untold.moc"
