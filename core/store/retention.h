// SPDX-License-Identifier: GPL-3.0-or-later
// Growing old: deletes in small slices, so that the writer is never held up; backup and export.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <functional>

namespace tollgate::store {

class Database;

struct RetentionPolicy
{
    std::int64_t maxAgeUs = 0; // 0: for ever
    std::int64_t maxBytes = 0; // of the database file; 0: any size
};

struct RetentionStep
{
    std::int64_t deleted = 0;
    bool more = false; // call again
};

// One slice of at most `slice` requests with their attempts and journals. What still holds money or
// has not been folded into its window is left alone; roll-ups stay. Idempotency keys go after a
// day, whatever the policy.
[[nodiscard]] Result<RetentionStep> retain(Database &db, const RetentionPolicy &policy,
                                           std::int64_t nowUs, int slice = 500);
// Bytes in use by rows, and of the file.
struct DatabaseSize
{
    std::int64_t usedBytes = 0;
    std::int64_t fileBytes = 0;
};
[[nodiscard]] Result<DatabaseSize> databaseSize(Database &db);

// A consistent copy into a new file (0600); refuses an existing one. Runs on a reader.
[[nodiscard]] Result<void> backupTo(Database &db, const QString &path);
// The schema as text, one statement a line, in a stable order.
[[nodiscard]] Result<QByteArray> schemaText(Database &db);
// Every row of a table as one JSON object; money and ids as strings of digits. The visitor returns
// false to stop. Tables with secrets' references only; there are no secrets to leave out.
[[nodiscard]] Result<void> exportTable(Database &db, const QByteArray &table,
                                       const std::function<bool(QByteArrayView json)> &visit);
[[nodiscard]] Result<QByteArrayList> tableNames(Database &db);

} // namespace tollgate::store
