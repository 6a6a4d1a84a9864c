// SPDX-License-Identifier: GPL-3.0-or-later
// The trash: what was removed, brought back, or let go of for ever. Keys stay where they are kept
// until then.
#include "core/admin/channelview.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/rowjson.h"
#include "core/admin/savedchannel.h"
#include "core/admin/steps.h"
#include "core/admin/tokentext.h"
#include "core/admin/tokenview.h"
#include "core/store/channels.h"
#include "core/store/tokens.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kKeptUs = 30LL * 86'400'000'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Trash
{
    std::vector<store::RemovedChannel> channels;
    std::vector<store::TokenRow> tokens;
};

Result<Trash> readTrash(store::Database &db)
{
    auto channels = store::removedChannels(db);
    if (!channels)
        return failure(channels.error());
    auto tokens = store::tokens(db);
    if (!tokens)
        return failure(tokens.error());
    std::erase_if(*tokens, [](const store::TokenRow &row) { return row.removedUs == 0; });
    return Trash{std::move(*channels), std::move(*tokens)};
}

template <class Removed>
Result<Removed> newestNamed(const std::vector<Removed> &all, const QString &name, const char *what)
{
    const Removed *found = nullptr;
    for (const Removed &one : all) {
        if (one.name == name && (!found || one.removedUs > found->removedUs))
            found = &one;
    }
    if (found)
        return *found;
    return failure(ErrorKind::NotFound,
                   QStringLiteral("There is no %1 named %2 in the trash.").arg(key(what), name),
                   "not_in_trash");
}

struct Purged
{
    std::vector<store::ChannelKeyRow> keys;
    std::vector<store::TokenRow> tokens;
    int channels = 0;
};

Result<Purged> purge(store::Database &db, std::int64_t olderThanUs, const QString &channel,
                     const QString &token)
{
    const auto trash = readTrash(db);
    if (!trash)
        return failure(trash.error());
    const bool named = !channel.isEmpty() || !token.isEmpty();
    Purged purged;
    for (const store::RemovedChannel &one : trash->channels) {
        if (named ? one.name != channel : one.removedUs > olderThanUs)
            continue;
        if (const auto row = channelFromJson(one.content))
            purged.keys.insert(purged.keys.end(), row->keys.begin(), row->keys.end());
        if (auto done = store::purgeChannel(db, one.id); !done)
            return failure(done.error());
        ++purged.channels;
    }
    for (const store::TokenRow &one : trash->tokens) {
        if (named ? one.name != token : one.removedUs > olderThanUs)
            continue;
        if (auto done = store::forgetToken(db, one.id); !done)
            return failure(done.error());
        purged.tokens.push_back(one);
    }
    return purged;
}

} // namespace

Answer tokenRemove(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    const Result<store::TokenRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const std::int64_t nowUs = desk.nowUs();
    const store::AuditRow trail = desk.auditRow(
        "token.rm", "token:" + QByteArray::number(qlonglong{row->id}), {{key("name"), row->name}});
    Task<Result<store::TokenRow>> changing
        = change(desk, trail, [id = row->id, nowUs](store::Database &db) {
              return store::removeToken(db, id, nowUs);
          });
    const Result<store::TokenRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{key("removed"), row->name}};
}

Answer tokenRestore(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString name = fields.requiredText("token");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const store::AuditRow trail = desk.auditRow("token.restore", {}, {{key("name"), name}});
    Task<Result<store::TokenRow>> changing
        = change(desk, trail, [name](store::Database &db) -> Result<store::TokenRow> {
              const auto trash = readTrash(db);
              if (!trash)
                  return failure(trash.error());
              const auto row = newestNamed(trash->tokens, name, "token");
              if (!row)
                  return failure(row.error());
              return store::restoreToken(db, row->id);
          });
    const Result<store::TokenRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{key("details"), describeToken(*stored, {}, desk.nowUs())}};
}

Answer channelRestore(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString name = fields.requiredText("channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const store::AuditRow trail = desk.auditRow("channel.restore", {}, {{key("name"), name}});
    Task<Result<store::ChannelRow>> changing
        = change(desk, trail, [name](store::Database &db) -> Result<store::ChannelRow> {
              const auto trash = readTrash(db);
              if (!trash)
                  return failure(trash.error());
              const auto removed = newestNamed(trash->channels, name, "channel");
              if (!removed)
                  return failure(removed.error());
              auto row = channelFromJson(removed->content);
              if (!row)
                  return failure(row.error());
              row->id = removed->id;
              row->name = removed->name;
              return store::restoreChannel(db, *row);
          });
    const Result<store::ChannelRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{key("channel"), describeChannel(desk, *stored)}};
}

Answer trashList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(readTrash);
    const Result<Trash> trash = co_await reading;
    if (!trash)
        co_return failure(trash.error());
    QJsonArray list;
    const auto add
        = [&list](const char *kind, const QString &name, std::int64_t removedUs, QJsonObject more) {
              more.insert(key("kind"), key(kind));
              more.insert(key("name"), name);
              more.insert(key("removed_us"), qint64{removedUs});
              more.insert(key("purged_us"), qint64{removedUs + kKeptUs});
              list.append(more);
          };
    for (const store::RemovedChannel &one : trash->channels)
        add("channel", one.name, one.removedUs, {{key("tile"), tileJson(one.provider)}});
    for (const store::TokenRow &one : trash->tokens)
        add("token", one.name, one.removedUs, {{key("prefix"), QString::fromUtf8(one.prefix)}});
    co_return QJsonObject{{key("trash"), list}};
}

Answer trashPurge(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString channel = fields.text("channel").value_or(QString());
    const QString token = fields.text("token").value_or(QString());
    const bool all = fields.boolean("all").value_or(false);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t olderThanUs = all ? store::kUntilResumed : desk.nowUs() - kKeptUs;
    const store::AuditRow trail = desk.auditRow(
        "trash.purge", {}, {{key("channel"), channel}, {key("token"), token}, {key("all"), all}});
    Task<Result<Purged>> changing
        = change(desk, trail, [olderThanUs, channel, token](store::Database &db) {
              return purge(db, olderThanUs, channel, token);
          });
    const Result<Purged> purged = co_await changing;
    if (!purged)
        co_return failure(purged.error());
    forgetKeys(desk, purged->keys);
    for (const store::TokenRow &one : purged->tokens)
        forgetTokenText(desk, one);
    co_return QJsonObject{{key("channels"), purged->channels},
                          {key("tokens"), static_cast<qint64>(purged->tokens.size())}};
}

} // namespace tollgate::admin
