// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/readers.h"
#include "core/store/requests.h"
#include "core/store/settings.h"
#include "core/store/tokens.h"
#include "tests/store/profile_for_tests.h"

#include <QTest>
#include <QThread>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

using namespace tollgate;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

// Holds the store thread until it is let go, so that what follows is one group.
class Gate
{
public:
    void holdStore(Store &store)
    {
        store.post([this](Database &) -> Result<void> {
            m_reached = true;
            while (!m_open)
                std::this_thread::yield();
            return {};
        });
        while (!m_reached)
            std::this_thread::yield();
    }
    void open() { m_open = true; }

private:
    std::atomic<bool> m_reached = false;
    std::atomic<bool> m_open = false;
};

Result<int> failAfterWriting(Database &db)
{
    if (auto done = setSetting(db, "doomed", "1"); !done)
        return failure(done.error());
    return failure(ErrorKind::Conflict, QStringLiteral("changed my mind"));
}

} // namespace

class TestStoreWriter : public QObject
{
    Q_OBJECT

private:
    Profile m_profile;
    std::unique_ptr<Store> m_store;
    Mailbox m_mailbox;

    QByteArray settingNow(const QByteArray &key)
    {
        auto value = m_store->readNow([key](Database &db) { return setting(db, key); });
        return value && *value ? **value : QByteArray();
    }

private Q_SLOTS:
    void init()
    {
        if (m_store)
            return;
        auto opened = m_profile.open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
    }
    void cleanupTestCase() { m_store.reset(); }

    void answersArriveInTheThreadOfTheMailbox()
    {
        auto answer = m_store->write(
            [](Database &db) { return setSetting(db, "where", "\"here\""); }, m_mailbox);
        const Result<void> done = await(answer);
        VERIFY_RESULT(done);
        QCOMPARE(settingNow("where"), QByteArray("\"here\""));

        QThread *arrivedIn = nullptr;
        m_store->read([](Database &db) { return settings(db); }, m_mailbox,
                      [&](const auto &) { arrivedIn = QThread::currentThread(); });
        QVERIFY(spinUntil([&] { return arrivedIn != nullptr; }));
        QCOMPARE(arrivedIn, QThread::currentThread());
    }

    void whatWaitsTogetherIsCommittedTogether()
    {
        Gate gate;
        gate.holdStore(*m_store);
        constexpr int operations = 300;
        int answers = 0;
        for (int i = 0; i < operations; ++i)
            m_store->write(
                [i](Database &db) { return setSetting(db, "group" + QByteArray::number(i), "1"); },
                m_mailbox, [&](const Result<void> &result) { answers += result ? 1 : 0; });
        const auto before = m_store->health().commits;
        gate.open();
        QVERIFY(spinUntil([&] { return answers == operations; }));
        // The gate's own commit and the group's.
        QVERIFY(m_store->health().commits <= before + 2);
    }

    void aFailingOperationUndoesOnlyItself()
    {
        Gate gate;
        gate.holdStore(*m_store);
        std::vector<QByteArray> order;
        m_store->write([](Database &db) { return setSetting(db, "first", "1"); }, m_mailbox,
                       [&](const Result<void> &r) { order.push_back(r ? "first" : "failed"); });
        m_store->write(failAfterWriting, m_mailbox,
                       [&](const Result<int> &r) { order.push_back(r ? "wrong" : "refused"); });
        m_store->write([](Database &db) { return setSetting(db, "last", "1"); }, m_mailbox,
                       [&](const Result<void> &r) { order.push_back(r ? "last" : "failed"); });
        gate.open();
        QVERIFY(spinUntil([&] { return order.size() == 3; }));
        QCOMPARE(order, (std::vector<QByteArray>{"first", "refused", "last"}));
        QCOMPARE(settingNow("first"), QByteArray("1"));
        QCOMPARE(settingNow("last"), QByteArray("1"));
        QCOMPARE(settingNow("doomed"), QByteArray());
    }

    // More than the page cache holds: SQLite writes pages before it knows what becomes of them,
    // some twice, and reads them back.
    void aTransactionLargerThanTheCacheIsWholeOrNotAtAll()
    {
        const auto fill = [](Database &db, char letter) -> Result<void> {
            const QByteArray value(30'000, letter);
            for (int round = 0; round < 2; ++round) {
                for (int i = 0; i < 1000; ++i) {
                    if (auto done = setSetting(db, "large" + QByteArray::number(i), value); !done)
                        return done;
                }
            }
            return {};
        };
        auto kept = m_store->writeNow([&](Database &db) { return fill(db, 'a'); });
        VERIFY_RESULT(kept);
        auto undone = m_store->writeNow([&](Database &db) -> Result<void> {
            if (auto done = fill(db, 'b'); !done)
                return done;
            return failure(ErrorKind::Conflict, QStringLiteral("changed my mind"));
        });
        QVERIFY(!undone);
        auto after
            = m_store->writeNow([](Database &db) { return setSetting(db, "large7", "after"); });
        VERIFY_RESULT(after);

        const auto check = [this] {
            QCOMPARE(settingNow("large0"), QByteArray(30'000, 'a'));
            QCOMPARE(settingNow("large999"), QByteArray(30'000, 'a'));
            QCOMPARE(settingNow("large7"), QByteArray("after"));
            auto whole = m_store->readNow([](Database &db) { return checkWhole(db); });
            VERIFY_RESULT(whole);
            QVERIFY(*whole);
        };
        check();
        m_store.reset();
        init();
        check();
    }

    void aTokenSaysInWhichSecondItWasUsedLast()
    {
        TokenRow row;
        row.name = QStringLiteral("used");
        row.digest = QByteArray(32, 'u');
        const auto made = m_store->writeNow([&](Database &db) { return addToken(db, row, 1); });
        VERIFY_RESULT(made);
        const auto lastUsed = [&](std::int64_t atUs, bool undone) {
            const auto used = m_store->writeNow([&](Database &db) -> Result<void> {
                RequestRow request;
                request.id = "req_" + QByteArray::number(qlonglong(atUs));
                request.tokenId = made->id;
                request.startedUs = atUs;
                if (auto added = addRequest(db, request); !added)
                    return failure(added.error());
                if (undone)
                    return failure(ErrorKind::Conflict, QStringLiteral("changed my mind"));
                return {};
            });
            const auto now = m_store->readNow([&](Database &db) { return token(db, made->id); });
            return used.has_value() != undone && now ? now->lastUsedUs : -1;
        };
        QCOMPARE(lastUsed(10'100'000, false), 10'100'000);
        QCOMPARE(lastUsed(10'900'000, false), 10'100'000);
        QCOMPARE(lastUsed(12'300'000, true), 10'100'000);
        QCOMPARE(lastUsed(12'400'000, false), 12'400'000);
        QCOMPARE(lastUsed(11'000'000, false), 12'400'000);
    }

    void aBrokenConstraintUndoesOnlyItsOperation()
    {
        TokenRow row;
        row.name = QStringLiteral("same");
        row.digest = QByteArray(32, 'a');
        Gate gate;
        gate.holdStore(*m_store);
        std::vector<bool> outcomes;
        for (int i = 0; i < 3; ++i) {
            row.name = QStringLiteral("same %1").arg(i); // names differ, digests do not
            m_store->write([row](Database &db) { return addToken(db, row, 1); }, m_mailbox,
                           [&](const Result<TokenRow> &r) { outcomes.push_back(r.has_value()); });
        }
        gate.open();
        QVERIFY(spinUntil([&] { return outcomes.size() == 3; }));
        QCOMPARE(outcomes, (std::vector<bool>{true, false, false}));
    }

    void answersOfOneMailboxComeInOrder()
    {
        std::vector<int> order;
        for (int i = 0; i < 100; ++i)
            m_store->write([](Database &db) { return setSetting(db, "order", "1"); }, m_mailbox,
                           [&order, i](const Result<void> &) { order.push_back(i); });
        QVERIFY(spinUntil([&] { return order.size() == 100; }));
        QVERIFY(std::is_sorted(order.begin(), order.end()));
    }

    void manyThreadsWriteAtOnce()
    {
        constexpr int threads = 8;
        constexpr int each = 200;
        std::atomic<int> good = 0;
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t)
            workers.emplace_back([&, t] {
                for (int i = 0; i < each; ++i) {
                    const QByteArray key
                        = "t" + QByteArray::number(t) + "-" + QByteArray::number(i);
                    auto done = m_store->writeNow(
                        [key](Database &db) { return setSetting(db, key, "1"); });
                    good += done ? 1 : 0;
                }
            });
        for (std::thread &worker : workers)
            worker.join();
        QCOMPARE(good.load(), threads * each);
        auto all = m_store->readNow([](Database &db) { return settings(db); });
        VERIFY_RESULT(all);
        int found = 0;
        for (auto it = all->cbegin(); it != all->cend(); ++it)
            found += it.key().startsWith('t') ? 1 : 0;
        QCOMPARE(found, threads * each);
    }

    void aReadSeesOneMoment()
    {
        VERIFY_RESULT(
            m_store->writeNow([](Database &db) { return setSetting(db, "moment", "1"); }));
        auto both = m_store->readNow([this](Database &db) -> Result<bool> {
            auto first = setting(db, "moment");
            std::ignore = m_store->writeNow(
                [](Database &other) { return setSetting(other, "moment", "2"); });
            auto second = setting(db, "moment");
            if (!first || !second)
                return failure(ErrorKind::Internal, QStringLiteral("read failed"));
            return *first == *second;
        });
        VERIFY_RESULT(both);
        QVERIFY(*both);
        QCOMPARE(settingNow("moment"), QByteArray("2"));
    }

    void aReaderCannotWrite()
    {
        auto done = m_store->readNow([](Database &db) { return setSetting(db, "x", "1"); });
        QVERIFY(!done);
        QCOMPARE(done.error().code, QByteArray("read_only"));
    }

    void aCancelledReadEndsEarly()
    {
        const auto cancelled = std::make_shared<std::atomic<bool>>(true);
        std::optional<Result<QMap<QByteArray, QByteArray>>> result;
        m_store->read([](Database &db) { return settings(db); }, m_mailbox,
                      [&](auto r) { result.emplace(std::move(r)); }, cancelled);
        QVERIFY(spinUntil([&] { return result.has_value(); }));
        QVERIFY(!*result);
        QCOMPARE(result->error().code, QByteArray("cancelled"));
    }

    void closingFinishesWhatIsQueued()
    {
        for (int i = 0; i < 500; ++i)
            m_store->post([i](Database &db) {
                return setSetting(db, "closing" + QByteArray::number(i), "1");
            });
        m_store.reset();
        auto again = m_profile.open();
        VERIFY_RESULT(again);
        m_store = std::move(*again);
        QCOMPARE(settingNow("closing0"), QByteArray("1"));
        QCOMPARE(settingNow("closing499"), QByteArray("1"));
    }

    void drainWaitsForEveryAnswer()
    {
        int answers = 0;
        {
            Mailbox shortLived;
            for (int i = 0; i < 50; ++i)
                m_store->write([](Database &db) { return setSetting(db, "drain", "1"); },
                               shortLived, [&](const Result<void> &) { ++answers; });
            m_store->drain();
        } // its letters die with it, unread, and nothing is posted to it afterwards
        VERIFY_RESULT(m_store->writeNow([](Database &db) { return setSetting(db, "after", "1"); }));
        QVERIFY(answers <= 50);
        QCOMPARE(settingNow("drain"), QByteArray("1"));
    }

    void anIdleStoreAnswersAtOnce()
    {
        std::vector<qint64> times;
        for (int i = 0; i < 200; ++i) {
            QElapsedTimer timer;
            timer.start();
            VERIFY_RESULT(
                m_store->writeNow([](Database &db) { return setSetting(db, "fast", "1"); }));
            times.push_back(timer.nsecsElapsed() / 1000);
        }
        std::sort(times.begin(), times.end());
        qInfo("single write: p50 %lld us, p99 %lld us", static_cast<long long>(times[100]),
              static_cast<long long>(times[198]));
        QVERIFY2(times[100] < 20'000, "a single write waits for company");
    }
};

QTEST_GUILESS_MAIN(TestStoreWriter)
#include "test_store_writer.moc"
