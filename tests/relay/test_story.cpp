// SPDX-License-Identifier: GPL-3.0-or-later
// Requests from accept to record: a real store and ledger, a client and a vendor under control.
#include "core/ledger/pricestore.h"
#include "core/relay/relay.h"
#include "core/store/budgets.h"
#include "core/store/requests.h"
#include "core/store/store.h"
#include "core/store/tokens.h"
#include "core/upstream/client.h"
#include "tests/relay/fakes.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tollgate;
using namespace tollgate::test;

namespace {

const QByteArray kAsk
    = R"({"model":"m","messages":[{"role":"user","content":"Hello"}],"max_tokens":100})";
const QByteArray kAskStream
    = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hello"}],"max_tokens":100})";
const QByteArray kAnswer
    = R"({"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}})";
const QByteArray kWord
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi there"},"finish_reason":null}]})"
      "\n\n";
const QByteArray kStop
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
      "\n\n";
const QByteArray kUsage
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}})"
      "\n\n";
const QByteArray kDone = "data: [DONE]\n\n";

} // namespace

class TestStory : public QObject
{
    Q_OBJECT

private:
    struct World
    {
        QTemporaryDir folder;
        std::unique_ptr<store::Store> store;
        Mailbox mailbox;
        std::unique_ptr<ledger::Ledger> ledger;
        std::unique_ptr<upstream::Client> client = upstream::Client::create();
        access::Meters meters;
        routing::Health health;
        relay::Counters counters;
        relay::Providers providers;
        std::deque<std::shared_ptr<Wire>> wires;
        std::shared_ptr<relay::Snapshot> snapshot = std::make_shared<relay::Snapshot>();
        std::unique_ptr<relay::Relay> relay;
        access::NewToken token = access::makeToken();
        store::TokenRow row;

        explicit World(int channels, std::optional<NanoUsd> budget = {})
        {
            store::Options options;
            options.profile = folder.filePath(QStringLiteral("profile"));
            auto opened = store::Store::open(options);
            if (!opened)
                qFatal("%s", qPrintable(opened.error().message));
            store = std::move(*opened);
            ledger = std::make_unique<ledger::Ledger>(*store);
            store::TokenRow wanted;
            wanted.name = QStringLiteral("t");
            wanted.digest = token.digest;
            wanted.prefix = token.prefix;
            wanted.budget = budget;
            const auto now = Clock::system().wallUs();
            const auto added = store->writeNow(
                [&](store::Database &db) { return store::addToken(db, wanted, now); });
            if (!added)
                qFatal("%s", qPrintable(added.error().message));
            row = *added;

            providers.add(std::make_unique<FakeProvider>(wires));
            auto table = std::make_shared<routing::ChannelTable>();
            for (int i = 1; i <= channels; ++i)
                table->channels.push_back(channel(i));
            snapshot->channels = table;
            snapshot->tokens = std::make_shared<access::TokenTable>(std::vector{row});
            ledger::Price price;
            price.id = 1;
            price.model = "m";
            price.rates.input = {1'000'000}; // 1 USD a million tokens
            price.rates.output = {1'000'000};
            snapshot->prices = std::make_shared<ledger::PriceBook>(std::vector{stored(price)});

            relay::Services services;
            services.client = client.get();
            services.mailbox = &mailbox;
            services.ledger = ledger.get();
            services.meters = &meters;
            services.health = &health;
            services.providers = &providers;
            services.counters = &counters;
            services.clock = &Clock::system();
            relay = std::make_unique<relay::Relay>(std::move(services));
            relay->setSnapshot(snapshot);
        }

        ~World()
        {
            relay->stopAll();
            if (!QTest::qWaitFor([this] { return relay->running() == 0; }))
                qFatal("a request never ended");
            store->drain();
        }

        static std::shared_ptr<routing::Channel> channel(int id)
        {
            auto out = std::make_shared<routing::Channel>();
            out->row.id = id;
            out->row.name = QStringLiteral("c%1").arg(id);
            out->row.provider = "fake";
            out->row.priority = 100 - id;
            out->row.models = {QByteArrayLiteral("m")};
            out->speaks = [](protocol::Operation, protocol::Dialect) { return true; };
            routing::ChannelKey key;
            key.row.id = id;
            key.row.channelId = id;
            key.readiness = routing::KeyReadiness::Ready;
            out->keys.push_back(std::move(key));
            return out;
        }

        [[nodiscard]] ledger::Price stored(const ledger::Price &price) const;

        std::shared_ptr<Client> ask(const QByteArray &body, const QByteArray &credential)
        {
            http::Request request;
            request.head.method = "POST";
            request.head.path = request.head.target = "/v1/chat/completions";
            request.head.headers
                = {{"authorization", "Bearer " + credential}, {"content-type", "application/json"}};
            request.head.peer.address = QHostAddress(QHostAddress::LocalHost);
            request.head.startedUs = Clock::system().monotonicUs();
            request.body = body;
            auto out = std::make_shared<Client>();
            relay->handle(std::move(request), out);
            return out;
        }
        std::shared_ptr<Client> ask(const QByteArray &body) { return ask(body, token.text); }

        [[nodiscard]] bool waitForWire(std::size_t count)
        {
            return QTest::qWaitFor([&] { return wires.size() >= count; });
        }
        [[nodiscard]] store::LoggedRequest record()
        {
            store->drain();
            const auto page = store->readNow(
                [](store::Database &db) { return store::requests(db, {}, std::nullopt, 10); });
            return page && !page->requests.empty() ? page->requests.front()
                                                   : store::LoggedRequest{};
        }
        [[nodiscard]] store::BudgetState budget()
        {
            store->drain();
            const auto now = Clock::system().wallUs();
            const auto states = store->readNow(
                [now](store::Database &db) { return store::budgetStates(db, now); });
            return states && !states->empty() ? states->front() : store::BudgetState{};
        }
    };

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

    void revokedTokenEndsItsStreamsWithinASecond()
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
        QTRY_VERIFY_WITH_TIMEOUT(client->finished(), 1'000);
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

ledger::Price TestStory::World::stored(const ledger::Price &price) const
{
    const auto prices = store->writeNow(
        [&](store::Database &db) { return ledger::storePrices(db, std::vector{price}); });
    if (!prices)
        qFatal("%s", qPrintable(prices.error().message));
    return prices->front();
}

QTEST_GUILESS_MAIN(TestStory)
#include "test_story.moc"
