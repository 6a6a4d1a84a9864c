// SPDX-License-Identifier: GPL-3.0-or-later
// Without SQLite's own header there are none, and nothing but over() is ever called.
#include "core/store/directstatements.h"

namespace tollgate::store {

std::unique_ptr<DirectStatements> DirectStatements::over(const QSqlDatabase &)
{
    return nullptr;
}

DirectStatements::~DirectStatements() = default;

sqlite3_stmt *DirectStatements::prepared(const char *, int)
{
    return nullptr;
}

void DirectStatements::bind(sqlite3_stmt *, int, std::int64_t) { }
void DirectStatements::bindText(sqlite3_stmt *, int, QByteArrayView) { }
void DirectStatements::bindString(sqlite3_stmt *, int, QStringView) { }
void DirectStatements::bindBlob(sqlite3_stmt *, int, QByteArrayView) { }
void DirectStatements::bindNull(sqlite3_stmt *, int) { }

int DirectStatements::execute(sqlite3_stmt *, std::int64_t &)
{
    return 0;
}

std::int64_t DirectStatements::lastInsertId() const
{
    return 0;
}

int DirectStatements::errorCode() const
{
    return 0;
}

QByteArray DirectStatements::errorText() const
{
    return {};
}

} // namespace tollgate::store
