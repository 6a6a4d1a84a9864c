// SPDX-License-Identifier: GPL-3.0-or-later
// What may be found where the database should be: nothing, ours, somebody else's, ruins.
#include "core/store/schema.h"
#include "core/store/settings.h"
#include "tests/store/profile_for_tests.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRandomGenerator>
#include <QTest>

#if defined(Q_OS_UNIX)
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace tollgate;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(unreadable)");
}

bool put(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

// Fills a profile with something worth keeping.
Result<void> fill(const Profile &profile, int settings = 300)
{
    auto opened = profile.open();
    if (!opened)
        return failure(opened.error());
    return (*opened)->writeNow([settings](Database &db) -> Result<void> {
        for (int i = 0; i < settings; ++i) {
            if (auto done = setSetting(db, "key" + QByteArray::number(i), QByteArray(200, 'x'));
                !done)
                return done;
        }
        return {};
    });
}

Result<std::int64_t> countSettings(Store &store)
{
    return store.readNow([](Database &db) -> Result<std::int64_t> {
        auto all = settings(db);
        if (!all)
            return failure(all.error());
        return std::int64_t(all->size());
    });
}

void tableOne(Database &db, Result<void> &done)
{
    done = db.script("CREATE TABLE one(x INTEGER);;");
}

} // namespace

class TestStoreOpen : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNewProfileIsPrivate()
    {
#if defined(Q_OS_UNIX)
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        VERIFY_RESULT((*store)->writeNow([](Database &db) { return setSetting(db, "a", "1"); }));
        struct stat info = {};
        QCOMPARE(::stat(QFile::encodeName(profile.path()).constData(), &info), 0);
        QCOMPARE(info.st_mode & 0777, mode_t(0700));
        const QStringList names = QDir(profile.path()).entryList(QDir::Files);
        QVERIFY(names.contains(QStringLiteral("tollgate.db-wal")));
        for (const QString &name : names) {
            if (!name.startsWith(QLatin1String("tollgate.db")) && name != QLatin1String("lock"))
                continue;
            const QByteArray path = QFile::encodeName(QDir(profile.path()).filePath(name));
            QCOMPARE(::stat(path.constData(), &info), 0);
            QVERIFY2((info.st_mode & 0777) == 0600, qPrintable(name));
        }
#else
        QSKIP("permission bits are a Unix matter");
#endif
    }

    void oddPathsWork_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("spaces") << QStringLiteral("a profile of mine");
        QTest::newRow("unicode") << QString::fromUtf8("Größe 你好 ☃");
        QTest::newRow("query-like") << QStringLiteral("what?mode=memory&x=%20#y");
        QTest::newRow("nested") << QStringLiteral("a/b/c/d");
    }
    void oddPathsWork()
    {
        QFETCH(QString, name);
        const QTemporaryDir folder;
        Options options;
        options.profile = folder.filePath(name);
        {
            auto store = Store::open(options);
            VERIFY_RESULT(store);
            VERIFY_RESULT(
                (*store)->writeNow([](Database &db) { return setSetting(db, "k", "1"); }));
        }
        QVERIFY(QFile::exists(databaseFile(options.profile)));
        auto store = Store::open(options);
        VERIFY_RESULT(store);
        QCOMPARE(countSettings(**store).value_or(-1), 1);
    }

    void aSecondInstanceIsRefused()
    {
        const Profile profile;
        auto first = profile.open();
        VERIFY_RESULT(first);
        auto second = profile.open();
        QVERIFY(!second);
        QCOMPARE(second.error().code, QByteArray("profile_in_use"));
        QVERIFY(
            second.error().message.contains(QString::number(QCoreApplication::applicationPid())));
        first->reset();
        VERIFY_RESULT(profile.open());
    }

    void aLockLeftByADeadProcessIsTaken()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile, 1));
        QVERIFY(put(QDir(profile.path()).filePath(QStringLiteral("lock")), "1 1\n"));
        VERIFY_RESULT(profile.open()); // process 1 lives, but does not hold it
    }

    void aProfileThatCannotBeWrittenIsSaidSo()
    {
        const QTemporaryDir folder;
        QVERIFY(put(folder.filePath(QStringLiteral("file")), "x"));
        Options options;
        options.profile = folder.filePath(QStringLiteral("file/profile"));
        auto store = Store::open(options);
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("profile_unusable"));
        options.profile = folder.filePath(QStringLiteral("file"));
        store = Store::open(options);
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("profile_unusable"));
        options.profile = folder.filePath(QString(5000, u'x'));
        store = Store::open(options);
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("profile_unusable"));
    }

    void aReadOnlyProfileIsSaidSo_data()
    {
        QTest::addColumn<bool>("folderOnly");
        QTest::newRow("folder") << true;
        QTest::newRow("file") << false;
    }
    void aReadOnlyProfileIsSaidSo()
    {
#if defined(Q_OS_UNIX)
        QFETCH(bool, folderOnly);
        const Profile profile;
        VERIFY_RESULT(fill(profile, 5));
        const QByteArray before = bytesOf(profile.database());
        const QByteArray folder = QFile::encodeName(profile.path());
        const QByteArray file = QFile::encodeName(profile.database());
        const QByteArray lock
            = QFile::encodeName(QDir(profile.path()).filePath(QStringLiteral("lock")));
        const QByteArray parent = QFile::encodeName(QFileInfo(profile.path()).path());
        QCOMPARE(::chmod(parent.constData(), 0755), 0);
        QCOMPARE(::chmod(lock.constData(), 0666), 0);
        QCOMPARE(::chmod(file.constData(), folderOnly ? 0666 : 0444), 0);
        QCOMPARE(::chmod(folder.constData(), folderOnly ? 0555 : 0777), 0);
        // In a child, because root may write everywhere and has to become somebody else first.
        const pid_t child = ::fork();
        if (child == 0) {
            if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0))
                ::_exit(9);
            auto store = profile.open();
            if (store) // it may be opened at most for reading: a write must not succeed
                ::_exit(1);
            const QByteArray code = store.error().code;
            ::_exit(code == "profile_unusable" || code == "read_only" || code == "io_error" ? 0
                                                                                            : 2);
        }
        int status = -1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(::chmod(folder.constData(), 0700), 0);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 0);
        QCOMPARE(bytesOf(profile.database()), before);
        auto store = profile.open();
        if (!folderOnly && ::getuid() != 0)
            return;
        VERIFY_RESULT(store);
        QCOMPARE(countSettings(**store).value_or(-1), 5);
#else
        QSKIP("permission bits are a Unix matter");
#endif
    }

    void aLostDatabaseIsNotReplacedSilently()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile, 1));
        QVERIFY(QFile::remove(profile.database()));
        auto store = profile.open();
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("database_missing"));
        QVERIFY(!QFile::exists(profile.database()));
        Options afresh = profile.options();
        afresh.allowNew = true;
        VERIFY_RESULT(Store::open(afresh));
    }

    void anEmptiedDatabaseIsNotReplacedSilently()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile, 1));
        QVERIFY(put(profile.database(), {}));
        auto store = profile.open();
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("database_missing"));
    }

    void aStartThatDiedBeforeTheFirstTableIsRepeated()
    {
        const Profile profile;
        QVERIFY(QDir().mkpath(profile.path()));
        QVERIFY(put(profile.database(), {})); // made, then killed: no marker yet
        VERIFY_RESULT(profile.open());
    }

    void foreignFilesAreLeftAlone_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("text") << QByteArray("Dear diary,\n").repeated(100)
                              << QByteArray("not_a_database");
        QTest::newRow("zeros") << QByteArray(8192, '\0') << QByteArray("not_a_database");
        QTest::newRow("one byte") << QByteArray("S") << QByteArray("not_a_database");
        QTest::newRow("header only")
            << QByteArray("SQLite format 3", 16) << QByteArray("database_damaged");
    }
    void foreignFilesAreLeftAlone()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, code);
        const Profile profile;
        QVERIFY(QDir().mkpath(profile.path()));
        QVERIFY(put(profile.database(), bytes));
        auto store = profile.open();
        QVERIFY(!store);
        QCOMPARE(store.error().code, code);
        QCOMPARE(bytesOf(profile.database()), bytes);
    }

    void anotherProgramsDatabaseIsLeftAlone()
    {
        const Profile profile;
        QVERIFY(QDir().mkpath(profile.path()));
        QVERIFY(put(profile.database(), {}));
        {
            auto db = Database::open(profile.database(), Database::Mode::ReadWrite, 100);
            VERIFY_RESULT(db);
            VERIFY_RESULT((*db)->run("CREATE TABLE bookmarks(url TEXT)"));
        }
        const QByteArray before = bytesOf(profile.database());
        auto store = profile.open();
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("foreign_database"));
        QCOMPARE(bytesOf(profile.database()), before);
    }

    void aNewerSchemaIsRefused()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile, 1));
        {
            auto db = Database::open(profile.database(), Database::Mode::ReadWrite, 100);
            VERIFY_RESULT(db);
            VERIFY_RESULT((*db)->run("PRAGMA user_version=1000"));
        }
        const QByteArray before = bytesOf(profile.database());
        auto store = profile.open();
        QVERIFY(!store);
        QCOMPARE(store.error().code, QByteArray("newer_schema"));
        QCOMPARE(bytesOf(profile.database()), before);
    }

    void aFlippedPageHeaderIsFound()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile));
        const QByteArray whole = bytesOf(profile.database());
        constexpr qsizetype pageSize = 4096;
        int refused = 0;
        int pages = 0;
        for (qsizetype page = 0; page * pageSize < whole.size(); ++page) {
            ++pages;
            QByteArray damaged = whole;
            const qsizetype at = page == 0 ? 100 : page * pageSize; // after the file's own header
            for (int i = 0; i < 8; ++i)
                damaged[at + i] = char(~damaged[at + i]);
            QVERIFY(put(profile.database(), damaged));
            auto store = profile.open();
            if (store) {
                // Only a page that holds nothing (free, or a map of pages) may go unnoticed.
                QCOMPARE(countSettings(**store).value_or(-1), 300);
                store->reset();
                continue;
            }
            ++refused;
            QVERIFY2(store.error().code == "database_damaged"
                         || store.error().code == "foreign_database",
                     store.error().code.constData());
            QCOMPARE(bytesOf(profile.database()), damaged);
        }
        qInfo("%d of %d flipped pages were found", refused, pages);
        QVERIFY(refused >= pages - 2);
    }

    void aTruncatedFileIsFound()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile));
        const QByteArray whole = bytesOf(profile.database());
        QRandomGenerator random(36);
        for (int round = 0; round < 200; ++round) {
            const qsizetype size = 1 + qsizetype(random.bounded(quint32(whole.size() - 1)));
            QVERIFY(put(profile.database(), whole.left(size)));
            auto store = profile.open();
            if (store) {
                QCOMPARE(countSettings(**store).value_or(-1), 300);
                QFAIL("a truncated file was taken for whole");
            }
            QCOMPARE(bytesOf(profile.database()), whole.left(size));
        }
        QVERIFY(put(profile.database(), whole));
        VERIFY_RESULT(profile.open());
    }

    void aLogWithARuinedHeaderIsFound()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        VERIFY_RESULT((*store)->writeNow([](Database &db) { return setSetting(db, "paid", "1"); }));
        // As a killed process leaves them.
        const QByteArray file = bytesOf(profile.database());
        QByteArray log = bytesOf(profile.database() + QStringLiteral("-wal"));
        store->reset();
        QVERIFY(log.size() > 32);
        for (int i = 0; i < 32; ++i)
            log[i] = '\0';
        QVERIFY(put(profile.database(), file));
        QVERIFY(put(profile.database() + QStringLiteral("-wal"), log));
        auto again = profile.open();
        QVERIFY(!again);
        QCOMPARE(again.error().code, QByteArray("database_damaged"));
        QCOMPARE(bytesOf(profile.database() + QStringLiteral("-wal")), log);
    }

    void aDamagedDatabaseCanBeSetAside()
    {
        const Profile profile;
        VERIFY_RESULT(fill(profile, 3));
        const QByteArray ruins = QByteArray("ruins").repeated(1000);
        QVERIFY(put(profile.database(), ruins));
        QVERIFY(!profile.open());
        auto aside = setDatabaseAside(profile.path());
        VERIFY_RESULT(aside);
        QCOMPARE(bytesOf(*aside), ruins);
        auto store = profile.open();
        VERIFY_RESULT(store);
        QCOMPARE(countSettings(**store).value_or(-1), 0);
        auto inUse = setDatabaseAside(profile.path());
        QVERIFY(!inUse);
        QCOMPARE(inUse.error().code, QByteArray("profile_in_use"));
    }

    void whatAKilledProcessLeftIsRead()
    {
        const Profile profile;
        auto store = profile.open();
        VERIFY_RESULT(store);
        VERIFY_RESULT((*store)->writeNow([](Database &db) { return setSetting(db, "paid", "1"); }));
        const QByteArray file = bytesOf(profile.database());
        const QByteArray log = bytesOf(profile.database() + QStringLiteral("-wal"));
        store->reset();
        QVERIFY(put(profile.database(), file));
        QVERIFY(put(profile.database() + QStringLiteral("-wal"), log));
        auto again = profile.open();
        VERIFY_RESULT(again);
        QCOMPARE(countSettings(**again).value_or(-1), 1);
    }

    void migrationsRunOnceAndInOneTransaction()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("m.db"));
        QVERIFY(put(path, {}));
        auto db = Database::open(path, Database::Mode::ReadWrite, 100);
        VERIFY_RESULT(db);
        static constexpr auto one = [](Database &d) -> Result<void> {
            Result<void> done;
            tableOne(d, done);
            return done;
        };
        static constexpr auto two = [](Database &d) -> Result<void> {
            return d.script("ALTER TABLE one ADD COLUMN y INTEGER;;");
        };
        static constexpr auto broken = [](Database &d) -> Result<void> {
            if (auto done = d.script("CREATE TABLE half(x INTEGER);;"); !done)
                return done;
            return d.script("CREATE TABLE one(x INTEGER);;"); // exists
        };
        const Migration first[] = {{1, one}};
        const Migration both[] = {{1, one}, {2, two}};
        const Migration bad[] = {{1, one}, {2, two}, {3, broken}};
        VERIFY_RESULT(migrate(**db, first));
        QCOMPARE(schemaVersion(**db).value_or(-1), 1);
        VERIFY_RESULT(migrate(**db, both));
        QCOMPARE(schemaVersion(**db).value_or(-1), 2);
        VERIFY_RESULT(migrate(**db, both)); // again: nothing to do
        QVERIFY(!migrate(**db, bad));
        QCOMPARE(schemaVersion(**db).value_or(-1), 2);
        auto half = (*db)->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'half'");
        VERIFY_RESULT(half);
        QCOMPARE(half->value_or(-1), 0);
    }
};

QTEST_GUILESS_MAIN(TestStoreOpen)
#include "test_store_open.moc"
