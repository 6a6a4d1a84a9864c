// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a provider by hand: a small real request told step by step, its model list, and the URLs
// that a base URL leads to.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/probe.h"
#include "core/admin/rowfields.h"
#include "core/admin/rowjson.h"
#include "core/store/channels.h"
#include "providers/providers.h"

namespace tollgate::admin {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

Task<Result<store::ChannelRow>> find(Desk &desk, QString name)
{
    const auto reading
        = desk.read([name](store::Database &db) { return store::channelNamed(db, name); });
    Result<store::ChannelRow> row = co_await reading;
    co_return row;
}

Result<const relay::Provider *> providerOf(const Desk &desk, const store::ChannelRow &row)
{
    if (const relay::Provider *provider = desk.rooms.providers->find(row.provider))
        return provider;
    return failure(ErrorKind::NotFound,
                   QStringLiteral("This version of Tollgate does not know the provider \"%1\".")
                       .arg(QString::fromUtf8(row.provider)));
}

// The channel with the first key that can be had. Unavailable says why none can.
Task<Result<routing::Channel>> openChannel(Desk &desk, store::ChannelRow row)
{
    routing::Channel channel;
    channel.row = row;
    QString why;
    for (const store::ChannelKeyRow &one : row.keys) {
        routing::ChannelKey key;
        key.row = one;
        key.readiness = routing::KeyReadiness::Ready;
        if (one.source != store::KeySource::None) {
            const OneShot<secrets::Lookup> looking = lookUpKey(desk, one);
            const secrets::Lookup found = co_await looking;
            if (found.state != secrets::KeyState::Present || !found.secret) {
                why = found.detail;
                continue;
            }
            key.secret = found.secret;
        }
        channel.keys.push_back(std::move(key));
        co_return channel;
    }
    const auto provider = providerOf(desk, row);
    if (row.keys.empty() && provider && !(*provider)->needsKey())
        co_return channel;
    if (why.isEmpty())
        why = QStringLiteral("The channel %1 has no key; add one with \"channel key add\".")
                  .arg(row.name);
    co_return failure(ErrorKind::Unavailable, why, "key");
}

QJsonArray urlsOf(const relay::Provider &provider, const store::ChannelRow &row)
{
    QJsonArray urls;
    for (const ProbeDialect &dialect : probeDialects()) {
        if (!provider.speaks(protocol::Operation::Generate, dialect.dialect))
            continue;
        const auto url = providers::previewUrl(provider, row, probeEndpoint(dialect, {}));
        if (!url)
            continue;
        urls.append(QJsonObject{{key("dialect"), key(dialect.name)},
                                {key("url"), QString::fromUtf8(withoutQuery(*url))}});
    }
    return urls;
}

} // namespace

Answer channelTest(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString name = fields.requiredText("channel");
    const QByteArray wanted = fields.text("model").value_or(QString()).toUtf8();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, name);
    const Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const auto provider = providerOf(desk, *row);
    if (!provider)
        co_return failure(provider.error());
    Task<Result<routing::Channel>> opening = openChannel(desk, *row);
    const Result<routing::Channel> channel = co_await opening;
    if (!channel) {
        ProbeReport report;
        report.fail("key", channel.error().message, {});
        co_return report.toJson();
    }
    const QByteArray model = !wanted.isEmpty() ? wanted
        : row->models.isEmpty()                ? QByteArray()
                                               : row->models.first();
    if (model.isEmpty()) {
        co_return failure(
            ErrorKind::InvalidRequest,
            QStringLiteral("The channel lists no model; name one with --model, or fetch "
                           "the list with \"channel models %1 --save\".")
                .arg(row->name),
            "model_missing");
    }
    Task<ProbeReport> probing
        = probe(**provider, *channel, channel->vendorModel(model), *desk.rooms.clock);
    const ProbeReport report = co_await probing;
    if (report.ok() && desk.rooms.engine) {
        for (const store::ChannelKeyRow &one : row->keys)
            desk.rooms.engine->clearCooldown(one.id);
    }
    co_return report.toJson();
}

Answer channelModels(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString name = fields.requiredText("channel");
    const bool saving = fields.boolean("save").value_or(false);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, name);
    Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const auto provider = providerOf(desk, *row);
    if (!provider)
        co_return failure(provider.error());
    Task<Result<routing::Channel>> opening = openChannel(desk, *row);
    const Result<routing::Channel> channel = co_await opening;
    if (!channel)
        co_return failure(channel.error());
    Task<Result<QByteArrayList>> fetching = fetchModels(**provider, *channel, *desk.rooms.clock);
    const Result<QByteArrayList> models = co_await fetching;
    if (!models)
        co_return failure(models.error());
    if (saving) {
        row->models = *models;
        const store::AuditRow trail
            = desk.auditRow("channel.models", "channel:" + QByteArray::number(qlonglong{row->id}),
                            {{key("count"), models->size()}});
        const auto writing = desk.write([row = *row, trail](store::Database &db) -> Result<void> {
            if (auto stored = store::updateChannel(db, row); !stored)
                return failure(stored.error());
            return store::audit(db, trail);
        });
        const Result<void> saved = co_await writing;
        if (!saved)
            co_return failure(saved.error());
        const OneShot<Result<void>> taken = desk.changed();
        co_await taken;
    }
    co_return QJsonObject{{key("models"), toJson(*models)}, {key("saved"), saving}};
}

Answer channelPreview(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray id = fields.requiredText("provider", 64).toUtf8();
    const relay::Provider *provider = desk.rooms.providers->find(id);
    if (!provider && fields.good())
        fields.refuse("provider", QStringLiteral("is not a provider that Tollgate knows"));
    store::ChannelRow row;
    row.provider = id;
    row.local = true; // what may be dialled is decided when the channel is made
    if (provider)
        readChannelFields(fields, row, *provider);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (const auto url = providers::previewUrl(*provider, row); !url)
        co_return failure(url.error());
    co_return QJsonObject{{key("base_url"), QString::fromUtf8(row.baseUrl)},
                          {key("urls"), urlsOf(*provider, row)}};
}

Answer providerList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    QJsonArray list;
    for (const auto &provider : desk.rooms.providers->all()) {
        list.append(QJsonObject{{key("id"), QString::fromUtf8(provider->id())},
                                {key("name"), provider->name()},
                                {key("base_url"), QString::fromUtf8(provider->defaultBaseUrl())},
                                {key("needs_key"), provider->needsKey()}});
    }
    co_return QJsonObject{{key("providers"), list}};
}

} // namespace tollgate::admin
