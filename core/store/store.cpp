// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/store.h"

#include "core/base/clock.h"
#include "core/store/logging.h"
#include "core/store/profile.h"
#include "core/store/readers.h"
#include "core/store/schema.h"
#include "core/store/writer.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <condition_variable>
#include <mutex>

namespace tollgate::store {
namespace {

// A file of this size is read completely within the time a start may take; a larger one is checked
// in the background after an unclean end.
constexpr qint64 checkedAtStart = 64 * 1024 * 1024;

QString markerFile(const QString &profile)
{
    return QDir(profile).filePath(QStringLiteral("profile"));
}

// Present since the profile's database was first made: tells a lost database from a new profile.
Result<void> leaveMarker(const QString &profile)
{
    QFile marker(markerFile(profile));
    if (marker.exists())
        return {};
    if (!marker.open(QIODevice::WriteOnly)
        || marker.write("Tollgate profile. Keep with tollgate.db.\n") < 0)
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The profile folder cannot be written; check its permissions "
                                      "and free space."),
                       "profile_unusable");
    return {};
}

Result<void> makeFile(const QString &path)
{
    QFile file(path);
    if (file.exists())
        return {};
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The profile folder cannot be written; check its permissions "
                                      "and free space."),
                       "profile_unusable");
    return {};
}

Result<void> applyPragmas(Database &db, Durability durability)
{
    if (auto done = db.run("PRAGMA auto_vacuum=INCREMENTAL"); !done) // before the first table
        return failure(done.error());
    if (auto done = db.run("PRAGMA journal_mode=WAL"); !done)
        return failure(done.error());
    auto synchronous = durability == Durability::Strict ? db.run("PRAGMA synchronous=FULL")
                                                        : db.run("PRAGMA synchronous=NORMAL");
    if (!synchronous)
        return failure(synchronous.error());
    // 4 MiB: what is written is appended nearly everywhere.
    if (auto done = db.run("PRAGMA cache_size=-4096"); !done)
        return failure(done.error());
    if (auto done = db.run("PRAGMA temp_store=MEMORY"); !done)
        return failure(done.error());
    if (auto done = db.run("PRAGMA journal_size_limit=67108864"); !done)
        return failure(done.error());
    // A log that is never idle is never quite copied and so cannot begin anew: at this length the
    // writer copies what is left of it.
    if (auto done = db.run("PRAGMA wal_autocheckpoint=16000"); !done)
        return failure(done.error());
    return {};
}

// An older file is copied before it is changed.
Result<void> keepOldVersion(Database &db, const QString &path)
{
    auto version = schemaVersion(db);
    if (!version)
        return failure(version.error());
    if (*version == 0 || *version == newestSchema())
        return {};
    const QString copy = QStringLiteral("%1.v%2").arg(path).arg(*version);
    if (QFile::exists(copy))
        return {};
    if (auto done = makeFile(copy); !done)
        return done;
    auto copied = db.run("VACUUM INTO ?", copy);
    if (!copied) {
        QFile::remove(copy);
        return failure(copied.error());
    }
    return {};
}

Result<std::unique_ptr<Database>> openWriter(const QString &path, const Options &options)
{
    auto db = Database::open(path, Database::Mode::ReadWrite, options.busyTimeoutMs);
    if (!db)
        return db;
    if (auto done = applyPragmas(**db, options.durability); !done)
        return failure(done.error());
    if (auto done = keepOldVersion(**db, path); !done)
        return failure(done.error());
    auto version = schemaVersion(**db);
    if (!version)
        return failure(version.error());
    if (*version < newestSchema()) {
        if (auto done = migrate(**db, migrations()); !done)
            return failure(done.error());
    }
    return db;
}

} // namespace

class Store::Private
{
public:
    Options options;
    QString path;
    std::unique_ptr<ProfileLock> lock;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Readers> readers;
};

Store::Store(std::unique_ptr<Private> p)
    : d(std::move(p))
{
}

Store::~Store()
{
    d->readers.reset();
    d->writer.reset();
}

Result<std::unique_ptr<Store>> Store::open(const Options &options)
{
    if (auto done = prepareProfile(options.profile); !done)
        return failure(done.error());
    auto lock = ProfileLock::take(options.profile);
    if (!lock)
        return failure(lock.error());
    const QString path = databaseFile(options.profile);
    // A log that was not emptied means that the last run did not end in good order.
    const bool unclean = QFileInfo(path + QStringLiteral("-wal")).size() > 0;
    const bool small = QFileInfo(path).size() <= checkedAtStart;
    auto state = inspectDatabase(path, small);
    if (!state)
        return failure(state.error());
    if (*state == FileState::Missing) {
        const bool known = QFile::exists(markerFile(options.profile))
            || QFileInfo(path + QStringLiteral("-wal")).size() > 0;
        if (known && !options.allowNew)
            return failure(ErrorKind::Unavailable,
                           QStringLiteral("The database of this profile is gone. Restore a backup, "
                                          "or say that you want to start afresh."),
                           "database_missing");
        if (auto made = makeFile(path); !made)
            return failure(made.error());
    }
    auto p = std::make_unique<Private>();
    p->options = options;
    p->path = path;
    p->lock = std::move(*lock);
    p->writer = std::make_unique<Writer>([path, options] { return openWriter(path, options); },
                                         [path, options] {
                                             return Database::open(path, Database::Mode::ReadWrite,
                                                                   options.busyTimeoutMs);
                                         });
    if (auto started = p->writer->start(); !started)
        return failure(started.error());
    if (auto marked = leaveMarker(options.profile); !marked)
        return failure(marked.error());
    p->readers
        = std::make_unique<Readers>(path, std::max(1, options.readers), options.busyTimeoutMs,
                                    [w = p->writer.get()] { w->noteDamage(); });
    std::unique_ptr<Store> store(new Store(std::move(p)));
    if (unclean && !small)
        store->d->readers->enqueue(
            makeJob([](Database &db) -> Result<bool> { return checkWhole(db); }, nullptr,
                    [w = store->d->writer.get()](const Result<bool> &whole) {
                        if (whole && !*whole)
                            w->noteDamage();
                    }),
            {});
    return store;
}

void Store::enqueue(std::unique_ptr<Job> job, Keep keep)
{
    d->writer->enqueue(std::move(job), keep == Keep::Yes);
}

void Store::enqueueRead(std::unique_ptr<Job> job, Cancellation cancellation)
{
    d->readers->enqueue(std::move(job), std::move(cancellation));
}

void Store::enqueueAndWait(std::unique_ptr<Job> job, bool read)
{
    // The job tells its own end: wrapped, so that nobody else needs to know about waiting.
    struct Waiter final : Job
    {
        Waiter(std::unique_ptr<Job> inner, std::mutex &m, std::condition_variable &c, bool &f)
            : Job(nullptr)
            , job(std::move(inner))
            , mutex(m)
            , done(c)
            , finished(f)
        {
        }
        bool run(Database &database) override { return job->run(database); }
        void fail(const Error &error) override { job->fail(error); }
        [[nodiscard]] const Error *error() const override { return job->error(); }
        std::function<void()> answerNow(const Error &error) override
        {
            return job->answerNow(error);
        }
        void deliver() override
        {
            job->deliver();
            const std::lock_guard guard(mutex);
            finished = true;
            done.notify_all();
        }
        std::unique_ptr<Job> job;
        std::mutex &mutex;
        std::condition_variable &done;
        bool &finished;
    };
    std::mutex mutex;
    std::condition_variable done;
    bool finished = false;
    auto waiter = std::make_unique<Waiter>(std::move(job), mutex, done, finished);
    if (read)
        d->readers->enqueue(std::move(waiter), {});
    else
        d->writer->enqueue(std::move(waiter), false);
    std::unique_lock guard(mutex);
    done.wait(guard, [&] { return finished; });
}

void Store::drain()
{
    d->writer->drain();
    d->readers->drain();
}

Health Store::health() const
{
    return d->writer->health();
}

const QString &Store::profile() const
{
    return d->options.profile;
}

QString Store::databasePath() const
{
    return d->path;
}

Result<QString> setDatabaseAside(const QString &profile)
{
    auto lock = ProfileLock::take(profile);
    if (!lock)
        return failure(lock.error());
    const QString path = databaseFile(profile);
    const QString stamp
        = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss"));
    QString aside = QStringLiteral("%1.aside-%2").arg(path, stamp);
    for (int n = 2; QFile::exists(aside); ++n)
        aside = QStringLiteral("%1.aside-%2-%3").arg(path, stamp).arg(n);
    if (!QFile::rename(path, aside))
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The database file could not be renamed; check the "
                                      "permissions of the profile folder."),
                       "profile_unusable");
    // The log belongs to the file; the shared memory is only an index into the log.
    const QString log = path + QStringLiteral("-wal");
    if (QFile::exists(log) && !QFile::rename(log, aside + QStringLiteral("-wal")))
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The database's log could not be renamed; check the "
                                      "permissions of the profile folder."),
                       "profile_unusable");
    QFile::remove(path + QStringLiteral("-shm"));
    QFile::remove(markerFile(profile));
    return aside;
}

} // namespace tollgate::store
