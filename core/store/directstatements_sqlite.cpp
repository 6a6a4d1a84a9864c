// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/directstatements.h"

#include <QSqlDatabase>
#include <QSqlDriver>
#include <QString>
#include <QVariant>

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

namespace tollgate::store {
namespace {

bool isAscii(QByteArrayView text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

} // namespace

DirectStatements::DirectStatements(sqlite3 *handle)
    : m_handle(handle)
{
}

DirectStatements::~DirectStatements()
{
    for (const auto &[text, statement] : m_prepared)
        sqlite3_finalize(statement);
}

std::unique_ptr<DirectStatements> DirectStatements::over(const QSqlDatabase &connection)
{
    const QVariant handle = connection.driver()->handle();
    if (!handle.isValid() || std::strcmp(handle.typeName(), "sqlite3*") != 0)
        return nullptr;
    sqlite3 *const sqlite = *static_cast<sqlite3 *const *>(handle.constData());
    return sqlite != nullptr ? std::unique_ptr<DirectStatements>(new DirectStatements(sqlite))
                             : nullptr;
}

sqlite3_stmt *DirectStatements::prepared(const char *literal, int size)
{
    sqlite3_stmt *&statement = m_prepared[literal];
    if (statement == nullptr)
        sqlite3_prepare_v3(m_handle, literal, size, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    return statement;
}

void DirectStatements::bind(sqlite3_stmt *statement, int position, std::int64_t value)
{
    sqlite3_bind_int64(statement, position, value);
}

void DirectStatements::bindText(sqlite3_stmt *statement, int position, QByteArrayView utf8)
{
    // What clients send need not be UTF-8; what is stored as text must be.
    if (isAscii(utf8)) {
        sqlite3_bind_text(statement, position, utf8.isEmpty() ? "" : utf8.data(),
                          static_cast<int>(utf8.size()), SQLITE_STATIC);
        return;
    }
    bindString(statement, position, QString::fromUtf8(utf8));
}

void DirectStatements::bindString(sqlite3_stmt *statement, int position, QStringView text)
{
    const QByteArray utf8 = text.toUtf8();
    // SQLITE_TRANSIENT without its C cast.
    const auto copy = reinterpret_cast<sqlite3_destructor_type>(std::intptr_t(-1));
    sqlite3_bind_text(statement, position, utf8.isEmpty() ? "" : utf8.constData(),
                      static_cast<int>(utf8.size()), copy);
}

void DirectStatements::bindBlob(sqlite3_stmt *statement, int position, QByteArrayView bytes)
{
    // Qt binds a null array as NULL and an empty one as an empty blob.
    if (bytes.data() == nullptr)
        bindNull(statement, position);
    else
        sqlite3_bind_blob(statement, position, bytes.data(), static_cast<int>(bytes.size()),
                          SQLITE_STATIC);
}

void DirectStatements::bindNull(sqlite3_stmt *statement, int position)
{
    sqlite3_bind_null(statement, position);
}

int DirectStatements::execute(sqlite3_stmt *statement, std::int64_t &changed)
{
    const int result = sqlite3_step(statement);
    const bool done = result == SQLITE_DONE || result == SQLITE_ROW;
    changed = done && sqlite3_stmt_readonly(statement) == 0 ? sqlite3_changes(m_handle) : 0;
    const int reset = sqlite3_reset(statement);
    return done ? reset & 0xff : result & 0xff;
}

std::int64_t DirectStatements::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_handle);
}

int DirectStatements::errorCode() const
{
    return sqlite3_errcode(m_handle) & 0xff;
}

QByteArray DirectStatements::errorText() const
{
    return sqlite3_errmsg(m_handle);
}

} // namespace tollgate::store
