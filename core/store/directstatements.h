// SPDX-License-Identifier: GPL-3.0-or-later
// Statements that go straight to SQLite on a connection that Qt opened: a QVariant for each value,
// and UTF-16 on the way to a file of UTF-8, were a third of what a settlement costs. Only where
// Qt's SQLite is the very copy that this program links (see walbatch.h: else it would not know our
// file system); elsewhere QSqlQuery does the same.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QStringView>

#include <cstdint>
#include <memory>
#include <unordered_map>

class QSqlDatabase;
struct sqlite3;
struct sqlite3_stmt;

namespace tollgate::store {

class DirectStatements
{
public:
    // nullptr: not on this system. `connection` is open through walBatchVfs().
    [[nodiscard]] static std::unique_ptr<DirectStatements> over(const QSqlDatabase &connection);
    ~DirectStatements();
    DirectStatements(const DirectStatements &) = delete;
    DirectStatements &operator=(const DirectStatements &) = delete;

    // Ready to be bound; nullptr: it does not compile. `literal` is never freed and is its name.
    [[nodiscard]] sqlite3_stmt *prepared(const char *literal, int size);
    // Positions count from 1. Bytes must live until execute() has returned.
    static void bind(sqlite3_stmt *statement, int position, std::int64_t value);
    static void bindText(sqlite3_stmt *statement, int position, QByteArrayView utf8);
    static void bindString(sqlite3_stmt *statement, int position, QStringView text);
    static void bindBlob(sqlite3_stmt *statement, int position, QByteArrayView bytes);
    static void bindNull(sqlite3_stmt *statement, int position);
    // SQLite's primary result code, 0 for success.
    [[nodiscard]] int execute(sqlite3_stmt *statement, std::int64_t &changed);
    [[nodiscard]] std::int64_t lastInsertId() const;
    [[nodiscard]] int errorCode() const;
    [[nodiscard]] QByteArray errorText() const;

private:
    explicit DirectStatements(sqlite3 *handle);

    sqlite3 *m_handle;
    std::unordered_map<const char *, sqlite3_stmt *> m_prepared;
};

} // namespace tollgate::store
