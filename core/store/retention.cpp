// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/retention.h"

#include "core/base/jsonwriter.h"
#include "core/store/database.h"
#include "core/store/idempotency.h"

#include <QFile>

namespace tollgate::store {
namespace {

// The newest request stays for ever: its number must not be given out again.
Result<std::vector<QByteArray>> oldest(Database &db, std::int64_t beforeUs, int slice)
{
    std::vector<QByteArray> ids;
    auto done = db.each(
        "SELECT r.id FROM requests r WHERE r.started_us < ? "
        "AND r.sequence < (SELECT max(sequence) FROM requests) "
        "AND NOT EXISTS(SELECT 1 FROM attempts a LEFT JOIN attempt_legs l ON l.attempt_id = a.id "
        "WHERE a.request_id = r.id AND (a.state NOT IN (3, 4) OR l.attempt_id IS NOT NULL)) "
        "ORDER BY r.started_us LIMIT ?",
        [&](const Row &row) { ids.push_back(row.text(0)); }, beforeUs, slice);
    if (!done)
        return failure(done.error());
    return ids;
}

Result<void> removeRequest(Database &db, const QByteArray &id)
{
    std::vector<std::int64_t> attempts;
    auto found = db.each(
        "SELECT id FROM attempts WHERE request_id = ?",
        [&](const Row &row) { attempts.push_back(row.integer(0)); }, id);
    if (!found)
        return found;
    for (const std::int64_t attempt : attempts) {
        // In this order: a journal can only go when its attempt has gone.
        if (auto done = db.run("DELETE FROM attempts WHERE id = ?", attempt); !done)
            return failure(done.error());
        if (auto done = db.run("DELETE FROM postings WHERE journal_id = ?", attempt); !done)
            return failure(done.error());
        if (auto done = db.run("DELETE FROM journal WHERE id = ?", attempt); !done)
            return failure(done.error());
    }
    if (auto done = db.run("DELETE FROM request_notes WHERE request_id = ?", id); !done)
        return failure(done.error());
    if (auto done = db.run("DELETE FROM requests WHERE id = ?", id); !done)
        return failure(done.error());
    return {};
}

// Free pages go back to the disk a few at a time. The pragma frees one a step and Qt's driver takes
// one step of a statement without columns, so it is asked for them one by one.
Result<void> giveBackPages(Database &db)
{
    constexpr std::int64_t most = 256;
    auto unused = db.integer("PRAGMA freelist_count");
    if (!unused)
        return failure(unused.error());
    for (std::int64_t page = std::min(most, unused->value_or(0)); page > 0; --page) {
        if (auto freed = db.each("PRAGMA incremental_vacuum(1)", [](const Row &) {}); !freed)
            return freed;
    }
    return {};
}

QByteArray valueToJson(const QVariant &value)
{
    JsonWriter json;
    if (value.isNull())
        json.null();
    else if (value.typeId() == QMetaType::QByteArray)
        json.string(QByteArrayView(value.toByteArray().toHex()));
    else
        json.string(QStringView(value.toString())); // numbers too: readers of JSON round at 2^53
    return json.take();
}

} // namespace

Result<RetentionStep> retain(Database &db, const RetentionPolicy &policy, std::int64_t nowUs,
                             int slice)
{
    RetentionStep step;
    std::int64_t before
        = policy.maxAgeUs > 0 ? nowUs - policy.maxAgeUs : std::numeric_limits<std::int64_t>::min();
    if (policy.maxBytes > 0) {
        auto size = databaseSize(db);
        if (!size)
            return failure(size.error());
        if (size->usedBytes > policy.maxBytes)
            before = std::numeric_limits<std::int64_t>::max();
    }
    auto ids = oldest(db, before, slice);
    if (!ids)
        return failure(ids.error());
    for (const QByteArray &id : *ids) {
        if (auto done = removeRequest(db, id); !done)
            return failure(done.error());
    }
    step.deleted = std::int64_t(ids->size());
    auto keys = dropOldKeys(db, nowUs, slice);
    if (!keys)
        return failure(keys.error());
    step.more = int(ids->size()) == slice || *keys == slice;
    if (auto freed = giveBackPages(db); !freed)
        return failure(freed.error());
    return step;
}

Result<DatabaseSize> databaseSize(Database &db)
{
    auto pages = db.integer("PRAGMA page_count");
    auto unused = db.integer("PRAGMA freelist_count");
    auto size = db.integer("PRAGMA page_size");
    for (const auto *part : {&pages, &unused, &size}) {
        if (!*part)
            return failure(part->error());
    }
    DatabaseSize result;
    result.fileBytes = pages->value_or(0) * size->value_or(0);
    result.usedBytes = (pages->value_or(0) - unused->value_or(0)) * size->value_or(0);
    return result;
}

Result<void> backupTo(Database &db, const QString &path)
{
    QFile file(path);
    if (file.exists())
        return failure(ErrorKind::Conflict,
                       QStringLiteral("There is already a file of that name; choose another."),
                       "file_exists");
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The backup file cannot be written there."), "io_error");
    file.close();
    // VACUUM may not run inside the reader's snapshot; it takes one of its own.
    auto ended = db.run("COMMIT");
    if (!ended)
        return failure(ended.error());
    auto copied = db.run("VACUUM INTO ?", path); // an empty file is what it accepts
    auto begun = db.run("BEGIN");
    if (!copied) {
        QFile::remove(path);
        return failure(copied.error());
    }
    if (!begun)
        return failure(begun.error());
    return {};
}

Result<QByteArray> schemaText(Database &db)
{
    QByteArray text;
    auto done = db.each("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name",
                        [&](const Row &row) { text += row.text(0).simplified() + ";\n"; });
    if (!done)
        return failure(done.error());
    return text;
}

Result<QByteArrayList> tableNames(Database &db)
{
    QByteArrayList names;
    auto done = db.each("SELECT name FROM sqlite_schema WHERE type = 'table' "
                        "AND name NOT LIKE 'sqlite%' ORDER BY name",
                        [&](const Row &row) { names.append(row.text(0)); });
    if (!done)
        return failure(done.error());
    return names;
}

Result<void> exportTable(Database &db, const QByteArray &table,
                         const std::function<bool(QByteArrayView json)> &visit)
{
    auto names = tableNames(db);
    if (!names)
        return failure(names.error());
    if (!names->contains(table)) // and so the name below is one of ours
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such table."),
                       "table_not_found");
    return db.eachComposed(QStringLiteral("SELECT * FROM ") + QString::fromUtf8(table), {},
                           [&](const Row &row) {
                               JsonWriter json;
                               json.beginObject();
                               for (int i = 0; i < row.count(); ++i)
                                   json.key(row.name(i)).raw(valueToJson(row.value(i)));
                               json.endObject();
                               return visit(json.bytes());
                           });
}

} // namespace tollgate::store
