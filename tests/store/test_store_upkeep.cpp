// SPDX-License-Identifier: GPL-3.0-or-later
// Growing old: retention, backup, export; and the bodies that are kept beside the database.
#include "core/base/jsonwriter.h"
#include "core/store/bodies.h"
#include "core/store/readers.h"
#include "core/store/redact.h"
#include "core/store/retention.h"
#include "tests/ledger/books_for_tests.h"

#include <QDirIterator>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <atomic>
#include <thread>

using namespace tollgate;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

constexpr std::int64_t hourUs = 3'600'000'000;

QByteArray everythingIn(const QString &folder)
{
    QByteArray all;
    QDirIterator files(folder, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (file.open(QIODevice::ReadOnly))
            all += file.readAll();
    }
    return all;
}

QByteArray noise(int size, int seed)
{
    QByteArray bytes(size, '\0');
    quint32 state = quint32(seed) * 2654435761U + 1;
    for (char &c : bytes) {
        state = state * 1664525U + 1013904223U;
        c = char(state >> 24);
    }
    return bytes;
}

} // namespace

class TestStoreUpkeep : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Profile> m_profile;
    std::unique_ptr<Store> m_store;
    std::unique_ptr<Books> m_books;
    TokenRow m_token;

    // A settled request that began so many hours after the start.
    Result<void> serve(const QByteArray &id, std::int64_t hours, int padding = 0)
    {
        const std::int64_t at = startUs + hours * hourUs;
        ledger::HoldRequest request = holdOf(m_token, id, 500);
        request.attempt.startedUs = at;
        auto hold = m_books->reserve(request, at);
        if (!hold)
            return failure(hold.error());
        RequestRow row = requestOf(m_token, id);
        row.startedUs = at;
        row.errorText = QString(padding, u'x');
        return m_books->finish(row, settlementOf(*hold, 100), at);
    }
    std::int64_t rows(const QByteArray &table)
    {
        auto count = m_store->readNow([table](Database &db) -> Result<std::int64_t> {
            std::int64_t found = 0;
            auto done = db.eachComposed(QStringLiteral("SELECT count(*) FROM ")
                                            + QString::fromUtf8(table),
                                        {}, [&](const Row &row) { found = row.integer(0); });
            return done ? Result<std::int64_t>(found) : failure(done.error());
        });
        return count ? *count : -1;
    }
    Result<std::int64_t> fold()
    {
        return m_store->writeNow([](Database &db) { return ledger::foldSettledLegs(db); });
    }
    Result<RetentionStep> step(const RetentionPolicy &policy, std::int64_t nowUs, int slice)
    {
        return m_store->writeNow([=](Database &db) { return retain(db, policy, nowUs, slice); });
    }
    DatabaseSize size()
    {
        auto found = m_store->readNow([](Database &db) { return databaseSize(db); });
        return found ? *found : DatabaseSize();
    }

private Q_SLOTS:
    void init()
    {
        m_profile = std::make_unique<Profile>();
        auto opened = m_profile->open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
        m_books = std::make_unique<Books>(*m_store);
        m_token = m_books->addToken(QStringLiteral("spender"), NanoUsd{1'000'000'000});
    }
    void cleanup()
    {
        m_books.reset();
        m_store.reset();
        m_profile.reset();
    }

    void oldRequestsGoInSlicesAndTheBooksStillHold()
    {
        for (int i = 0; i < 100; ++i)
            VERIFY_RESULT(serve("req_" + QByteArray::number(i), i));
        RetentionPolicy policy;
        policy.maxAgeUs = 40 * hourUs;
        const std::int64_t now = startUs + 100 * hourUs; // those before hour 60 are too old
        // Nothing goes before it has been folded into its window.
        auto early = step(policy, now, 16);
        VERIFY_RESULT(early);
        QCOMPARE(early->deleted, 0);
        QVERIFY(!early->more);

        auto folded = fold();
        VERIFY_RESULT(folded);
        QCOMPARE(*folded, 100);
        int steps = 0;
        for (bool more = true; more; ++steps) {
            QVERIFY(steps < 20);
            auto done = step(policy, now, 16);
            VERIFY_RESULT(done);
            QVERIFY(done->deleted <= 16);
            more = done->more;
            QCOMPARE(m_books->violations(), QString());
        }
        QCOMPARE(steps, 4);
        QCOMPARE(rows("requests"), 40);
        QCOMPARE(rows("attempts"), 40);
        QCOMPARE(rows("journal"), 40);
        QCOMPARE(m_books->state(m_token.budgetId)->spent, NanoUsd{100 * 100});
        // The sums outlive what they sum up.
        auto sums = m_store->readNow(
            [](Database &db) { return db.integer("SELECT sum(requests) FROM rollups"); });
        QVERIFY(sums && sums->value_or(0) == 100);
        auto oldest = m_store->readNow(
            [](Database &db) { return db.integer("SELECT min(started_us) FROM requests"); });
        QVERIFY(oldest && oldest->value_or(0) == startUs + 60 * hourUs);
    }

    void whatStillHoldsMoneyStays()
    {
        ledger::HoldRequest open = holdOf(m_token, "req_open", 500);
        VERIFY_RESULT(m_books->reserve(open));
        RequestRow row = requestOf(m_token, "req_open"); // a record while its outcome is unknown
        VERIFY_RESULT(m_store->writeNow([row](Database &db) { return addRequest(db, row); }));
        VERIFY_RESULT(serve("req_done", 0));
        VERIFY_RESULT(serve("req_newest", 1));
        VERIFY_RESULT(fold());
        RetentionPolicy policy;
        policy.maxAgeUs = 1;
        auto done = step(policy, startUs + 1000 * hourUs, 100);
        VERIFY_RESULT(done);
        QCOMPARE(done->deleted, 1);
        QVERIFY(m_store->readNow([](Database &db) { return request(db, "req_open"); }));
        QVERIFY(!m_store->readNow([](Database &db) { return request(db, "req_done"); }));
        // The newest keeps its number from being given out again.
        QVERIFY(m_store->readNow([](Database &db) { return request(db, "req_newest"); }));
        QCOMPARE(m_books->state(m_token.budgetId)->reserved, NanoUsd{500});
    }

    void aLogThatIsTooLargeShrinksToItsSize()
    {
        for (int i = 0; i < 400; ++i)
            VERIFY_RESULT(serve("req_" + QByteArray::number(i), i, 6000));
        for (int i = 0; i < 10; ++i)
            VERIFY_RESULT(fold());
        const DatabaseSize before = size();
        QVERIFY(before.usedBytes > 2'400'000);
        RetentionPolicy policy;
        policy.maxBytes = 1'500'000;
        int steps = 0;
        for (bool more = true; more; ++steps) {
            QVERIFY(steps < 100);
            auto done = step(policy, startUs + 400 * hourUs, 20);
            VERIFY_RESULT(done);
            more = done->more;
        }
        const DatabaseSize after = size();
        QVERIFY2(after.usedBytes <= policy.maxBytes, qPrintable(QString::number(after.usedBytes)));
        // And no further than needed.
        QVERIFY2(after.usedBytes > policy.maxBytes / 2,
                 qPrintable(QString::number(after.usedBytes)));
        // What became free goes back to the disk.
        QVERIFY2(after.fileBytes < before.fileBytes - 500'000,
                 qPrintable(QStringLiteral("%1 of %2").arg(after.fileBytes).arg(before.fileBytes)));
        QCOMPARE(m_books->violations(), QString());
        // The oldest went.
        QVERIFY(!m_store->readNow([](Database &db) { return request(db, "req_0"); }));
        QVERIFY(m_store->readNow([](Database &db) { return request(db, "req_399"); }));
        auto whole = m_store->readNow([](Database &db) { return checkWhole(db); });
        QVERIFY(whole && *whole);
    }

    // R-38
    void aBackupUnderLoadHoldsTheBooksOfOneMoment()
    {
        std::atomic<bool> stop = false;
        std::atomic<int> served = 0;
        std::atomic<int> failed = 0;
        std::vector<std::thread> workers;
        for (int t = 0; t < 3; ++t)
            workers.emplace_back([&, t] {
                for (int i = 0; !stop && i < 20'000; ++i) {
                    const QByteArray id
                        = "req_" + QByteArray::number(t) + "_" + QByteArray::number(i);
                    ++(serve(id, i % 50) ? served : failed);
                }
            });
        const auto serveMore = [&](int more) {
            const int until = served + more;
            const QDeadlineTimer deadline(30'000);
            while (served < until && !deadline.hasExpired())
                QThread::msleep(1);
            return served >= until;
        };
        QTemporaryDir folder;
        bool good = serveMore(50);
        std::vector<QString> copies;
        for (int i = 0; i < 3 && good; ++i) {
            const QString profile = folder.filePath(QStringLiteral("copy%1").arg(i));
            good = QDir().mkpath(profile);
            const QString path = databaseFile(profile);
            auto copied = m_store->readNow([path](Database &db) { return backupTo(db, path); });
            good = good && copied && serveMore(20); // it went on meanwhile and goes on after
            copies.push_back(profile);
        }
        stop = true;
        for (std::thread &worker : workers)
            worker.join();
        QVERIFY(good);
        QCOMPARE(failed.load(), 0);
        QCOMPARE(m_books->violations(), QString());
        std::int64_t last = 0;
        for (const QString &profile : copies) {
            QCOMPARE(
                QFileInfo(databaseFile(profile)).permissions()
                    & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther),
                QFile::Permissions());
            Options options;
            options.profile = profile;
            auto copy = Store::open(options);
            VERIFY_RESULT(copy);
            auto swept
                = (*copy)->writeNow([](Database &db) { return ledger::sweepAtStart(db, startUs); });
            VERIFY_RESULT(swept);
            QVERIFY(swept->windowsAgree);
            QVERIFY(swept->violations.empty());
            Books books(**copy);
            QCOMPARE(books.violations(), QString());
            auto count = (*copy)->readNow(
                [](Database &db) { return db.integer("SELECT count(*) FROM requests"); });
            QVERIFY(count && count->value_or(0) > last);
            last = count->value_or(0);
        }
        // An existing file is nobody's to overwrite; the reader serves on.
        const QString taken = databaseFile(copies.front());
        auto refused = m_store->readNow([taken](Database &db) { return backupTo(db, taken); });
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Conflict);
        const QString nowhere = folder.filePath(QStringLiteral("no/such/folder/copy.db"));
        auto missing = m_store->readNow([nowhere](Database &db) { return backupTo(db, nowhere); });
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::Unavailable);
        QVERIFY(rows("requests") >= last);
    }

    void aTableIsExportedRowByRow()
    {
        for (int i = 0; i < 5; ++i)
            VERIFY_RESULT(serve("req_\"" + QByteArray::number(i), i));
        auto names = m_store->readNow([](Database &db) { return tableNames(db); });
        VERIFY_RESULT(names);
        for (const char *name : {"requests", "attempts", "journal", "postings", "tokens", "audit"})
            QVERIFY2(names->contains(name), name);
        for (const QByteArray &name : *names) {
            std::int64_t lines = 0;
            bool valid = true;
            auto done = m_store->readNow([&, name](Database &db) {
                return exportTable(db, name, [&](QByteArrayView json) {
                    ++lines;
                    valid = valid && QJsonDocument::fromJson(json.toByteArray()).isObject();
                    return true;
                });
            });
            VERIFY_RESULT(done);
            QVERIFY2(valid, name.constData());
            QCOMPARE(lines, rows(name));
        }
        QJsonObject first;
        auto done = m_store->readNow([&](Database &db) {
            return exportTable(db, "requests", [&](QByteArrayView json) {
                first = QJsonDocument::fromJson(json.toByteArray()).object();
                return false;
            });
        });
        VERIFY_RESULT(done);
        QCOMPARE(first.value(QLatin1String("id")).toString(), QStringLiteral("req_\"0"));
        QCOMPARE(first.value(QLatin1String("charge")).toString(), QStringLiteral("100"));
        for (const char *bad : {"requests; DROP TABLE tokens", "sqlite_schema", "", "nothing"}) {
            auto refused = m_store->readNow([&](Database &db) {
                return exportTable(db, bad, [](QByteArrayView) { return true; });
            });
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::NotFound);
        }
    }

    void secretsAreCutOutOfText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("kept");
        const auto row = [](const char *name, QByteArray text, QByteArray kept) {
            QTest::newRow(name) << text << kept;
        };
        const QByteArray key = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789";
        row("a token of ours", "x tg-" + key + " y", "x tg-[redacted] y");
        row("openai", R"({"k":"sk-)" + key + R"("})", R"({"k":"sk-[redacted]"})");
        row("anthropic", "sk-ant-api03-" + key + "-x_y", "sk-[redacted]");
        row("google", "?key=AIza" + key + "&a=1", "?key=AIza[redacted]&a=1");
        row("bearer", "Authorization: Bearer " + key, "Authorization: Bearer [redacted]");
        row("bearer in any case", "bEARER " + key + "\r\n", "bEARER [redacted]\r\n");
        row("bearer with a key of a known kind", "Bearer sk-" + key, "Bearer [redacted]");
        row("at the very end", "tg-" + key, "tg-[redacted]");
        row("two", "sk-" + key + ",sk-" + key, "sk-[redacted],sk-[redacted]");
        row("after a line feed in JSON", R"("a\nsk-)" + key + R"(")", R"("a\nsk-[redacted]")");
        row("after a tab in JSON", R"("\ttg-)" + key + R"(\n")", R"("\ttg-[redacted]\n")");
        row("after a code in JSON", R"("\u003dAIza)" + key + R"(")", R"("\u003dAIza[redacted]")");
        row("with slashes escaped in JSON", R"("Bearer abc\/defgh\/)" + key + R"(")",
            R"("Bearer [redacted]")");
        row("a word", "task-management-and-more is desk-bound",
            "task-management-and-more is "
            "desk-bound");
        row("a short one", "sk-1 tg-x bearer of", "sk-1 tg-x bearer of");
        row("nothing", "", "");
    }
    void secretsAreCutOutOfText()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, kept);
        QCOMPARE(redactSecrets(text), kept);
        QCOMPARE(redactSecrets(kept), kept);
    }

    void bodiesComeBackWithoutSecrets()
    {
        const QByteArray secret = "tg-S3cr3tS3cr3tS3cr3tS3cr3t";
        const QByteArray other = "sk-proj-S3cr3tS3cr3tS3cr3t";
        const QByteArray binary = noise(100'000, 1);
        BodyOptions options;
        options.profile = m_profile->path();
        {
            Bodies bodies(options);
            bodies.append("req_1", startUs, BodyKind::Request,
                          R"({"key":")" + secret + R"(","text":"hi\n)" + other + R"("})");
            bodies.append("req_2", startUs, BodyKind::Request, "another's");
            bodies.append("req_1", startUs, BodyKind::Response, "AIzaS3cr3tS3cr3tS3cr3tS3cr3t ok");
            bodies.append("req_3", startUs, BodyKind::Response, binary);
            bodies.append("req_4", startUs, BodyKind::Response, {});
            bodies.flush();
            auto read = bodies.read("req_1", startUs);
            VERIFY_RESULT(read);
            QCOMPARE(read->size(), std::size_t(2));
            QCOMPARE(read->front().kind, BodyKind::Request);
            QCOMPARE(read->front().bytes,
                     QByteArray(R"({"key":"tg-[redacted]","text":"hi\nsk-[redacted]"})"));
            QCOMPARE(read->back().kind, BodyKind::Response);
            QCOMPARE(read->back().bytes, QByteArray("AIza[redacted] ok"));
            QVERIFY(!read->back().truncated);
            QCOMPARE(bodies.dropped(), std::uint64_t(0));
        }
        // Another run finds them too.
        const Bodies bodies(options);
        auto read = bodies.read("req_3", startUs + 1);
        VERIFY_RESULT(read);
        QCOMPARE(read->size(), std::size_t(1));
        QCOMPARE(read->front().bytes, redactSecrets(binary));
        read = bodies.read("req_4", startUs);
        VERIFY_RESULT(read);
        QCOMPARE(read->size(), std::size_t(1));
        QCOMPARE(read->front().bytes, QByteArray());
        read = bodies.read("req_none", startUs);
        QVERIFY(read && read->empty());
        read = bodies.read("req_1", startUs + dayUs);
        QVERIFY(read && read->empty());
        QVERIFY(!everythingIn(m_profile->path()).contains("S3cr3t"));
        QFile any(m_profile->path() + QStringLiteral("/bodies/2026-11-22.data"));
        QVERIFY(any.exists());
        QCOMPARE(any.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    }

    void aLongBodyIsCutAfterItsSecrets()
    {
        BodyOptions options;
        options.profile = m_profile->path();
        options.longest = 50;
        Bodies bodies(options);
        // The cut would go through the key.
        bodies.append("req_1", startUs, BodyKind::Request,
                      QByteArray(40, '.') + " sk-S3cr3tS3cr3tS3cr3tS3cr3t end");
        bodies.append("req_2", startUs, BodyKind::Request, QByteArray(50, '.'));
        bodies.flush();
        auto read = bodies.read("req_1", startUs);
        VERIFY_RESULT(read);
        QCOMPARE(read->front().bytes, QByteArray(40, '.') + " sk-[redac");
        QVERIFY(read->front().truncated);
        read = bodies.read("req_2", startUs);
        VERIFY_RESULT(read);
        QVERIFY(!read->front().truncated);
    }

    void bodiesGoByWholeDays()
    {
        BodyOptions options;
        options.profile = m_profile->path();
        Bodies bodies(options);
        for (int day = 5; day >= 0; --day)
            bodies.append("req_" + QByteArray::number(day), startUs + day * dayUs + dayUs - 1,
                          BodyKind::Request, noise(10'000, day));
        bodies.flush();
        const QDate first(2026, 11, 22);
        QCOMPARE(bodies.days().size(), std::size_t(6));
        QCOMPARE(bodies.days().front(), first);
        QCOMPARE(bodies.days().back(), first.addDays(5));
        auto dropped = bodies.dropDays(first.addDays(2), 0);
        QVERIFY(dropped && *dropped == 2);
        QCOMPARE(bodies.days().front(), first.addDays(2));
        auto read = bodies.read("req_1", startUs + dayUs);
        QVERIFY(read && read->empty());
        // By size: the oldest go until the rest fits.
        dropped = bodies.dropDays(QDate(), 25'000);
        QVERIFY(dropped && *dropped == 2);
        read = bodies.read("req_4", startUs + 4 * dayUs);
        QVERIFY(read && read->size() == 1);
        dropped = bodies.dropDays(QDate(), 0);
        QVERIFY(dropped && *dropped == 0);
        QCOMPARE(bodies.days().size(), std::size_t(2));
        // A day that was dropped begins anew.
        bodies.append("req_0", startUs, BodyKind::Request, "again");
        bodies.flush();
        QCOMPARE(bodies.days().size(), std::size_t(3));
    }

    void theQueueOfBodiesIsBounded()
    {
        BodyOptions options;
        options.profile = m_profile->path();
        options.mostQueued = 100'000;
        std::atomic<bool> go = false;
        options.redact = [&go](QByteArrayView text) {
            while (!go)
                QThread::msleep(1);
            return text.toByteArray();
        };
        Bodies bodies(options);
        for (int i = 0; i < 20; ++i)
            bodies.append("req_" + QByteArray::number(i), startUs, BodyKind::Request,
                          QByteArray(10'000, 'a'));
        QCOMPARE(bodies.dropped(), std::uint64_t(10));
        go = true;
        bodies.flush();
        int kept = 0;
        for (int i = 0; i < 20; ++i) {
            auto read = bodies.read("req_" + QByteArray::number(i), startUs);
            VERIFY_RESULT(read);
            kept += int(read->size());
        }
        QCOMPARE(kept, 10);
        // There is room again.
        bodies.append("req_later", startUs, BodyKind::Request, QByteArray(100'000, 'a'));
        bodies.flush();
        QCOMPARE(bodies.dropped(), std::uint64_t(10));
    }

    void halfAnIndexEntryIsNoHarm()
    {
        BodyOptions options;
        options.profile = m_profile->path();
        Bodies bodies(options);
        bodies.append("req_1", startUs, BodyKind::Request, "one");
        bodies.flush();
        QFile index(m_profile->path() + QStringLiteral("/bodies/2026-11-22.index"));
        QVERIFY(index.open(QIODevice::Append));
        QCOMPARE(index.write("half an entry"), 13);
        index.close();
        bodies.append("req_2", startUs, BodyKind::Request, "two");
        bodies.flush();
        for (const auto &[id, text] : {std::pair{"req_1", "one"}, {"req_2", "two"}}) {
            auto read = bodies.read(id, startUs);
            VERIFY_RESULT(read);
            QCOMPARE(read->size(), std::size_t(1));
            QCOMPARE(read->front().bytes, QByteArray(text));
        }
        // An index that lies is an error, not a crash.
        QVERIFY(index.open(QIODevice::ReadWrite));
        QVERIFY(index.seek(24));
        QCOMPARE(index.write(QByteArray(8, '\x7f')), 8);
        index.close();
        QVERIFY(!bodies.read("req_1", startUs));
        QVERIFY(bodies.read("req_2", startUs));
    }
};

QTEST_GUILESS_MAIN(TestStoreUpkeep)
#include "test_store_upkeep.moc"
