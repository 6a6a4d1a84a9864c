// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/profile.h"

#include "core/base/clock.h"
#include "core/store/database.h"
#include "core/store/schema.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QtEndian>

#if defined(Q_OS_UNIX)
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#else
#include <QLockFile>
#endif

namespace tollgate::store {
namespace {

constexpr int checkTimeoutMs = 2500;

Error unusable(const QString &profile)
{
    return {ErrorKind::Unavailable,
            QStringLiteral("The profile folder %1 cannot be written; check that it exists, belongs "
                           "to you and is not read-only.")
                .arg(QDir::toNativeSeparators(profile)),
            "profile_unusable",
            -1,
            {},
            {}};
}

Error inUse(std::int64_t pid)
{
    const QString who = pid > 0 ? QStringLiteral(" (process %1)").arg(pid) : QString();
    return {ErrorKind::Conflict,
            QStringLiteral("Another Tollgate%1 is using this profile; stop it, or choose another "
                           "profile.")
                .arg(who),
            "profile_in_use",
            -1,
            {},
            {}};
}

Error damaged()
{
    return {ErrorKind::Unavailable,
            QStringLiteral("The database of this profile is damaged. It was left as it is; restore "
                           "a backup, or set it aside and start afresh."),
            "database_damaged",
            -1,
            {},
            {}};
}

// https://www.sqlite.org/fileformat2.html#the_database_header
constexpr char magic[] = "SQLite format 3"; // with its final NUL: 16 bytes

// https://www.sqlite.org/fileformat2.html#wal_file_format: the header's first 24 bytes have a
// checksum; SQLite takes a log with a bad header for an empty one and would lose what it holds.
bool isLogHeaderSound(const QByteArray &header)
{
    const auto word = [&](int index, bool bigEndian) {
        const char *at = header.constData() + 4 * index;
        return bigEndian ? qFromBigEndian<quint32>(at) : qFromLittleEndian<quint32>(at);
    };
    const quint32 kind = word(0, true);
    if (kind != 0x377f0682 && kind != 0x377f0683)
        return false;
    const bool bigEndian = kind == 0x377f0683;
    quint32 first = 0;
    quint32 second = 0;
    for (int i = 0; i < 6; i += 2) {
        first += word(i, bigEndian) + second;
        second += word(i + 1, bigEndian) + first;
    }
    return first == word(6, true) && second == word(7, true);
}

Result<void> inspectLog(const QString &path)
{
    constexpr qint64 headerSize = 32;
    QFile log(path + QStringLiteral("-wal"));
    if (log.size() <= headerSize)
        return {};
    if (!log.open(QIODevice::ReadOnly))
        return failure(unusable(QFileInfo(path).path()));
    if (!isLogHeaderSound(log.read(headerSize)))
        return failure(damaged());
    return {};
}

// A start that was cut off while the file went over to write-ahead logging leaves a rollback
// journal, which a connection that only reads may not play back. Played back is only what is ours,
// or has no tables yet.
Result<void> playBackJournal(const QString &path, const QByteArray &header)
{
    if (QFileInfo(path + QStringLiteral("-journal")).size() == 0)
        return {};
    constexpr qsizetype schemaCookieAt = 40;
    constexpr qsizetype applicationIdAt = 68;
    const bool empty = qFromBigEndian<qint32>(header.constData() + schemaCookieAt) == 0;
    const bool ours = qFromBigEndian<qint32>(header.constData() + applicationIdAt) == applicationId;
    if (!empty && !ours)
        return {};
    auto db = Database::open(path, Database::Mode::ReadWrite, checkTimeoutMs);
    if (!db)
        return failure(db.error());
    auto version = schemaVersion(**db); // reading is what makes SQLite look for the journal
    return version ? Result<void>() : failure(version.error());
}

Result<void> inspectPages(Database &db)
{
    QString verdict;
    auto checked
        = db.each("PRAGMA quick_check(1)", [&](const Row &row) { verdict = row.string(0); });
    if (!checked)
        return checked;
    if (verdict != QLatin1String("ok"))
        return failure(damaged());
    return {};
}

Result<void> inspectSchema(Database &db)
{
    auto id = db.integer("PRAGMA application_id");
    if (!id)
        return failure(id.error());
    auto version = schemaVersion(db);
    if (!version)
        return failure(version.error());
    auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
    if (!tables)
        return failure(tables.error());
    const bool empty = tables->value_or(0) == 0 && *version == 0;
    if (id->value_or(0) != applicationId && !empty)
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The database file of this profile belongs to another "
                                      "program. It was left as it is."),
                       "foreign_database");
    if (*version > newestSchema())
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The database of this profile was made by a newer Tollgate. "
                                      "Update this one; the file was left as it is."),
                       "newer_schema");
    return {};
}

} // namespace

#if defined(Q_OS_UNIX)

struct ProfileLock::Handle
{
    int descriptor = -1;
    ~Handle()
    {
        if (descriptor >= 0)
            ::close(descriptor);
    }
};

Result<std::unique_ptr<ProfileLock>> ProfileLock::take(const QString &profile)
{
    auto handle = std::make_unique<Handle>();
    const QByteArray path = QFile::encodeName(QDir(profile).filePath(QStringLiteral("lock")));
    handle->descriptor = ::open(path.constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (handle->descriptor < 0)
        return failure(unusable(profile));
    if (::flock(handle->descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failure(unusable(profile));
        char text[64] = {};
        const auto size = ::pread(handle->descriptor, text, sizeof text - 1, 0);
        const QByteArray owner(text, size > 0 ? qsizetype(size) : 0);
        return failure(inUse(owner.left(owner.indexOf(' ')).toLongLong()));
    }
    const QByteArray owner = QByteArray::number(qlonglong(QCoreApplication::applicationPid())) + ' '
        + QByteArray::number(qlonglong(Clock::system().wallUs())) + '\n';
    if (::ftruncate(handle->descriptor, 0) != 0
        || ::pwrite(handle->descriptor, owner.constData(), std::size_t(owner.size()), 0)
            != owner.size()) {
        // The lock holds all the same; a full disk is for the database to report.
    }
    return std::unique_ptr<ProfileLock>(new ProfileLock(std::move(handle)));
}

#else

struct ProfileLock::Handle
{
    explicit Handle(const QString &path)
        : file(path)
    {
    }
    QLockFile file;
};

Result<std::unique_ptr<ProfileLock>> ProfileLock::take(const QString &profile)
{
    auto handle = std::make_unique<Handle>(QDir(profile).filePath(QStringLiteral("lock")));
    handle->file.setStaleLockTime(0); // only a dead process loses its lock
    if (!handle->file.tryLock(0)) {
        if (handle->file.error() != QLockFile::LockFailedError)
            return failure(unusable(profile));
        qint64 pid = 0;
        QString host;
        QString program;
        handle->file.getLockInfo(&pid, &host, &program);
        return failure(inUse(pid));
    }
    return std::unique_ptr<ProfileLock>(new ProfileLock(std::move(handle)));
}

#endif

ProfileLock::ProfileLock(std::unique_ptr<Handle> handle)
    : m_handle(std::move(handle))
{
}
ProfileLock::~ProfileLock() = default;

QString databaseFile(const QString &profile)
{
    return QDir(profile).filePath(QStringLiteral("tollgate.db"));
}

Result<void> prepareProfile(const QString &profile)
{
    const QFileInfo folder(profile);
    if (folder.isDir())
        return {};
    if (folder.exists() || !QDir().mkpath(profile))
        return failure(unusable(profile));
    if (!QFile::setPermissions(profile, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        return failure(unusable(profile));
    return {};
}

Result<FileState> inspectDatabase(const QString &path, bool thorough)
{
    QFile file(path);
    if (!file.exists() || file.size() == 0)
        return FileState::Missing;
    if (!file.open(QIODevice::ReadOnly))
        return failure(unusable(QFileInfo(path).path()));
    constexpr qint64 headerSize = 100;
    const QByteArray header = file.read(headerSize);
    if (!header.startsWith(QByteArrayView(magic, sizeof magic)))
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The database file of this profile is not a database. It was "
                                      "left as it is; restore a backup, or set it aside."),
                       "not_a_database");
    file.close();
    if (header.size() == headerSize) {
        if (auto played = playBackJournal(path, header); !played)
            return failure(played.error());
        if (file.size() == 0)
            return FileState::Missing;
    }
    if (auto log = inspectLog(path); !log)
        return failure(log.error());
    auto db = Database::open(path, Database::Mode::ReadOnly, checkTimeoutMs);
    if (!db)
        return failure(db.error());
    if (auto schema = inspectSchema(**db); !schema)
        return failure(schema.error().code == "not_a_database" ? damaged() : schema.error());
    if (thorough) {
        if (auto pages = inspectPages(**db); !pages)
            return failure(pages.error());
    }
    return FileState::Usable;
}

} // namespace tollgate::store
