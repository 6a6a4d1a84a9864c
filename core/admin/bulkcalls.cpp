// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/bulk.h"
#include "core/admin/rowfields.h"
#include "core/store/channels.h"
#include "core/store/tokens.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

tl::unexpected<Error> wrong(const char *field, const QString &sentence)
{
    Error error{ErrorKind::InvalidRequest, sentence, "invalid_value"};
    error.param = field;
    return failure(std::move(error));
}

// What belongs to one row alone.
Result<void> refuseOwn(const QJsonObject &fields, std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        if (fields.contains(QLatin1String(name)))
            return wrong(name,
                         QStringLiteral("%1 is changed one by one.").arg(QLatin1String(name)));
    }
    return {};
}

template <class Row, class Update>
Result<void> storeAll(store::Database &db, const std::vector<Row> &rows, const Update &update)
{
    for (const Row &row : rows) {
        if (auto stored = update(db, row); !stored)
            return failure(stored.error());
    }
    return {};
}

Result<void> editChannel(const Desk &desk, store::ChannelRow &row, const QJsonObject &rest)
{
    const relay::Provider *const provider = desk.rooms.providers->find(row.provider);
    if (!provider) {
        return failure(ErrorKind::NotFound,
                       QStringLiteral("This version of Tollgate does not know the provider of %1.")
                           .arg(row.name));
    }
    QJsonObject own = rest;
    const QJsonArray add = own.take(QStringLiteral("add_models")).toArray();
    const QJsonArray remove = own.take(QStringLiteral("remove_models")).toArray();
    Fields fields(own);
    readChannelFields(fields, row, *provider);
    for (const QJsonValue model : add) {
        const QByteArray name = model.toString().toUtf8();
        if (!name.isEmpty() && name.size() <= 256 && !row.models.contains(name))
            row.models.append(name);
    }
    for (const QJsonValue model : remove)
        row.models.removeAll(model.toString().toUtf8());
    return fields.finish();
}

Result<void> editToken(store::TokenRow &row, const QJsonObject &rest, std::int64_t nowUs)
{
    Fields fields(rest);
    readTokenFields(fields, row, nowUs);
    if (const auto enabled = fields.boolean("enabled");
        enabled && row.state != store::TokenState::Revoked)
        row.state = *enabled ? store::TokenState::Active : store::TokenState::Disabled;
    return fields.finish();
}

} // namespace

Result<BulkWish> readBulk(const QJsonObject &arguments)
{
    BulkWish wish;
    wish.rest = arguments;
    const QJsonValue ids = wish.rest.take(QStringLiteral("ids"));
    const QJsonValue dryRun = wish.rest.take(QStringLiteral("dry_run"));
    if (!ids.isArray() || ids.toArray().isEmpty() || ids.toArray().size() > 1'000)
        return wrong("ids", QStringLiteral("ids is a list of 1 to 1,000 names."));
    for (const QJsonValue one : ids.toArray()) {
        const QString name = one.toString();
        if (!name.isEmpty() && !wish.names.contains(name))
            wish.names.append(name);
    }
    if (!dryRun.isUndefined() && !dryRun.isBool())
        return wrong("dry_run", QStringLiteral("dry_run is true or false."));
    wish.dryRun = dryRun.toBool();
    return wish;
}

Answer channelUpdateMany(Desk &desk, QJsonObject arguments)
{
    const auto wish = readBulk(arguments);
    if (!wish)
        co_return failure(wish.error());
    if (const auto good = refuseOwn(wish->rest, {"name", "base_url", "channel", "version"}); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::channels(db); });
    const Result<std::vector<store::ChannelRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    const auto plan = planBulk(
        *wish, *rows, [&](store::ChannelRow &row) { return editChannel(desk, row, wish->rest); });
    if (!plan)
        co_return failure(plan.error());
    if (!wish->dryRun && !plan->changed.empty()) {
        const store::AuditRow trail
            = desk.auditRow("channel.update", {}, {{QStringLiteral("many"), plan->changes}});
        Task<Result<void>> changing
            = change(desk, trail, [changed = plan->changed](store::Database &db) {
                  return storeAll(db, changed, store::updateChannel);
              });
        const Result<void> stored = co_await changing;
        if (!stored)
            co_return failure(stored.error());
    }
    co_return bulkAnswer(*plan, wish->dryRun);
}

Answer tokenUpdateMany(Desk &desk, QJsonObject arguments)
{
    const auto wish = readBulk(arguments);
    if (!wish)
        co_return failure(wish.error());
    if (const auto good = refuseOwn(wish->rest, {"name", "token", "version"}); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::tokens(db); });
    Result<std::vector<store::TokenRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    std::erase_if(*rows, [](const auto &row) { return row.state == store::TokenState::Revoked; });
    const std::int64_t nowUs = desk.nowUs();
    const auto plan = planBulk(
        *wish, *rows, [&](store::TokenRow &row) { return editToken(row, wish->rest, nowUs); });
    if (!plan)
        co_return failure(plan.error());
    if (!wish->dryRun && !plan->changed.empty()) {
        const store::AuditRow trail
            = desk.auditRow("token.update", {}, {{QStringLiteral("many"), plan->changes}});
        Task<Result<void>> changing
            = change(desk, trail, [changed = plan->changed, nowUs](store::Database &db) {
                  return storeAll(db, changed, [nowUs](store::Database &into, const auto &row) {
                      return store::updateToken(into, row, nowUs);
                  });
              });
        const Result<void> stored = co_await changing;
        if (!stored)
            co_return failure(stored.error());
    }
    co_return bulkAnswer(*plan, wish->dryRun);
}

} // namespace tollgate::admin
