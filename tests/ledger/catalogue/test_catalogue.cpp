// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/catalogue.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>

using namespace tollgate;
using namespace tollgate::ledger;

namespace {

constexpr std::int64_t kNow = 1'790'000'000'000'000; // September 2026

// Rates in the order of the struct; -1: not named.
Rates ratesOf(std::array<std::int64_t, 11> v)
{
    return {.input = {v[0]},
            .output = {v[1]},
            .cacheRead = {v[2]},
            .cacheWrite5m = {v[3]},
            .cacheWrite1h = {v[4]},
            .reasoning = {v[5]},
            .audioInput = {v[6]},
            .audioOutput = {v[7]},
            .imageInput = {v[8]},
            .imageOutput = {v[9]},
            .perRequest = {v[10]}};
}

Rates simple(std::int64_t input, std::int64_t output, std::int64_t cacheRead = -1,
             std::int64_t write5m = -1, std::int64_t write1h = -1, std::int64_t reasoning = -1)
{
    return ratesOf({input, output, cacheRead, write5m, write1h, reasoning, -1, -1, -1, -1, 0});
}

struct Known
{
    const char *provider;
    const char *model;
    Rates rates;
    std::vector<Tier> tiers;
    std::int64_t maxOutput;
};

// Worked out by hand from the vendors' list prices: US dollars a million tokens are pico-USD a
// token times 10^-6.
std::vector<Known> knownPrices()
{
    return {
        {"openai", "gpt-4o", simple(2'500'000, 10'000'000, 1'250'000), {}, 16'384},
        {"openai",
         "gpt-5.4",
         simple(2'500'000, 15'000'000, 250'000),
         {{272'000, simple(5'000'000, 22'500'000, 500'000)}},
         128'000},
        {"openai",
         "gpt-audio",
         ratesOf({2'500'000, 10'000'000, -1, -1, -1, -1, 32'000'000, 64'000'000, -1, -1, 0}),
         {},
         16'384},
        {"openai", "text-embedding-3-small", simple(20'000, 0), {}, 0},
        {"openai",
         "gpt-image-1",
         ratesOf({5'000'000, 40'000'000, 1'250'000, -1, -1, -1, -1, -1, 10'000'000, 40'000'000, 0}),
         {},
         0},
        {"anthropic",
         "claude-sonnet-4-5",
         simple(3'000'000, 15'000'000, 300'000, 3'750'000, 6'000'000),
         {{200'000, simple(6'000'000, 22'500'000, 600'000, 7'500'000, 12'000'000)}},
         64'000},
        {"anthropic",
         "claude-opus-4-1",
         simple(15'000'000, 75'000'000, 1'500'000, 18'750'000, 30'000'000),
         {},
         32'000},
        {"gemini",
         "gemini-2.5-pro",
         simple(1'250'000, 10'000'000, 125'000),
         {{200'000, simple(2'500'000, 15'000'000, 250'000)}},
         65'535},
        {"deepseek", "deepseek-chat", simple(280'000, 420'000, 28'000), {}, 8'192},
        {"deepseek", "deepseek-v4-flash", simple(140'000, 280'000, 2'800), {}, 8'192},
        {"alibaba",
         "qwen3-max",
         simple(1'200'000, 6'000'000),
         {{32'000, simple(2'400'000, 12'000'000)}, {128'000, simple(3'000'000, 15'000'000)}},
         65'536},
        {"mistral", "mistral-large-latest", simple(500'000, 1'500'000), {}, 262'144},
        {"groq", "llama-3.3-70b-versatile", simple(590'000, 790'000), {}, 32'768},
        {"xai", "grok-4", simple(3'000'000, 15'000'000), {}, 256'000},
        {"perplexity",
         "sonar-pro",
         ratesOf({3'000'000, 15'000'000, -1, -1, -1, -1, -1, -1, -1, -1, 6'000'000'000}),
         {},
         8'000},
    };
}

bool fitsToPay(const Rates &rates)
{
    const auto named = [](PicoUsd p) { return p.value >= -1 && p.value <= 10'000'000'000; };
    return rates.input.value >= 0 && rates.output.value >= 0 && rates.perRequest.value >= 0
        && named(rates.cacheRead) && named(rates.cacheWrite5m) && named(rates.cacheWrite1h)
        && named(rates.reasoning) && named(rates.audioInput) && named(rates.audioOutput)
        && named(rates.imageInput) && named(rates.imageOutput);
}

const QByteArray kHead = "tollgate-prices\t1\nsource\tL\t2026-07-24\tsomebody's list\n"
                         "provider\tmodel\tkind\tcontext\tmaxOutput\tcapabilities\tfrom\tinput\t"
                         "output\tcacheRead\tcacheWrite5m\tcacheWrite1h\treasoning\taudioInput\t"
                         "audioOutput\timageInput\timageOutput\tperRequest\ttiers\tunits\tsource\n";
const QByteArray kRow = "acme\tbig\tchat\t1000\t100\ttv\t2026-01-01\t5\t7\t\t\t\t\t\t\t\t\t\t"
                        "10:6,8;20:7,9,1\timage=9;image:hd/1x1=11\tL\n";

Price priceOf(const char *provider, const char *model, std::int64_t input, std::int64_t fromUs = 0)
{
    Price price;
    price.provider = provider;
    price.model = model;
    price.rates.input = {input};
    price.rates.output = {2 * input};
    price.validFromUs = fromUs;
    price.source = "user";
    return price;
}

} // namespace

class TestCatalogue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        auto prices = loadCatalogue();
        QVERIFY2(prices, prices ? "" : qPrintable(prices.error().message));
        m_prices = *prices;
        m_book = PriceBook(std::move(*prices));
    }

    void knownModelsHaveExactlyTheirListPrices()
    {
        for (const Known &known : knownPrices()) {
            const Price *price = m_book.find(known.provider, known.model, kNow);
            QVERIFY2(price, known.model);
            QVERIFY2(price->rates == known.rates, known.model);
            QVERIFY2(price->tiers == known.tiers, known.model);
            QCOMPARE(price->maxOutputTokens, known.maxOutput);
            QVERIFY2(price->source.startsWith("catalogue 2026-"), known.model);
        }
    }

    void aModelNobodyListsIsUnpricedNotFree()
    {
        QCOMPARE(m_book.find("openai", "no-such-model-1", kNow), nullptr);
        QCOMPARE(m_book.find("no-such-provider", "gpt-4o", kNow), nullptr);
        QCOMPARE(m_book.find("azure", "dall-e-3", kNow), nullptr);
        QCOMPARE(m_book.find("openai", "", kNow), nullptr);
    }

    void everyEntryIsSane()
    {
        const auto entries = loadCatalogueEntries();
        QVERIFY(entries);
        QVERIFY(entries->size() > 1500);
        for (const CatalogueEntry &entry : *entries) {
            const Price &price = entry.price;
            const QByteArray name = price.provider + '/' + price.model;
            QVERIFY2(fitsToPay(price.rates), name.constData());
            // Nothing that writes text may write it for nothing, unless it is free altogether.
            if (entry.kind == ModelKind::Chat || entry.kind == ModelKind::Responses)
                QVERIFY2(price.rates.output.value > 0 || price.rates.input.value == 0,
                         name.constData());
            std::int64_t last = 0;
            for (const Tier &tier : price.tiers) {
                QVERIFY2(fitsToPay(tier.rates), name.constData());
                QVERIFY2(tier.aboveInputTokens > last, name.constData());
                last = tier.aboveInputTokens;
            }
        }
    }

    void whatCostsNothingIsNamedAsFree()
    {
        for (const Price &price : m_prices) {
            if (price.rates.input.value != 0 || price.rates.output.value != 0
                || price.rates.perRequest.value != 0 || price.units.any())
                continue;
            const bool free = price.model.endsWith(":free") || price.model.endsWith("-Free")
                || price.model.endsWith("/free") || price.model.contains("moderation")
                || price.provider == "zai" || price.model.endsWith("-flash");
            QVERIFY2(free, QByteArray(price.provider + '/' + price.model).constData());
        }
    }

    void whatIsBilledByOtherUnitsHasItsListPrice_data()
    {
        QTest::addColumn<QByteArray>("provider");
        QTest::addColumn<QByteArray>("model");
        QTest::addColumn<UnitCounts>("units");
        QTest::addColumn<qint64>("nano");

        const auto row = [](const char *name, const char *provider, const char *model,
                            const UnitCounts &units, qint64 nano) {
            QTest::newRow(name) << QByteArray(provider) << QByteArray(model) << units << nano;
        };
        // 0.04 and 0.08 USD a picture; 0.12 in the larger size.
        row("three plain pictures", "openai", "dall-e-3", {.images = 3, .imageClass = ""},
            120'000'000);
        row("one in high definition", "openai", "dall-e-3", {.images = 1, .imageClass = "hd"},
            80'000'000);
        row("one that is large and fine", "openai", "dall-e-3",
            {.images = 1, .imageClass = "hd/1024x1792"}, 120'000'000);
        row("a size without a quality", "openai", "dall-e-3",
            {.images = 1, .imageClass = "1792x1024"}, 80'000'000);
        row("a small one", "openai", "dall-e-2", {.images = 2, .imageClass = "256x256"},
            32'000'000);
        row("a quality that the model does not know", "openai", "dall-e-2",
            {.images = 1, .imageClass = "standard/512x512"}, 18'000'000);
        row("a size that nobody lists costs the dearest", "openai", "dall-e-3",
            {.images = 1, .imageClass = "4096x4096"}, 120'000'000);
        row("a minute of speech", "openai", "whisper-1", {.audioInputMs = 60'000}, 6'000'000);
        row("one millisecond", "openai", "whisper-1", {.audioInputMs = 1}, 100);
        row("half a second, at the quickest", "groq", "whisper-large-v3-turbo",
            {.audioInputMs = 500}, 5'555);
        row("a thousand letters read aloud", "openai", "tts-1", {.characters = 1'000}, 15'000'000);
        row("two searches", "cohere", "rerank-v3.5", {.searches = 2}, 4'000'000);
        row("what is counted but not billed", "openai", "tts-1", {.audioOutputMs = 9'000}, 0);
    }

    void whatIsBilledByOtherUnitsHasItsListPrice()
    {
        QFETCH(QByteArray, provider);
        QFETCH(QByteArray, model);
        QFETCH(UnitCounts, units);
        QFETCH(qint64, nano);
        const Price *price = m_book.find(provider, model, kNow);
        QVERIFY(price);
        // Its tokens, which are a guess, cost nothing.
        const auto cost = costOf(*price, TokenCounts{.input = 500, .output = 700}, units);
        QVERIFY(cost);
        QCOMPARE(cost->value, nano);
    }

    void everyVendorOfTheFirstHourIsThere_data()
    {
        QTest::addColumn<QByteArray>("provider");
        for (const char *provider :
             {"openai", "anthropic", "gemini", "azure", "deepseek", "mistral", "groq", "xai",
              "openrouter", "together", "fireworks", "cohere", "moonshot", "alibaba", "zai",
              "minimax", "perplexity", "cerebras", "nvidia"})
            QTest::newRow(provider) << QByteArray(provider);
    }

    void everyVendorOfTheFirstHourIsThere()
    {
        QFETCH(QByteArray, provider);
        QVERIFY(std::any_of(m_prices.begin(), m_prices.end(),
                            [&](const Price &p) { return p.provider == provider; }));
    }

    void cachesAndTiersAreBilledByTheFormula_data()
    {
        QTest::addColumn<QByteArray>("provider");
        QTest::addColumn<QByteArray>("model");
        QTest::addColumn<TokenCounts>("usage");
        QTest::addColumn<qint64>("pico");

        // 1,000 fresh, 2,000 read, 500 + 100 written, 300 out, all below 200,000.
        QTest::newRow("caches") << QByteArray("anthropic") << QByteArray("claude-sonnet-4-5")
                                << TokenCounts{.input = 1000,
                                               .cacheRead = 2000,
                                               .cacheWrite5m = 500,
                                               .cacheWrite1h = 100,
                                               .output = 300}
                                << qint64(3'000'000'000 + 600'000'000 + 1'875'000'000 + 600'000'000
                                          + 4'500'000'000);
        QTest::newRow("exactly at the tier")
            << QByteArray("gemini") << QByteArray("gemini-2.5-pro")
            << TokenCounts{.input = 200'000, .output = 1} << qint64(250'010'000'000);
        QTest::newRow("one over the tier, all at its rates")
            << QByteArray("gemini") << QByteArray("gemini-2.5-pro")
            << TokenCounts{.input = 1, .cacheRead = 200'000, .output = 1}
            << qint64(2'500'000 + 200'000LL * 250'000 + 15'000'000);
        QTest::newRow("second tier") << QByteArray("alibaba") << QByteArray("qwen3-max")
                                     << TokenCounts{.input = 128'001, .output = 10}
                                     << qint64(128'001LL * 3'000'000 + 150'000'000);
        QTest::newRow("reasoning without a rate of its own is output")
            << QByteArray("openai") << QByteArray("gpt-5.4")
            << TokenCounts{.input = 10, .output = 20, .reasoning = 30}
            << qint64(25'000'000 + 50LL * 15'000'000);
        QTest::newRow("reasoning with one")
            << QByteArray("perplexity") << QByteArray("sonar-deep-research")
            << TokenCounts{.input = 10, .output = 20, .reasoning = 30}
            << qint64(5'000'000'000 + 20'000'000 + 160'000'000 + 90'000'000);
        QTest::newRow("audio") << QByteArray("openai") << QByteArray("gpt-audio")
                               << TokenCounts{.input = 10,
                                              .output = 5,
                                              .audioInput = 100,
                                              .audioOutput = 7}
                               << qint64(25'000'000 + 50'000'000 + 3'200'000'000 + 448'000'000);
        QTest::newRow("cache write without a rate is input")
            << QByteArray("openai") << QByteArray("gpt-4o") << TokenCounts{.cacheWrite1h = 1000}
            << qint64(2'500'000'000);
        QTest::newRow("less than a nano-USD")
            << QByteArray("deepseek") << QByteArray("deepseek-v4-flash")
            << TokenCounts{.cacheRead = 1} << qint64(2'800);
    }

    void cachesAndTiersAreBilledByTheFormula()
    {
        QFETCH(QByteArray, provider);
        QFETCH(QByteArray, model);
        QFETCH(TokenCounts, usage);
        QFETCH(qint64, pico);
        const Price *price = m_book.find(provider, model, kNow);
        QVERIFY(price);
        const auto cost = costOf(*price, usage);
        QVERIFY(cost);
        QCOMPARE(qint64(cost->value), (pico + 999) / 1000);
    }

    void loadingIsQuick()
    {
        QElapsedTimer timer;
        timer.start();
        const auto prices = loadCatalogue();
        const qint64 elapsed = timer.nsecsElapsed();
        QVERIFY(prices);
        qInfo("%zu prices in %lld us", prices->size(), static_cast<long long>(elapsed / 1000));
    }

    void damageIsRefusedAndNamesTheLine_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no row") << kHead;
        QTest::newRow("cut off") << kHead + kRow.chopped(1);
        QTest::newRow("other format") << QByteArray(kHead + kRow).replace("prices\t1", "prices\t2");
        QTest::newRow("other columns") << QByteArray(kHead + kRow).replace("cacheRead", "cache");
        QTest::newRow("same row twice") << kHead + kRow + kRow;
        QTest::newRow("one field less") << kHead + QByteArray(kRow).replace("\ttv", "");
        QTest::newRow("one field more") << kHead + QByteArray(kRow).replace("\ttv", "\ttv\t");
        QTest::newRow("negative") << kHead + QByteArray(kRow).replace("\t5\t", "\t-5\t");
        QTest::newRow("plus") << kHead + QByteArray(kRow).replace("\t5\t", "\t+5\t");
        QTest::newRow("leading zero") << kHead + QByteArray(kRow).replace("\t5\t", "\t05\t");
        QTest::newRow("fraction") << kHead + QByteArray(kRow).replace("\t5\t", "\t5.0\t");
        QTest::newRow("absurd") << kHead + QByteArray(kRow).replace("\t5\t", "\t10000000001\t");
        QTest::newRow("beyond 64 bits")
            << kHead + QByteArray(kRow).replace("\t5\t", "\t99999999999999999999\t");
        QTest::newRow("no input") << kHead + QByteArray(kRow).replace("\t5\t7", "\t\t7");
        QTest::newRow("unknown kind") << kHead + QByteArray(kRow).replace("chat", "chit");
        QTest::newRow("unknown capability") << kHead + QByteArray(kRow).replace("\ttv", "\ttZ");
        QTest::newRow("bad date") << kHead + QByteArray(kRow).replace("2026-01-01", "2026-02-30");
        QTest::newRow("unknown source") << kHead + QByteArray(kRow).replace("\tL\n", "\tQ\n");
        QTest::newRow("no source") << kHead + QByteArray(kRow).replace("\tL\n", "\t\n");
        QTest::newRow("unknown unit") << kHead + QByteArray(kRow).replace("image=", "inch=");
        QTest::newRow("unit twice") << kHead + QByteArray(kRow).replace("image:hd/1x1=", "image=");
        QTest::newRow("unit without price") << kHead + QByteArray(kRow).replace("image=9", "image");
        QTest::newRow("class without name")
            << kHead + QByteArray(kRow).replace("image:hd/1x1", "image:");
        QTest::newRow("absurd unit")
            << kHead + QByteArray(kRow).replace("image=9", "image=100000000000001");
        QTest::newRow("descending tiers") << kHead + QByteArray(kRow).replace(";20:", ";10:");
        QTest::newRow("tier without output") << kHead + QByteArray(kRow).replace("10:6,8", "10:6");
        QTest::newRow("tier with too many rates")
            << kHead + QByteArray(kRow).replace("10:6,8", "10:6,8,,,,,,,,,1,1");
        QTest::newRow("no model") << kHead + QByteArray(kRow).replace("\tbig", "\t");
    }

    void damageIsRefusedAndNamesTheLine()
    {
        QFETCH(QByteArray, text);
        const auto entries = parseCatalogue(text);
        QVERIFY(!entries);
        QCOMPARE(entries.error().kind, ErrorKind::Internal);
        QVERIFY(entries.error().message.contains(QStringLiteral("in line ")));
    }

    void everyFieldOfARowIsRead()
    {
        const auto entries = parseCatalogue(kHead + "# a remark\n" + kRow);
        QVERIFY(entries);
        QCOMPARE(entries->size(), std::size_t{1});
        const CatalogueEntry &entry = entries->front();
        QCOMPARE(entry.price.provider, QByteArray("acme"));
        QCOMPARE(entry.price.model, QByteArray("big"));
        QCOMPARE(entry.price.validFromUs, std::int64_t{1'767'225'600'000'000});
        QCOMPARE(entry.price.source, QByteArray("catalogue 2026-07-24"));
        QCOMPARE(entry.price.maxOutputTokens, std::int64_t{100});
        QCOMPARE(entry.contextTokens, std::int64_t{1000});
        QCOMPARE(entry.capabilities, std::uint32_t{Tools | ImageInput});
        QVERIFY(entry.price.rates == simple(5, 7));
        QVERIFY(
            (entry.price.tiers == std::vector<Tier>{{10, simple(6, 8)}, {20, simple(7, 9, 1)}}));
    }

    void aUsersPriceReplacesTheListFromItsDayOn()
    {
        const PriceBook book({priceOf("p", "m", 1), priceOf("p", "m", 2, 100),
                              priceOf("p", "m", 3, 300), priceOf("p", "other", 9)});
        const PriceBook mixed = overlay(book, {priceOf("p", "m", 50, 200)});
        QCOMPARE(mixed.find("p", "m", 50)->rates.input.value, std::int64_t{1});
        QCOMPARE(mixed.find("p", "m", 150)->rates.input.value, std::int64_t{2});
        QCOMPARE(mixed.find("p", "m", 250)->rates.input.value, std::int64_t{50});
        QCOMPARE(mixed.find("p", "m", 350)->rates.input.value, std::int64_t{50});
        QCOMPARE(mixed.find("p", "other", 350)->rates.input.value, std::int64_t{9});
    }

    void aUsersGeneralPriceCoversEveryProvider()
    {
        const PriceBook book({priceOf("p", "m", 1), priceOf("q", "m", 2), priceOf("q", "n", 3)});
        const PriceBook mixed = overlay(book, {priceOf("q", "m", 60), priceOf("", "m", 50)});
        QCOMPARE(mixed.find("p", "m", 1)->rates.input.value, std::int64_t{50});
        QCOMPARE(mixed.find("stranger", "m", 1)->rates.input.value, std::int64_t{50});
        QCOMPARE(mixed.find("q", "m", 1)->rates.input.value, std::int64_t{60});
        QCOMPARE(mixed.find("q", "n", 1)->rates.input.value, std::int64_t{3});
    }

    void ofTwoPricesForOneDayTheLastCounts()
    {
        const PriceBook mixed = overlay(PriceBook(), {priceOf("p", "m", 1), priceOf("p", "m", 2)});
        QCOMPARE(mixed.all().size(), std::size_t{1});
        QCOMPARE(mixed.find("p", "m", 1)->rates.input.value, std::int64_t{2});
    }

private:
    std::vector<Price> m_prices;
    PriceBook m_book;
};

QTEST_GUILESS_MAIN(TestCatalogue)
#include "test_catalogue.moc"
