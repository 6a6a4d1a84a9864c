// SPDX-License-Identifier: GPL-3.0-or-later
// What is billed by the piece, by time or by length: held for before, paid for after.
#include "core/ledger/invariants.h"
#include "tests/relay/world.h"

using namespace tollgate;
using namespace tollgate::test;

namespace {

const std::vector<Header> kForm{{"content-type", "multipart/form-data; boundary=b"}};

QByteArray form(const QByteArray &sound)
{
    return "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
           "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n"
        + sound + "\r\n--b--\r\n";
}

ledger::UnitRates dearRates()
{
    ledger::UnitRates units;
    units.image = PicoUsd{40'000'000'000}; // 0.04 USD
    units.imageClasses = {{"hd/1024x1024", PicoUsd{80'000'000'000}}};
    units.audioInputSecond = PicoUsd{100'000'000}; // 0.0001 USD
    units.character = PicoUsd{15'000'000};
    units.search = PicoUsd{2'000'000'000};
    return units;
}

struct Priced
{
    World world;

    explicit Priced(const ledger::UnitRates &units = dearRates(),
                    std::int64_t budget = 1'000'000'000)
        : world(1, NanoUsd{budget})
    {
        ledger::Price price;
        price.model = "m";
        price.units = units;
        auto snapshot = std::make_shared<relay::Snapshot>(*world.snapshot);
        snapshot->prices = std::make_shared<ledger::PriceBook>(std::vector{world.stored(price)});
        world.relay->setSnapshot(snapshot);
    }
    [[nodiscard]] QString broken()
    {
        world.store->drain();
        const auto found = world.store->readNow([](store::Database &db) {
            return ledger::checkInvariants(db, ledger::Scope::Full, Clock::system().wallUs());
        });
        if (!found)
            return found.error().message;
        return found->empty() ? QString() : found->front().detail;
    }
};

} // namespace

class TestUnitBilling : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachIsHeldForAndPaidByWhatTheAnswerTells_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<qint64>("held");
        QTest::addColumn<qint64>("spent");
        QTest::addColumn<bool>("estimated");
        const auto row = [](const char *name, const char *path, const QByteArray &body,
                            const char *answer, qint64 held, qint64 spent, bool estimated) {
            QTest::newRow(name) << QByteArray(path) << body << QByteArray(answer) << held << spent
                                << estimated;
        };
        row("three pictures asked for, two made", "/v1/images/generations",
            R"({"model":"m","prompt":"a cat","n":3})", R"({"data":[{"url":"a"},{"url":"b"}]})",
            120'000'000, 80'000'000, false);
        row("in high definition", "/v1/images/generations",
            R"({"model":"m","prompt":"a cat","quality":"hd"})", R"({"data":[{"url":"a"}]})",
            80'000'000, 80'000'000, false);
        row("a streamed picture", "/v1/images/generations",
            R"({"model":"m","prompt":"a cat","stream":true})",
            "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"eA==\"}\n\n"
            "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"eA==\"}\n\n",
            40'000'000, 40'000'000, false);
        row("five letters", "/v1/audio/speech", R"({"model":"m","input":"h\u00e9llo","voice":"x"})",
            "sound", 75'000, 75'000, false);
        row("seconds that are told", "/v1/audio/transcriptions", form(QByteArray(6'000, 1)),
            R"({"text":"hi","usage":{"type":"duration","seconds":4}})", 1'000'000, 400'000, false);
        row("seconds that nobody tells", "/v1/audio/transcriptions", form(QByteArray(32'000, 1)),
            "hi there", 4'500'000, 300'000, true);
        row("searches that are told", "/v2/rerank",
            R"({"model":"m","query":"q","documents":["a"]})",
            R"({"results":[{"index":0,"relevance_score":0.5}],)"
            R"("meta":{"billed_units":{"search_units":1}}})",
            2'000'000, 2'000'000, false);
        row("a search that nobody counts", "/v1/rerank",
            R"({"model":"m","query":"q","documents":["a"]})",
            R"({"results":[{"index":0,"relevance_score":0.5}]})", 2'000'000, 2'000'000, true);
    }

    void eachIsHeldForAndPaidByWhatTheAnswerTells()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, answer);
        QFETCH(qint64, held);
        QFETCH(qint64, spent);
        QFETCH(bool, estimated);
        Priced priced;
        World &world = priced.world;
        const auto client
            = world.askAt(path, body, body.startsWith("--b") ? kForm : std::vector<Header>{});
        QVERIFY(world.waitForWire(1));
        QCOMPARE(world.budget().reserved.value, held);
        const QByteArray type = answer.startsWith("data:") ? "text/event-stream"
            : path.endsWith("speech")                      ? "audio/mpeg"
            : answer.startsWith('{')                       ? "application/json"
                                                           : "text/plain";
        world.wires[0]->answer(200, type, answer);
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        const auto record = world.record();
        QCOMPARE(record.row.charge.value, spent);
        QCOMPARE(record.attempts.front().cost.value, spent);
        QVERIFY(!record.row.units.empty());
        QVERIFY(record.row.units == record.attempts.front().units);
        QCOMPARE((record.row.flags & store::Estimated) != 0, estimated);
        QCOMPARE(record.row.flags & store::Unpriced, 0U);
        QCOMPARE(record.row.usage.total(), 0); // no guessed tokens beside
        QCOMPARE(world.budget().spent.value, spent);
        QCOMPARE(world.budget().reserved.value, 0);
        QCOMPARE(priced.broken(), QString());
    }

    void aBudgetThatCannotPayThePictureRefusesIt()
    {
        Priced priced(dearRates(), 39'999'999);
        const auto client
            = priced.world.askAt("/v1/images/generations", R"({"model":"m","prompt":"a cat"})");
        QTRY_VERIFY(client->finished());
        QVERIFY(client->status == 402 || client->status == 429 || client->status == 403);
        QVERIFY(priced.world.wires.empty());
        QCOMPARE(priced.world.budget().spent.value, 0);
    }

    void aRefusalCostsNothing()
    {
        Priced priced;
        World &world = priced.world;
        const auto client
            = world.askAt("/v1/images/generations", R"({"model":"m","prompt":"a cat"})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(400, "application/json", R"({"error":{"message":"no cats"}})");
        QTRY_VERIFY(client->finished());
        const auto record = world.record();
        QCOMPARE(record.row.charge.value, 0);
        QVERIFY(record.attempts.front().units.empty());
        QCOMPARE(world.budget().reserved.value, 0);
        QCOMPARE(priced.broken(), QString());
    }

    void whoLeavesPaysForWhatWasReadAloud()
    {
        Priced priced;
        World &world = priced.world;
        const auto client
            = world.askAt("/v1/audio/speech", R"({"model":"m","input":"hello","voice":"x"})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "audio/mpeg", "half of it", false);
        client->leave();
        QTRY_COMPARE(world.relay->running(), std::size_t(0));
        QCOMPARE(world.record().row.charge.value, 75'000);
        QCOMPARE(priced.broken(), QString());
    }

    void aPriceOfPicturesIsNoneOfWords()
    {
        ledger::UnitRates units;
        units.image = PicoUsd{1};
        Priced priced(units);
        World &world = priced.world;
        const auto client = world.ask(kAsk);
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json", kAnswer);
        QTRY_VERIFY(client->finished());
        const auto record = world.record();
        QVERIFY((record.row.flags & store::Unpriced) != 0);
        QCOMPARE(record.attempts.front().priceId, 0);
        QCOMPARE(priced.broken(), QString());
    }

    void whoIsBilledByTheTokenStillShowsItsPictures()
    {
        World world(1, NanoUsd{1'000'000'000});
        const auto client = world.askAt("/v1/images/generations",
                                        R"({"model":"m","prompt":"a cat","size":"1024x1024"})");
        QVERIFY(world.waitForWire(1));
        world.wires[0]->answer(200, "application/json",
                               R"({"data":[{"b64_json":"eA=="}],"usage":{"input_tokens":10,)"
                               R"("output_tokens":4000,"total_tokens":4010}})");
        QTRY_VERIFY(client->finished());
        const auto record = world.record();
        QCOMPARE(record.row.units.images, 1);
        QCOMPARE(record.row.units.imageClass, QByteArray("1024x1024"));
        QCOMPARE(record.row.charge.value, 4'010'000); // 1 USD a million tokens
        QCOMPARE(record.row.flags & store::Estimated, 0U);
    }
};

QTEST_GUILESS_MAIN(TestUnitBilling)
#include "test_units.moc"
