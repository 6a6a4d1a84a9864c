// SPDX-License-Identifier: GPL-3.0-or-later
// A relay with a real store and ledger behind it, a client and a vendor under control around it.
#pragma once

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

namespace tollgate::test {

inline const QByteArray kAsk
    = R"({"model":"m","messages":[{"role":"user","content":"Hello"}],"max_tokens":100})";
inline const QByteArray kAskStream
    = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hello"}],"max_tokens":100})";
inline const QByteArray kAnswer
    = R"({"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}})";
inline const QByteArray kWord
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi there"},"finish_reason":null}]})"
      "\n\n";
inline const QByteArray kStop
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
      "\n\n";
inline const QByteArray kUsage
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}})"
      "\n\n";
inline const QByteArray kDone = "data: [DONE]\n\n";

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
        services.store = store.get();
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

    [[nodiscard]] ledger::Price stored(const ledger::Price &price) const
    {
        const auto prices = store->writeNow(
            [&](store::Database &db) { return ledger::storePrices(db, std::vector{price}); });
        if (!prices)
            qFatal("%s", qPrintable(prices.error().message));
        return prices->front();
    }

    std::shared_ptr<Client> ask(const QByteArray &body, const QByteArray &credential,
                                const std::vector<Header> &more = {})
    {
        http::Request request;
        request.head.method = "POST";
        request.head.path = request.head.target = "/v1/chat/completions";
        request.head.headers
            = {{"authorization", "Bearer " + credential}, {"content-type", "application/json"}};
        for (const Header &field : more)
            request.head.headers.append(field.name, field.value);
        request.head.peer.address = QHostAddress(QHostAddress::LocalHost);
        request.head.startedUs = Clock::system().monotonicUs();
        request.body = body;
        auto out = std::make_shared<Client>();
        relay->handle(std::move(request), out);
        return out;
    }
    std::shared_ptr<Client> ask(const QByteArray &body) { return ask(body, token.text); }

    std::shared_ptr<Client> askAt(const QByteArray &path, const QByteArray &body,
                                  const std::vector<Header> &more = {})
    {
        http::Request request;
        request.head.method = "POST";
        request.head.path = request.head.target = path;
        request.head.headers = {{"authorization", "Bearer " + token.text}};
        for (const Header &field : more)
            request.head.headers.append(field.name, field.value);
        request.head.peer.address = QHostAddress(QHostAddress::LocalHost);
        request.head.startedUs = Clock::system().monotonicUs();
        request.body = body;
        auto out = std::make_shared<Client>();
        relay->handle(std::move(request), out);
        return out;
    }

    [[nodiscard]] bool waitForWire(std::size_t count)
    {
        return QTest::qWaitFor([&] { return wires.size() >= count; });
    }
    [[nodiscard]] store::LoggedRequest record()
    {
        store->drain();
        const auto page = store->readNow(
            [](store::Database &db) { return store::requests(db, {}, std::nullopt, 10); });
        return page && !page->requests.empty() ? page->requests.front() : store::LoggedRequest{};
    }
    [[nodiscard]] store::BudgetState budget()
    {
        store->drain();
        const auto now = Clock::system().wallUs();
        const auto states
            = store->readNow([now](store::Database &db) { return store::budgetStates(db, now); });
        return states && !states->empty() ? states->front() : store::BudgetState{};
    }
};

} // namespace tollgate::test
