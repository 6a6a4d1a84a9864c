// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"

#include "core/store/logging.h"
#include "core/store/rollups.h"
#include "core/store/walbatch.h"

#include <QFileInfo>
#include <QSqlError>
#include <QSqlRecord>
#include <QSqlResult>
#include <QUrl>

namespace tollgate::store {

Q_LOGGING_CATEGORY(lcStore, "tollgate.store", QtInfoMsg)

namespace {

// Primary result codes of SQLite, https://www.sqlite.org/rescode.html; the driver reports extended
// ones, whose low byte is the primary.
enum SqliteCode {
    Busy = 5,
    Locked = 6,
    OutOfMemory = 7,
    ReadOnlyFile = 8,
    Interrupted = 9,
    InputOutput = 10,
    Corrupt = 11,
    Full = 13,
    CannotOpen = 14,
    Protocol = 15,
    Constraint = 19,
    NotADatabase = 26,
};

struct Meaning
{
    int code;
    const char *word;
    const char *sentence;
};

// What of the machine's troubles the user is told.
constexpr Meaning meanings[] = {
    {Busy, "database_locked", "Another program holds the database locked; close it and try again."},
    {Locked, "database_locked",
     "Another program holds the database locked; close it and try again."},
    {Protocol, "database_locked",
     "Another program holds the database locked; close it and try again."},
    {Full, "disk_full", "The disk that holds the database is full; free some space."},
    {ReadOnlyFile, "read_only",
     "The database may only be read, not written; check its permissions."},
    {CannotOpen, "io_error",
     "The database cannot be opened; check that its folder may be written."},
    {InputOutput, "io_error",
     "The disk reported an error while the database was read or written; check the disk."},
    {OutOfMemory, "out_of_memory", "There is not enough memory for the database."},
    {Corrupt, "database_damaged", "The database is damaged; restore a backup."},
    {NotADatabase, "not_a_database", "The file is not a database of this program."},
};

Error errorOf(int code)
{
    Error result;
    for (const Meaning &meaning : meanings) {
        if (meaning.code == code) {
            result.kind = ErrorKind::Unavailable;
            result.code = meaning.word;
            result.message = QString::fromLatin1(meaning.sentence);
            return result;
        }
    }
    if (code == Constraint) {
        result.kind = ErrorKind::Conflict;
        result.code = "constraint";
        result.message = QStringLiteral("That would contradict what is stored already.");
        return result;
    }
    result.kind = ErrorKind::Internal;
    result.code = "database_error";
    result.message = QStringLiteral("The database refused an operation; the log says which.");
    return result;
}

Error errorOf(const QSqlError &error)
{
    return errorOf(error.nativeErrorCode().toInt() & 0xff);
}

// QSqlResult keeps the bound values for its drivers; a pointer to member is how another may ask.
// Its signature changed in Qt 6.6.
template <class Base> struct Values : Base
{
    static QVariantList *of(const Base *result)
    {
        if constexpr (requires {
                          static_cast<QVariantList &(Base::*)() const>(&Values::boundValues);
                      })
            return &(result->*static_cast<QVariantList &(Base::*)() const>(&Values::boundValues))();
        else if constexpr (requires {
                               static_cast<QVariantList &(Base::*)(Qt::Disambiguated_t)>(
                                   &Values::boundValues);
                           })
            return &(const_cast<Base *>(result)
                         ->*static_cast<QVariantList &(Base::*)(Qt::Disambiguated_t)>(
                             &Values::boundValues))(Qt::Disambiguated);
        else
            return nullptr;
    }
};

QString connectOptions(Database::Mode mode, int busyTimeoutMs)
{
    QString options = QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(busyTimeoutMs);
    if (mode == Database::Mode::ReadOnly)
        options += QStringLiteral(";QSQLITE_OPEN_READONLY");
    return options;
}

// For the one connection that writes: false where Qt's SQLite has no such file system.
bool openBatched(QSqlDatabase &connection, const QString &path, const QString &options)
{
    const char *vfs = walBatchVfs();
    if (vfs == nullptr)
        return false;
    connection.setConnectOptions(options + QStringLiteral(";QSQLITE_OPEN_URI"));
    const QUrl file = QUrl::fromLocalFile(QFileInfo(path).absoluteFilePath());
    connection.setDatabaseName(QString::fromLatin1(file.toEncoded(QUrl::FullyEncoded))
                               + QStringLiteral("?vfs=") + QLatin1String(vfs));
    return connection.open();
}

} // namespace

int Row::count() const
{
    return m_query.record().count();
}

QByteArray Row::name(int column) const
{
    return m_query.record().fieldName(column).toUtf8();
}

Database::Database()
    : m_rollups(std::make_unique<RollupBuffer>())
{
}

Database::~Database()
{
    m_prepared.clear();
    m_direct.reset();
    if (m_connection.isValid()) {
        m_connection.close();
        m_connection = QSqlDatabase();
        QSqlDatabase::removeDatabase(m_name);
    }
}

Result<std::unique_ptr<Database>> Database::open(const QString &path, Mode mode, int busyTimeoutMs)
{
    static std::atomic<std::uint64_t> serial = 0;
    std::unique_ptr<Database> db(new Database);
    db->m_name = QStringLiteral("tollgate-%1").arg(++serial);
    db->m_connection = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), db->m_name);
    const QString options = connectOptions(mode, busyTimeoutMs);
    const bool batched = mode == Mode::ReadWrite && openBatched(db->m_connection, path, options);
    if (!batched) {
        db->m_connection.setConnectOptions(options);
        db->m_connection.setDatabaseName(path);
    }
    if (!db->m_connection.isOpen() && !db->m_connection.open()) {
        const Error error = errorOf(db->m_connection.lastError());
        if (!db->m_connection.isValid())
            return failure(ErrorKind::Internal,
                           QStringLiteral("The SQLite driver of Qt is not installed."),
                           "no_driver");
        return failure(error);
    }
    if (batched)
        db->m_direct = DirectStatements::over(db->m_connection);
    auto foreignKeys = db->run("PRAGMA foreign_keys=ON");
    if (!foreignKeys)
        return failure(foreignKeys.error());
    // Else INSERT OR REPLACE would delete without the triggers that keep what is only added to.
    auto triggers = db->run("PRAGMA recursive_triggers=ON");
    if (!triggers)
        return failure(triggers.error());
    return db;
}

std::int64_t Database::lastInsertId() const
{
    if (m_direct)
        return m_direct->lastInsertId();
    return m_lastRun != nullptr ? m_lastRun->lastInsertId().toLongLong() : 0;
}

QVariantList *Database::boundBefore(const QSqlQuery &query, std::size_t count)
{
    QVariantList *values = Values<QSqlResult>::of(query.result());
    return values != nullptr && count > 0 && std::size_t(values->size()) == count ? values
                                                                                  : nullptr;
}

QSqlQuery *Database::prepared(Sql sql)
{
    auto &slot = m_prepared[sql.text()];
    if (!slot) {
        auto query = std::make_unique<QSqlQuery>(m_connection);
        query->setForwardOnly(true);
        if (!query->prepare(sql.string())) {
            noteError(*query);
            return nullptr;
        }
        slot = std::move(query);
    }
    return slot.get();
}

bool Database::prepareComposed(QSqlQuery &query, const QString &sql, const QVariantList &values)
{
    query.setForwardOnly(true);
    if (!query.prepare(sql)) {
        noteError(query);
        return false;
    }
    for (const QVariant &value : values)
        query.addBindValue(value);
    return true;
}

Result<std::int64_t> Database::executeDirect(sqlite3_stmt *statement)
{
    std::int64_t changed = 0;
    if (const int code = m_direct->execute(statement, changed); code != 0)
        return directFailure(code);
    m_dirty = m_dirty || changed > 0;
    return changed;
}

tl::unexpected<Error> Database::directFailure(int code)
{
    m_error = errorOf(code);
    m_broken = m_broken || m_error.kind == ErrorKind::Unavailable;
    if (m_error.kind != ErrorKind::Conflict)
        qCWarning(lcStore) << "statement failed:" << code << m_direct->errorText();
    return failure(m_error);
}

Result<std::int64_t> Database::execute(QSqlQuery &query)
{
    if (!query.exec()) {
        noteError(query);
        return failure(m_error);
    }
    if (query.isSelect()) { // a pragma that answers
        query.finish();
        return 0;
    }
    m_lastRun = &query;
    const std::int64_t changed = query.numRowsAffected();
    m_dirty = m_dirty || changed > 0;
    return changed;
}

bool Database::start(QSqlQuery &query)
{
    if (m_cancellation && m_cancellation->load(std::memory_order_relaxed)) {
        m_error = Error{ErrorKind::ClientGone,
                        QStringLiteral("Nobody waits for this any more."),
                        "cancelled",
                        -1,
                        {},
                        {}};
        return false;
    }
    if (!query.exec()) {
        noteError(query);
        return false;
    }
    return true;
}

bool Database::proceed(QSqlQuery &query)
{
    if (m_cancellation && m_cancellation->load(std::memory_order_relaxed))
        return false;
    return query.next();
}

Result<void> Database::finish(QSqlQuery &query, bool early)
{
    const QSqlError error = query.lastError();
    query.finish();
    if (!early && m_cancellation && m_cancellation->load(std::memory_order_relaxed))
        return failure(ErrorKind::ClientGone, QStringLiteral("Nobody waits for this any more."),
                       "cancelled");
    if (error.isValid()) {
        m_error = errorOf(error);
        m_broken = m_broken || m_error.kind == ErrorKind::Unavailable;
        qCWarning(lcStore) << "query failed:" << error.nativeErrorCode() << error.databaseText();
        return failure(m_error);
    }
    return {};
}

void Database::noteError(const QSqlQuery &query)
{
    const QSqlError error = query.lastError();
    m_error = errorOf(error);
    m_broken = m_broken || m_error.kind == ErrorKind::Unavailable;
    if (m_error.kind != ErrorKind::Conflict)
        qCWarning(lcStore) << "statement failed:" << error.nativeErrorCode() << error.databaseText()
                           << error.driverText();
}

Result<void> Database::script(QByteArrayView statements)
{
    qsizetype from = 0;
    while (from < statements.size()) {
        qsizetype to = statements.indexOf(";;", from);
        if (to < 0)
            to = statements.size();
        const QString statement = QString::fromUtf8(statements.sliced(from, to - from)).trimmed();
        from = to + 2;
        if (statement.isEmpty())
            continue;
        auto done = eachComposed(statement, {}, [](const Row &) {});
        if (!done)
            return done;
    }
    return {};
}

} // namespace tollgate::store
