// SPDX-License-Identifier: GPL-3.0-or-later
// Channels in their order, copied, and changed many at a time.
#include "core/admin/bulk.h"
#include "core/admin/channelorder.h"
#include "core/admin/channelview.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/rowjson.h"
#include "core/admin/steps.h"
#include "core/base/random.h"
#include "core/store/channels.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonArray orderJson(const std::vector<store::ChannelRow> &rows)
{
    QJsonArray order;
    for (const store::ChannelRow &row : rows) {
        order.append(QJsonObject{{key("channel"), row.name},
                                 {key("priority"), row.priority},
                                 {key("place"), row.place}});
    }
    return order;
}

struct Wish
{
    QString channel;
    QString before;
    QString after;
    Move move;
    QJsonArray order; // an earlier answer's, to undo
};

std::int64_t idOf(const std::vector<store::ChannelRow> &rows, const QString &name)
{
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&name](const auto &row) { return row.name == name; });
    return found == rows.end() ? -1 : found->id;
}

// As somebody saw it before; channels that have gone since are left out.
std::vector<store::ChannelRow> ordered(std::vector<store::ChannelRow> rows, const QJsonArray &order)
{
    std::vector<store::ChannelRow> changed;
    for (const QJsonValue value : order) {
        const QJsonObject one = value.toObject();
        const auto found = std::find_if(rows.begin(), rows.end(), [&one](const auto &row) {
            return row.name == one.value(QLatin1String("channel")).toString();
        });
        if (found == rows.end())
            continue;
        found->priority = std::clamp(one.value(QLatin1String("priority")).toInt(found->priority),
                                     -1'000, 1'000);
        found->place = std::max(one.value(QLatin1String("place")).toInt(found->place), 0);
        changed.push_back(*found);
    }
    return changed;
}

Result<std::vector<store::ChannelRow>> rearrange(store::Database &db, Wish wish)
{
    auto rows = store::channels(db);
    if (!rows)
        return rows;
    Result<std::vector<store::ChannelRow>> changed;
    if (!wish.order.isEmpty()) {
        changed = ordered(*rows, wish.order);
    } else {
        wish.move.channel = idOf(*rows, wish.channel);
        wish.move.before = wish.before.isEmpty() ? 0 : idOf(*rows, wish.before);
        wish.move.after = wish.after.isEmpty() ? 0 : idOf(*rows, wish.after);
        changed = moved(*rows, wish.move);
    }
    if (!changed)
        return changed;
    for (const store::ChannelRow &row : *changed) {
        if (auto stored = store::updateChannel(db, row); !stored)
            return failure(stored.error());
    }
    return rows;
}

QString copyName(const std::vector<store::ChannelRow> &rows, const QString &name)
{
    const QString base = name.left(56) + QStringLiteral(" copy");
    QString wanted = base;
    for (int number = 2; idOf(rows, wanted) > 0; ++number)
        wanted = QStringLiteral("%1 %2").arg(base).arg(number);
    return wanted;
}

} // namespace

Answer channelMove(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    Wish wish;
    wish.channel = fields.text("channel").value_or(QString());
    wish.before = fields.text("before").value_or(QString());
    wish.after = fields.text("after").value_or(QString());
    wish.move.tier = static_cast<int>(fields.integer("tier", 1, 1'000).value_or(0));
    wish.move.newTier = static_cast<int>(fields.integer("new_tier", 1, 1'000).value_or(0));
    wish.order = fields.array("order", 1'000).value_or(QJsonArray());
    const int ways = int(!wish.before.isEmpty()) + int(!wish.after.isEmpty())
        + int(wish.move.tier != 0) + int(wish.move.newTier != 0) + int(!wish.order.isEmpty());
    if (ways != 1) {
        fields.refuse("before",
                      QStringLiteral("or after, tier, new_tier or order: exactly one is needed"));
    }
    if (wish.order.isEmpty() && wish.channel.isEmpty())
        fields.refuse("channel", QStringLiteral("is missing"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const store::AuditRow trail = desk.auditRow("channel.move", {}, arguments);
    Task<Result<std::vector<store::ChannelRow>>> changing
        = change(desk, trail, [wish](store::Database &db) { return rearrange(db, wish); });
    const Result<std::vector<store::ChannelRow>> before = co_await changing;
    if (!before)
        co_return failure(before.error());
    const auto reading = desk.read([](store::Database &db) { return store::channels(db); });
    const Result<std::vector<store::ChannelRow>> now = co_await reading;
    if (!now)
        co_return failure(now.error());
    co_return QJsonObject{{key("order"), orderJson(*now)}, {key("before"), orderJson(*before)}};
}

Answer channelDuplicate(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::channels(db); });
    const Result<std::vector<store::ChannelRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    const std::int64_t id = idOf(*rows, target.name);
    if (id < 0)
        co_return failure(ErrorKind::NotFound, QStringLiteral("There is no such channel."));
    store::ChannelRow copy
        = *std::find_if(rows->begin(), rows->end(), [id](const auto &row) { return row.id == id; });
    copy.name = copyName(*rows, copy.name);
    copy.enabled = false; // two of one account would share its load unasked
    copy.place += 1;
    std::vector<store::ChannelKeyRow> written;
    for (store::ChannelKeyRow &one : copy.keys) {
        if (one.source != store::KeySource::Keychain && one.source != store::KeySource::Vault)
            continue;
        const OneShot<secrets::Lookup> looking = lookUpKey(desk, one);
        const secrets::Lookup found = co_await looking;
        if (!found.secret) {
            forgetKeys(desk, written);
            co_return failure(ErrorKind::Unavailable, found.detail, "key");
        }
        GivenKey given;
        given.source = one.source;
        given.secret = std::make_shared<Secret>(found.secret->reveal());
        one.reference = randomId("key_");
        const OneShot<Result<void>> storing = storeKey(desk, one, given);
        const Result<void> kept = co_await storing;
        if (!kept) {
            forgetKeys(desk, written);
            co_return failure(kept.error());
        }
        written.push_back(one);
    }
    const store::AuditRow trail = desk.auditRow(
        "channel.duplicate", {}, {{key("of"), target.name}, {key("name"), copy.name}});
    Task<Result<store::ChannelRow>> changing
        = change(desk, trail, [copy, nowUs = trail.atUs](store::Database &db) {
              return store::addChannel(db, copy, nowUs);
          });
    const Result<store::ChannelRow> stored = co_await changing;
    if (!stored) {
        forgetKeys(desk, written);
        co_return failure(stored.error());
    }
    co_return QJsonObject{{key("channel"), describeChannel(desk, *stored)}};
}

} // namespace tollgate::admin
