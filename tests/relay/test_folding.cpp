// SPDX-License-Identifier: GPL-3.0-or-later
// What a vendor gives as a stream only, told whole to a client that asked for no stream.
#include "core/codecs/codecs.h"
#include "core/relay/folding.h"
#include "core/relay/translation.h"
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::relay;
using namespace tollgate::test;
using protocol::Dialect;

namespace {

class Streamer final : public FakeProvider
{
public:
    Streamer(std::deque<std::shared_ptr<Wire>> &wires, Dialect dialect, std::int64_t longestWhole)
        : FakeProvider(wires)
        , m_dialect(dialect)
        , m_longestWhole(longestWhole)
    {
    }
    [[nodiscard]] QByteArray id() const override { return "streamer"; }
    [[nodiscard]] bool speaks(protocol::Operation, Dialect dialect) const override
    {
        return dialect == m_dialect;
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target = FakeProvider::target(model);
        target.longestWhole = m_longestWhole;
        target.answersStreamsOnly = m_longestWhole < 0;
        target.maxOutputTokens = 64'000;
        return target;
    }

private:
    Dialect m_dialect;
    std::int64_t m_longestWhole;
};

// `longestWhole` below zero: streams only.
void over(World &world, Dialect dialect, std::int64_t longestWhole)
{
    world.providers.add(std::make_unique<Streamer>(world.wires, dialect, longestWhole));
    auto channel = World::channel(1);
    channel->row.provider = "streamer";
    auto table = std::make_shared<routing::ChannelTable>();
    table->channels.push_back(std::move(channel));
    auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
    snapshot->channels = std::move(table);
    world.relay->setSnapshot(snapshot);
}

const QByteArray kThinkingStream
    = "event: message_start\n"
      R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",)"
      R"("model":"m","content":[],"stop_reason":null,"stop_sequence":null,)"
      R"("usage":{"input_tokens":7,"output_tokens":1}}})"
      "\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n"
      "event: content_block_start\n"
      R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking",)"
      R"("thinking":"","signature":""}})"
      "\n\nevent: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta",)"
      R"("thinking":"hm"}})"
      "\n\nevent: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta",)"
      R"("signature":"SIG"}})"
      "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "event: content_block_start\n"
      R"(data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})"
      "\n\nevent: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta",)"
      R"("text":"a long story"}})"
      "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
      "event: message_delta\n"
      R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
      R"("usage":{"output_tokens":9}})"
      "\n\n";
const QByteArray kMessageStop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

QByteArray messagesOf(std::int64_t most)
{
    return R"({ "model":"m", "max_tokens":)" + QByteArray::number(static_cast<qlonglong>(most))
        + R"(,"messages":[{"role":"user","content":"Hi"}],"odd":[1,2.50]})";
}

} // namespace

class TestFolding final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamsWhatTheVendorDoesNotAnswerWhole();
    void aLongAnswerIsAskedAsAStreamInTheClientsOwnBytes();
    void aShortOneIsNot();
    void aClientOfAnotherDialectGetsItWholeToo();
    void theCodecsOwnMaximumCounts();
    void aModelThatStreamsOnlyIsAskedForUsage();
    void aStreamThatBreaksOffIsNoAnswer();
    void anErrorInTheStreamIsAnError();
};

void TestFolding::streamsWhatTheVendorDoesNotAnswerWhole()
{
    conversation::Target target;
    QVERIFY(!mustStream(target, 1'000'000));
    target.longestWhole = 100;
    QVERIFY(!mustStream(target, {}));
    QVERIFY(!mustStream(target, 100));
    QVERIFY(mustStream(target, 101));
    target.answersStreamsOnly = true;
    QVERIFY(mustStream(target, {}));
}

void TestFolding::aLongAnswerIsAskedAsAStreamInTheClientsOwnBytes()
{
    World world(1);
    over(world, Dialect::Messages, 21'333);
    const QByteArray asked = messagesOf(64'000);
    const auto client = world.askAt("/v1/messages", asked);
    QVERIFY(world.waitForWire(1));
    QByteArray expected = asked;
    QCOMPARE(world.wires[0]->request.body, expected.replace("{ ", R"({"stream":true, )"));
    world.wires[0]->answer(200, "text/event-stream", kThinkingStream, false);
    QTest::qWait(20);
    QVERIFY(!client->begun());
    world.wires[0]->send(kMessageStop);
    world.wires[0]->finish();
    QTRY_VERIFY(client->finished());
    QCOMPARE(client->status, 200);
    QCOMPARE(client->headers.value("content-type"), QByteArray("application/json"));
    const QByteArray &body = client->bytes;
    QVERIFY2(body.startsWith(R"({"id":"msg_1","type":"message")"), body.constData());
    QVERIFY2(body.contains(R"({"type":"thinking","thinking":"hm","signature":"SIG"})"),
             body.constData());
    QVERIFY2(body.contains(R"({"type":"text","text":"a long story"})"), body.constData());
    QVERIFY2(body.contains(R"("stop_reason":"end_turn")"), body.constData());
    QCOMPARE(world.record().row.usage.totalInput(), 7);
    QCOMPARE(world.record().row.usage.totalOutput(), 9);
}

void TestFolding::aShortOneIsNot()
{
    World world(1);
    over(world, Dialect::Messages, 21'333);
    const auto client = world.askAt("/v1/messages", messagesOf(21'333));
    QVERIFY(world.waitForWire(1));
    QCOMPARE(world.wires[0]->request.body, messagesOf(21'333));
}

void TestFolding::aClientOfAnotherDialectGetsItWholeToo()
{
    World world(1);
    over(world, Dialect::Messages, 21'333);
    const auto client = world.ask(
        R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":30000})");
    QVERIFY(world.waitForWire(1));
    QVERIFY2(world.wires[0]->request.body.contains(R"("stream":true)"),
             world.wires[0]->request.body.constData());
    world.wires[0]->answer(200, "text/event-stream", kThinkingStream + kMessageStop);
    QTRY_VERIFY(client->finished());
    QVERIFY2(client->bytes.contains(R"("object":"chat.completion")"), client->bytes.constData());
    QVERIFY2(client->bytes.contains(R"("content":"a long story")"), client->bytes.constData());
    QCOMPARE(world.record().row.usage.totalOutput(), 9);
}

// Messages must name a maximum: what stands for a client that names none may be a long one.
void TestFolding::theCodecsOwnMaximumCounts()
{
    World world(1);
    over(world, Dialect::Messages, 1'000);
    const auto client = world.ask(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})");
    QVERIFY(world.waitForWire(1));
    QVERIFY2(world.wires[0]->request.body.contains(R"("stream":true)"),
             world.wires[0]->request.body.constData());
}

void TestFolding::aModelThatStreamsOnlyIsAskedForUsage()
{
    World world(1);
    over(world, Dialect::Chat, -1);
    const auto client = world.ask(
        R"({"model":"m","stream":false,"messages":[{"role":"user","content":"Hello"}]})");
    QVERIFY(world.waitForWire(1));
    const QByteArray body = world.wires[0]->request.body;
    QVERIFY2(body.contains(R"("stream":true)") && !body.contains(R"("stream":false)"),
             body.constData());
    QVERIFY2(body.contains(R"("stream_options":{"include_usage":true})"), body.constData());
    world.wires[0]->answer(200, "text/event-stream", kWord + kStop + kUsage + kDone);
    QTRY_VERIFY(client->finished());
    QCOMPARE(client->status, 200);
    QVERIFY2(client->bytes.contains(R"("content":"Hi there")"), client->bytes.constData());
    QVERIFY2(client->bytes.contains(R"("finish_reason":"stop")"), client->bytes.constData());
    QCOMPARE(world.record().row.usage.totalInput(), 10);
}

void TestFolding::aStreamThatBreaksOffIsNoAnswer()
{
    World world(1);
    over(world, Dialect::Messages, 21'333);
    const auto client = world.askAt("/v1/messages", messagesOf(64'000));
    QVERIFY(world.waitForWire(1));
    world.wires[0]->answer(200, "text/event-stream", kThinkingStream.left(900));
    QTRY_VERIFY(client->finished());
    QCOMPARE(client->status, 502);
    QVERIFY2(client->bytes.contains(R"("type":"error")"), client->bytes.constData());
}

void TestFolding::anErrorInTheStreamIsAnError()
{
    World world(1);
    over(world, Dialect::Messages, 21'333);
    const auto client = world.askAt("/v1/messages", messagesOf(64'000));
    QVERIFY(world.waitForWire(1));
    world.wires[0]->answer(
        200, "text/event-stream",
        kThinkingStream
            + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
              "\"message\":\"Overloaded\"}}\n\n");
    QTRY_VERIFY(client->finished());
    QVERIFY(client->status >= 500);
    QVERIFY2(client->bytes.contains("Overloaded"), client->bytes.constData());
}

QTEST_GUILESS_MAIN(TestFolding)
#include "test_folding.moc"
