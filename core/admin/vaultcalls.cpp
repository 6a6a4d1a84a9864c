// SPDX-License-Identifier: GPL-3.0-or-later
// The encrypted vault of machines without a keychain.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"

namespace tollgate::admin {
namespace {

std::shared_ptr<const Secret> readPassphrase(Fields &fields)
{
    const QString text = fields.requiredText("passphrase", 1'024);
    return std::make_shared<const Secret>(text.toUtf8());
}

Task<Result<QJsonObject>> conclude(Desk &desk, const char *action, QString state)
{
    const store::AuditRow trail = desk.auditRow(action, "vault", {});
    const auto writing
        = desk.write([trail](store::Database &db) { return store::audit(db, trail); });
    const Result<void> audited = co_await writing;
    if (!audited)
        co_return failure(audited.error());
    if (desk.rooms.keys)
        desk.rooms.keys->retry();
    co_return QJsonObject{{QStringLiteral("vault"), state}};
}

Answer open(Desk &desk, QJsonObject arguments, bool create)
{
    Fields fields(arguments);
    const auto passphrase = readPassphrase(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    OneShot<Result<void>> opened;
    const auto done = [opened](Result<void> result) { opened.set(std::move(result)); };
    if (create)
        desk.rooms.vault->create(Secret(passphrase->reveal()), done);
    else
        desk.rooms.vault->unlock(Secret(passphrase->reveal()), done);
    const Result<void> result = co_await opened;
    if (!result)
        co_return failure(result.error());
    Answer concluding
        = conclude(desk, create ? "vault.create" : "vault.unlock", QStringLiteral("open"));
    Result<QJsonObject> answer = co_await concluding;
    co_return answer;
}

} // namespace

Answer vaultCreate(Desk &desk, QJsonObject arguments, OnEvent)
{
    return open(desk, std::move(arguments), true);
}

Answer vaultUnlock(Desk &desk, QJsonObject arguments, OnEvent)
{
    return open(desk, std::move(arguments), false);
}

Answer vaultLock(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    desk.rooms.vault->lock();
    Answer concluding = conclude(desk, "vault.lock", QStringLiteral("locked"));
    Result<QJsonObject> answer = co_await concluding;
    co_return answer;
}

} // namespace tollgate::admin
