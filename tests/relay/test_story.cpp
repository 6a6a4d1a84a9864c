// SPDX-License-Identifier: GPL-3.0-or-later
// Requests from accept to record: a real store and ledger, a client and a vendor under control.
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;

class TestStory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wholeAnswerReachesItsClientUnchangedAndPaid()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.ask(kAsk);
        QVERIFY2(world.waitForWire(1), client->bytes.constData());
        QCOMPARE(world.wires[0]->request.body, kAsk);
        QVERIFY(world.budget().reserved.value > 0);
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        QCOMPARE(client->bytes, kAnswer);
        QCOMPARE(world.budget().reserved.value, 0);
        QCOMPARE(world.budget().spent.value, 12'000);
        const store::LoggedRequest record = world.record();
        QCOMPARE(record.row.status, 200);
        QCOMPARE(record.row.charge.value, 12'000);
        QCOMPARE(record.attempts.size(), 1u);
        QCOMPARE(record.attempts[0].state, store::AttemptState::Settled);
        QCOMPARE(client->headers.value("x-request-id"), record.row.id);
    }

    void failureBeforeContentMovesOnToTheNextChannel()
    {
        World world(2);
        const auto client = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(500, "application/json", "{}");
        QVERIFY(world.waitForWire(2));
        QVERIFY(world.wires[0]->request.url != world.wires[1]->request.url);
        world.wires[1]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        const store::LoggedRequest record = world.record();
        QCOMPARE(record.attempts.size(), 2u);
        QCOMPARE(record.attempts[0].state, store::AttemptState::Released);
        QCOMPARE(record.attempts[0].status, 500);
        QCOMPARE(record.attempts[1].state, store::AttemptState::Settled);
    }

    void anAccountWithoutMoneyIsLeftForAnother()
    {
        World world(2);
        const auto client = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(400, "application/json",
                               R"({"type":"error","error":{"type":"invalid_request_error",)"
                               R"("message":"Your credit balance is too low to go on."}})");
        QVERIFY(world.waitForWire(2));
        world.wires[1]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(client->status, 200);
    }

    void emptyAnswerIsNoAnswer()
    {
        World world(2);
        const auto client = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", R"({"id":"x","choices":[]})");
        QVERIFY(world.waitForWire(2));
        world.wires[1]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(client->bytes, kAnswer);
    }

    void requestThatWasSentAndNeverAnsweredIsNotSentAgain()
    {
        World world(2, NanoUsd{1'000'000'000});
        const auto client = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->fail(upstream::FailureKind::Dropped);
        QTRY_VERIFY(client->finished());
        QCOMPARE(world.wires.size(), 1u);
        QCOMPARE(client->status, 502);
        QVERIFY(client->bytes.contains("outcome_unknown"));
        QCOMPARE(world.record().attempts[0].state, store::AttemptState::Unknown);
        QVERIFY(world.budget().reserved.value > 0); // held until the sweep settles it
    }

    void streamPassesWordByWordAndEndsOnlyOncePaid()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.wires[0]->request.body.contains("include_usage"));
        world.wires[0]->answer(200, "text/event-stream", kWord, false);
        QTRY_COMPARE(client->bytes, kWord);
        world.wires[0]->send(kStop + kUsage + kDone);
        world.wires[0]->finish();
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, kWord + kStop + kDone); // the usage nobody asked for is gone
        QCOMPARE(world.budget().spent.value, 12'000);
        QVERIFY(world.record().row.firstTokenUs >= 0);
    }

    void preambleAloneCommitsToNoChannel()
    {
        World world(2);
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", ": hello\n\n", false);
        QTest::qWait(20);
        QVERIFY(!client->begun());
        world.wires[0]->send("data: {\"error\":{\"message\":\"overloaded\"}}\n\n");
        QVERIFY(world.waitForWire(2));
        world.wires[1]->answer(200, "text/event-stream", kWord + kStop + kUsage + kDone);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, kWord + kStop + kDone);
    }

    void cutStreamNeverLooksFinished()
    {
        World world(2, NanoUsd{1'000'000'000});
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", kWord, false);
        QTRY_VERIFY(!client->bytes.isEmpty());
        world.wires[0]->fail(upstream::FailureKind::Truncated);
        QTRY_VERIFY(client->finished());
        QVERIFY(client->bytes.contains("\"error\""));
        QVERIFY(!client->bytes.contains("[DONE]"));
        QCOMPARE(world.wires.size(), 1u);
        const store::LoggedRequest record = world.record();
        QVERIFY(record.row.flags & store::Partial);
        QVERIFY(record.row.charge.value > 0);
        QCOMPARE(world.budget().reserved.value, 0);
    }

    void clientLeavingMidStreamCancelsUpstreamAndPaysItsPart()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", kWord, false);
        QTRY_VERIFY(!client->bytes.isEmpty());
        client->leave();
        QVERIFY(world.wires[0]->cancelled);
        QTRY_COMPARE(world.relay->running(), 0u);
        const store::LoggedRequest record = world.record();
        QCOMPARE(record.row.status, 499);
        QVERIFY(record.row.flags & store::ClientLeft);
        QVERIFY(record.row.charge.value > 0);
        QCOMPARE(world.budget().reserved.value, 0);
    }

    void slowClientPausesTheProvider()
    {
        World world(1);
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        client->unsent = 2 * 1024 * 1024;
        world.wires[0]->answer(200, "text/event-stream", kWord, false);
        QTest::qWait(20);
        QCOMPARE(world.wires[0]->buffered, kWord); // not taken
        client->drain();
        QTRY_COMPARE(client->bytes, kWord);
    }

    void revokedTokenEndsItsStreamsAtOnce()
    {
        World world(1);
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", kWord, false);
        QTRY_VERIFY(!client->bytes.isEmpty());
        auto changed = std::make_shared<relay::Snapshot>(*world.snapshot);
        store::TokenRow revoked = world.row;
        revoked.state = store::TokenState::Revoked;
        changed->tokens = std::make_shared<access::TokenTable>(std::vector{revoked});
        world.relay->setSnapshot(changed);
        QTRY_VERIFY(client->finished());
        QVERIFY(world.wires[0]->cancelled);
        QVERIFY(client->bytes.contains("\"error\""));
    }

    void exhaustedBudgetIs402AndNothingIsSent()
    {
        World world(1, NanoUsd{1'000});
        const auto client = world.ask(kAsk);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 402);
        QVERIFY(world.wires.empty());
        QCOMPARE(world.record().row.status, 402);
    }

    void budgetThatAffordsLessLowersTheMaximum()
    {
        // The input's upper bound is some 2,130 tokens, which leaves 70 to 90 for the output.
        World world(1, NanoUsd{2'210'000});
        const auto client = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        QVERIFY(!world.wires[0]->request.body.contains("\"max_tokens\":100"));
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_COMPARE(client->status, 200);
        QVERIFY(world.record().row.flags & store::Lowered);
    }

    void unknownTokenIsRefusedAndRecorded()
    {
        World world(1);
        const auto client = world.ask(kAsk, access::makeToken().text);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 401);
        QCOMPARE(world.record().row.status, 401);
        QVERIFY(world.wires.empty());
    }

    void brokenJsonIsRefusedBeforeAnythingIsSent()
    {
        World world(1);
        const auto client = world.ask("{\"model\":\"m\",}");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 400);
        QVERIFY(world.wires.empty());
    }

    void shuttingDownTellsTheClientAndSettles()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "text/event-stream", kWord, false);
        QTRY_VERIFY(!client->bytes.isEmpty());
        world.relay->stopAll();
        QTRY_VERIFY(client->finished());
        QVERIFY(client->bytes.contains("shutting_down"));
        QCOMPARE(world.budget().reserved.value, 0);
    }
};

QTEST_GUILESS_MAIN(TestStory)
#include "test_story.moc"
