// SPDX-License-Identifier: GPL-3.0-or-later
// Under one idempotency key a thing is paid at most once.
#include "core/ledger/ledger.h"
#include "core/store/retention.h"
#include "tests/ledger/books_for_tests.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace tollgate;
using namespace tollgate::ledger;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

constexpr std::int64_t secondUs = 1'000'000;
const QByteArray body = R"({"answer":42})";

HoldRequest askUnder(const TokenRow &token, const QByteArray &requestId, const QByteArray &key,
                     const QByteArray &hash = QByteArray(32, 'h'))
{
    HoldRequest request = holdOf(token, requestId, 1'000);
    request.idempotency = Idempotency{key, hash};
    return request;
}

std::optional<KeyEnding> answered(const QByteArray &key, const QByteArray &with = body)
{
    return KeyEnding{key, true, packAnswer(200, "application/json", with)};
}

} // namespace

class TestLedgerIdempotency : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Profile> m_profile;
    std::unique_ptr<Store> m_store;
    std::unique_ptr<Books> m_books;
    TokenRow m_token;

    // One request under the key, answered and paid.
    Result<void> serve(const QByteArray &id, const QByteArray &key,
                       const std::optional<KeyEnding> &ending)
    {
        auto hold = m_books->reserve(askUnder(m_token, id, key));
        if (!hold)
            return failure(hold.error());
        return m_books->finish(requestOf(m_token, id), settlementOf(*hold, 700), startUs, ending);
    }
    QByteArray refusalOf(const Result<Hold> &hold)
    {
        return hold ? QByteArray("granted") : hold.error().code;
    }
    std::int64_t keys()
    {
        auto count = m_store->readNow(
            [](Database &db) { return db.integer("SELECT count(*) FROM idempotency_keys"); });
        return count ? count->value_or(-1) : -1;
    }
    std::int64_t spent() { return m_books->state(m_token.budgetId)->spent.value; }
    std::int64_t reserved() { return m_books->state(m_token.budgetId)->reserved.value; }

private Q_SLOTS:
    void init()
    {
        m_profile = std::make_unique<Profile>();
        auto opened = m_profile->open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
        m_books = std::make_unique<Books>(*m_store);
        m_token = m_books->addToken(QStringLiteral("t"), NanoUsd{1'000'000});
    }
    void cleanup()
    {
        QCOMPARE(m_books->violations(), QString());
        m_books.reset();
        m_store.reset();
        m_profile.reset();
    }

    void theAnswerIsGivenAgainAndHoldsNothing()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        auto again = m_books->reserve(askUnder(m_token, "two", "k"));
        VERIFY_RESULT(again);
        QVERIFY(again->replay);
        QCOMPARE(again->attemptId, 0);
        QCOMPARE(again->replay->requestId, "one");
        QCOMPARE(again->replay->status, 200);
        QCOMPARE(again->replay->contentType, "application/json");
        QCOMPARE(again->replay->body, body);
        QCOMPARE(reserved(), 0);
        QCOMPARE(spent(), 700);
    }

    void anExhaustedBudgetStillGivesTheAnswerAgain()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        HoldRequest dear = askUnder(m_token, "two", "k");
        dear.fixed = NanoUsd{2'000'000};
        auto again = m_books->reserve(dear);
        VERIFY_RESULT(again);
        QVERIFY(again->replay);
    }

    void keysBelongToTheirToken()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        const TokenRow other = m_books->addToken(QStringLiteral("other"), NanoUsd{1'000'000});
        auto hold = m_books->reserve(askUnder(other, "two", "k"));
        VERIFY_RESULT(hold);
        QVERIFY(!hold->replay);
        VERIFY_RESULT(m_books->finish(requestOf(other, "two"), settlementOf(*hold, 1)));
    }

    void anotherRequestUnderTheKeyIsRefused()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        auto other = m_books->reserve(askUnder(m_token, "two", "k", QByteArray(32, 'x')));
        QCOMPARE(refusalOf(other), "idempotency_mismatch");
        QCOMPARE(other.error().status(), 422);
        QCOMPARE(reserved(), 0);
    }

    void aRunningRequestHoldsItsKeyThroughEveryAttempt()
    {
        auto first = m_books->reserve(askUnder(m_token, "one", "k"));
        VERIFY_RESULT(first);
        auto rival = m_books->reserve(askUnder(m_token, "two", "k"));
        QCOMPARE(refusalOf(rival), "idempotency_running");
        QCOMPARE(rival.error().status(), 409);
        QVERIFY(rival.error().retryAfterSeconds > 0);
        // A refused rival's record does not free what is not its own.
        RequestRow refused = requestOf(m_token, "two", 0);
        refused.status = 409;
        VERIFY_RESULT(m_books->finish(refused, std::nullopt, startUs, KeyEnding{"k", false, {}}));

        Settlement failed = settlementOf(*first, 0);
        failed.outcome = Outcome::Released;
        VERIFY_RESULT(m_books->settle(failed));
        HoldRequest next = askUnder(m_token, "one", "k");
        next.attempt.number = 2;
        auto second = m_books->reserve(next);
        VERIFY_RESULT(second);
        QVERIFY(!second->replay);
        QCOMPARE(refusalOf(m_books->reserve(askUnder(m_token, "two", "k"))), "idempotency_running");
        VERIFY_RESULT(m_books->finish(requestOf(m_token, "one", 2), settlementOf(*second, 5),
                                      startUs, answered("k")));
        QVERIFY(m_books->reserve(askUnder(m_token, "three", "k"))->replay);
    }

    void aFailedRequestFreesItsKey()
    {
        auto hold = m_books->reserve(askUnder(m_token, "one", "k"));
        VERIFY_RESULT(hold);
        Settlement released = settlementOf(*hold, 0);
        released.outcome = Outcome::Released;
        VERIFY_RESULT(m_books->finish(requestOf(m_token, "one"), released, startUs,
                                      KeyEnding{"k", false, {}}));
        QCOMPARE(keys(), 0);
        VERIFY_RESULT(serve("two", "k", answered("k")));
    }

    void aBudgetThatCannotPayTakesNoKey()
    {
        HoldRequest dear = askUnder(m_token, "one", "k");
        dear.fixed = NanoUsd{2'000'000};
        QCOMPARE(m_books->reserve(dear).error().kind, ErrorKind::BudgetExhausted);
        QCOMPARE(keys(), 0);
    }

    void whatIsNotKeptNamesTheEarlierRequest_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("a stream") << QByteArray();
        QTest::newRow("too large") << QByteArray(longestKeptAnswer + 1, 'a');
    }
    void whatIsNotKeptNamesTheEarlierRequest()
    {
        QFETCH(QByteArray, answer);
        KeyEnding ending{"k", true, {}};
        if (!answer.isEmpty())
            ending.answer = packAnswer(200, "application/json", answer);
        QVERIFY(!ending.answer);
        VERIFY_RESULT(serve("the-first", "k", ending));
        auto again = m_books->reserve(askUnder(m_token, "two", "k"));
        QCOMPARE(refusalOf(again), "idempotency_finished");
        QCOMPARE(again.error().status(), 409);
        QVERIFY(again.error().message.contains(QLatin1String("the-first")));
    }

    void theLargestAnswerThatIsKeptComesBackWhole()
    {
        QByteArray large(longestKeptAnswer, Qt::Uninitialized);
        for (qsizetype i = 0; i < large.size(); ++i)
            large[i] = char(i * 7919 >> 5);
        VERIFY_RESULT(serve("one", "k", answered("k", large)));
        auto again = m_books->reserve(askUnder(m_token, "two", "k"));
        VERIFY_RESULT(again);
        QCOMPARE(again->replay->body, large);
    }

    void anAnswerThatCannotBeReadIsNotGiven()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        VERIFY_RESULT(m_store->writeNow(
            [](Database &db) { return db.run("UPDATE idempotency_keys SET answer = x'00'"); }));
        QCOMPARE(refusalOf(m_books->reserve(askUnder(m_token, "two", "k"))),
                 "idempotency_finished");
    }

    void aKeyIsForgottenAfterADay()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        QVERIFY(
            m_books->reserve(askUnder(m_token, "two", "k"), startUs + dayUs - secondUs)->replay);
        auto next = m_books->reserve(askUnder(m_token, "three", "k"), startUs + dayUs);
        VERIFY_RESULT(next);
        QVERIFY(!next->replay);
        VERIFY_RESULT(m_books->finish(requestOf(m_token, "three"), settlementOf(*next, 1)));
    }

    void retentionDropsOldKeysInSlices()
    {
        for (int i = 0; i < 5; ++i) {
            const QByteArray name = "k" + QByteArray::number(i);
            VERIFY_RESULT(serve(name, name, answered(name)));
        }
        const auto step = [this](std::int64_t nowUs) {
            return m_store->writeNow(
                [nowUs](Database &db) { return retain(db, RetentionPolicy(), nowUs, 2); });
        };
        VERIFY_RESULT(step(startUs + dayUs - secondUs));
        QCOMPARE(keys(), 5);
        auto first = step(startUs + dayUs);
        VERIFY_RESULT(first);
        QVERIFY(first->more);
        QCOMPARE(keys(), 3);
        VERIFY_RESULT(step(startUs + dayUs));
        auto last = step(startUs + dayUs);
        VERIFY_RESULT(last);
        QVERIFY(!last->more);
        QCOMPARE(keys(), 0);
    }

    void aCrashFreesTheKeyUnlessTheClientHadAPart_data()
    {
        QTest::addColumn<bool>("streamed");
        QTest::addColumn<QByteArray>("then");
        QTest::newRow("nothing was answered") << false << QByteArray("granted");
        QTest::newRow("a part was streamed") << true << QByteArray("idempotency_finished");
    }
    void aCrashFreesTheKeyUnlessTheClientHadAPart()
    {
        QFETCH(bool, streamed);
        QFETCH(QByteArray, then);
        auto hold = m_books->reserve(askUnder(m_token, "one", "k"));
        VERIFY_RESULT(hold);
        if (streamed) {
            VERIFY_RESULT(m_store->writeNow([id = hold->attemptId](Database &db) {
                TokenCounts seen;
                seen.output = 3;
                return noteProgress(db, id, seen, startUs);
            }));
        }
        restart();
        VERIFY_RESULT(m_store->writeNow([](Database &db) { return sweepAtStart(db, startUs); }));
        auto again = m_books->reserve(askUnder(m_token, "two", "k"));
        QCOMPARE(refusalOf(again), then);
    }

    // Killed after one channel had failed and before the next was asked.
    void aCrashBetweenAttemptsFreesTheKey()
    {
        auto hold = m_books->reserve(askUnder(m_token, "one", "k"));
        VERIFY_RESULT(hold);
        Settlement failed = settlementOf(*hold, 0);
        failed.outcome = Outcome::Released;
        VERIFY_RESULT(m_books->settle(failed));
        restart();
        VERIFY_RESULT(m_store->writeNow([](Database &db) { return sweepAtStart(db, startUs); }));
        QCOMPARE(keys(), 0);
    }

    void aCrashLosesNoKeptAnswer()
    {
        VERIFY_RESULT(serve("one", "k", answered("k")));
        restart();
        VERIFY_RESULT(m_store->writeNow([](Database &db) { return sweepAtStart(db, startUs); }));
        auto again = m_books->reserve(askUnder(m_token, "two", "k"));
        VERIFY_RESULT(again);
        QVERIFY(again->replay);
        QCOMPARE(again->replay->body, body);
    }

    void anUnknownOutcomeKeepsTheKeyUntilItIsSettled()
    {
        auto hold = m_books->reserve(askUnder(m_token, "one", "k"));
        VERIFY_RESULT(hold);
        Settlement unknown = settlementOf(*hold, 0);
        unknown.outcome = Outcome::Unknown;
        VERIFY_RESULT(m_books->finish(requestOf(m_token, "one"), unknown));
        restart();
        VERIFY_RESULT(m_store->writeNow([](Database &db) { return sweepAtStart(db, startUs); }));

        auto early = m_books->reserve(askUnder(m_token, "two", "k"), startUs + 100 * secondUs);
        QCOMPARE(refusalOf(early), "idempotency_running");
        QVERIFY(early.error().retryAfterSeconds >= 500);
        const std::int64_t later
            = startUs + 500 * secondUs + std::int64_t(early.error().retryAfterSeconds) * secondUs;
        VERIFY_RESULT(m_store->writeNow([later](Database &db) { return sweepUnknown(db, later); }));
        auto late = m_books->reserve(askUnder(m_token, "two", "k"), later);
        QCOMPARE(refusalOf(late), "granted");
    }

    void ofManyAtOnceOneRuns()
    {
        std::atomic<int> granted = 0;
        std::atomic<int> refused = 0;
        std::vector<std::thread> workers;
        for (int t = 0; t < 16; ++t)
            workers.emplace_back([&, t] {
                const auto hold
                    = m_books->reserve(askUnder(m_token, "r" + QByteArray::number(t), "k"));
                granted += hold ? 1 : 0;
                refused += !hold && hold.error().code == "idempotency_running" ? 1 : 0;
            });
        for (std::thread &worker : workers)
            worker.join();
        QCOMPARE(granted.load(), 1);
        QCOMPARE(refused.load(), 15);
        QCOMPARE(reserved(), 1'000);
    }

private:
    // As after a kill: what is in the file, and nothing else.
    void restart()
    {
        m_books.reset();
        m_store.reset();
        auto opened = m_profile->open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
        m_books = std::make_unique<Books>(*m_store);
    }
};

QTEST_GUILESS_MAIN(TestLedgerIdempotency)
#include "test_ledger_idempotency.moc"
