// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that is full, fails or is locked by another: nothing acknowledged is lost, nothing is
// counted twice, budgets are never overdrawn.
#include "core/ledger/ledger.h"
#include "core/store/readers.h"
#include "core/store/settings.h"
#include "tests/ledger/books_for_tests.h"
#include "tests/store/faultydisk_for_tests.h"

#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QTest>

using namespace tollgate;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

constexpr std::int64_t costNano = 100;
constexpr std::int64_t holdNano = 500;

// Another program's lock on the database.
class ForeignLock
{
public:
    explicit ForeignLock(const QString &path)
    {
        auto opened = Database::open(path, Database::Mode::ReadWrite, 1000);
        if (!opened)
            return;
        m_db = std::move(*opened);
        m_held = m_db->run("BEGIN EXCLUSIVE").has_value();
    }
    [[nodiscard]] bool isHeld() const { return m_held; }
    [[nodiscard]] bool release() { return m_db->run("ROLLBACK").has_value(); }

private:
    std::unique_ptr<Database> m_db;
    bool m_held = false;
};

} // namespace

class TestStoreFaults : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Profile> m_profile;
    std::unique_ptr<Store> m_store;
    std::unique_ptr<Books> m_books;
    std::unique_ptr<ledger::Ledger> m_ledger;
    Mailbox m_mailbox;
    TokenRow m_token;
    std::int64_t m_granted = 0;
    std::int64_t m_kept = 0;
    std::int64_t m_refused = 0;
    int m_serial = 0;

    void openStore(Durability durability = Durability::Normal, int busyTimeoutMs = 2500)
    {
        Options options = m_profile->options();
        options.durability = durability;
        options.busyTimeoutMs = busyTimeoutMs;
        auto opened = Store::open(options);
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
        m_books = std::make_unique<Books>(*m_store);
        m_ledger = std::make_unique<ledger::Ledger>(*m_store);
    }
    void closeStore()
    {
        m_ledger.reset();
        m_books.reset();
        m_store.reset();
    }
    QByteArray nextId() { return "req_" + QByteArray::number(++m_serial); }

    Result<ledger::Hold> reserve(const QByteArray &id)
    {
        return await(m_ledger->reserve(holdOf(m_token, id, holdNano), m_mailbox));
    }
    Result<void> finish(const QByteArray &id, const ledger::Hold &hold)
    {
        return await(
            m_ledger->finish(requestOf(m_token, id), settlementOf(hold, costNano), m_mailbox));
    }
    // A request from hold to record; false when an answer was none that a failing disk may give.
    bool serve()
    {
        const QByteArray id = nextId();
        const auto hold = reserve(id);
        if (!hold) {
            ++m_refused;
            return hold.error().kind == ErrorKind::Unavailable;
        }
        ++m_granted;
        const auto done = finish(id, *hold);
        if (done)
            return true;
        ++m_kept;
        return done.error().kind == ErrorKind::Unavailable && done.error().code == "kept";
    }
    // Space has returned: what was kept is written once there is something to write.
    bool recovers()
    {
        if (!m_store->writeNow([](Database &db) { return setSetting(db, "probe", "1"); }))
            return false;
        m_store->drain();
        return spinUntil([this] { return m_store->health().keptWrites == 0; })
            && m_store->health().writable;
    }
    // Empty when the books say exactly what was granted.
    QString disagreement(ledger::Scope scope)
    {
        const QString violation
            = m_books->violations(scope, Clock::system().wallUs() + 3'600'000'000);
        if (!violation.isEmpty())
            return violation;
        const auto state = m_books->state(m_token.budgetId);
        if (!state)
            return QStringLiteral("the budget cannot be read");
        if (state->reserved.value != 0 || state->spent.value != m_granted * costNano)
            return QStringLiteral("spent %1 and held %2 after %3 requests")
                .arg(state->spent.value)
                .arg(state->reserved.value)
                .arg(m_granted);
        auto rows = m_store->readNow(
            [](Database &db) { return db.integer("SELECT count(*) FROM requests"); });
        if (!rows || rows->value_or(-1) != m_granted)
            return QStringLiteral("%1 records of %2 requests")
                .arg(rows ? rows->value_or(-1) : -1)
                .arg(m_granted);
        return {};
    }
    bool isFileSound()
    {
        auto whole = m_store->readNow([](Database &db) { return checkWhole(db); });
        return whole && *whole;
    }

private Q_SLOTS:
    void init()
    {
        if (!FaultyDisk::available())
            QSKIP("the disk can be made to fail on Linux only");
        QLoggingCategory::setFilterRules(QStringLiteral("tollgate.store*=false"));
        m_profile = std::make_unique<Profile>();
        m_granted = m_kept = m_refused = 0;
        m_serial = 0;
        openStore();
        QVERIFY(m_store);
        m_token = m_books->addToken(QStringLiteral("spender"), NanoUsd{1'000'000'000});
        QVERIFY(m_token.budgetId != 0);
    }
    void cleanup()
    {
        FaultyDisk::heal();
        closeStore();
        m_profile.reset();
    }

    void anUnwritableDiskRefusesHoldsAndKeepsSettlements_data()
    {
        QTest::addColumn<int>("error");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("full") << ENOSPC << QByteArray("disk_full");
        QTest::newRow("failing") << EIO << QByteArray("io_error");
        QTest::newRow("read-only") << EROFS << QByteArray("io_error");
    }
    void anUnwritableDiskRefusesHoldsAndKeepsSettlements()
    {
        QFETCH(int, error);
        QFETCH(QByteArray, code);
        const QByteArray id = nextId();
        const auto hold = reserve(id);
        VERIFY_RESULT(hold);
        ++m_granted;

        FaultyDisk::failAt(1, error, Calls::Writes);
        const auto refused = reserve("req_refused");
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unavailable);
        QCOMPARE(refused.error().code, code);
        const auto first = finish(id, *hold);
        QVERIFY(!first);
        QCOMPARE(first.error().kind, ErrorKind::Unavailable);
        QCOMPARE(first.error().code, QByteArray("kept"));
        const auto second = finish(id, *hold); // asked again: still one settlement
        QVERIFY(!second);
        QCOMPARE(second.error().code, QByteArray("kept"));
        QTRY_COMPARE(m_store->health().keptWrites, std::size_t(2));
        QVERIFY(!m_store->health().writable);
        QCOMPARE(m_store->health().error.code, code);
        // What is committed can be read all the while.
        QCOMPARE(m_books->state(m_token.budgetId)->reserved, NanoUsd{holdNano});

        QVERIFY(FaultyDisk::heal() > 0);
        QVERIFY(spinUntil([this] { return m_store->health().keptWrites == 0; }));
        QVERIFY(m_store->health().writable);
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
        QVERIFY(isFileSound());
        QVERIFY(serve());
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
    }

    //
    void theDiskMayFillAtAnyWrite()
    {
        int nth = 1;
        for (; nth <= 400; ++nth) {
            FaultyDisk::failAt(nth, ENOSPC, Calls::Writes);
            for (int i = 0; i < 24; ++i)
                QVERIFY2(serve(), qPrintable(QStringLiteral("write %1").arg(nth)));
            const int failed = FaultyDisk::heal();
            QVERIFY2(recovers(), qPrintable(QStringLiteral("write %1").arg(nth)));
            const auto scope = nth % 16 == 0 ? ledger::Scope::Full : ledger::Scope::Recent;
            const QString wrong = disagreement(scope);
            QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("write %1: ").arg(nth) + wrong));
            if (failed == 0)
                break;
        }
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
        QVERIFY(isFileSound());
        qInfo("filled at %d writes: %lld granted, %lld refused, %lld kept", nth - 1,
              static_cast<long long>(m_granted), static_cast<long long>(m_refused),
              static_cast<long long>(m_kept));
        QVERIFY(nth > 40 && m_kept > 0 && m_refused > 0);
    }

    // every writing, syncing, cutting and deleting call fails once.
    void theDiskMayFailAtAnyCall()
    {
        closeStore();
        openStore(Durability::Strict);
        QVERIFY(m_store);
        int nth = 1;
        for (; nth <= 400; ++nth) {
            FaultyDisk::failAt(nth, EIO, Calls::All, 1);
            for (int i = 0; i < 24; ++i)
                QVERIFY2(serve(), qPrintable(QStringLiteral("call %1").arg(nth)));
            const int failed = FaultyDisk::heal();
            QVERIFY2(recovers(), qPrintable(QStringLiteral("call %1").arg(nth)));
            const auto scope = nth % 16 == 0 ? ledger::Scope::Full : ledger::Scope::Recent;
            const QString wrong = disagreement(scope);
            QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("call %1: ").arg(nth) + wrong));
            if (failed == 0)
                break;
        }
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
        QVERIFY(isFileSound());
        qInfo("failed at %d calls: %lld granted, %lld refused, %lld kept", nth - 1,
              static_cast<long long>(m_granted), static_cast<long long>(m_refused),
              static_cast<long long>(m_kept));
        QVERIFY(nth > 40 && m_kept > 0 && m_refused > 0);
    }

    // The same limit from inside: the file must not grow beyond so many pages.
    void aFileThatMustNotGrowIsAFullDisk()
    {
        const auto limit = [this](std::int64_t more) {
            return m_store->writeNow([more](Database &db) -> Result<void> {
                auto pages = db.integer("PRAGMA page_count");
                if (!pages)
                    return failure(pages.error());
                return db.eachComposed(
                    QStringLiteral("PRAGMA max_page_count=%1").arg(pages->value_or(0) + more), {},
                    [](const Row &) {});
            });
        };
        for (int more = 0; more < 12; ++more) {
            VERIFY_RESULT(limit(more));
            for (int i = 0; i < 400 && m_store->health().keptWrites == 0; ++i)
                QVERIFY(serve());
            VERIFY_RESULT(limit(1'000'000));
            QVERIFY(recovers());
            QCOMPARE(disagreement(ledger::Scope::Recent), QString());
        }
        QVERIFY(m_kept + m_refused > 0);
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
        QVERIFY(isFileSound());
    }

    void closingOnAFailingDiskLosesNothingAcknowledged()
    {
        int nth = 1;
        for (; nth <= 60; ++nth) {
            for (int i = 0; i < 3; ++i)
                QVERIFY(serve());
            const QByteArray id = nextId();
            const auto hold = reserve(id);
            VERIFY_RESULT(hold);
            FaultyDisk::failAt(nth, ENOSPC, Calls::All);
            const auto last = finish(id, *hold);
            closeStore();
            const int failed = FaultyDisk::heal();
            openStore();
            QVERIFY(m_store);
            auto swept
                = m_store->writeNow([](Database &db) { return ledger::sweepAtStart(db, startUs); });
            VERIFY_RESULT(swept);
            QVERIFY(swept->windowsAgree);
            QVERIFY(swept->violations.empty());
            // What was not written the sweep ends; without usage it bills the hold's input.
            auto logged = m_store->readNow([id](Database &db) { return request(db, id); });
            VERIFY_RESULT(logged);
            if (last)
                QCOMPARE(logged->row.charge, NanoUsd{costNano});
            ++m_granted;
            QCOMPARE(m_books->violations(), QString());
            if (failed == 0)
                break;
        }
        QVERIFY(nth > 3 && nth <= 60);
        QVERIFY(isFileSound());
        auto rows = m_store->readNow(
            [](Database &db) { return db.integer("SELECT count(*) FROM requests"); });
        QVERIFY(rows && rows->value_or(0) == m_granted);
    }

    void aFirstStartMayFailAtAnyCall()
    {
        int nth = 1;
        for (; nth <= 400; nth += nth < 30 ? 1 : 9) { // the later ones are the schema's
            const Profile fresh;
            FaultyDisk::failAt(nth, ENOSPC, Calls::All);
            {
                auto opened = fresh.open();
                if (!opened)
                    QCOMPARE(opened.error().kind, ErrorKind::Unavailable);
            }
            const int failed = FaultyDisk::heal();
            auto again = fresh.open();
            if (!again)
                QFAIL(qPrintable(QStringLiteral("call %1: ").arg(nth) + again.error().message));
            VERIFY_RESULT(
                (*again)->writeNow([](Database &db) { return setSetting(db, "a", "1"); }));
            if (failed == 0)
                break;
        }
        QVERIFY(nth > 10 && nth <= 400);
    }

    void whatIsKeptIsBounded()
    {
        FaultyDisk::failAt(1, ENOSPC, Calls::Writes);
        constexpr int most = 10'000;
        int kept = 0;
        int refused = 0;
        const auto count
            = [](OneShot<Result<void>> answer, int &keptOnes, int &refusedOnes) -> Detached {
            const Result<void> result = co_await answer;
            if (!result)
                ++(result.error().code == "kept" ? keptOnes : refusedOnes);
        };
        for (int i = 0; i < most + 50; ++i)
            count(m_store->keep(
                      [i](Database &db) {
                          return setSetting(db, "kept" + QByteArray::number(i), "1");
                      },
                      m_mailbox),
                  kept, refused);
        QVERIFY(spinUntil([&] { return kept + refused == most + 50; }));
        QCOMPARE(kept, most);
        QCOMPARE(refused, 50);
        FaultyDisk::heal();
        QVERIFY(recovers());
        auto all = m_store->readNow([](Database &db) { return settings(db); });
        VERIFY_RESULT(all);
        int found = 0;
        for (auto it = all->cbegin(); it != all->cend(); ++it)
            found += it.key().startsWith("kept") ? 1 : 0;
        QCOMPARE(found, most);
    }

    //
    void aShortForeignLockIsWaitedOut()
    {
        ForeignLock lock(m_profile->database());
        QVERIFY(lock.isHeld());
        QElapsedTimer timer;
        timer.start();
        bool released = false;
        QTimer::singleShot(1000, this, [&] { released = lock.release(); });
        QVERIFY(serve());
        QVERIFY(released); // by this thread's event loop, which did not wait
        QVERIFY(timer.elapsed() >= 900);
        QCOMPARE(m_granted, 1);
        QCOMPARE(m_kept, 0);
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
    }

    void aLongForeignLockEndsInUnavailable()
    {
        constexpr int patience = 1000;
        QVERIFY(2 * Options().busyTimeoutMs <= 5000); // what is promised of the default
        closeStore();
        openStore(Durability::Normal, patience);
        QVERIFY(m_store);
        const QByteArray id = nextId();
        const auto hold = reserve(id);
        VERIFY_RESULT(hold);
        ++m_granted;
        ForeignLock lock(m_profile->database());
        QVERIFY(lock.isHeld());
        int ticks = 0;
        QTimer tick;
        connect(&tick, &QTimer::timeout, this, [&] { ++ticks; });
        tick.start(5);
        // The second comes while the first waits, and so waits for its end too.
        std::optional<Result<ledger::Hold>> first;
        const auto keepAnswer = [](OneShot<Result<ledger::Hold>> answer,
                                   std::optional<Result<ledger::Hold>> &out) -> Detached {
            out.emplace(co_await answer);
        };
        keepAnswer(m_ledger->reserve(holdOf(m_token, "req_first", holdNano), m_mailbox), first);
        QTest::qWait(100);
        const auto kept = finish(id, *hold);
        const int ticked = ticks;
        QVERIFY(first && !*first);
        QCOMPARE(first->error().kind, ErrorKind::Unavailable);
        QCOMPARE(first->error().code, QByteArray("database_locked"));
        QVERIFY(!kept);
        QCOMPARE(kept.error().code, QByteArray("kept"));
        QVERIFY2(ticked > 10, qPrintable(QString::number(ticked))); // nothing waits in this thread
        // Reading goes on.
        QCOMPARE(m_books->state(m_token.budgetId)->reserved, NanoUsd{holdNano});
        QVERIFY(lock.release());
        QVERIFY(spinUntil([this] { return m_store->health().keptWrites == 0; }));
        QCOMPARE(disagreement(ledger::Scope::Full), QString());
    }
};

QTEST_GUILESS_MAIN(TestStoreFaults)
#include "test_store_faults.moc"
