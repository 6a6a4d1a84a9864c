// SPDX-License-Identifier: GPL-3.0-or-later
// Holds that begin with a part of what was granted and grow as it is used.
#include "core/store/attempts.h"
#include "tests/ledger/books_for_tests.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::ledger;
using namespace tollgate::test;

namespace {

// One nano-USD a token, in and out; an input of 100.
HoldRequest streamOf(const store::TokenRow &token, const QByteArray &id, std::int64_t tokens,
                     std::int64_t leased)
{
    HoldRequest request = holdOf(token, id, 100);
    request.perOutputToken = PicoUsd{1'000};
    request.outputTokens = tokens;
    request.minimumOutputTokens = 64;
    request.leasedTokens = leased;
    return request;
}

} // namespace

class TestLedgerLease : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLeaseHoldsAPartOfWhatIsGranted()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        Books books(**store);
        const auto token = books.addToken(QStringLiteral("t"), NanoUsd{10'000});
        for (const char *id : {"first", "second"}) { // the first one opens the window
            auto hold = books.reserve(streamOf(token, id, 5'000, 1'000));
            VERIFY_RESULT(hold);
            QCOMPARE(hold->amount.value, 1'100);
            QCOMPARE(hold->outputTokens, 5'000);
        }
        QCOMPARE(books.state(token.budgetId)->reserved.value, 2'200);
        QCOMPARE(books.violations(), QString());
    }

    void aMaximumBeyondTheBudgetIsStillLowered()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        Books books(**store);
        const auto token = books.addToken(QStringLiteral("t"), NanoUsd{3'100});
        auto hold = books.reserve(streamOf(token, "r", 5'000, 1'000));
        VERIFY_RESULT(hold);
        QCOMPARE(hold->outputTokens, 3'000);
        QCOMPARE(hold->amount.value, 1'100);
        // 2,000 are left, of which 100 are input.
        auto other = books.reserve(streamOf(token, "s", 5'000, 1'000));
        VERIFY_RESULT(other);
        QCOMPARE(other->outputTokens, 1'900);
        // 900 are left; 737 go, and the rest pays the input and one token less than is of use.
        QVERIFY(books.reserve(streamOf(token, "u", 637, 0)));
        const auto refused = books.reserve(streamOf(token, "v", 900, 10));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::BudgetExhausted);
        QCOMPARE(books.violations(), QString());
    }

    void aLeaseGrowsWithinItsBudgetAndNeverBeyond()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        Books books(**store);
        const auto token = books.addToken(QStringLiteral("t"), NanoUsd{3'000});
        auto hold = books.reserve(streamOf(token, "r", 2'900, 1'000));
        VERIFY_RESULT(hold);
        auto more = books.extend(hold->attemptId, 1'500);
        VERIFY_RESULT(more);
        QCOMPARE(more->value, 1'500);
        auto rest = books.extend(hold->attemptId, 1'500, 400); // 400 are left
        VERIFY_RESULT(rest);
        QCOMPARE(rest->value, 400);
        QCOMPARE(books.extend(hold->attemptId, 1'500).error().kind, ErrorKind::BudgetExhausted);
        const auto state = books.state(token.budgetId);
        QCOMPARE(state->reserved.value, 3'000);
        QCOMPARE(books.violations(), QString());

        VERIFY_RESULT(books.finish(requestOf(token, "r"), settlementOf(*hold, 2'700)));
        QCOMPARE(books.state(token.budgetId)->spent.value, 2'700);
        QCOMPARE(books.state(token.budgetId)->reserved.value, 0);
        QCOMPARE(books.violations(), QString());
    }

    void lessThanIsOfUseIsNotTaken()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        Books books(**store);
        const auto token = books.addToken(QStringLiteral("t"), NanoUsd{3'000});
        auto hold = books.reserve(streamOf(token, "r", 2'900, 1'000));
        VERIFY_RESULT(hold);
        QVERIFY(!books.extend(hold->attemptId, 5'000, 1'901));
        QCOMPARE(books.state(token.budgetId)->reserved.value, 1'100);
        QVERIFY(books.extend(hold->attemptId, 5'000, 1'900));
        QCOMPARE(books.violations(), QString());
    }

    void whatIsSettledIsExtendedNoMore_data()
    {
        QTest::addColumn<int>("outcome");
        QTest::newRow("settled") << int(Outcome::Settled);
        QTest::newRow("released") << int(Outcome::Released);
        QTest::newRow("unknown") << int(Outcome::Unknown);
    }
    void whatIsSettledIsExtendedNoMore()
    {
        QFETCH(int, outcome);
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        Books books(**store);
        const auto token = books.addToken(QStringLiteral("t"), NanoUsd{30'000});
        auto hold = books.reserve(streamOf(token, "r", 2'900, 1'000));
        VERIFY_RESULT(hold);
        Settlement settlement = settlementOf(*hold, 500);
        settlement.outcome = Outcome(outcome);
        VERIFY_RESULT(books.settle(settlement));
        const auto before = books.state(token.budgetId);
        QCOMPARE(books.extend(hold->attemptId, 1'000).error().kind, ErrorKind::Conflict);
        const auto after = books.state(token.budgetId);
        QCOMPARE(after->reserved, before->reserved);
        QCOMPARE(after->spent, before->spent);
        QCOMPARE(books.violations(), QString());
        QCOMPARE(books.extend(hold->attemptId + 1, 1'000).error().kind, ErrorKind::NotFound);
    }

    void aCrashBetweenTwoExtensionsBillsWhatWasSeenOfThem()
    {
        const Profile profile;
        store::TokenRow token;
        {
            auto store = profile.open();
            VERIFY_RESULT(store);
            Books books(**store);
            token = books.addToken(QStringLiteral("t"), NanoUsd{30'000});
            auto hold = books.reserve(streamOf(token, "r", 20'000, 1'000));
            VERIFY_RESULT(hold);
            QVERIFY(books.extend(hold->attemptId, 4'000));
            TokenCounts seen;
            seen.input = 3'000; // the price of the tests counts input alone
            VERIFY_RESULT((*store)->writeNow([&](store::Database &db) {
                return store::noteProgress(db, hold->attemptId, seen, startUs);
            }));
        }
        auto store = profile.open();
        VERIFY_RESULT(store);
        auto swept
            = (*store)->writeNow([](store::Database &db) { return sweepAtStart(db, startUs); });
        VERIFY_RESULT(swept);
        QVERIFY(swept->windowsAgree);
        Books books(**store);
        QCOMPARE(books.state(token.budgetId)->reserved.value, 0);
        QCOMPARE(books.state(token.budgetId)->spent.value, 3'000); // held: 5,100
        QCOMPARE(books.violations(), QString());
    }

    // 25 USD, 75 USD a million tokens of output, maximum 64,000: 4.80 USD each at most.
    void twentyAgentsWithHugeMaximaShareABudget()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        Books books(**store);
        const auto token = books.addToken(QStringLiteral("t"), NanoUsd{25'000'000'000});
        std::vector<Hold> holds;
        for (int round = 0; round < 5; ++round) {
            holds.clear();
            for (int i = 0; i < 20; ++i) {
                const QByteArray id = "r" + QByteArray::number(round * 20 + i);
                HoldRequest request = streamOf(token, id, 64'000, 1'024);
                request.fixed = NanoUsd{30'000'000}; // 2,000 tokens at 15 USD
                request.perOutputToken = PicoUsd{75'000'000};
                auto hold = books.reserve(request);
                VERIFY_RESULT(hold);
                holds.push_back(*hold);
            }
            QVERIFY(books.state(token.budgetId)->reserved.value < 25'000'000'000);
            for (int i = 0; i < 20; ++i) {
                // Text of 800 tokens is some 3,200 bytes, and each could be a token.
                QVERIFY(books.extend(holds[std::size_t(i)].attemptId, 2'500 * 75'000));
                const QByteArray id = "r" + QByteArray::number(round * 20 + i);
                VERIFY_RESULT(books.finish(requestOf(token, id),
                                           settlementOf(holds[std::size_t(i)], 90'000'000)));
            }
            QCOMPARE(books.violations(), QString());
        }
        QCOMPARE(books.state(token.budgetId)->spent.value, 100 * 90'000'000LL);
    }
};

QTEST_GUILESS_MAIN(TestLedgerLease)
#include "test_ledger_lease.moc"
