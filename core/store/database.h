// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to the database, used by one thread: statements are prepared once and kept, values
// are only ever bound, errors come back as values. Repositories (channels.h, tokens.h …) are plain
// functions over it; no SQL stands outside this folder.
#pragma once

#include "core/base/money.h"
#include "core/base/result.h"
#include "core/store/directstatements.h"

#include <QByteArray>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <unordered_map>

namespace tollgate::store {

class RollupBuffer;

// The text of a statement: a literal, so that no value can find its way into it.
class Sql
{
public:
    template <std::size_t N>
    consteval Sql(const char (&literal)[N])
        : m_text(literal)
        , m_size(N - 1)
    {
    }
    [[nodiscard]] const char *text() const { return m_text; }
    [[nodiscard]] int size() const { return int(m_size); }
    [[nodiscard]] QString string() const { return QString::fromUtf8(m_text, qsizetype(m_size)); }

private:
    const char *m_text;
    std::size_t m_size;
};

// Bytes that are not text (digests, compressed data). A plain QByteArray is bound as UTF-8 text.
struct Blob
{
    QByteArray bytes;
};

[[nodiscard]] inline QVariant toVariant(std::int64_t value)
{
    return QVariant(qlonglong(value));
}
[[nodiscard]] inline QVariant toVariant(int value)
{
    return QVariant(value);
}
[[nodiscard]] inline QVariant toVariant(std::uint32_t value)
{
    return QVariant(qlonglong(value));
}
[[nodiscard]] inline QVariant toVariant(bool value)
{
    return QVariant(value ? 1 : 0);
}
[[nodiscard]] inline QVariant toVariant(NanoUsd value)
{
    return QVariant(qlonglong(value.value));
}
[[nodiscard]] inline QVariant toVariant(const QString &value)
{
    return QVariant(value.isNull() ? QLatin1String("") : value); // a null QString would bind NULL
}
[[nodiscard]] inline QVariant toVariant(const QByteArray &utf8)
{
    return utf8.isEmpty() ? QVariant(QLatin1String("")) : QVariant(QString::fromUtf8(utf8));
}
[[nodiscard]] inline QVariant toVariant(const Blob &value)
{
    return QVariant(value.bytes);
}
[[nodiscard]] inline QVariant toVariant(std::nullptr_t)
{
    return QVariant();
}
[[nodiscard]] inline QVariant toVariant(const QVariant &value)
{
    return value;
}
template <class T> [[nodiscard]] QVariant toVariant(const std::optional<T> &value)
{
    return value ? toVariant(*value) : QVariant();
}

// What is bound without a QVariant in between, to the same effect as toVariant().
template <class T>
inline constexpr bool isDirect = std::is_integral_v<T> || std::is_same_v<T, NanoUsd>
    || std::is_same_v<T, QByteArray> || std::is_same_v<T, QString> || std::is_same_v<T, Blob>;
template <class T> inline constexpr bool isDirect<std::optional<T>> = isDirect<T>;

// The current row of a running query.
class Row
{
public:
    explicit Row(const QSqlQuery &query)
        : m_query(query)
    {
    }
    [[nodiscard]] std::int64_t integer(int column) const
    {
        return m_query.value(column).toLongLong();
    }
    [[nodiscard]] int number(int column) const { return m_query.value(column).toInt(); }
    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
    [[nodiscard]] QString string(int column) const { return m_query.value(column).toString(); }
    [[nodiscard]] QByteArray text(int column) const
    {
        return m_query.value(column).toString().toUtf8();
    }
    [[nodiscard]] QByteArray blob(int column) const { return m_query.value(column).toByteArray(); }
    [[nodiscard]] NanoUsd nano(int column) const { return NanoUsd{integer(column)}; }
    [[nodiscard]] bool isNull(int column) const { return m_query.isNull(column); }
    [[nodiscard]] QVariant value(int column) const { return m_query.value(column); }
    [[nodiscard]] int count() const;
    [[nodiscard]] QByteArray name(int column) const;

private:
    const QSqlQuery &m_query;
};

// Set from any thread; a running read ends at its next row with ClientGone.
using Cancellation = std::shared_ptr<std::atomic<bool>>;

class Database
{
public:
    enum class Mode { ReadWrite, ReadOnly };

    // Opens `path` in the calling thread, which alone may use the result. The file must exist.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const QString &path, Mode mode,
                                                                int busyTimeoutMs);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    // Executes a statement that returns no rows; the result is how many rows it changed.
    template <class... Args> [[nodiscard]] Result<std::int64_t> run(Sql sql, const Args &...args)
    {
        if constexpr ((isDirect<Args> && ...)) {
            if (m_direct) {
                sqlite3_stmt *statement = m_direct->prepared(sql.text(), sql.size());
                if (statement == nullptr)
                    return directFailure(m_direct->errorCode());
                [[maybe_unused]] int position = 0;
                (bindDirect(statement, ++position, args), ...);
                return executeDirect(statement);
            }
        }
        QSqlQuery *query = prepared(sql);
        if (query == nullptr)
            return failure(m_error);
        bind(*query, args...);
        return execute(*query);
    }

    // Calls `visit(const Row &)` for every row. A visitor that returns bool ends early with false.
    template <class Visit, class... Args>
    [[nodiscard]] Result<void> each(Sql sql, Visit &&visit, const Args &...args)
    {
        QSqlQuery *query = prepared(sql);
        if (query == nullptr)
            return failure(m_error);
        bind(*query, args...);
        return visitAll(*query, std::forward<Visit>(visit));
    }

    // The first column of the first row, if there is a row and it is not NULL.
    template <class... Args>
    [[nodiscard]] Result<std::optional<std::int64_t>> integer(Sql sql, const Args &...args)
    {
        std::optional<std::int64_t> value;
        auto done = each(
            sql,
            [&value](const Row &row) {
                if (!row.isNull(0))
                    value = row.integer(0);
                return false;
            },
            args...);
        if (!done)
            return failure(done.error());
        return value;
    }

    // The id that the last INSERT of this connection was given.
    [[nodiscard]] std::int64_t lastInsertId() const;

    // For the repositories' own dynamic filters: `sql` is put together from constant pieces.
    template <class Visit>
    [[nodiscard]] Result<void> eachComposed(const QString &sql, const QVariantList &values,
                                            Visit &&visit)
    {
        QSqlQuery query(m_connection);
        if (!prepareComposed(query, sql, values))
            return failure(m_error);
        return visitAll(query, std::forward<Visit>(visit));
    }
    // Statements without parameters, each ended by ";;" (a trigger holds single semicolons).
    [[nodiscard]] Result<void> script(QByteArrayView statements);

    void setCancellation(Cancellation cancellation) { m_cancellation = std::move(cancellation); }

    // Changes whenever somebody changed a budget or a group was taken back: what the ledger
    // remembers of rows is then out of date.
    [[nodiscard]] std::uint64_t epoch() const { return m_epoch; }
    void nextEpoch() { ++m_epoch; }

    [[nodiscard]] RollupBuffer &rollups() { return *m_rollups; }

    // Whether anything was written since clearDirty(): a failed operation that wrote must be
    // undone.
    [[nodiscard]] bool isDirty() const { return m_dirty; }
    void clearDirty() { m_dirty = false; }
    // A failure was the disk's or the lock's, not the statement's: nothing can be written now.
    [[nodiscard]] bool isBroken() const { return m_broken; }
    void clearBroken() { m_broken = false; }
    [[nodiscard]] const Error &lastError() const { return m_error; }

private:
    Database();

    QSqlQuery *prepared(Sql sql);
    bool prepareComposed(QSqlQuery &query, const QString &sql, const QVariantList &values);
    // Where the values of a statement stand that was bound before. QSqlQuery::bindValue() looks
    // every position up under a name that it composes anew: a third of the time of a settlement.
    // nullptr: not bound before, or this Qt does not say.
    [[nodiscard]] static QVariantList *boundBefore(const QSqlQuery &query, std::size_t count);
    template <class... Args> static void bind(QSqlQuery &query, const Args &...args)
    {
        if (QVariantList *places = boundBefore(query, sizeof...(args)); places != nullptr) {
            QVariant *place = places->data();
            ((*place++ = toVariant(args)), ...);
            return;
        }
        int position = 0;
        (query.bindValue(position++, toVariant(args)), ...);
    }
    template <class T> static void bindDirect(sqlite3_stmt *statement, int position, const T &value)
    {
        if constexpr (std::is_integral_v<T>)
            DirectStatements::bind(statement, position, std::int64_t(value));
        else if constexpr (std::is_same_v<T, NanoUsd>)
            DirectStatements::bind(statement, position, value.value);
        else if constexpr (std::is_same_v<T, Blob>)
            DirectStatements::bindBlob(statement, position, value.bytes);
        else if constexpr (std::is_same_v<T, QString>)
            DirectStatements::bindString(statement, position, value);
        else
            DirectStatements::bindText(statement, position, value);
    }
    template <class T>
    static void bindDirect(sqlite3_stmt *statement, int position, const std::optional<T> &value)
    {
        if (value)
            bindDirect(statement, position, *value);
        else
            DirectStatements::bindNull(statement, position);
    }
    [[nodiscard]] Result<std::int64_t> executeDirect(sqlite3_stmt *statement);
    [[nodiscard]] tl::unexpected<Error> directFailure(int code);
    [[nodiscard]] Result<std::int64_t> execute(QSqlQuery &query);
    [[nodiscard]] bool start(QSqlQuery &query);
    [[nodiscard]] bool proceed(QSqlQuery &query);
    [[nodiscard]] Result<void> finish(QSqlQuery &query, bool early);
    void noteError(const QSqlQuery &query);

    template <class Visit> Result<void> visitAll(QSqlQuery &query, Visit &&visit)
    {
        if (!start(query))
            return failure(m_error);
        const Row row(query);
        while (proceed(query)) {
            if constexpr (std::is_same_v<decltype(visit(row)), bool>) {
                if (!visit(row))
                    return finish(query, true);
            } else {
                visit(row);
            }
        }
        return finish(query, false);
    }

    QString m_name;
    QSqlDatabase m_connection;
    std::unordered_map<const char *, std::unique_ptr<QSqlQuery>> m_prepared;
    std::unique_ptr<DirectStatements> m_direct; // where there are any: for run() alone
    std::unique_ptr<RollupBuffer> m_rollups;
    Cancellation m_cancellation;
    Error m_error;
    const QSqlQuery *m_lastRun = nullptr;
    std::uint64_t m_epoch = 1;
    bool m_dirty = false;
    bool m_broken = false;
};

} // namespace tollgate::store
