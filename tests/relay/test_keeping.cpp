// SPDX-License-Identifier: GPL-3.0-or-later
// Files and batches: each goes back to the key that keeps it, is there for its owner alone, and a
// batch is paid for when its vendor tells what it used.
#include "tests/relay/world.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace tollgate;
using namespace tollgate::test;

namespace {

// Keeps things, and is asked at the same path.
class Keeper final : public FakeProvider
{
public:
    using FakeProvider::FakeProvider;
    [[nodiscard]] QByteArray id() const override { return "keeper"; }
    [[nodiscard]] int batchPercent() const override { return 50; }
    [[nodiscard]] Result<upstream::Request> request(const relay::Outgoing &outgoing) const override
    {
        upstream::Request request;
        request.method = outgoing.method;
        request.url = outgoing.channel->row.name.toUtf8() + '/' + outgoing.endpoint->path;
        request.body = outgoing.body;
        return request;
    }
};

constexpr char kForm[] = "multipart/form-data; boundary=b";

QByteArray form(const QByteArray &purpose, const QByteArray &content)
{
    return "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
        + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
        + content + "\r\n--b--\r\n";
}

QJsonObject json(const QByteArray &bytes)
{
    return QJsonDocument::fromJson(bytes).object();
}

struct House : World
{
    access::NewToken otherToken = access::makeToken();

    explicit House(int channels, std::optional<NanoUsd> budget = {})
        : World(channels, budget)
    {
        providers.add(std::make_unique<Keeper>(wires));
        auto table = std::make_shared<routing::ChannelTable>();
        for (int i = 1; i <= channels; ++i) {
            auto one = channel(i);
            one->row.provider = "keeper";
            one->row.modelMap = {{"mine", "m"}};
            table->channels.push_back(std::move(one));
        }
        snapshot->channels = table;
        store::TokenRow other = row;
        other.id = row.id + 1;
        other.digest = otherToken.digest;
        other.prefix = otherToken.prefix;
        other.budgetId = 0;
        snapshot->tokens = std::make_shared<access::TokenTable>(std::vector{row, other});
    }

    std::shared_ptr<Client> call(const QByteArray &method, const QByteArray &target,
                                 const QByteArray &body = {}, const std::vector<Header> &more = {},
                                 const QByteArray &as = {})
    {
        http::Request request;
        request.head.method = method;
        request.head.target = target;
        const qsizetype mark = target.indexOf('?');
        request.head.path = mark < 0 ? target : target.left(mark);
        request.head.query = mark < 0 ? QByteArray() : target.mid(mark + 1);
        request.head.headers
            = {{"authorization", "Bearer " + (as.isEmpty() ? token.text : as)}, {"host", "gw:1"}};
        for (const Header &field : more)
            request.head.headers.append(field.name, field.value);
        request.head.peer.address = QHostAddress(QHostAddress::LocalHost);
        request.head.startedUs = Clock::system().monotonicUs();
        request.body = body;
        auto out = std::make_shared<Client>();
        relay->handle(std::move(request), out);
        return out;
    }
    static bool ends(const std::shared_ptr<Client> &client)
    {
        return QTest::qWaitFor([&] { return client->finished(); }, 60'000);
    }
    // What was sent last, once there are so many; the test answers it.
    Wire *wire(std::size_t count) { return waitForWire(count) ? wires[count - 1].get() : nullptr; }

    std::shared_ptr<Client> upload(const QByteArray &id, const QByteArray &purpose = "user_data",
                                   const QByteArray &content = "hello")
    {
        const std::size_t before = wires.size();
        auto asked = call("POST", "/v1/files", form(purpose, content), {{"content-type", kForm}});
        if (Wire *sent = wire(before + 1))
            sent->answer(200, "application/json",
                         R"({"id":")" + id + R"(","object":"file","purpose":")" + purpose + "\"}");
        return ends(asked) ? asked : nullptr;
    }
};

} // namespace

class TestKeeping : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFileGoesBackToTheKeyThatKeepsIt();
    void whatOthersOwnIsNotThere();
    void aListHoldsWhatItsCallerOwns();
    void aModelThatIsNotAllowedStaysHere();
    void modelsAreNamedAsTheVendorNamesThem();
    void aBatchRunsWhereItsInputLies();
    void aBatchIsPaidForOnceAtItsVendorsShare();
    void aBatchWithoutUsageIsUnpriced();
    void aBudgetStartsNoBatches();
    void resultsAreOursToServeAndToCount();
    void contentEndsWithItsClient();
    void aCutFileLooksCut();
    void aRefusalIsPassedOn();
    void whatIsGoneIsForgotten();
    void aKeyThatIsGoneIsSaid();
};

void TestKeeping::aFileGoesBackToTheKeyThatKeepsIt()
{
    House house(2);
    const QByteArray body = form("user_data", "hello");
    const auto client = house.call("POST", "/v1/files", body, {{"content-type", kForm}});
    // The first channel is in trouble; nothing was made there.
    Wire *first = house.wire(1);
    QVERIFY(first);
    QCOMPARE(first->request.url, QByteArray("c1/files"));
    QCOMPARE(first->request.body, body);
    first->answer(500, "application/json", R"({"error":{"message":"down"}})");
    Wire *second = house.wire(2);
    QVERIFY(second);
    QCOMPARE(second->request.url, QByteArray("c2/files"));
    const QByteArray shown = R"({"id":"file-1","object":"file" , "bytes":5})";
    second->answer(200, "application/json", shown);
    QVERIFY(House::ends(client));
    QCOMPARE(client->status, 200);
    QCOMPARE(client->bytes, shown);
    const auto again = house.call("GET", "/v1/files/file-1");
    Wire *third = house.wire(3);
    QVERIFY(third);
    QCOMPARE(third->request.method, QByteArray("GET"));
    QCOMPARE(third->request.url, QByteArray("c2/files/file-1"));
    third->answer(200, "application/json", shown);
    QVERIFY(House::ends(again));
    QCOMPARE(again->bytes, shown);
    const auto record = house.record().row;
    QCOMPARE(record.operation, QByteArray("file"));
    QCOMPARE(record.status, 200);
    QCOMPARE(record.channelId, 2);
    QCOMPARE(record.cost.value, 0);
}

void TestKeeping::whatOthersOwnIsNotThere()
{
    House house(1);
    QVERIFY(house.upload("file-1"));
    const std::size_t sent = house.wires.size();
    const std::pair<const char *, const char *> calls[]{{"GET", "/v1/files/file-1"},
                                                        {"GET", "/v1/files/file-1/content"},
                                                        {"DELETE", "/v1/files/file-1"},
                                                        {"GET", "/v1/batches/file-1"},
                                                        {"GET", "/v1/files/file-2"}};
    for (const auto &[method, target] : calls) {
        const bool mine
            = QByteArray(target).contains("batches") || QByteArray(target).endsWith("file-2");
        const auto client
            = house.call(method, target, {}, {}, mine ? QByteArray() : house.otherToken.text);
        QVERIFY(House::ends(client));
        QCOMPARE(client->status, 404);
        QVERIFY(json(client->bytes).value(QLatin1String("error")).isObject());
    }
    // Anthropic's clients are told in their own words.
    const auto messages
        = house.call("GET", "/v1/files/file-1", {}, {{"anthropic-version", "2023-06-01"}});
    QVERIFY(House::ends(messages));
    QCOMPARE(messages->status, 404);
    QCOMPARE(json(messages->bytes).value(QLatin1String("type")).toString(),
             QStringLiteral("error"));
    // A batch over another's file is none.
    const auto batch = house.call("POST", "/v1/batches", R"({"input_file_id":"file-1"})", {},
                                  house.otherToken.text);
    QVERIFY(House::ends(batch));
    QCOMPARE(batch->status, 404);
    QCOMPARE(house.wires.size(), sent);
}

void TestKeeping::aListHoldsWhatItsCallerOwns()
{
    House house(1);
    QVERIFY(house.upload("file-1"));
    QVERIFY(house.upload("file-2", "vision"));
    const std::size_t sent = house.wires.size();
    const auto ids = [&](const QByteArray &target, const QByteArray &as = {}) {
        const auto client = house.call("GET", target, {}, {}, as);
        QByteArrayList out;
        if (!House::ends(client) || client->status != 200)
            return QByteArrayList{"?"};
        const QJsonArray data = json(client->bytes).value(QLatin1String("data")).toArray();
        for (const auto &one : data)
            out << one.toObject().value(QLatin1String("id")).toString().toLatin1();
        return out;
    };
    QCOMPARE(ids("/v1/files"), (QByteArrayList{"file-2", "file-1"}));
    QCOMPARE(ids("/v1/files?order=asc&limit=1"), (QByteArrayList{"file-1"}));
    QCOMPARE(ids("/v1/files?after=file-2"), (QByteArrayList{"file-1"}));
    QCOMPARE(ids("/v1/files?purpose=vision"), (QByteArrayList{"file-2"}));
    QCOMPARE(ids("/v1/files", house.otherToken.text), QByteArrayList());
    QCOMPARE(ids("/v1/batches"), QByteArrayList());
    QCOMPARE(ids("/v1/files?limit=0"), (QByteArrayList{"?"}));
    QCOMPARE(ids("/v1/files?after=none"), (QByteArrayList{"?"}));
    QCOMPARE(house.wires.size(), sent); // what does not change is not asked for
}

void TestKeeping::aModelThatIsNotAllowedStaysHere()
{
    House house(1);
    house.row.models = {QByteArrayLiteral("m")};
    house.snapshot->tokens = std::make_shared<access::TokenTable>(std::vector{house.row});
    const QByteArray lines = "{\"body\":{\"model\":\"m\"}}\n{\"body\":{\"model\":\"mine\"}}\n";
    const auto file
        = house.call("POST", "/v1/files", form("batch", lines), {{"content-type", kForm}});
    QVERIFY(House::ends(file));
    QCOMPARE(file->status, 403);
    const auto batch
        = house.call("POST", "/v1/messages/batches",
                     R"({"requests":[{"params":{"model":"m"}},{"params":{"model":"mine"}}]})");
    QVERIFY(House::ends(batch));
    QCOMPARE(batch->status, 403);
    const auto nobodys = house.call("POST", "/v1/files", form("batch", "{\"body\":{}}"),
                                    {{"content-type", kForm}});
    QVERIFY(House::ends(nobodys));
    QCOMPARE(nobodys->status, 400);
    const auto plain
        = house.call("POST", "/v1/files", "{}", {{"content-type", "application/json"}});
    QVERIFY(House::ends(plain));
    QCOMPARE(plain->status, 415);
    QVERIFY(house.wires.empty());
}

void TestKeeping::modelsAreNamedAsTheVendorNamesThem()
{
    House house(1);
    const auto file
        = house.call("POST", "/v1/files", form("batch", "{\"body\":{\"model\":\"mine\"}}"),
                     {{"content-type", kForm}});
    QVERIFY(house.wire(1));
    QCOMPARE(house.wire(1)->request.body, form("batch", "{\"body\":{\"model\":\"m\"}}"));
    const auto batch = house.call("POST", "/v1/messages/batches",
                                  R"({"requests":[{"params":{"model":"mine"}}]})");
    QVERIFY(house.wire(2));
    QCOMPARE(house.wire(2)->request.body, QByteArray(R"({"requests":[{"params":{"model":"m"}}]})"));
    const auto unknown = house.call("POST", "/v1/messages/batches",
                                    R"({"requests":[{"params":{"model":"nobody's"}}]})");
    QVERIFY(House::ends(unknown));
    QCOMPARE(unknown->status, 404);
}

void TestKeeping::aBatchRunsWhereItsInputLies()
{
    House house(2);
    QVERIFY(house.upload("file-1", "batch", "{\"body\":{\"model\":\"m\"}}"));
    const QByteArray home = house.wires.front()->request.url.left(2);
    const auto batch = house.call("POST", "/v1/batches", R"({"input_file_id":"file-1"})");
    Wire *sent = house.wire(2);
    QVERIFY(sent);
    QCOMPARE(sent->request.url, home + "/batches");
    sent->answer(200, "application/json", R"({"id":"batch_1","status":"validating"})");
    QVERIFY(House::ends(batch));
    QCOMPARE(batch->status, 200);
    // A list looks again at what has not ended.
    const auto list = house.call("GET", "/v1/batches");
    sent = house.wire(3);
    QVERIFY(sent);
    QCOMPARE(sent->request.url, home + "/batches/batch_1");
    sent->answer(200, "application/json",
                 R"({"id":"batch_1","status":"in_progress","output_file_id":null})");
    QVERIFY(House::ends(list));
    QVERIFY(list->bytes.contains("in_progress"));
    const auto cancel = house.call("POST", "/v1/batches/batch_1/cancel");
    sent = house.wire(4);
    QVERIFY(sent);
    QCOMPARE(sent->request.method, QByteArray("POST"));
    QCOMPARE(sent->request.url, home + "/batches/batch_1/cancel");
    sent->answer(200, "application/json",
                 R"({"id":"batch_1","status":"cancelling","output_file_id":"file-out"})");
    QVERIFY(House::ends(cancel));
    // What the vendor made for it belongs to whoever started it.
    const auto output = house.call("GET", "/v1/files/file-out/content");
    sent = house.wire(5);
    QVERIFY(sent);
    QCOMPARE(sent->request.url, home + "/files/file-out/content");
    sent->answer(200, "application/octet-stream", "{}\n");
    QVERIFY(House::ends(output));
    QCOMPARE(output->bytes, QByteArray("{}\n"));
    QCOMPARE(output->headers.value("content-type"), QByteArray("application/octet-stream"));
}

void TestKeeping::aBatchIsPaidForOnceAtItsVendorsShare()
{
    House house(1);
    QVERIFY(house.upload("file-1", "batch", "{\"body\":{\"model\":\"m\"}}"));
    const auto batch = house.call("POST", "/v1/batches", R"({"input_file_id":"file-1"})");
    house.wire(2)->answer(200, "application/json", R"({"id":"batch_1","status":"validating"})");
    QVERIFY(House::ends(batch));
    for (std::size_t i = 0; i < 3; ++i) {
        const auto show = house.call("GET", "/v1/batches/batch_1");
        Wire *sent = house.wire(3 + i);
        QVERIFY(sent);
        sent->answer(
            200, "application/json",
            R"({"id":"batch_1","status":"completed","model":"m","usage":{"input_tokens":9,)"
            R"("input_tokens_details":{"cached_tokens":0},"output_tokens":4,)"
            R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":13}})");
        QVERIFY(House::ends(show));
    }
    house.store->drain();
    const auto page = house.store->readNow(
        [](store::Database &db) { return store::requests(db, {}, std::nullopt, 20); });
    QVERIFY(page);
    int results = 0;
    for (const store::LoggedRequest &logged : page->requests) {
        if (logged.row.operation != "batch_result") {
            QCOMPARE(logged.row.cost.value, 0);
            continue;
        }
        ++results;
        // 13 tokens at 1 USD a million, half of it, rounded up once.
        QCOMPARE(logged.row.cost.value, 6'500);
        QCOMPARE(logged.row.charge.value, 6'500);
        QCOMPARE(logged.row.usage.input, 9);
        QCOMPARE(logged.row.usage.output, 4);
        QCOMPARE(logged.row.model, QByteArray("m"));
        QCOMPARE(logged.row.vendorId, QByteArray("batch_1"));
        QCOMPARE(logged.row.tokenId, house.row.id);
        QVERIFY(!(logged.row.flags & store::Unpriced));
    }
    QCOMPARE(results, 1);
}

void TestKeeping::aBatchWithoutUsageIsUnpriced()
{
    House house(1);
    QVERIFY(house.upload("file-1", "batch", "{\"body\":{\"model\":\"m\"}}"));
    const auto batch = house.call("POST", "/v1/batches", R"({"input_file_id":"file-1"})");
    house.wire(2)->answer(200, "application/json", R"({"id":"batch_1","status":"completed"})");
    QVERIFY(House::ends(batch));
    house.store->drain();
    const auto page = house.store->readNow(
        [](store::Database &db) { return store::requests(db, {}, std::nullopt, 20); });
    QVERIFY(page);
    const auto found
        = std::find_if(page->requests.begin(), page->requests.end(),
                       [](const auto &logged) { return logged.row.operation == "batch_result"; });
    QVERIFY(found != page->requests.end());
    QVERIFY(found->row.flags & store::Unpriced);
    QCOMPARE(found->row.cost.value, 0);
}

void TestKeeping::aBudgetStartsNoBatches()
{
    House house(1, NanoUsd{1'000'000'000});
    QVERIFY(house.upload("file-1", "batch", "{\"body\":{\"model\":\"m\"}}"));
    const std::pair<const char *, const char *> calls[]{
        {"/v1/batches", R"({"input_file_id":"file-1"})"},
        {"/v1/messages/batches", R"({"requests":[{"params":{"model":"m"}}]})"}};
    for (const auto &[target, body] : calls) {
        const auto batch = house.call("POST", target, body);
        QVERIFY(House::ends(batch));
        QCOMPARE(batch->status, 403);
        QVERIFY(batch->bytes.contains("budget"));
    }
    QCOMPARE(house.wires.size(), 1U);
}

void TestKeeping::resultsAreOursToServeAndToCount()
{
    House house(1);
    const auto batch = house.call("POST", "/v1/messages/batches",
                                  R"({"requests":[{"params":{"model":"mine"}}]})");
    house.wire(1)->answer(
        200, "application/json",
        R"({"id":"msgbatch_1","processing_status":"ended","results_url":"https:\/\/vendor.example\/x","n":1.0})");
    QVERIFY(House::ends(batch));
    const QByteArray ours
        = R"({"id":"msgbatch_1","processing_status":"ended","results_url":"http://gw:1/v1/messages/batches/msgbatch_1/results","n":1.0})";
    QCOMPARE(batch->bytes, ours);
    const QByteArray line
        = R"({"custom_id":"1","result":{"type":"succeeded","message":{"model":"m","usage":{"input_tokens":9,"output_tokens":4}}}})"
          "\n";
    const QByteArray failed = R"({"custom_id":"2","result":{"type":"expired"}})";
    const auto results = house.call("GET", "/v1/messages/batches/msgbatch_1/results");
    Wire *sent = house.wire(2);
    QVERIFY(sent);
    sent->answer(200, "application/x-jsonl", line.left(20), false);
    QVERIFY(QTest::qWaitFor([&] { return results->bytes == line.left(20); }, 60'000));
    sent->send(line.mid(20) + line);
    sent->send(failed);
    sent->finish();
    QVERIFY(House::ends(results));
    QCOMPARE(results->bytes, line + line + failed);
    QVERIFY(!results->aborted);
    house.store->drain();
    const auto page = house.store->readNow(
        [](store::Database &db) { return store::requests(db, {}, std::nullopt, 20); });
    QVERIFY(page);
    std::int64_t cost = -1;
    for (const store::LoggedRequest &logged : page->requests) {
        if (logged.row.operation == "batch_result")
            cost = logged.row.cost.value;
    }
    QCOMPARE(cost, 13'000); // twice 13 tokens at half of 1 USD a million
}

void TestKeeping::contentEndsWithItsClient()
{
    House house(1);
    QVERIFY(house.upload("file-1"));
    const auto content = house.call("GET", "/v1/files/file-1/content");
    Wire *sent = house.wire(2);
    QVERIFY(sent);
    sent->answer(200, "text/plain", "some", false);
    QVERIFY(QTest::qWaitFor([&] { return content->bytes == "some"; }, 60'000));
    // A client that does not read holds the provider up.
    content->unsent = 64 << 20;
    sent->send("more");
    QTest::qWait(20);
    QCOMPARE(content->bytes, QByteArray("some"));
    content->drain();
    QVERIFY(QTest::qWaitFor([&] { return content->bytes == "somemore"; }, 60'000));
    content->leave();
    QVERIFY(QTest::qWaitFor([&] { return sent->cancelled && sent->destroyed; }, 60'000));
    QVERIFY(QTest::qWaitFor([&] { return house.relay->running() == 0; }, 60'000));
    QCOMPARE(house.record().row.status, 499);
}

void TestKeeping::aCutFileLooksCut()
{
    House house(1);
    QVERIFY(house.upload("file-1"));
    const auto content = house.call("GET", "/v1/files/file-1/content");
    Wire *sent = house.wire(2);
    QVERIFY(sent);
    sent->answer(200, "text/plain", "some", false);
    sent->fail(upstream::FailureKind::Truncated);
    QVERIFY(House::ends(content));
    QVERIFY(content->aborted);
    QCOMPARE(house.record().row.error, QByteArray("upstream_failed"));
}

void TestKeeping::aRefusalIsPassedOn()
{
    House house(1);
    const auto client
        = house.call("POST", "/v1/files", form("odd", "x"), {{"content-type", kForm}});
    const QByteArray said = R"({"error":{"message":"'odd' is no purpose","type":"invalid"}})";
    house.wire(1)->answer(400, "application/json", said);
    QVERIFY(House::ends(client));
    QCOMPARE(client->status, 400);
    QCOMPARE(client->bytes, said);
    QCOMPARE(house.record().row.status, 400);
    // A refused key of ours is not the client's.
    const auto again = house.call("POST", "/v1/files", form("x", "x"), {{"content-type", kForm}});
    house.wire(2)->answer(401, "application/json", R"({"error":{"message":"bad key"}})");
    QVERIFY(House::ends(again));
    QVERIFY(again->status >= 500);
}

void TestKeeping::whatIsGoneIsForgotten()
{
    House house(1);
    for (const char *how : {"404", "deleted"}) {
        QVERIFY(house.upload("file-1"));
        const bool removed = qstrcmp(how, "deleted") == 0;
        const std::size_t before = house.wires.size();
        const auto client = house.call(removed ? "DELETE" : "GET", "/v1/files/file-1");
        Wire *sent = house.wire(before + 1);
        QVERIFY(sent);
        sent->answer(removed ? 200 : 404, "application/json",
                     removed ? R"({"id":"file-1","deleted":true})" : R"({"error":{}})");
        QVERIFY(House::ends(client));
        QCOMPARE(client->status, removed ? 200 : 404);
        const auto again = house.call("GET", "/v1/files/file-1");
        QVERIFY(House::ends(again));
        QCOMPARE(again->status, 404);
        QCOMPARE(house.wires.size(), before + 1);
    }
}

void TestKeeping::aKeyThatIsGoneIsSaid()
{
    House house(1);
    QVERIFY(house.upload("file-1"));
    auto next = std::make_shared<relay::Snapshot>(*house.snapshot);
    next->channels = std::make_shared<routing::ChannelTable>();
    house.relay->setSnapshot(next);
    const auto client = house.call("GET", "/v1/files/file-1");
    QVERIFY(House::ends(client));
    QCOMPARE(client->status, 503);
    QVERIFY(client->bytes.contains("removed"));
    const auto upload = house.call("POST", "/v1/files", form("x", "y"), {{"content-type", kForm}});
    QVERIFY(House::ends(upload));
    QCOMPARE(upload->status, 404);
}

QTEST_GUILESS_MAIN(TestKeeping)
#include "test_keeping.moc"
