// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/prices.h"
#include "core/ledger/pricestore.h"

#include <QTest>

#include <limits>

using namespace tollgate;
using namespace tollgate::ledger;

namespace {

Price priceOf(const char *provider, const char *model, std::int64_t input, std::int64_t from = 0)
{
    Price price;
    price.provider = provider;
    price.model = model;
    price.validFromUs = from;
    price.rates.input = PicoUsd{input};
    price.rates.output = PicoUsd{input * 4};
    return price;
}

std::int64_t cost(const Price &price, const TokenCounts &usage)
{
    const auto amount = costOf(price, usage);
    return amount ? amount->value : -1;
}

} // namespace

class TestLedgerPrices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindHasItsRateAndItsFallback()
    {
        Price price = priceOf("", "m", 1'000'000);
        TokenCounts all{1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        // Inputs (input, read, two writes, audio, image) at 1, outputs (output, reasoning, audio,
        // image) at 4 micro-USD.
        QCOMPARE(cost(price, all), (6 * 1 + 4 * 4) * 1000);
        price.rates.cacheRead = PicoUsd{100'000};
        price.rates.cacheWrite5m = PicoUsd{1'250'000};
        QCOMPARE(cost(price, {0, 10, 0, 0, 0, 0, 0, 0, 0, 0}), 1'000);
        QCOMPARE(cost(price, {0, 0, 0, 10, 0, 0, 0, 0, 0, 0}), 12'500); // 1h falls back to 5m
        price.rates.cacheWrite1h = PicoUsd{2'000'000};
        QCOMPARE(cost(price, {0, 0, 0, 10, 0, 0, 0, 0, 0, 0}), 20'000);
        price.rates.perRequest = PicoUsd{7'000};
        QCOMPARE(cost(price, {}), 7);
    }

    void thereIsOneRoundingAndItIsUp()
    {
        Price price = priceOf("", "m", 1);
        price.rates.output = PicoUsd{1};
        QCOMPARE(cost(price, {1, 0, 0, 0, 1, 0, 0, 0, 0, 0}), 1); // 2 pico, not 2 nano
        QCOMPARE(cost(price, {1000, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 1);
        QCOMPARE(cost(price, {1001, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 2);
        QCOMPARE(cost(price, {}), 0);
        const auto exact = exactCostOf(price, {1000, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        QVERIFY(exact && !exact->rounded);
        const auto rounded = exactCostOf(price, {1001, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        QVERIFY(rounded && rounded->rounded);
    }

    void unitsAndTokensAreRoundedTogether()
    {
        Price price = priceOf("", "m", 1);
        price.units.audioInputSecond = PicoUsd{1'500};
        price.units.audioOutputSecond = PicoUsd{500};
        // 1.5 and 0.5 pico-USD: two in all, not three.
        const UnitCounts brief{.audioInputMs = 1, .audioOutputMs = 1};
        const auto few = unitCostOf(price.units, brief);
        QVERIFY(few);
        QCOMPARE(few->value, 2);
        price.units.character = PicoUsd{998};
        const auto amount = costOf(price, {}, {.audioInputMs = 1, .characters = 1});
        QVERIFY(amount);
        QCOMPARE(amount->value, 1); // 1.5 + 998 pico-USD
        const auto more
            = costOf(price, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {.audioInputMs = 1, .characters = 1});
        QVERIFY(more);
        QCOMPARE(more->value, 2); // and a token: 1,001
    }

    void absurdUnitsAreErrors()
    {
        Price price = priceOf("", "m", 1);
        price.units.image = PicoUsd{100'000'000'000'000};
        QVERIFY(costOf(price, {}, {.images = 128, .imageClass = ""}));
        QVERIFY(!costOf(price, {}, {.images = 1'000'000, .imageClass = ""}));
        QVERIFY(!costOf(price, {}, {.images = -1, .imageClass = ""}));
        QVERIFY(!costOf(price, {}, {.characters = std::numeric_limits<std::int64_t>::max()}));
    }

    void aTierCountsForEverythingOnceItIsExceeded()
    {
        Price price = priceOf("", "m", 1'000);
        Tier tier;
        tier.aboveInputTokens = 200'000;
        tier.rates = price.rates;
        tier.rates.input = PicoUsd{2'000};
        price.tiers = {tier};
        QCOMPARE(cost(price, {200'000, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 200'000);
        QCOMPARE(cost(price, {200'001, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 400'002);
        QCOMPARE(cost(price, {1, 200'000, 0, 0, 0, 0, 0, 0, 0, 0}), 400'002);
    }

    void overflowAndNonsenseAreErrors()
    {
        const Price dear = priceOf("", "m", std::numeric_limits<std::int64_t>::max() / 4);
        QVERIFY(!costOf(dear, {5, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        QVERIFY(!costOf(dear, {1, 1, 1, 1, 1, 0, 0, 0, 0, 0}));
        const Price price = priceOf("", "m", 1);
        QVERIFY(!costOf(price, {-1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        QVERIFY(
            !costOf(price, {0, 0, 0, 0, std::numeric_limits<std::int64_t>::max(), 0, 0, 0, 0, 0}));
        QVERIFY(!costOf(priceOf("", "m", -5), {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    }

    void theBookPrefersTheProvidersOwnAndTheExactName()
    {
        const PriceBook book({priceOf("", "gpt-x", 1), priceOf("azure", "gpt-x", 2),
                              priceOf("", "gpt-x-2026-01-01", 3),
                              priceOf("", "claude-y-20260101", 4),
                              priceOf("", "claude-y-20260601", 5), priceOf("", "gpt-x-mini", 6)});
        const auto input = [&](const char *provider, const char *model) {
            const Price *price = book.find(QByteArrayView(provider), QByteArrayView(model), 10);
            return price != nullptr ? price->rates.input.value : 0;
        };
        QCOMPARE(input("openai", "gpt-x"), 1);
        QCOMPARE(input("azure", "gpt-x"), 2);
        QCOMPARE(input("openai", "gpt-x-2026-01-01"), 3);
        QCOMPARE(input("openai", "gpt-x-2026-05-05"), 1);
        QCOMPARE(input("azure", "gpt-x-20260505"), 2);
        QCOMPARE(input("openai", "openai/gpt-x"), 1);
        QCOMPARE(input("openai", "gpt-x-latest"), 1);
        QCOMPARE(input("openai", "claude-y"), 5);
        QCOMPARE(input("openai", "claude-y-latest"), 5);
        QCOMPARE(input("openai", "gpt-x-mini"), 6);
        QCOMPARE(input("openai", "gpt-x-nano"), 0);
        QCOMPARE(input("openai", "gpt"), 0);
        QCOMPARE(input("openai", ""), 0);
    }

    void aPriceIsInForceFromItsDate()
    {
        const PriceBook book({priceOf("", "m", 1, 100), priceOf("", "m", 2, 200)});
        QCOMPARE(book.find("p", "m", 99), nullptr);
        QCOMPARE(book.find("p", "m", 100)->rates.input.value, 1);
        QCOMPARE(book.find("p", "m", 199)->rates.input.value, 1);
        QCOMPARE(book.find("p", "m", 200)->rates.input.value, 2);
    }

    void storedRatesComeBackAsTheyWere()
    {
        Price price = priceOf("p", "m", 2'800, 5);
        price.rates.cacheRead = PicoUsd{std::numeric_limits<std::int64_t>::max() - 1};
        price.maxOutputTokens = 64'000;
        price.units.search = PicoUsd{0};
        price.units.image = PicoUsd{40'000'000'000};
        price.units.imageClasses
            = {{"256x256", PicoUsd{1}}, {"hd/1024x1792", PicoUsd{120'000'000'000}}};
        price.tiers = {{200'000, price.rates}, {400'000, Rates{}}};
        const auto back = fromRow(toRow(price));
        QVERIFY(back.has_value());
        QCOMPARE(back->rates, price.rates);
        QCOMPARE(back->tiers, price.tiers);
        QVERIFY(back->units == price.units);
        QCOMPARE(back->maxOutputTokens, price.maxOutputTokens);
        QCOMPARE(ratesToJson(*back), ratesToJson(price));
    }
};

QTEST_GUILESS_MAIN(TestLedgerPrices)
#include "test_ledger_prices.moc"
