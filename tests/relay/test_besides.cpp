// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked for beside text: pictures, sound, verdicts, rankings, counts.
#include "core/relay/counting.h"
#include "core/relay/translation.h"
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;
using protocol::Dialect;
using protocol::Operation;

namespace {

constexpr std::int64_t kMuch = 1'000'000'000'000;

class NoCounter final : public FakeProvider
{
public:
    using FakeProvider::FakeProvider;
    [[nodiscard]] QByteArray id() const override { return "no-counter"; }
    [[nodiscard]] bool speaks(Operation operation, Dialect) const override
    {
        return operation == Operation::Generate;
    }
};

// As Cohere does.
class Ranker final : public FakeProvider
{
public:
    using FakeProvider::FakeProvider;
    [[nodiscard]] QByteArray id() const override { return "ranker"; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return operation == Operation::Rerank && dialect == Dialect::Cohere;
    }
    [[nodiscard]] Result<upstream::Request> request(const relay::Outgoing &outgoing) const override
    {
        auto request = FakeProvider::request(outgoing);
        request->url += '/' + outgoing.endpoint->path;
        return request;
    }
};

void serving(World &world, const std::vector<QByteArray> &providers, const QByteArray &model)
{
    world.providers.add(std::make_unique<NoCounter>(world.wires));
    auto table = std::make_shared<routing::ChannelTable>();
    for (std::size_t i = 0; i < providers.size(); ++i) {
        auto channel = World::channel(int(i) + 1);
        channel->row.provider = providers[i];
        channel->row.models = {model};
        table->channels.push_back(std::move(channel));
    }
    auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
    snapshot->channels = std::move(table);
    world.relay->setSnapshot(snapshot);
}

QByteArray form()
{
    return "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
           "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n"
        + QByteArray(3200, '\0') + "\r\n--b--\r\n";
}

const std::vector<Header> kForm{{"content-type", "multipart/form-data; boundary=b"}};

} // namespace

class TestBesides : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsJsonGoesThroughUntouched_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<qlonglong>("tokens");
        const auto row
            = [](const char *path, const char *body, const char *answer, qlonglong tokens) {
                  QTest::addRow("%s", path)
                      << QByteArray(path) << QByteArray(body) << QByteArray(answer) << tokens;
              };
        row("/v1/images/generations", R"({ "model":"m","prompt":"a cat", "n": 2 })",
            R"({"created":1, "data":[{"b64_json":"aGk="}],"usage":{"input_tokens":10,)"
            R"("output_tokens":4000,"total_tokens":4010}})",
            4010);
        row("/v1/moderations", R"({ "model":"m", "input":"hello" })",
            R"({"id":"modr-1", "model":"m","results":[{"flagged":false}]})", -1);
        row("/v1/rerank", R"({ "model":"m","query":"q","documents":["a"] })",
            R"({"results":[ {"index":0,"relevance_score":0.5}],"usage":{"total_tokens":3}})", -1);
        row("/v2/rerank", R"({ "model":"m","query":"q","documents":["a"] })",
            R"({"id":"x", "results":[{"index":0,"relevance_score":0.5}]})", -1);
        row("/v1/responses/compact", R"({ "model":"m","input":"long" })",
            R"({"id":"c","object":"response.compaction","output":[{"type":"compaction",)"
            R"("encrypted_content":"x"}],"usage":{"input_tokens":9,"output_tokens":4,)"
            R"("total_tokens":13}})",
            13);
        row("/v1/responses/input_tokens", R"({ "model":"m","input":"hello" })",
            R"({"object":"response.input_tokens", "input_tokens":8})", 0);
    }

    void whatIsJsonGoesThroughUntouched()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, answer);
        QFETCH(qlonglong, tokens);
        World world(1, NanoUsd{kMuch});
        const auto client = world.askAt(path, body);
        QVERIFY2(world.waitForWire(1), client->bytes.constData());
        QCOMPARE(world.wires[0]->request.body, body);
        world.wires[0]->answer(200, "application/json", answer);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        QCOMPARE(client->bytes, answer);
        const auto row = world.record().row;
        if (tokens >= 0)
            QCOMPARE(row.usage.total(), tokens);
        const bool free = path.endsWith("moderations") || path.endsWith("input_tokens");
        QCOMPARE(row.charge.value == 0, free);
        QCOMPARE(world.budget().reserved.value, 0);
        QCOMPARE(world.budget().spent, row.charge);
    }

    void rankingsAreAskedInTheVendorsWords()
    {
        World world(1);
        world.providers.add(std::make_unique<Ranker>(world.wires));
        serving(world, {"ranker"}, "m");
        const auto client = world.askAt(
            "/v1/rerank", R"({"model":"m","query":"q","documents":["a","b"],"top_n":1})");
        QVERIFY(world.waitForWire(1));
        QVERIFY2(world.wires[0]->request.url.endsWith("/v2/rerank"),
                 world.wires[0]->request.url.constData());
        world.wires[0]->answer(200, "application/json",
                               R"({"id":"i","results":[{"index":1,"relevance_score":0.90}],)"
                               R"("meta":{"billed_units":{"search_units":1}}})");
        QTRY_VERIFY(client->finished());
        QVERIFY2(client->bytes.contains(R"("index":1,"relevance_score":0.90)"),
                 client->bytes.constData());
        QCOMPARE(world.record().row.usage.total(), 0);
    }

    void moderationsNeedNoModel()
    {
        World world(1);
        serving(world, {"fake"}, "omni-moderation-latest");
        const auto client = world.askAt("/v1/moderations", R"({"input":"hello"})");
        QVERIFY(world.waitForWire(1));
        QCOMPARE(world.wires[0]->request.body, QByteArray(R"({"input":"hello"})"));
        world.wires[0]->answer(200, "application/json", R"({"results":[{"flagged":true}]})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
    }

    void soundIsPassedOnAsItComes()
    {
        World world(1, NanoUsd{kMuch});
        const auto client
            = world.askAt("/v1/audio/speech", R"({"model":"m","input":"Hello","voice":"alloy"})");
        QVERIFY(world.waitForWire(1));
        const QByteArray one(1000, '\xff');
        const QByteArray two(500, '\0');
        world.wires[0]->answer(200, "audio/mpeg", one, false);
        world.wires[0]->send(two);
        world.wires[0]->finish();
        QTRY_VERIFY(client->finished());
        QVERIFY(!client->aborted);
        QCOMPARE(client->bytes, one + two);
        QCOMPARE(client->headers.value("content-type"), QByteArray("audio/mpeg"));
        const auto row = world.record().row;
        QVERIFY(row.usage.audioOutput > 0);
        QVERIFY((row.flags & store::Estimated) != 0);
        QVERIFY(row.charge.value > 0);
    }

    void soundThatBreaksOffIsNotEndedAsIfItWereWhole()
    {
        World world(1);
        const auto client
            = world.askAt("/v1/audio/speech", R"({"model":"m","input":"Hello","voice":"alloy"})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "audio/mpeg", "start", false);
        QTest::qWait(5);
        world.wires[0]->send("more");
        QTRY_VERIFY(!client->bytes.isEmpty());
        world.wires[0]->fail(upstream::FailureKind::Truncated);
        QTRY_VERIFY(client->finished());
        QVERIFY(client->aborted);
    }

    void transcriptsComeInEveryFormat_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("estimated");
        QTest::addRow("text") << QByteArray("text/plain") << QByteArray("Hello.\n") << true;
        QTest::addRow("srt") << QByteArray("text/plain")
                             << QByteArray("1\n00:00:00,000 --> 00:00:01,000\nHello.\n") << true;
        QTest::addRow("json") << QByteArray("application/json")
                              << QByteArray(R"({"text":"Hello.","usage":{"type":"tokens",)"
                                            R"("input_tokens":14,"output_tokens":3,)"
                                            R"("total_tokens":17}})")
                              << false;
        QTest::addRow("silence") << QByteArray("application/json") << QByteArray(R"({"text":""})")
                                 << true;
    }

    void transcriptsComeInEveryFormat()
    {
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, answer);
        QFETCH(bool, estimated);
        World world(1, NanoUsd{kMuch});
        const auto client = world.askAt("/v1/audio/transcriptions", form(), kForm);
        QVERIFY2(world.waitForWire(1), client->bytes.constData());
        QCOMPARE(world.wires[0]->request.body, form());
        world.wires[0]->answer(200, type, answer);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, answer);
        QCOMPARE(client->headers.value("content-type"), type);
        const auto row = world.record().row;
        QCOMPARE((row.flags & store::Estimated) != 0, estimated);
        QVERIFY(row.usage.total() > 0);
    }

    void streamsOfPicturesAreMetered()
    {
        World world(1, NanoUsd{kMuch});
        const auto client = world.askAt("/v1/images/generations",
                                        R"({"model":"m","prompt":"a cat","stream":true})");
        QVERIFY(world.waitForWire(1));
        const QByteArray events
            = "event: image_generation.partial_image\ndata: {\"b64_json\":\"aGk=\"}\n\n"
              "event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\","
              "\"b64_json\":\"aGk=\",\"usage\":{\"input_tokens\":5,\"output_tokens\":100,"
              "\"total_tokens\":105}}\n\n";
        world.wires[0]->answer(200, "text/event-stream", events);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, events);
        QCOMPARE(world.record().row.usage.total(), 105);
    }

    void picturesAreHeldForAsAWhole()
    {
        World world(1, NanoUsd{kMuch});
        const auto client = world.askAt("/v1/images/generations",
                                        R"({"model":"m","prompt":"a cat","stream":true,"n":3})");
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.budget().reserved.value >= 3 * 6'240 * 1'000); // nano-USD, at 1 USD a million
        world.wires[0]->fail(upstream::FailureKind::Dropped);
        QTRY_VERIFY(client->finished());
    }

    void anErrorInAStreamOfPicturesIsTold()
    {
        World world(1, NanoUsd{kMuch});
        const auto client = world.askAt("/v1/images/generations",
                                        R"({"model":"m","prompt":"a cat","stream":true})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", "data: {\"b64_json\":\"aGk=\"}\n\n",
                               false);
        QTest::qWait(5);
        world.wires[0]->send("data: {\"type\":\"error\",\"error\":{\"message\":\"no\"}}\n\n");
        world.wires[0]->finish();
        QTRY_VERIFY(client->finished());
        QVERIFY(!client->aborted);
        QVERIFY2(client->bytes.contains("\"no\""), client->bytes.constData());
        QVERIFY(!world.record().row.error.isEmpty());
    }

    void aMemberNamedStreamStreamsNoVerdict()
    {
        World world(1);
        const auto client
            = world.askAt("/v1/moderations", R"({"model":"m","input":"a","stream":true})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", R"({"results":[{"flagged":false}]})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, QByteArray(R"({"results":[{"flagged":false}]})"));
    }

    void aCutStreamOfPicturesIsNoAnswer()
    {
        World world(1);
        const auto client = world.askAt("/v1/images/generations",
                                        R"({"model":"m","prompt":"a cat","stream":true})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", "data: {\"b64_json\":\"aGk=\"}\n\n");
        QTRY_VERIFY(client->finished());
        QVERIFY(client->status != 200 || client->aborted);
    }

    void whatNobodyCountsIsEstimatedHere_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("member");
        QTest::addRow("messages")
            << QByteArray("/v1/messages/count_tokens")
            << QByteArray(R"({"model":"m","messages":[{"role":"user","content":"Hello"}]})")
            << QByteArray("{\"input_tokens\":");
        QTest::addRow("gemini") << QByteArray("/v1beta/models/m:countTokens")
                                << QByteArray(R"({"contents":[{"parts":[{"text":"Hello"}]}]})")
                                << QByteArray("{\"totalTokens\":");
        QTest::addRow("responses")
            << QByteArray("/v1/responses/input_tokens")
            << QByteArray(R"({"model":"m","input":"Hello"})")
            << QByteArray("{\"object\":\"response.input_tokens\",\"input_tokens\":");
    }

    void whatNobodyCountsIsEstimatedHere()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, member);
        World world(1);
        serving(world, {"no-counter"}, "m");
        const auto client = world.askAt(path, body);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        QVERIFY2(client->bytes.startsWith(member), client->bytes.constData());
        QCOMPARE(client->headers.value("x-tollgate-estimated"), QByteArray("true"));
        QVERIFY(world.wires.empty());
    }

    void whoCountsIsAskedFirst()
    {
        World world(1);
        serving(world, {"no-counter", "fake"}, "m");
        const auto client = world.askAt("/v1/messages/count_tokens", kAsk);
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.wires[0]->request.url.endsWith("/c2"));
        world.wires[0]->answer(200, "application/json", R"({"input_tokens":12})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, QByteArray(R"({"input_tokens":12})"));
        QVERIFY(client->headers.value("x-tollgate-estimated").isEmpty());
    }

    void estimatesFollowTheText()
    {
        const auto of = [](const QByteArray &text) {
            return relay::countedHere(R"({"messages":[{"role":"user","content":")" + text
                                      + R"("}]})");
        };
        QVERIFY(of(QByteArray(400, 'a')) - of("") >= 90);
        QVERIFY(of(QByteArray(400, 'a')) - of("") <= 110);
        const QByteArray chinese = QString(100, QChar(0x4f60)).toUtf8();
        QCOMPARE(of(chinese) - of(""), 100);
        QVERIFY(of("data:image/png;base64," + QByteArray(100'000, 'A')) < 3'000);
    }
};

QTEST_GUILESS_MAIN(TestBesides)
#include "test_besides.moc"
