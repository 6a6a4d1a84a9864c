// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/baseurl.h"
#include "core/admin/bulk.h"
#include "core/admin/channelview.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/rowfields.h"
#include "core/admin/rowjson.h"
#include "core/admin/savedchannel.h"
#include "core/admin/steps.h"
#include "core/admin/tokentext.h"
#include "core/store/channels.h"
#include "providers/baseurl.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

QByteArray objectName(const store::ChannelRow &row)
{
    return "channel:" + QByteArray::number(qlonglong{row.id});
}

const relay::Provider *readProvider(Fields &fields, const Desk &desk)
{
    const QString id = fields.requiredText("provider", 64);
    const relay::Provider *provider = desk.rooms.providers->find(id.toUtf8());
    if (!provider && fields.good()) {
        fields.refuse("provider",
                      QStringLiteral("names no kind of provider (\u201c%1\u201d); \u201ctollgated "
                                     "provider list\u201d names them")
                          .arg(id));
    }
    return provider;
}

bool isPlaceholder(const store::ChannelKeyRow &row)
{
    return row.source == store::KeySource::None;
}

QJsonObject channelAnswer(const Desk &desk, const store::ChannelRow &row)
{
    return {{QStringLiteral("channel"), describeChannel(desk, row)}};
}

Answer setEnabled(Desk &desk, QJsonObject arguments, bool enabled)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    row->enabled = enabled;
    const store::AuditRow trail
        = desk.auditRow(enabled ? "channel.enable" : "channel.disable", objectName(*row), {});
    Task<Result<store::ChannelRow>> changing = change(
        desk, trail, [row = *row](store::Database &db) { return store::updateChannel(db, row); });
    const Result<store::ChannelRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return channelAnswer(desk, *stored);
}

// Adds the row and its audit trail in one transaction.
Result<store::ChannelRow> insert(store::Database &db, const store::ChannelRow &row,
                                 store::AuditRow trail)
{
    auto stored = store::addChannel(db, row, trail.atUs);
    if (!stored)
        return stored;
    trail.object = objectName(*stored);
    if (auto audited = store::audit(db, trail); !audited)
        return failure(audited.error());
    return stored;
}

// Keys bound elsewhere go with the old address: a key is never sent where it was not meant for.
Result<store::ChannelRow> move(store::Database &db, const store::ChannelRow &row,
                               const store::AuditRow &trail)
{
    auto stored = store::updateChannel(db, row);
    if (!stored)
        return stored;
    for (store::ChannelKeyRow key : row.keys) {
        if (key.boundTo == providers::originOf(row.baseUrl))
            continue;
        if (isPlaceholder(key)) {
            key.boundTo = providers::originOf(row.baseUrl);
            if (auto moved = store::updateChannelKey(db, key); !moved)
                return failure(moved.error());
        } else if (auto removed = store::removeChannelKey(db, key.id); !removed) {
            return failure(removed.error());
        }
    }
    if (auto audited = store::audit(db, trail); !audited)
        return failure(audited.error());
    return store::channel(db, row.id);
}

} // namespace

Answer channelAdd(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    store::ChannelRow row;
    const relay::Provider *provider = readProvider(fields, desk);
    fields.requiredText("name");
    if (provider) {
        row.provider = provider->id();
        readChannelFields(fields, row, *provider);
    }
    const GivenKey key = readKey(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (key.source == store::KeySource::None && provider->needsKey()) {
        co_return failure(ErrorKind::InvalidRequest,
                          QStringLiteral("This provider needs a key; give it with --key-stdin, "
                                         "--key-vault or --key-env VARIABLE. A server without "
                                         "keys is of the kind openai-compatible."),
                          "key_missing");
    }
    Task<Result<store::ChannelRow>> finding = find(desk, Target{row.name}, store::channelNamed);
    const Result<store::ChannelRow> there = co_await finding;
    if (there) {
        co_return failure(ErrorKind::Conflict,
                          QStringLiteral("There is a channel named %1 already.").arg(row.name),
                          "name_taken");
    }
    if (key.source != store::KeySource::None) {
        row.keys.push_back(keyRow(key, row.baseUrl));
        const OneShot<Result<void>> storing = storeKey(desk, row.keys.front(), key);
        const Result<void> kept = co_await storing;
        if (!kept)
            co_return failure(kept.error());
    } else {
        row.keys.push_back(noKey(row.baseUrl));
    }
    QJsonObject detail = toJson(row);
    const store::AuditRow trail = desk.auditRow("channel.add", {}, detail);
    const auto writing
        = desk.write([row, trail](store::Database &db) { return insert(db, row, trail); });
    const Result<store::ChannelRow> stored = co_await writing;
    if (!stored) {
        forgetKeys(desk, row.keys);
        co_return failure(stored.error());
    }
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return channelAnswer(desk, *stored);
}

Answer channelList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const std::int64_t dayUs
        = fields.integer("day_us", 0, kMaxId).value_or(startOfDay(desk.nowUs()));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(
        [dayUs, nowUs = desk.nowUs()](store::Database &db) { return readBoard(db, dayUs, nowUs); });
    const Result<ChannelBoard> board = co_await reading;
    if (!board)
        co_return failure(board.error());
    co_return QJsonObject{{QStringLiteral("channels"), channelViews(desk, *board)}};
}

Answer channelShow(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    const Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    co_return channelAnswer(desk, *row);
}

Answer channelUpdate(Desk &desk, QJsonObject arguments, OnEvent)
{
    if (isBulk(arguments)) {
        Answer updating = channelUpdateMany(desk, std::move(arguments));
        Result<QJsonObject> answer = co_await updating;
        co_return answer;
    }
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (!fields.good())
        co_return failure(fields.finish().error());
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const relay::Provider *provider = desk.rooms.providers->find(row->provider);
    if (!provider) {
        co_return failure(
            ErrorKind::NotFound,
            QStringLiteral("This version of Tollgate does not know the provider of this "
                           "channel."));
    }
    const QByteArray origin = providers::originOf(row->baseUrl);
    const QJsonObject before = toJson(*row);
    readChannelFields(fields, *row, *provider);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    std::vector<store::ChannelKeyRow> lost;
    if (providers::originOf(row->baseUrl) != origin) {
        for (const store::ChannelKeyRow &key : row->keys) {
            if (!isPlaceholder(key))
                lost.push_back(key);
        }
    }
    QJsonObject detail = changes(before, toJson(*row));
    detail.insert(QStringLiteral("keys_removed"), static_cast<qint64>(lost.size()));
    const store::AuditRow trail = desk.auditRow("channel.update", objectName(*row), detail);
    const auto writing
        = desk.write([row = *row, trail](store::Database &db) { return move(db, row, trail); });
    const Result<store::ChannelRow> stored = co_await writing;
    if (!stored)
        co_return failure(stored.error());
    forgetKeys(desk, lost);
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    QJsonObject answer = channelAnswer(desk, *stored);
    answer.insert(QStringLiteral("keys_removed"), static_cast<qint64>(lost.size()));
    co_return answer;
}

Answer channelEnable(Desk &desk, QJsonObject arguments, OnEvent)
{
    return setEnabled(desk, std::move(arguments), true);
}

Answer channelDisable(Desk &desk, QJsonObject arguments, OnEvent)
{
    return setEnabled(desk, std::move(arguments), false);
}

Answer channelRemove(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    const Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const store::AuditRow trail = desk.auditRow("channel.rm", objectName(*row), toJson(*row));
    const auto writing = desk.write([row = *row, trail](store::Database &db) -> Result<void> {
        const auto now = store::channel(db, row.id);
        if (!now)
            return failure(now.error());
        if (now->version != row.version)
            return failure(conflict());
        const QByteArray content = channelToJson(row);
        if (auto removed = store::discardChannel(db, row, content, trail.atUs); !removed)
            return removed;
        return store::audit(db, trail);
    });
    const Result<void> removed = co_await writing;
    if (!removed)
        co_return failure(removed.error());
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return QJsonObject{{QStringLiteral("removed"), row->name}};
}

Answer channelKeyAdd(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    const GivenKey key = readKey(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (key.source == store::KeySource::None) {
        co_return failure(ErrorKind::InvalidRequest,
                          QStringLiteral("Give the key with --key-stdin, --key-vault or --key-env "
                                         "VARIABLE."),
                          "key_missing");
    }
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    const Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    store::ChannelKeyRow added = keyRow(key, row->baseUrl);
    added.channelId = row->id;
    const OneShot<Result<void>> storing = storeKey(desk, added, key);
    const Result<void> kept = co_await storing;
    if (!kept)
        co_return failure(kept.error());
    const store::AuditRow trail
        = desk.auditRow("channel.key.add", objectName(*row),
                        {{QStringLiteral("hint"), QString::fromUtf8(added.hint)},
                         {QStringLiteral("source"), keySourceName(added.source)}});
    const auto writing
        = desk.write([added, trail](store::Database &db) -> Result<store::ChannelRow> {
              const auto before = store::channel(db, added.channelId);
              if (!before)
                  return before;
              for (const store::ChannelKeyRow &there : before->keys) {
                  if (!isPlaceholder(there))
                      continue;
                  if (auto removed = store::removeChannelKey(db, there.id); !removed)
                      return failure(removed.error());
              }
              if (auto stored = store::addChannelKey(db, added); !stored)
                  return failure(stored.error());
              if (auto audited = store::audit(db, trail); !audited)
                  return failure(audited.error());
              return store::channel(db, added.channelId);
          });
    const Result<store::ChannelRow> stored = co_await writing;
    if (!stored) {
        forgetKeys(desk, {added});
        co_return failure(stored.error());
    }
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return channelAnswer(desk, *stored);
}

Answer channelKeyRemove(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    const std::int64_t id = fields.integer("key", 1, kMaxId).value_or(0);
    if (id == 0)
        fields.refuse("key", QStringLiteral("is missing"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    const Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const auto key = std::find_if(row->keys.begin(), row->keys.end(),
                                  [id](const store::ChannelKeyRow &one) { return one.id == id; });
    if (key == row->keys.end()) {
        co_return failure(ErrorKind::NotFound,
                          QStringLiteral("The channel %1 has no key %2.").arg(row->name).arg(id));
    }
    const store::AuditRow trail
        = desk.auditRow("channel.key.rm", objectName(*row),
                        {{QStringLiteral("hint"), QString::fromUtf8(key->hint)},
                         {QStringLiteral("key"), integer(id)}});
    const std::int64_t channelId = row->id;
    const auto writing
        = desk.write([channelId, id, trail](store::Database &db) -> Result<store::ChannelRow> {
              if (auto removed = store::removeChannelKey(db, id); !removed)
                  return failure(removed.error());
              if (auto audited = store::audit(db, trail); !audited)
                  return failure(audited.error());
              return store::channel(db, channelId);
          });
    const Result<store::ChannelRow> stored = co_await writing;
    if (!stored)
        co_return failure(stored.error());
    forgetKeys(desk, {*key});
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return channelAnswer(desk, *stored);
}

} // namespace tollgate::admin
