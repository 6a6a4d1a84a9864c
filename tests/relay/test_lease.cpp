// SPDX-License-Identifier: GPL-3.0-or-later
// Streams on a budget: they hold little at first, more as they grow, and are cut where it ends.
#include "core/codecs/codecs.h"
#include "core/protocol/cutshort.h"
#include "core/protocol/jsonreader.h"
#include "core/protocol/meter.h"
#include "core/relay/lease.h"
#include "core/relay/streamcutter.h"
#include "core/relay/streamtranslator.h"
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;
using relay::Lease;

namespace {

// One USD a million tokens: 1,000 nano-USD each.
constexpr std::int64_t kToken = 1'000;

QByteArray askFor(int tokens)
{
    QByteArray body = kAskStream;
    return body.replace("\"max_tokens\":100", "\"max_tokens\":" + QByteArray::number(tokens));
}

QByteArray words(qsizetype bytes)
{
    return R"(data: {"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":")"
        + QByteArray(bytes, 'w') + R"("},"finish_reason":null}]})" + "\n\n";
}

QByteArray usage(int input, int output)
{
    return R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":)"
        + QByteArray::number(input) + R"(,"completion_tokens":)" + QByteArray::number(output)
        + "}}\n\n";
}

// Eats the budget from beside.
std::int64_t takeAll(World &world)
{
    world.store->drain();
    const auto state = world.budget();
    ledger::HoldRequest other;
    other.attempt.requestId = "other";
    other.attempt.startedUs = Clock::system().wallUs();
    other.tokenId = world.row.id;
    other.budgetIds = {world.row.budgetId};
    other.fixed.value = state.cap.value - state.reserved.value - state.spent.value;
    const auto held = world.ledger->reserve(other, world.mailbox);
    world.store->drain();
    return other.fixed.value;
}

} // namespace

class TestRelayLease : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStreamHoldsLittleAtFirstAndAllIsPaidAtTheEnd()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.ask(askFor(64'000));
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.wires[0]->request.body.contains("\"max_tokens\":64000"));
        const std::int64_t first = world.budget().reserved.value;
        QVERIFY2(first < 6'000 * kToken, QByteArray::number(qlonglong(first)).constData());
        world.wires[0]->answer(200, "text/event-stream", words(900), false);
        QTRY_VERIFY(client->bytes.contains("www"));
        QTRY_VERIFY(world.budget().reserved.value >= first + 900 * kToken);
        world.wires[0]->send(words(3'000) + kStop + usage(10, 975) + kDone);
        world.wires[0]->finish();
        QTRY_VERIFY(client->finished());
        QVERIFY(client->bytes.endsWith(kStop + kDone));
        QCOMPARE(world.budget().spent.value, 985 * kToken);
        QCOMPARE(world.budget().reserved.value, 0);
        QVERIFY(!world.record().row.flags);
    }

    void whatWasThoughtInSilenceIsHeldForBeforeTheEnd()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.ask(askFor(64'000));
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream",
                               words(10) + kStop + usage(10, 20'000) + kDone);
        QTRY_VERIFY(client->finished());
        QVERIFY(client->bytes.endsWith(kDone));
        QCOMPARE(world.budget().spent.value, 20'010 * kToken);
        QVERIFY(!(world.record().row.flags & store::Clamped));
    }

    void anUnpaidPartIsNotDelivered()
    {
        World world(1, NanoUsd{100'000'000});
        const auto client = world.ask(askFor(64'000));
        QVERIFY(world.waitForWire(1));
        (void)takeAll(world);
        world.wires[0]->answer(200, "text/event-stream", words(800), false);
        QTRY_COMPARE(client->bytes, words(800));
        QVERIFY(!client->finished());
        world.wires[0]->send(words(9'000));
        QTRY_VERIFY(client->finished());
        QVERIFY(world.wires[0]->cancelled);
        const QByteArray tail = client->bytes.mid(words(800).size());
        QVERIFY2(!tail.contains("www"), tail.left(300).constData());
        QVERIFY(tail.contains(R"("finish_reason":"length")"));
        QVERIFY(tail.endsWith("data: [DONE]\n\n"));
        const store::LoggedRequest record = world.record();
        QCOMPARE(record.row.status, 200);
        QCOMPARE(record.row.error, "budget_exhausted");
        QCOMPARE(record.row.finishReason, "length");
        QVERIFY(record.row.flags & store::Partial);
        QVERIFY(record.row.charge <= record.attempts[0].held);
        // Every byte that came is counted: 9,800 of them, four a token.
        QCOMPARE(record.row.usage.output, protocol::estimateTokens(9'800));
        QCOMPARE(world.budget().spent, record.row.charge);
        QCOMPARE(record.row.charge,
                 std::min(NanoUsd{record.row.usage.total() * kToken}, record.attempts[0].held));
        QVERIFY(world.health.cooldownUs(1) == 0); // no fault of the channel's
    }

    void aBurstIsDeliveredAsFarAsItIsPaid()
    {
        World world(1, NanoUsd{100'000'000});
        const auto client = world.ask(askFor(64'000));
        QVERIFY(world.waitForWire(1));
        (void)takeAll(world);
        QByteArray burst;
        for (int i = 0; i < 40; ++i)
            burst += words(200);
        world.wires[0]->answer(200, "text/event-stream", burst + kStop + usage(10, 2'000) + kDone);
        QTRY_VERIFY(client->finished());
        const auto delivered = client->bytes.count('w');
        QVERIFY2(delivered >= 800 && delivered < 8'000, QByteArray::number(delivered).constData());
        QVERIFY(client->bytes.contains(R"("finish_reason":"length")"));
        const store::LoggedRequest record = world.record();
        QVERIFY(record.row.charge <= record.attempts[0].held);
        QCOMPARE(world.budget().spent, record.row.charge);
    }

    void aBudgetThatRunsOutBeforeTheFirstWordIsAnError()
    {
        World world(2, NanoUsd{100'000'000});
        const auto client = world.ask(askFor(64'000));
        QVERIFY(world.waitForWire(1));
        (void)takeAll(world);
        world.wires[0]->answer(200, "text/event-stream", words(5'000), false);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 402);
        QVERIFY(world.wires[0]->cancelled);
        QCOMPARE(world.wires.size(), 1u); // it was written once, and is not asked for again
        const store::LoggedRequest record = world.record();
        QCOMPARE(record.attempts.size(), 1u);
        QVERIFY(record.row.charge.value > 0);
        QCOMPARE(record.row.error, "budget_exhausted");
    }

    void answersWithoutStreamHoldAllTheyMayCost()
    {
        World world(1, NanoUsd{1'000'000'000});
        QByteArray body = kAsk;
        const auto client = world.ask(body.replace("\"max_tokens\":100", "\"max_tokens\":64000"));
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.budget().reserved.value > 64'000 * kToken);
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(client->finished());
    }

    void whatIsUsualIsHeldFromTheStart()
    {
        World world(1, NanoUsd{1'000'000'000});
        for (std::size_t i = 1; i <= 2; ++i) {
            const auto client = world.ask(askFor(64'000));
            QVERIFY(world.waitForWire(i));
            const std::int64_t first = world.budget().reserved.value;
            QVERIFY(i == 1 ? first < 6'000 * kToken : first > 10'000 * kToken);
            world.wires[i - 1]->answer(200, "text/event-stream",
                                       words(10'000) + kStop + usage(10, 2'500) + kDone);
            QTRY_VERIFY(client->finished());
        }
    }

    void aLeaseAsksForWhatIsUsedAndASliceMore()
    {
        Lease lease(NanoUsd{1'100'000}, NanoUsd{100'000}, PicoUsd{1'000'000}, 50'000);
        QVERIFY(lease.partial());
        QVERIFY(lease.covers(1'000) && !lease.covers(1'001));
        QVERIFY(!lease.runsLow(800) && lease.runsLow(801));
        const Lease::Slice slow = lease.next(900, 10'000'000);
        QCOMPARE(slow.by.value, 1'024 * kToken);
        QCOMPARE(slow.atLeast.value, kToken);
        const Lease::Slice fast = lease.next(4'000, 1'000'000); // 8,000 in two seconds
        QCOMPARE(fast.by.value, 11'000 * kToken);
        QCOMPARE(fast.atLeast.value, 3'000 * kToken);
        lease.grow(NanoUsd{49'000'000});
        QVERIFY(!lease.partial());
        QVERIFY(!Lease().partial());
    }

    void theUsualIsThe95thPercentileOfTheLast()
    {
        relay::UsualOutput usual;
        QCOMPARE(usual.most(1, "m"), 0);
        for (int i = 1; i <= 100; ++i)
            usual.note(1, "m", i);
        QCOMPARE(usual.most(1, "m"), 99);
        QCOMPARE(usual.most(2, "m"), 0);
        for (int i = 0; i < 5'000; ++i)
            usual.note(i, "other", 5);
        QCOMPARE(usual.most(4'999, "other"), 5);
    }

    void everyDialectEndsAtItsLength_data()
    {
        QTest::addColumn<protocol::Endpoint>("endpoint");
        QTest::addColumn<QByteArray>("begun");
        QTest::addColumn<QByteArray>("reason");
        const auto endpoint = [](protocol::Dialect dialect, bool sse = true) {
            protocol::Endpoint made;
            made.dialect = dialect;
            made.operation = protocol::Operation::Generate;
            made.sse = sse;
            return made;
        };
        QTest::newRow("chat") << endpoint(protocol::Dialect::Chat) << words(3)
                              << QByteArray("length");
        QTest::newRow("completions")
            << endpoint(protocol::Dialect::Completions)
            << QByteArray("data: {\"id\":\"c\",\"choices\":[{\"index\":1,\"text\":\"w\"}]}\n\n")
            << QByteArray("length");
        QTest::newRow("messages")
            << endpoint(protocol::Dialect::Messages)
            << QByteArray(
                   "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":"
                   "\"m\",\"content\":[],\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n"
                   "event: content_block_start\ndata: {\"type\":\"content_block_start\","
                   "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
                   "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
                   "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"w\"}}\n\n")
            << QByteArray("max_tokens");
        QTest::newRow("responses")
            << endpoint(protocol::Dialect::Responses)
            << QByteArray(
                   "event: response.created\ndata: {\"type\":\"response.created\","
                   "\"sequence_number\":0,\"response\":{\"id\":\"r\",\"status\":\"in_progress\"}}"
                   "\n\nevent: response.output_text.delta\ndata: {\"type\":"
                   "\"response.output_text.delta\",\"sequence_number\":7,\"delta\":\"w\"}\n\n")
            << QByteArray("max_output_tokens");
        QTest::newRow("gemini")
            << endpoint(protocol::Dialect::Gemini)
            << QByteArray("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"w\"}]}}]}"
                          "\r\n\r\n")
            << QByteArray("MAX_TOKENS");
        QTest::newRow("gemini array")
            << endpoint(protocol::Dialect::Gemini, false)
            << QByteArray("[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"w\"}]}}]}")
            << QByteArray("MAX_TOKENS");
    }
    // The stream as its client has it, read again by what reads the vendors' own.
    void everyDialectEndsAtItsLength()
    {
        QFETCH(protocol::Endpoint, endpoint);
        QFETCH(QByteArray, begun);
        QFETCH(QByteArray, reason);
        relay::StreamCutter provider(endpoint, true);
        QByteArray told;
        QVERIFY(provider.cut(begun, told));
        QVERIFY(provider.contentSeen());
        QVERIFY(!provider.complete());
        TokenCounts used;
        used.input = 11;
        used.output = 22;
        told += provider.cutShort({used, "m", 1'700'000'000});

        relay::StreamCutter client(endpoint, true);
        QByteArray passing;
        QVERIFY(client.cut(told, passing));
        client.close(passing);
        QVERIFY2(client.complete(), told.constData());
        QVERIFY(!client.error());
        QCOMPARE(client.facts().finishReason, reason);
        QVERIFY(client.facts().usage);
        QCOMPARE(client.facts().usage->totalOutput(), 22);
        QCOMPARE(client.facts().openBlock, -1);
    }

    void everyTranslatedStreamEndsAtItsLength_data()
    {
        QTest::addColumn<int>("dialect");
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("messages") << int(protocol::Dialect::Messages) << QByteArray("max_tokens");
        QTest::newRow("responses")
            << int(protocol::Dialect::Responses) << QByteArray("max_output_tokens");
        QTest::newRow("gemini") << int(protocol::Dialect::Gemini) << QByteArray("MAX_TOKENS");
    }
    void everyTranslatedStreamEndsAtItsLength()
    {
        QFETCH(int, dialect);
        QFETCH(QByteArray, reason);
        protocol::Endpoint endpoint;
        endpoint.dialect = protocol::Dialect(dialect);
        conversation::AnswerContext context;
        context.model = "m";
        relay::StreamTranslator provider(relay::Framing(protocol::Dialect::Chat),
                                         codecs::codecOf(protocol::Dialect::Chat)->streamDecoder(),
                                         codecs::codecOf(endpoint.dialect)->streamEncoder(context),
                                         {protocol::Dialect::Chat, endpoint.dialect, {}});
        QByteArray told;
        QVERIFY(provider.cut(words(30), told));
        TokenCounts used;
        used.input = 11;
        used.output = 22;
        told += provider.cutShort({used, "m", 1'700'000'000});

        relay::StreamCutter client(endpoint, true);
        QByteArray passing;
        QVERIFY(client.cut(told, passing));
        client.close(passing);
        QVERIFY2(client.complete(), told.constData());
        QCOMPARE(client.facts().finishReason, reason);
        QVERIFY(client.facts().usage);
        QCOMPARE(client.facts().usage->totalOutput(), 22);
        QCOMPARE(client.facts().openBlock, -1);
    }
};

QTEST_GUILESS_MAIN(TestRelayLease)
#include "test_lease.moc"
