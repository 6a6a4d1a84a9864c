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

class OllamaVendor final : public FakeProvider
{
public:
    using FakeProvider::FakeProvider;
    [[nodiscard]] QByteArray id() const override { return "ollama-vendor"; }
    [[nodiscard]] bool speaks(protocol::Operation, protocol::Dialect dialect) const override
    {
        return dialect == protocol::Dialect::Ollama;
    }
    [[nodiscard]] std::vector<protocol::Dialect> generates() const override
    {
        return {protocol::Dialect::Ollama};
    }
};

void before(World &world, std::unique_ptr<FakeProvider> vendor)
{
    auto channel = World::channel(1);
    channel->row.provider = vendor->id();
    world.providers.add(std::move(vendor));
    auto table = std::make_shared<routing::ChannelTable>();
    table->channels.push_back(std::move(channel));
    auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
    snapshot->channels = std::move(table);
    world.relay->setSnapshot(snapshot);
}

void beforeChat(World &world)
{
    before(world, std::make_unique<ChatVendor>(world.wires));
}

void beforeOllama(World &world)
{
    before(world, std::make_unique<OllamaVendor>(world.wires));
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

    void whatOnlyOllamaDoesIsRefusedInAPlainSentence()
    {
        World world(1);
        beforeChat(world);
        const auto filled
            = ask(world, "/api/generate", R"({"model":"m","prompt":"def f","suffix":"return x"})");
        QTRY_VERIFY(filled->finished());
        QCOMPARE(filled->status, 400);
        QVERIFY2(filled->bytes.contains("suffix"), filled->bytes.constData());
        const auto raw = ask(world, "/api/generate", R"({"model":"m","prompt":"x","raw":true})");
        QTRY_VERIFY(raw->finished());
        QCOMPARE(raw->status, 400);
        QVERIFY2(raw->bytes.contains("template"), raw->bytes.constData());
        QVERIFY(world.wires.empty());
        const auto plain
            = ask(world, "/api/generate", R"({"model":"m","prompt":"x","suffix":"","raw":false})");
        QVERIFY(world.waitForWire(1));
    }

    void aServerOfOllamasIsAskedInItsOwnApi()
    {
        World world(1);
        beforeOllama(world);
        const auto client = world.ask(kAskStream);
        QVERIFY(world.waitForWire(1));
        const QByteArray asked = world.wires[0]->request.body;
        QVERIFY2(asked.contains(R"("num_predict":100)") && asked.contains(R"("stream":true)"),
                 asked.constData());
        world.wires[0]->answer(
            200, "application/x-ndjson",
            "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi \"},"
            "\"done\":false}\n",
            false);
        QTRY_VERIFY2(client->bytes.contains(R"("content":"Hi ")"), client->bytes.constData());
        world.wires[0]->send("{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":"
                             "\"there\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"role\":"
                             "\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":"
                             "\"stop\",\"prompt_eval_count\":4,\"eval_count\":2}\n");
        world.wires[0]->finish();
        QTRY_VERIFY(client->finished());
        QVERIFY2(client->bytes.endsWith("data: [DONE]\n\n"), client->bytes.constData());
        QCOMPARE(world.record().row.usage.totalInput(), 4);
        QCOMPARE(world.record().row.usage.totalOutput(), 2);
    }

    void itsOwnClientsLoseNothing()
    {
        World world(1);
        beforeOllama(world);
        const auto client = ask(world, "/api/generate",
                                R"({"model":"m","prompt":"def f","suffix":"return x","raw":true,)"
                                R"("options":{"num_ctx":4096},"keep_alive":"5m"})");
        QVERIFY(world.waitForWire(1));
        const QByteArray asked = world.wires[0]->request.body;
        for (const char *said : {R"("prompt":"def f")", R"("suffix":"return x")", R"("raw":true)",
                                 R"("num_ctx":4096)", R"("keep_alive":"5m")"})
            QVERIFY2(asked.contains(said), asked.constData());
        world.wires[0]->answer(200, "application/x-ndjson",
                               "{\"model\":\"m\",\"response\":\"x\",\"done\":false}\n"
                               "{\"model\":\"m\",\"response\":\"\",\"done\":true,"
                               "\"done_reason\":\"stop\",\"context\":[1,2],\"load_duration\":7,"
                               "\"prompt_eval_count\":4,\"eval_count\":2}\n");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        for (const char *said : {R"("response":"x")", R"("context":[1,2])", R"("load_duration":7)",
                                 R"("eval_count":2)"})
            QVERIFY2(client->bytes.contains(said), client->bytes.constData());
        QCOMPARE(world.record().row.usage.totalOutput(), 2);
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
