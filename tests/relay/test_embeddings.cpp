// SPDX-License-Identifier: GPL-3.0-or-later
// Clients that ask for embeddings in one vendor's way, before vendors that give them in another's.
#include "core/relay/embedtranslation.h"
#include "core/relay/translation.h"
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;
using codecs::embeddings::Shape;
using protocol::Dialect;
using protocol::Operation;

namespace {

class Embedder final : public FakeProvider
{
public:
    Embedder(std::deque<std::shared_ptr<Wire>> &wires, Shape shape)
        : FakeProvider(wires)
        , m_shape(shape)
    {
    }
    [[nodiscard]] QByteArray id() const override { return "embedder"; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return operation == Operation::Embed && dialect == relay::embedDialect(m_shape);
    }
    [[nodiscard]] std::optional<Shape> embedShape() const override { return m_shape; }
    [[nodiscard]] Result<upstream::Request> request(const relay::Outgoing &outgoing) const override
    {
        auto request = FakeProvider::request(outgoing);
        request->url += '/' + outgoing.endpoint->geminiMethod;
        return request;
    }

private:
    Shape m_shape;
};

void before(World &world, Shape vendor)
{
    world.providers.add(std::make_unique<Embedder>(world.wires, vendor));
    auto channel = World::channel(1);
    channel->row.provider = "embedder";
    const relay::Provider *provider = world.providers.find("embedder");
    channel->speaks = [provider, row = channel->row](Operation operation, Dialect dialect) {
        return relay::dialectFor(*provider, row, operation, dialect).has_value();
    };
    auto table = std::make_shared<routing::ChannelTable>();
    table->channels.push_back(std::move(channel));
    auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
    snapshot->channels = std::move(table);
    world.relay->setSnapshot(snapshot);
}

const QByteArray kFloats = "[0.5,-1.25]";
// Little-endian float32: 0.5 is 3f000000, -1.25 is bfa00000.
const QByteArray kBase64 = QByteArray::fromHex("0000003f0000a0bf").toBase64();

QByteArray answerOf(Shape shape, const QByteArray &floats)
{
    switch (shape) {
    case Shape::Gemini:
        return R"({"embedding":{"values":)" + floats + "}}";
    case Shape::GeminiBatch:
        return R"({"embeddings":[{"values":)" + floats + "}]}";
    case Shape::Cohere:
        return R"({"embeddings":{"float":[)" + floats
            + R"(]},"meta":{"billed_units":{"input_tokens":7}}})";
    case Shape::Ollama:
        return R"({"model":"m","embeddings":[)" + floats + R"(],"prompt_eval_count":7})";
    case Shape::OllamaOne:
        return R"({"embedding":)" + floats + "}";
    case Shape::OpenAi:
    case Shape::Voyage:
    case Shape::Jina:
        break;
    }
    return R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":)" + floats
        + R"(}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}})";
}

} // namespace

class TestEmbeddings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyClientIsServedByEveryVendor_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("client");
        QTest::addColumn<int>("vendor");
        const struct
        {
            const char *name;
            QByteArray path;
            QByteArray body;
            Shape shape;
        } clients[]{
            {"openai", "/v1/embeddings", R"({"model":"m","input":"Hello"})", Shape::OpenAi},
            {"gemini", "/v1beta/models/m:embedContent",
             R"({"content":{"parts":[{"text":"Hello"}]}})", Shape::Gemini},
            {"gemini batch", "/v1beta/models/m:batchEmbedContents",
             R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"Hello"}]}}]})",
             Shape::GeminiBatch},
            {"ollama", "/api/embed", R"({"model":"m","input":"Hello"})", Shape::Ollama},
            {"old ollama", "/api/embeddings", R"({"model":"m","prompt":"Hello"})",
             Shape::OllamaOne},
        };
        const std::pair<const char *, Shape> vendors[]{
            {"openai", Shape::OpenAi}, {"gemini", Shape::Gemini}, {"cohere", Shape::Cohere},
            {"voyage", Shape::Voyage}, {"jina", Shape::Jina},     {"ollama", Shape::Ollama},
        };
        for (const auto &client : clients) {
            for (const auto &[name, vendor] : vendors) {
                if (protocol::Dialect own = relay::embedDialect(client.shape);
                    own == relay::embedDialect(vendor) && own != Dialect::Embeddings)
                    continue; // goes on as it is
                QTest::addRow("%s before %s", client.name, name)
                    << client.path << client.body << int(client.shape) << int(vendor);
            }
        }
    }

    void everyClientIsServedByEveryVendor()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(int, client);
        QFETCH(int, vendor);
        World world(1, NanoUsd{1'000'000'000});
        before(world, Shape(vendor));
        const auto asking = world.askAt(path, body);
        QVERIFY(world.waitForWire(1));
        const auto asked
            = codecs::embeddings::readRequest(Shape(vendor), world.wires[0]->request.body);
        QVERIFY2(asked, world.wires[0]->request.body.constData());
        QCOMPARE(asked->inputs.size(), std::size_t(1));
        QCOMPARE(asked->inputs[0].text, QByteArray("Hello"));
        world.wires[0]->answer(200, "application/json", answerOf(Shape(vendor), kFloats));
        QTRY_VERIFY(asking->finished());
        QVERIFY2(asking->status == 200, asking->bytes.constData());
        const auto told = codecs::embeddings::readResponse(Shape(client), asking->bytes);
        QVERIFY2(told, asking->bytes.constData());
        QCOMPARE(told->vectors.size(), std::size_t(1));
        QCOMPARE(told->vectors[0].json, kFloats);
        const auto row = world.record().row;
        const bool silent = Shape(vendor) == Shape::Gemini; // tells no usage
        QVERIFY(silent ? row.usage.input > 0 : row.usage.input == 7);
        QCOMPARE((row.flags & store::Estimated) != 0, silent);
        QVERIFY(world.budget().spent.value > 0);
        QCOMPARE(world.budget().reserved.value, 0);
    }

    void base64IsMadeOfFloats()
    {
        World world(1);
        before(world, Shape::Gemini);
        const auto client = world.askAt(
            "/v1/embeddings", R"({"model":"m","input":["Hello"],"encoding_format":"base64"})");
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.wires[0]->request.url.endsWith("/embedContent"));
        world.wires[0]->answer(200, "application/json", answerOf(Shape::Gemini, kFloats));
        QTRY_VERIFY(client->finished());
        QVERIFY2(client->bytes.contains("\"" + kBase64 + "\""), client->bytes.constData());
    }

    void severalTextsAreABatchForGemini()
    {
        World world(1);
        before(world, Shape::Gemini);
        const auto client = world.askAt("/v1/embeddings", R"({"model":"m","input":["a","b"]})");
        QVERIFY(world.waitForWire(1));
        QVERIFY(world.wires[0]->request.url.endsWith("/batchEmbedContents"));
        world.wires[0]->answer(200, "application/json",
                               R"({"embeddings":[{"values":[1]},{"values":[2]}]})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        QVERIFY(client->bytes.contains(R"("index":1,"embedding":[2])"));
    }

    void whatTheVendorHasNoWordForIsTold()
    {
        World world(1);
        before(world, Shape::Cohere);
        const auto client
            = world.askAt("/v1/embeddings", R"({"model":"m","input":"a","user":"u","odd":1})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", answerOf(Shape::Cohere, kFloats));
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->headers.value("x-tollgate-dropped"), QByteArray("user, odd"));
    }

    void moreInputsThanTheVendorTakesAreRefused()
    {
        World world(1);
        before(world, Shape::Cohere);
        QByteArray many;
        for (int i = 0; i < 97; ++i)
            many += i ? ",\"a\"" : "\"a\"";
        const auto client
            = world.askAt("/v1/embeddings", "{\"model\":\"m\",\"input\":[" + many + "]}");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 400);
        QVERIFY2(client->bytes.contains("96 inputs at a time"), client->bytes.constData());
        QVERIFY(world.wires.empty());
    }

    void aMissingVectorIsNoAnswer()
    {
        World world(1);
        before(world, Shape::Cohere);
        const auto client = world.askAt("/v1/embeddings", R"({"model":"m","input":["a","b"]})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", answerOf(Shape::Cohere, kFloats));
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 502);
    }

    void oneDialectGoesOnByteForByte_data()
    {
        QTest::addColumn<int>("vendor");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addRow("openai")
            << int(Shape::OpenAi) << QByteArray("/v1/embeddings")
            << QByteArray(R"({ "input" : ["a"], "model":"m", "dimensions": 4, "odd": 1.50 })");
        QTest::addRow("voyage")
            << int(Shape::Voyage) << QByteArray("/v1/embeddings")
            << QByteArray(R"({ "input" : ["a"], "model":"m", "input_type": "query" })");
        QTest::addRow("gemini") << int(Shape::Gemini) << QByteArray("/v1beta/models/m:embedContent")
                                << QByteArray(
                                       R"({ "content" :{"parts":[{"text":"a"}]}, "odd":1 })");
    }

    void oneDialectGoesOnByteForByte()
    {
        QFETCH(int, vendor);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        World world(1);
        before(world, Shape(vendor));
        const auto client = world.askAt(path, body);
        QVERIFY(world.waitForWire(1));
        QCOMPARE(world.wires[0]->request.body, body);
        const QByteArray answer = " " + answerOf(Shape(vendor), "[ 0.50 ]");
        world.wires[0]->answer(200, "application/json", answer);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->bytes, answer);
    }

    void openAisOwnMembersAreSpeltVoyagesWay()
    {
        World world(1);
        before(world, Shape::Voyage);
        const auto client
            = world.askAt("/v1/embeddings", R"({"model":"m","input":"a","dimensions":256})");
        QVERIFY(world.waitForWire(1));
        QVERIFY2(world.wires[0]->request.body.contains(R"("output_dimension":256)"),
                 world.wires[0]->request.body.constData());
        world.wires[0]->answer(200, "application/json", answerOf(Shape::Voyage, kFloats));
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
    }
};

QTEST_GUILESS_MAIN(TestEmbeddings)
#include "test_embeddings.moc"
