// SPDX-License-Identifier: GPL-3.0-or-later
// A client that asks the same thing twice under one Idempotency-Key.
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;

class TestIdempotency : public QObject
{
    Q_OBJECT

private:
    static std::shared_ptr<Client> ask(World &world, const QByteArray &body,
                                       const QByteArray &key = "key-1")
    {
        return world.ask(body, world.token.text, {{"idempotency-key", key}});
    }

private Q_SLOTS:
    void theAnswerIsSentAgainAndPaidOnce()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(first->finished());
        QVERIFY(!first->headers.contains("idempotency-replayed"));
        const QByteArray earlier = world.record().row.id;

        const auto again = ask(world, kAsk);
        QTRY_VERIFY(again->finished());
        QCOMPARE(again->status, 200);
        QCOMPARE(again->bytes, kAnswer);
        QCOMPARE(again->headers.value("content-type"), "application/json");
        QCOMPARE(again->headers.value("idempotency-replayed"), "true");
        QCOMPARE(world.wires.size(), 1u);
        QCOMPARE(world.budget().spent.value, 12'000);
        QCOMPARE(world.budget().reserved.value, 0);
        const store::LoggedRequest record = world.record();
        QVERIFY(record.row.id != earlier);
        QCOMPARE(again->headers.value("x-request-id"), record.row.id);
        QCOMPARE(record.row.status, 200);
        QCOMPARE(record.row.charge.value, 0);
        QVERIFY(record.attempts.empty());
    }

    void anotherBodyUnderTheKeyIs422()
    {
        World world(1);
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(first->finished());
        const auto other = ask(world, kAskStream);
        QTRY_VERIFY(other->finished());
        QCOMPARE(other->status, 422);
        QCOMPARE(world.wires.size(), 1u);
        QCOMPARE(world.record().row.status, 422);
    }

    void whileTheFirstRunsTheSecondIsToldToWait()
    {
        World world(1);
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        const auto second = ask(world, kAsk);
        QTRY_VERIFY(second->finished());
        QCOMPARE(second->status, 409);
        QVERIFY(second->headers.value("retry-after").toInt() > 0);
        QCOMPARE(world.wires.size(), 1u);
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(first->bytes, kAnswer);
        const auto third = ask(world, kAsk);
        QTRY_COMPARE(third->bytes, kAnswer);
    }

    void aStreamIsNotSentAgain()
    {
        World world(1);
        const auto first = ask(world, kAskStream);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", kWord + kStop + kUsage + kDone);
        QTRY_VERIFY(first->finished());
        const QByteArray earlier = world.record().row.id;
        const auto again = ask(world, kAskStream);
        QTRY_VERIFY(again->finished());
        QCOMPARE(again->status, 409);
        QVERIFY(!again->headers.contains("retry-after"));
        QVERIFY2(again->bytes.contains(earlier), again->bytes.constData());
        QCOMPARE(world.wires.size(), 1u);
    }

    void aRequestThatFailedMayBeTriedAgain()
    {
        World world(1);
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(500, "application/json", "{}");
        QTRY_VERIFY(first->finished());
        QVERIFY(first->status >= 500);
        const auto again = ask(world, kAsk);
        QVERIFY2(world.waitForWire(2), again->bytes.constData());
        world.wires[1]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(again->bytes, kAnswer);
    }

    void failoverKeepsTheKey()
    {
        World world(2);
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(500, "application/json", "{}");
        QVERIFY(world.waitForWire(2));
        const auto rival = ask(world, kAsk);
        QTRY_COMPARE(rival->status, 409);
        world.wires[1]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(first->bytes, kAnswer);
        const auto again = ask(world, kAsk);
        QTRY_COMPARE(again->bytes, kAnswer);
        QCOMPARE(world.wires.size(), 2u);
    }

    void aClientThatLeftBeforeItsAnswerMayAskAgain()
    {
        World world(1);
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        first->leave();
        QTRY_COMPARE(world.relay->running(), 0u);
        const auto again = ask(world, kAsk);
        QVERIFY2(world.waitForWire(2), again->bytes.constData());
        world.wires[1]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(again->bytes, kAnswer);
    }

    void whatMayHaveBeenCarriedOutIsNotCarriedOutAgain()
    {
        World world(1);
        const auto first = ask(world, kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->fail(upstream::FailureKind::Dropped);
        QTRY_VERIFY(first->finished());
        const auto again = ask(world, kAsk);
        QTRY_VERIFY(again->finished());
        QCOMPARE(again->status, 409);
        QVERIFY(again->headers.value("retry-after").toInt() > 500);
        QCOMPARE(world.wires.size(), 1u);
    }

    void aKeyIsOneToTwoHundredFiftyFiveVisibleCharacters_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<bool>("good");
        QTest::newRow("empty") << QByteArray("") << false;
        QTest::newRow("one") << QByteArray("~") << true;
        QTest::newRow("longest") << QByteArray(255, '!') << true;
        QTest::newRow("too long") << QByteArray(256, 'a') << false;
        QTest::newRow("space") << QByteArray("a b") << false;
        QTest::newRow("not ASCII") << QByteArray("\xc3\xa4") << false;
        QTest::newRow("control") << QByteArray("a\x7f") << false;
    }
    void aKeyIsOneToTwoHundredFiftyFiveVisibleCharacters()
    {
        QFETCH(QByteArray, key);
        QFETCH(bool, good);
        World world(1);
        const auto client = ask(world, kAsk, key);
        if (good) {
            QVERIFY2(world.waitForWire(1), client->bytes.constData());
        } else {
            QTRY_VERIFY(client->finished());
            QCOMPARE(client->status, 400);
            QVERIFY(world.wires.empty());
        }
    }

    void withoutAKeyTheSameIsDoneTwice()
    {
        World world(1);
        const auto first = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(first->finished());
        const auto second = world.ask(kAsk);
        QVERIFY(world.waitForWire(2));
    }
};

QTEST_GUILESS_MAIN(TestIdempotency)
#include "test_idempotency.moc"
