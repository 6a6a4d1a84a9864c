// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a provider by hand: a small real request told step by step, its model list, and the URLs
// that a base URL leads to.
#include "core/admin/baseurl.h"
#include "core/admin/channelview.h"
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/pastedtext.h"
#include "core/admin/pricing.h"
#include "core/admin/probephases.h"
#include "core/admin/rowfields.h"
#include "core/admin/rowjson.h"
#include "core/store/channels.h"
#include "providers/baseurl.h"
#include "providers/providers.h"
#include "providers/tiles.h"

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

QJsonArray dialectsOf(const relay::Provider &provider)
{
    QJsonArray names;
    for (const ProbeDialect &dialect : probeDialects()) {
        if (provider.speaks(protocol::Operation::Generate, dialect.dialect))
            names.append(key(dialect.name));
    }
    return names;
}

// A channel by its name, or a draft that is nowhere stored: {provider, …}.
Task<Result<store::ChannelRow>> chooseRow(Desk &desk, Fields &fields)
{
    if (const auto name = fields.text("channel")) {
        Task<Result<store::ChannelRow>> finding = find(desk, *name);
        Result<store::ChannelRow> row = co_await finding;
        co_return row;
    }
    store::ChannelRow row;
    row.provider = fields.requiredText("provider", 64).toUtf8();
    row.name = QStringLiteral("draft");
    if (!fields.good())
        co_return failure(fields.finish().error());
    co_return row;
}

// With the key that was given just now; else with its own, as long as it may go where the row
// points: a draft of a stored channel must not carry its key to another host.
Task<Result<routing::Channel>> openWith(Desk &desk, store::ChannelRow row, GivenKey given)
{
    if (given.source == store::KeySource::None) {
        const QByteArray origin = providers::originOf(row.baseUrl);
        const std::size_t before = row.keys.size();
        std::erase_if(row.keys, [&origin](const store::ChannelKeyRow &one) {
            return one.source != store::KeySource::None && one.boundTo != origin;
        });
        if (row.keys.empty() && before > 0) {
            co_return failure(ErrorKind::Unavailable,
                              QStringLiteral("The stored key belongs to another host; paste the "
                                             "key again."),
                              "key");
        }
        Task<Result<routing::Channel>> opening = openChannel(desk, row);
        Result<routing::Channel> channel = co_await opening;
        co_return channel;
    }
    routing::ChannelKey one;
    one.row = keyRow(given, row.baseUrl);
    one.readiness = routing::KeyReadiness::Ready;
    one.secret = given.secret;
    if (given.source == store::KeySource::Environment) {
        const OneShot<secrets::Lookup> looking = lookUpKey(desk, one.row);
        const secrets::Lookup found = co_await looking;
        if (!found.secret)
            co_return failure(ErrorKind::Unavailable, found.detail, "key");
        one.secret = found.secret;
    }
    routing::Channel channel;
    channel.row = row;
    channel.keys.push_back(std::move(one));
    co_return channel;
}

QByteArray modelToTry(const store::ChannelRow &row, const QByteArray &wanted)
{
    if (!wanted.isEmpty())
        return wanted;
    for (const QByteArray &model : row.models) {
        if (!model.endsWith('*'))
            return model;
    }
    return {};
}

// Tells a phase each time it changes.
OnMoment tell(const QByteArray &url, const OnEvent &onEvent)
{
    const bool tls = url.startsWith("https:");
    return [tls, onEvent, last = Phases()](const ProbeMoment &moment) mutable {
        const Phases phases = phasesOf(moment, tls);
        for (std::size_t i = 0; i < phases.size(); ++i) {
            if (phases[i].state != last[i].state)
                onEvent(toJson(phases[i]));
        }
        last = phases;
    };
}

// What such a request costs at most: its prompt, and the few tokens before it was cut.
void insertCost(QJsonObject &answer, const ledger::PriceBook &book, const store::ChannelRow &row,
                const QByteArray &vendorModel, std::int64_t nowUs)
{
    const ledger::Price *const price = book.find(row.provider, vendorModel, nowUs);
    if (!price)
        return;
    TokenCounts usage;
    usage.input = 16;
    usage.output = 16;
    if (const auto cost = ledger::costOf(*price, usage)) {
        answer.insert(key("cost_nano_usd"), qint64{cost->value});
        answer.insert(key("cost_estimated"), true);
    }
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

Answer channelTest(Desk &desk, QJsonObject arguments, OnEvent onEvent)
{
    Fields fields(arguments);
    const QByteArray wanted = fields.text("model").value_or(QString()).toUtf8();
    Task<Result<store::ChannelRow>> choosing = chooseRow(desk, fields);
    Result<store::ChannelRow> row = co_await choosing;
    if (!row)
        co_return failure(row.error());
    const auto provider = providerOf(desk, *row);
    if (!provider)
        co_return failure(provider.error());
    readChannelFields(fields, *row, **provider);
    const GivenKey given = readKey(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto preview = providers::previewUrl(**provider, *row);
    const QByteArray url = preview ? *preview : row->baseUrl;
    Task<Result<routing::Channel>> opening = openWith(desk, *row, given);
    const Result<routing::Channel> channel = co_await opening;
    if (!channel) {
        ProbeReport report;
        report.fail("key", channel.error().message, {});
        co_return testAnswer(report, url);
    }
    const QByteArray model = modelToTry(*row, wanted);
    if (model.isEmpty()) {
        co_return failure(
            ErrorKind::InvalidRequest,
            QStringLiteral("The channel lists no model; name one with --model, or fetch "
                           "the list with \"channel models %1 --save\".")
                .arg(row->name),
            "model_missing");
    }
    Task<ProbeReport> probing = probe(**provider, *channel, channel->vendorModel(model),
                                      *desk.rooms.clock, onEvent ? tell(url, onEvent) : OnMoment());
    const ProbeReport report = co_await probing;
    if (report.ok() && desk.rooms.engine) {
        for (const store::ChannelKeyRow &one : row->keys)
            desk.rooms.engine->clearCooldown(one.id);
    }
    QJsonObject answer = testAnswer(report, url);
    answer.insert(key("model"), QString::fromUtf8(model));
    if (report.ok()) {
        const auto reading = desk.read([](store::Database &db) { return readPriceBook(db); });
        const Result<ledger::PriceBook> book = co_await reading;
        if (book)
            insertCost(answer, *book, *row, channel->vendorModel(model), desk.nowUs());
    }
    co_return answer;
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
    const QByteArray typed = fields.text("base_url", 2'048).value_or(QString()).toUtf8();
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
    QJsonArray warnings;
    for (const QString &warning : baseUrlWarnings(typed, provider->needsKey()))
        warnings.append(warning);
    co_return QJsonObject{{key("base_url"), QString::fromUtf8(row.baseUrl)},
                          {key("urls"), urlsOf(*provider, row)},
                          {key("warnings"), warnings}};
}

Answer channelPaste(Desk &desk, QJsonObject arguments, OnEvent)
{
    const QString text = arguments.take(key("text")).toString();
    Fields fields(arguments);
    constexpr qsizetype kLongest = 512 * 1024;
    if (text.isEmpty() || text.size() > kLongest)
        fields.refuse("text", QStringLiteral("is missing or too long"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    QJsonArray drafts;
    for (const PastedChannel &one : readPasted(text, *desk.rooms.providers)) {
        QJsonArray keys;
        for (const QByteArray &pasted : one.keys) {
            keys.append(QJsonObject{{key("key"), QString::fromUtf8(pasted)},
                                    {key("hint"), QString::fromUtf8(Secret(pasted).masked())}});
        }
        QJsonObject map;
        for (const auto &[client, vendor] : one.modelMap)
            map.insert(QString::fromUtf8(client), QString::fromUtf8(vendor));
        const relay::Provider *const provider = desk.rooms.providers->find(one.provider);
        drafts.append(QJsonObject{
            {key("name"), one.name},
            {key("provider"), QString::fromUtf8(one.provider)},
            {key("provider_name"), provider ? provider->name() : QString()},
            {key("tile"), tileJson(one.provider)},
            {key("base_url"), QString::fromUtf8(one.baseUrl)},
            {key("keys"), keys},
            {key("models"), toJson(one.models)},
            {key("model_map"), map},
            {key("priority"), one.priority},
            {key("weight"), one.weight},
            {key("form"), one.form},
            {key("sure"), one.sure},
        });
    }
    co_return QJsonObject{{key("drafts"), drafts}};
}

Answer providerList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    QJsonArray list;
    for (const auto &provider : desk.rooms.providers->all()) {
        const providers::Tile tile = providers::tileOf(provider->id());
        list.append(QJsonObject{
            {key("id"), QString::fromUtf8(provider->id())},
            {key("name"), provider->name()},
            {key("base_url"), QString::fromUtf8(provider->defaultBaseUrl())},
            {key("needs_key"), provider->needsKey()},
            {key("tile"), tileJson(provider->id())},
            {key("dialects"), dialectsOf(*provider)},
            {key("environment"), QString::fromLatin1(tile.environment)},
            {key("keys_page"), tile.keysPage},
            {key("local"), isLoopbackUrl(QString::fromUtf8(provider->defaultBaseUrl()))}});
    }
    co_return QJsonObject{{key("providers"), list}};
}

} // namespace tollgate::admin
