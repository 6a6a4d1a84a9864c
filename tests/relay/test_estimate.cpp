// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/estimate.h"

#include <QTest>

#include <limits>

using namespace tollgate;

namespace {

ledger::Price price()
{
    ledger::Price out;
    out.id = 1;
    out.rates.input = {3'000'000}; // 3 USD a million
    out.rates.output = {15'000'000};
    out.maxOutputTokens = 4'000;
    return out;
}

ledger::HoldRequest hold(const ledger::Price *of, const protocol::Peek &peek,
                         const relay::RelaySettings &settings = {})
{
    ledger::HoldRequest request;
    const Result<void> done = relay::estimateHold(request, of, {}, peek, settings);
    return done ? request : ledger::HoldRequest{.tokenId = -1};
}

} // namespace

class TestEstimate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdCoversInputAndWantedOutput()
    {
        const ledger::Price known = price();
        protocol::Peek peek;
        peek.inputTokensCeiling = 1'000;
        peek.maxOutput = 200;
        peek.choices = 3;
        const ledger::HoldRequest request = hold(&known, peek);
        QCOMPARE(request.fixed.value, 3'000'000);
        QCOMPARE(request.perOutputToken.value, 15'000'000);
        QCOMPARE(request.outputTokens, 600);
        QCOMPARE(request.minimumOutputTokens, 64);
    }

    void cacheWritesAndTiersCountAtTheirDearest()
    {
        ledger::Price known = price();
        known.rates.cacheWrite1h = {6'000'000};
        ledger::Tier tier;
        tier.aboveInputTokens = 200'000;
        tier.rates = known.rates;
        tier.rates.cacheWrite1h = {12'000'000};
        tier.rates.output = {30'000'000};
        known.tiers.push_back(tier);
        protocol::Peek peek;
        peek.inputTokensCeiling = 1'000;
        QCOMPARE(hold(&known, peek).fixed.value, 6'000'000);
        peek.inputTokensCeiling = 300'000;
        QCOMPARE(hold(&known, peek).fixed.value, 3'600'000'000);
        QCOMPARE(hold(&known, peek).perOutputToken.value, 30'000'000);
    }

    void withoutMaximumTheModelsOwnIsWanted()
    {
        const ledger::Price known = price();
        QCOMPARE(hold(&known, {}).outputTokens, 4'000);
        QCOMPARE(hold(nullptr, {}).outputTokens, 8'192);
        QCOMPARE(hold(nullptr, {}).fixed.value, 0);
    }

    void overflowIsRefusedNotWrapped()
    {
        const ledger::Price known = price();
        protocol::Peek peek;
        peek.inputTokensCeiling = std::numeric_limits<std::int64_t>::max();
        QCOMPARE(hold(&known, peek).tokenId, -1);
    }

    void vendorsUsageIsTakenAsItIs()
    {
        protocol::AnswerFacts facts;
        facts.usage = TokenCounts{.input = 10, .cacheRead = 5, .output = 7};
        facts.outputBytes = 100'000;
        const relay::UsedTokens used = relay::tokensUsed(facts, {}, 400, true);
        QCOMPARE(used.counts, *facts.usage);
        QCOMPARE(used.flags, 0u);
    }

    void brokenAnswerIsCountedByWhatWasSeen()
    {
        protocol::AnswerFacts facts;
        facts.usage = TokenCounts{.input = 10, .output = 1};
        facts.outputBytes = 4'000;
        const relay::UsedTokens used = relay::tokensUsed(facts, {}, 400, false);
        QCOMPARE(used.counts.input, 10);
        QCOMPARE(used.counts.output, protocol::estimateTokens(4'000));
        QVERIFY(used.flags & store::Estimated);
    }

    void absentUsageIsEstimatedNeverZero()
    {
        protocol::Peek peek;
        peek.inputTokensCeiling = 1'000;
        protocol::AnswerFacts facts;
        facts.outputBytes = 40;
        const relay::UsedTokens used = relay::tokensUsed(facts, peek, 400, true);
        QVERIFY(used.counts.input > 0);
        QVERIFY(used.counts.output > 0);
        QVERIFY(used.flags & store::Estimated);
    }
};

QTEST_APPLESS_MAIN(TestEstimate)
#include "test_estimate.moc"
