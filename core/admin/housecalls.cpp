// SPDX-License-Identifier: GPL-3.0-or-later
// The state of the house: status, reload, the books, a backup.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/ledger/invariants.h"
#include "core/store/retention.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace tollgate::admin {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

} // namespace

Answer status(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::databaseSize(db); });
    const Result<store::DatabaseSize> size = co_await reading;
    if (!size)
        co_return failure(size.error());
    const store::Health health = desk.rooms.store->health();
    QJsonObject answer;
    if (desk.rooms.engine) {
        answer = desk.rooms.engine->status();
        answer.insert(key("pid"), QCoreApplication::applicationPid());
    }
    answer.insert(key("serving"), desk.rooms.engine != nullptr);
    answer.insert(key("version"), key(TOLLGATE_VERSION));
    answer.insert(key("profile"), desk.rooms.store->profile());
    answer.insert(key("database"),
                  QJsonObject{{key("path"), desk.rooms.store->databasePath()},
                              {key("bytes"), qint64{size->fileBytes}},
                              {key("used_bytes"), qint64{size->usedBytes}},
                              {key("writable"), health.writable},
                              {key("damaged"), health.damaged},
                              {key("kept_writes"), static_cast<qint64>(health.keptWrites)}});
    co_return answer;
}

Answer reload(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (!desk.rooms.engine) {
        co_return failure(ErrorKind::Unavailable,
                          QStringLiteral("No daemon runs on this profile, so there is nothing to "
                                         "reload."),
                          "not_running");
    }
    const OneShot<Result<void>> reloading = desk.rooms.engine->reload();
    const Result<void> reloaded = co_await reloading;
    if (!reloaded)
        co_return failure(reloaded.error());
    if (desk.rooms.keys)
        desk.rooms.keys->retry();
    co_return QJsonObject{{key("reloaded"), true}};
}

Answer check(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t nowUs = desk.nowUs();
    const auto reading = desk.read([nowUs](store::Database &db) {
        return ledger::checkInvariants(db, ledger::Scope::Full, nowUs);
    });
    const Result<std::vector<ledger::Violation>> found = co_await reading;
    if (!found)
        co_return failure(found.error());
    QJsonArray violations;
    for (const ledger::Violation &violation : *found) {
        violations.append(QJsonObject{{key("invariant"), QString::fromLatin1(violation.invariant)},
                                      {key("detail"), violation.detail}});
    }
    co_return QJsonObject{{key("ok"), violations.isEmpty()}, {key("violations"), violations}};
}

Answer backup(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString file = fields.requiredText("file", 4'096);
    if (fields.good() && !QFileInfo(file).isAbsolute())
        fields.refuse("file", QStringLiteral("must be a full path"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading
        = desk.read([file](store::Database &db) { return store::backupTo(db, file); });
    const Result<void> copied = co_await reading;
    if (!copied)
        co_return failure(copied.error());
    const store::AuditRow trail = desk.auditRow("backup", {}, {{key("file"), file}});
    const auto writing
        = desk.write([trail](store::Database &db) { return store::audit(db, trail); });
    const Result<void> audited = co_await writing;
    if (!audited)
        co_return failure(audited.error());
    co_return QJsonObject{{key("file"), file}, {key("bytes"), QFileInfo(file).size()}};
}

} // namespace tollgate::admin
