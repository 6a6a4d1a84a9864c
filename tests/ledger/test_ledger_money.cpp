// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing is oversold, nothing is paid twice, nothing is lost.
#include "core/ledger/ledger.h"
#include "tests/ledger/books_for_tests.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <limits>
#include <random>
#include <thread>

using namespace tollgate;
using namespace tollgate::ledger;
using namespace tollgate::store;
using namespace tollgate::test;

class TestLedgerMoney : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Profile> m_profile;
    std::unique_ptr<Store> m_store;
    std::unique_ptr<Books> m_books;
    Mailbox m_mailbox;

private Q_SLOTS:
    void init()
    {
        m_profile = std::make_unique<Profile>();
        auto opened = m_profile->open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
        m_books = std::make_unique<Books>(*m_store);
    }
    void cleanup()
    {
        QCOMPARE(m_books->violations(), QString());
        m_books.reset();
        m_store.reset();
        m_profile.reset();
    }

    //
    void exactlyWhatTheBudgetPaysIsServed_data()
    {
        QTest::addColumn<int>("threads");
        for (const int threads : {2, 8, 32, 128})
            QTest::addRow("%d at once", threads) << threads;
    }
    void exactlyWhatTheBudgetPaysIsServed()
    {
        QFETCH(int, threads);
        constexpr int rounds = 25; // of each size: 100 in all
        for (int round = 0; round < rounds; ++round) {
            const int paid = 1 + (round * 7) % threads;
            constexpr std::int64_t price = 1'000'000;
            const TokenRow token = m_books->addToken(QStringLiteral("round %1").arg(round),
                                                     NanoUsd{price * paid + price / 2});
            std::atomic<int> served = 0;
            std::atomic<int> refused = 0;
            std::vector<std::thread> workers;
            for (int t = 0; t < threads; ++t)
                workers.emplace_back([&, t] {
                    const QByteArray id = token.name.toUtf8() + "-" + QByteArray::number(t);
                    auto hold = m_books->reserve(holdOf(token, id, price));
                    if (!hold) {
                        refused += hold.error().kind == ErrorKind::BudgetExhausted ? 1 : 0;
                        return;
                    }
                    ++served;
                    std::ignore = m_books->finish(requestOf(token, id), settlementOf(*hold, price));
                });
            for (std::thread &worker : workers)
                worker.join();
            QCOMPARE(served.load(), std::min(paid, threads));
            QCOMPARE(refused.load(), threads - served.load());
            const auto state = m_books->state(token.budgetId);
            QVERIFY(state);
            QCOMPARE(state->reserved.value, 0);
            QCOMPARE(state->spent.value, price * served.load());
        }
    }

    //
    void nestedBudgetsHoldTogetherOrNotAtAll()
    {
        std::vector<TokenRow> owners;
        for (int i = 0; i < 4; ++i)
            owners.push_back(m_books->addToken(QStringLiteral("owner %1").arg(i),
                                               NanoUsd{20'000'000 + i * 7'000'000}));
        std::mt19937 random(2);
        std::atomic<std::int64_t> served = 0;
        std::vector<std::thread> workers;
        for (int t = 0; t < 8; ++t) {
            const auto seed = random();
            workers.emplace_back([&, t, seed] {
                std::mt19937 mine(seed);
                for (int i = 0; i < 40; ++i) {
                    const QByteArray id = QByteArray::number(t) + "-" + QByteArray::number(i);
                    auto request = holdOf(owners[mine() % 4], id, 500'000 + mine() % 1'000'000);
                    request.budgetIds.clear();
                    for (const TokenRow &owner : owners) {
                        if (mine() % 2 == 0)
                            request.budgetIds.push_back(owner.budgetId);
                    }
                    std::shuffle(request.budgetIds.begin(), request.budgetIds.end(), mine);
                    auto hold = m_books->reserve(request);
                    if (!hold)
                        continue;
                    ++served;
                    TokenRow token;
                    token.id = request.tokenId;
                    std::ignore = m_books->finish(
                        requestOf(token, id), settlementOf(*hold, std::int64_t(mine() % 500'000)));
                }
            });
        }
        for (std::thread &worker : workers)
            worker.join();
        QVERIFY(served > 0);
        for (const TokenRow &owner : owners) {
            const auto state = m_books->state(owner.budgetId);
            QVERIFY(state);
            QCOMPARE(state->reserved.value, 0);
            QVERIFY(state->spent <= state->cap);
        }
    }

    void aBudgetThatCannotPayAllGrantsWhatFits()
    {
        const TokenRow token = m_books->addToken(QStringLiteral("small"), NanoUsd{10'000});
        auto request = holdOf(token, "a", 2'000);
        request.perOutputToken = PicoUsd{15'000}; // 15 nano-USD a token
        request.outputTokens = 4096;
        request.minimumOutputTokens = 64;
        auto hold = m_books->reserve(request);
        VERIFY_RESULT(hold);
        QCOMPARE(hold->outputTokens, 533); // (10000 - 2000) / 15
        QCOMPARE(hold->amount.value, 2'000 + 533 * 15);
        VERIFY_RESULT(m_books->finish(requestOf(token, "a"), settlementOf(*hold, 9'300)));

        request.attempt.requestId = "b";
        auto second = m_books->reserve(request);
        QVERIFY(!second);
        QCOMPARE(second.error().kind, ErrorKind::BudgetExhausted);
        QVERIFY2(second.error().message.contains(QStringLiteral("small")),
                 qPrintable(second.error().message));
        QCOMPARE(second.error().retryAfterSeconds, -1);
    }

    void anExhaustedBudgetSaysWhenItResets()
    {
        const TokenRow token
            = m_books->addToken(QStringLiteral("daily"), NanoUsd{100}, BudgetWindow::Day);
        auto refused = m_books->reserve(holdOf(token, "a", 101), startUs + dayUs - 60'500'000);
        QVERIFY(!refused);
        QCOMPARE(refused.error().retryAfterSeconds, 61);
        QVERIFY2(refused.error().message.contains(QStringLiteral("2026-11-23 00:00")),
                 qPrintable(refused.error().message));
    }

    //
    void aCapThatMovesUnderLoadIsNeverOversold()
    {
        TokenRow token = m_books->addToken(QStringLiteral("moving"), NanoUsd{50'000});
        std::mt19937 random(4);
        for (int i = 0; i < 1000; ++i) {
            const std::int64_t cap = std::int64_t(random() % 100'000);
            VERIFY_RESULT(m_store->writeNow(
                [&](Database &db) { return setBudgetCap(db, token.budgetId, NanoUsd{cap}); }));
            const auto before = m_books->state(token.budgetId);
            QVERIFY(before);
            const QByteArray id = "cap" + QByteArray::number(i);
            const std::int64_t ask = std::int64_t(random() % 400);
            auto hold = m_books->reserve(holdOf(token, id, ask));
            const bool fits
                = before->cap.value - before->reserved.value - before->spent.value >= ask;
            QCOMPARE(hold.has_value(), fits);
            if (hold)
                VERIFY_RESULT(m_books->finish(requestOf(token, id), settlementOf(*hold, ask / 2)));
        }
    }

    //
    void settlingAgainHasNoEffect()
    {
        const TokenRow token = m_books->addToken(QStringLiteral("replay"), NanoUsd{1'000'000});
        for (int i = 0; i < 30; ++i) {
            const QByteArray id = "replay" + QByteArray::number(i);
            auto hold = m_books->reserve(holdOf(token, id, 10'000));
            VERIFY_RESULT(hold);
            std::vector<std::thread> workers;
            for (int n = 0; n < 1 + i % 5; ++n)
                workers.emplace_back([&, n] {
                    Settlement settlement = settlementOf(*hold, 4'000);
                    if (n == 3)
                        settlement.outcome = Outcome::Released;
                    if (n % 2 == 0)
                        std::ignore = m_books->settle(settlement);
                    std::ignore = m_books->finish(requestOf(token, id), settlement);
                });
            for (std::thread &worker : workers)
                worker.join();
        }
        const auto state = m_books->state(token.budgetId);
        QVERIFY(state);
        QCOMPARE(state->reserved.value, 0);
        QVERIFY(state->spent.value <= 30 * 4'000);
        QVERIFY(state->spent.value >= 24 * 4'000); // those without a release among the replays
        auto log = m_store->readNow([](Database &db) { return requests(db, {}, {}, 100); });
        VERIFY_RESULT(log);
        QCOMPARE(log->requests.size(), std::size_t(30));
    }

    //
    void hostileNumbersNeverGiveCredit_data()
    {
        QTest::addColumn<qint64>("number");
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        for (const std::int64_t n :
             {std::int64_t(-1), std::int64_t(0), (std::int64_t(1) << 31) - 1, std::int64_t(1) << 31,
              (std::int64_t(1) << 53) + 1, most, std::numeric_limits<std::int64_t>::min(),
              -std::int64_t(27021597764222976)})
            QTest::addRow("%lld", static_cast<long long>(n)) << qint64(n);
    }
    void hostileNumbersNeverGiveCredit()
    {
        QFETCH(qint64, number);
        const TokenRow token = m_books->addToken(QStringLiteral("hostile"), NanoUsd{1'000'000});
        auto asked = holdOf(token, "asked", number);
        asked.perOutputToken = PicoUsd{number};
        asked.outputTokens = number;
        auto hold = m_books->reserve(asked);
        if (hold) {
            QVERIFY(hold->amount.value >= 0 && hold->amount.value <= 1'000'000);
            VERIFY_RESULT(m_books->finish(requestOf(token, "asked"), settlementOf(*hold, 0)));
        }
        auto fair = m_books->reserve(holdOf(token, "fair", 1'000));
        VERIFY_RESULT(fair);
        Settlement settlement = settlementOf(*fair, number);
        settlement.attempt.usage
            = {number, number, number, number, number, number, number, number, number, number};
        VERIFY_RESULT(m_books->finish(requestOf(token, "fair"), settlement));
        const auto state = m_books->state(token.budgetId);
        QVERIFY(state);
        QVERIFY(state->spent.value >= 0 && state->spent.value <= 1'000);
        QCOMPARE(state->reserved.value, 0);
        auto logged = m_store->readNow([](Database &db) { return request(db, "fair"); });
        VERIFY_RESULT(logged);
        QCOMPARE(logged->row.charge, state->spent);
    }

    //
    void savingSettingsDoesNotTouchTheMoney()
    {
        TokenRow token = m_books->addToken(QStringLiteral("saved"), NanoUsd{1'000'000});
        std::atomic<bool> stop = false;
        std::thread saver([&] {
            while (!stop) {
                std::ignore = m_store->writeNow([&](Database &db) -> Result<TokenRow> {
                    auto row = store::token(db, token.id);
                    if (!row)
                        return row;
                    row->requestsPerMinute++;
                    return updateToken(db, *row, startUs);
                });
            }
        });
        for (int i = 0; i < 300; ++i) {
            const QByteArray id = "saved" + QByteArray::number(i);
            auto hold = m_books->reserve(holdOf(token, id, 1'000));
            VERIFY_RESULT(hold);
            VERIFY_RESULT(m_books->finish(requestOf(token, id), settlementOf(*hold, 700)));
        }
        stop = true;
        saver.join();
        const auto state = m_books->state(token.budgetId);
        QVERIFY(state);
        QCOMPARE(state->spent.value, 300 * 700);
        QCOMPARE(state->reserved.value, 0);
    }

    //
    void aClockSetBackRefillsNothing()
    {
        const TokenRow token
            = m_books->addToken(QStringLiteral("clock"), NanoUsd{1'000}, BudgetWindow::Day);
        const auto spend = [&](const QByteArray &id, std::int64_t nowUs) {
            auto hold = m_books->reserve(holdOf(token, id, 1'000), nowUs);
            return hold
                && m_books->finish(requestOf(token, id), settlementOf(*hold, 1'000), nowUs)
                       .has_value();
        };
        QVERIFY(spend("today", startUs + dayUs - 1));
        QVERIFY(!spend("today again", startUs + dayUs - 1));
        QVERIFY(spend("tomorrow", startUs + dayUs));
        QVERIFY(!spend("back over midnight", startUs + dayUs - 1));
        QVERIFY(!spend("back to 1970", 0));
        QVERIFY(!spend("forth again", startUs + dayUs + 5));
        QVERIFY(spend("the day after", startUs + 2 * dayUs));
        QVERIFY(spend("2038", 2'147'483'648'000'000));
        QVERIFY(!spend("and back", startUs + 3 * dayUs));
        VERIFY_RESULT(m_store->writeNow([&](Database &db) {
            return reopenCurrentWindow(db, token.budgetId, startUs + 3 * dayUs);
        }));
        QVERIFY(spend("after the owner said so", startUs + 3 * dayUs));
    }

    void aHoldIsSettledInTheWindowItWasMadeIn()
    {
        const TokenRow token
            = m_books->addToken(QStringLiteral("midnight"), NanoUsd{1'000}, BudgetWindow::Day);
        auto hold = m_books->reserve(holdOf(token, "late", 1'000), startUs + dayUs - 1);
        VERIFY_RESULT(hold);
        auto next = m_books->reserve(holdOf(token, "early", 600), startUs + dayUs + 1);
        VERIFY_RESULT(next);
        VERIFY_RESULT(m_books->finish(requestOf(token, "late"), settlementOf(*hold, 900),
                                      startUs + dayUs + 2));
        VERIFY_RESULT(m_books->finish(requestOf(token, "early"), settlementOf(*next, 500),
                                      startUs + dayUs + 3));
        const auto tomorrow = m_books->state(token.budgetId, startUs + dayUs);
        QVERIFY(tomorrow);
        QCOMPARE(tomorrow->spent.value, 500);
    }

    void windowsFollowTheCalendar()
    {
        const auto at = [](int y, int m, int d, int h = 0) {
            return QDateTime(QDate(y, m, d), QTime(h, 0), Qt::UTC).toMSecsSinceEpoch() * 1000;
        };
        QCOMPARE(windowStart(BudgetWindow::Month, at(2028, 2, 29, 23)), at(2028, 2, 1));
        QCOMPARE(windowEnd(BudgetWindow::Month, at(2028, 2, 1)), at(2028, 3, 1));
        QCOMPARE(windowEnd(BudgetWindow::Month, at(2026, 12, 1)), at(2027, 1, 1));
        QCOMPARE(windowStart(BudgetWindow::Week, at(2026, 11, 22, 23)),
                 at(2026, 11, 16)); // a Sunday
        QCOMPARE(windowStart(BudgetWindow::Week, at(2026, 11, 23)), at(2026, 11, 23));
        QCOMPARE(windowStart(BudgetWindow::Day, at(2026, 3, 29, 2)), at(2026, 3, 29));
        QCOMPARE(windowStart(BudgetWindow::Day, -1), -dayUs);
        QCOMPARE(windowEnd(BudgetWindow::Total, 0), 0);
    }

    void aChargeAboveTheHoldIsCutAndTheCostKept()
    {
        const Price price = m_books->addPrice(1'500, 3'000);
        const TokenRow token = m_books->addToken(QStringLiteral("cut"), NanoUsd{1'000'000});
        auto request = holdOf(token, "cut", 1'000);
        request.attempt.priceId = price.id;
        auto hold = m_books->reserve(request);
        VERIFY_RESULT(hold);
        TokenCounts usage;
        usage.input = 1'001; // 1501.5 nano-USD
        const auto cost = costOf(price, usage);
        VERIFY_RESULT(cost);
        QCOMPARE(cost->value, 1'502);
        Settlement settlement = settlementOf(*hold, cost->value);
        settlement.attempt.usage = usage;
        VERIFY_RESULT(m_books->finish(requestOf(token, "cut"), settlement));
        auto logged = m_store->readNow([](Database &db) { return store::request(db, "cut"); });
        VERIFY_RESULT(logged);
        QCOMPARE(logged->row.cost.value, 1'502);
        QCOMPARE(logged->row.charge.value, 1'000);
        QVERIFY((logged->attempts.at(0).flags & Clamped) != 0);
    }

    void anUnknownOutcomeKeepsTheHoldForTenMinutes()
    {
        const Price price = m_books->addPrice(1'000, 2'000);
        const TokenRow token = m_books->addToken(QStringLiteral("unknown"), NanoUsd{1'000'000});
        auto request = holdOf(token, "u", 50'000);
        request.attempt.priceId = price.id;
        request.attempt.usage.input = 7'000;
        auto hold = m_books->reserve(request);
        VERIFY_RESULT(hold);
        Settlement settlement = settlementOf(*hold, 0);
        settlement.outcome = Outcome::Unknown;
        settlement.attempt.usage.input = 7'000;
        settlement.attempt.usage.output = 30;
        VERIFY_RESULT(m_books->finish(requestOf(token, "u"), settlement));
        QCOMPARE(m_books->state(token.budgetId)->reserved.value, 50'000);
        QCOMPARE(m_books->violations(), QString());

        const auto sweep = [&](std::int64_t nowUs) {
            return m_store->writeNow([nowUs](Database &db) { return sweepUnknown(db, nowUs); })
                .value_or(-1);
        };
        QCOMPARE(sweep(startUs + 599'000'000), 0);
        QCOMPARE(sweep(startUs + 601'000'000), 1);
        QCOMPARE(sweep(startUs + 601'000'000), 0);
        QCOMPARE(m_books->state(token.budgetId)->reserved.value, 0);
        QCOMPARE(m_books->state(token.budgetId)->spent.value, 7'000); // the input only
        auto logged = m_store->readNow([](Database &db) { return store::request(db, "u"); });
        VERIFY_RESULT(logged);
        QCOMPARE(logged->row.charge.value, 7'000);
    }

    void unitsArePaidHoweverTheAttemptEnds()
    {
        UnitRates rates;
        rates.image = PicoUsd{40'000'000};
        rates.character = PicoUsd{15'000};
        const std::int64_t price = m_books->addPrice(0, 0, rates).id;
        const TokenRow token = m_books->addToken(QStringLiteral("u"), NanoUsd{1'000'000});
        const auto hold = [&](const QByteArray &id, const UnitCounts &units) {
            HoldRequest request = holdOf(token, id, 200'000);
            request.attempt.priceId = price;
            request.attempt.units = units;
            request.attempt.usage.input = 7; // costs nothing here
            return m_books->reserve(request);
        };

        // Two of three pictures came.
        const auto pictures = hold("pictures", {.images = 0, .imageClass = "hd"});
        QVERIFY(pictures);
        Settlement settled = settlementOf(*pictures, 0);
        settled.attempt.units = {.images = 2, .imageClass = "hd"};
        settled.attempt.charge = NanoUsd{80'000};
        VERIFY_RESULT(m_books->finish(requestOf(token, "pictures"), settled));
        QCOMPARE(m_books->state(token.budgetId)->spent.value, 80'000);
        const auto logged = m_store->readNow([](Database &db) { return request(db, "pictures"); });
        VERIFY_RESULT(logged);
        QVERIFY(logged->attempts.front().units == settled.attempt.units);

        // An absurd number is cut, and is no credit.
        const auto absurd = hold("absurd", {});
        QVERIFY(absurd);
        settled = settlementOf(*absurd, 0);
        settled.attempt.units.images = -5;
        VERIFY_RESULT(m_books->finish(requestOf(token, "absurd"), settled));
        QCOMPARE(m_books->state(token.budgetId)->spent.value, 80'000);

        // Nobody saw the end: the letters went out, pictures were not seen.
        const auto unknown = hold("unknown", {.characters = 1'000, .imageClass = ""});
        QVERIFY(unknown);
        settled = settlementOf(*unknown, 0);
        settled.outcome = Outcome::Unknown;
        settled.attempt.units = {.images = 3, .characters = 1'000, .imageClass = ""};
        VERIFY_RESULT(m_books->finish(requestOf(token, "unknown"), settled));
        const std::int64_t later = startUs + unknownForUs;
        VERIFY_RESULT(m_store->writeNow([&](Database &db) { return sweepUnknown(db, later); }));
        QCOMPARE(m_books->state(token.budgetId)->spent.value, 80'000 + 15'000);

        // A crash.
        QVERIFY(hold("crash", {.characters = 2'000, .imageClass = ""}));
        VERIFY_RESULT(m_store->writeNow([&](Database &db) { return sweepAtStart(db, later); }));
        QCOMPARE(m_books->state(token.budgetId)->spent.value, 80'000 + 15'000 + 30'000);
        QCOMPARE(m_books->violations(), QString());
    }

    void brokenBooksAreFoundAndMended()
    {
        const TokenRow token = m_books->addToken(QStringLiteral("broken"), NanoUsd{1'000'000});
        auto hold = m_books->reserve(holdOf(token, "b", 10'000));
        VERIFY_RESULT(hold);
        VERIFY_RESULT(m_store->writeNow([](Database &db) {
            return db.run("UPDATE budget_windows SET reserved = reserved + 5, spent = 3");
        }));
        QVERIFY(m_books->violations(Scope::Recent).startsWith(QLatin1String("I1")));
        auto swept = m_store->writeNow([](Database &db) { return sweepAtStart(db, startUs); });
        VERIFY_RESULT(swept);
        QVERIFY(!swept->windowsAgree);
        auto mended = m_store->writeNow([](Database &db) { return repairWindows(db, startUs); });
        VERIFY_RESULT(mended);
        QCOMPARE(*mended, 1);
        QCOMPARE(m_books->violations(), QString());
        auto again = m_store->writeNow([](Database &db) { return sweepAtStart(db, startUs); });
        VERIFY_RESULT(again);
        QVERIFY(again->windowsAgree);
        QCOMPARE(again->settled, 0);
    }

    void theJournalIsOnlyAddedTo()
    {
        const TokenRow token = m_books->addToken(QStringLiteral("journal"), std::nullopt);
        auto hold = m_books->reserve(holdOf(token, "j", 10));
        VERIFY_RESULT(hold);
        VERIFY_RESULT(m_books->finish(requestOf(token, "j"), settlementOf(*hold, 0)));
        const auto refused = [&](auto op) { return !m_store->writeNow(op).has_value(); };
        QVERIFY(refused([](Database &db) { return db.run("UPDATE journal SET kind = 'x'"); }));
        QVERIFY(refused([](Database &db) { return db.run("DELETE FROM journal"); }));
        QVERIFY(refused([](Database &db) { return db.run("UPDATE attempts SET charge = 0"); }));
        m_books->addPrice(1, 1);
        QVERIFY(
            refused([](Database &db) { return db.run("UPDATE price_versions SET rates = ''"); }));
        QVERIFY(refused([](Database &db) { return db.run("DELETE FROM price_versions"); }));
    }

    void throughputIsWhatTheRelayNeeds()
    {
        const TokenRow token
            = m_books->addToken(QStringLiteral("fast"), NanoUsd{1'000'000'000'000});
        const Price price = m_books->addPrice(2'500'000, 10'000'000);
        const int total = qEnvironmentVariableIsSet("TOLLGATE_LONG") ? 50'000 : 5'000;
        Ledger ledger(*m_store);
        int finished = 0;
        int started = 0;
        const auto one = [](Ledger &books, Mailbox &box, HoldRequest request, RequestRow row,
                            const Price &p, int &done) -> Detached {
            auto reserving = books.reserve(std::move(request), box);
            const Result<Hold> hold = co_await reserving;
            if (!hold)
                co_return;
            Settlement settlement = settlementOf(*hold, 0);
            settlement.attempt.usage.input = 40;
            settlement.attempt.usage.output = 11;
            const auto cost = costOf(p, settlement.attempt.usage);
            settlement.attempt.charge = cost ? *cost : NanoUsd{};
            auto finishing = books.finish(std::move(row), settlement, box);
            const Result<void> end = co_await finishing;
            done += end ? 1 : 0;
        };
        QElapsedTimer timer;
        timer.start();
        while (finished < total) {
            while (started < total && started - finished < 64) {
                const QByteArray id = "req_" + QByteArray::number(qHash(started)) + "-"
                    + QByteArray::number(started);
                HoldRequest request = holdOf(token, id, 1'000'000);
                request.attempt.priceId = price.id;
                request.attempt.reason = "priority 0, weight 1 of 2";
                request.perOutputToken = price.rates.output;
                request.outputTokens = 4096;
                RequestRow row = requestOf(token, id);
                row.dialect = "openai";
                row.operation = "chat";
                row.finishReason = "stop";
                row.clientIp = "127.0.0.1";
                row.userAgent = "OpenAI/Python 1.50.0";
                row.vendorId = "chatcmpl-123456789";
                ++started;
                one(ledger, m_mailbox, request, row, price, finished);
            }
            QVERIFY(spinUntil([&, before = finished] { return finished > before; }));
        }
        const double micros = double(timer.nsecsElapsed()) / 1000.0 / total;
        qInfo("reserve + finish, 64 at once: %.1f us a request, %.0f requests/s", micros,
              1e6 / micros);
        QVERIFY2(micros < 1000, "the ledger is far slower than it should be");
    }
};

QTEST_GUILESS_MAIN(TestLedgerMoney)
#include "test_ledger_money.moc"
