// SPDX-License-Identifier: GPL-3.0-or-later
// Clients of Ollama before a vendor that speaks another dialect.
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;

namespace {

class ChatVendor final : public FakeProvider
{
public:
    using FakeProvider::FakeProvider;
    [[nodiscard]] QByteArray id() const override { return "chat-vendor"; }
    [[nodiscard]] bool speaks(protocol::Operation, protocol::Dialect dialect) const override
    {
        return dialect == protocol::Dialect::Chat;
    }
};

void beforeChat(World &world)
{
    world.providers.add(std::make_unique<ChatVendor>(world.wires));
    auto channel = World::channel(1);
    channel->row.provider = "chat-vendor";
    auto table = std::make_shared<routing::ChannelTable>();
    table->channels.push_back(std::move(channel));
    auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
    snapshot->channels = std::move(table);
    world.relay->setSnapshot(snapshot);
}

std::shared_ptr<Client> ask(World &world, const QByteArray &path, const QByteArray &body)
{
    http::Request request;
    request.head.method = body.isEmpty() ? "GET" : "POST";
    request.head.path = request.head.target = path;
    request.head.headers = {{"authorization", "Bearer " + world.token.text}};
    request.head.peer.address = QHostAddress(QHostAddress::LocalHost);
    request.head.startedUs = Clock::system().monotonicUs();
    request.body = body;
    auto out = std::make_shared<Client>();
    world.relay->handle(std::move(request), out);
    return out;
}

} // namespace

class TestOllama : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loadingAModelAsksNobody()
    {
        World world(1, NanoUsd{1'000'000'000});
        beforeChat(world);
        const auto client = ask(world, "/api/chat", R"({"model":"m","messages":[]})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        QVERIFY2(client->bytes.contains(R"("done_reason":"load")"), client->bytes.constData());
        const auto freed = ask(world, "/api/generate", R"({"model":"m","keep_alive":0})");
        QTRY_VERIFY(freed->finished());
        QVERIFY2(freed->bytes.contains(R"("done_reason":"unload")"), freed->bytes.constData());
        QVERIFY(world.wires.empty());
        QCOMPARE(world.budget().reserved.value, 0);
        QCOMPARE(world.budget().spent.value, 0);
        QCOMPARE(world.record().row.status, 200);
    }

    void loadingAnotherModelIsNotFound()
    {
        World world(1);
        beforeChat(world);
        const auto client = ask(world, "/api/chat", R"({"model":"none","messages":[]})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 404);
        QVERIFY(client->bytes.startsWith(R"({"error":)"));
    }

    void theGreetingIsOpenAndNotRecorded()
    {
        World world(1);
        const auto client = ask(world, "/", {});
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, QByteArray("Ollama is running"));
        QVERIFY(world.record().row.id.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestOllama)
#include "test_ollama.moc"
