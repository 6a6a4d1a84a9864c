// SPDX-License-Identifier: GPL-3.0-or-later
// Every model that clients may ask for: who serves it, what it costs, what it takes.
#include "core/admin/channelview.h"
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/pricing.h"
#include "core/admin/rowjson.h"
#include "core/ledger/modelfacts.h"
#include "core/ledger/pricestore.h"
#include "core/relay/channeltable.h"
#include "core/store/channels.h"
#include "core/store/rollups.h"

#include <algorithm>
#include <array>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kMonthUs = 30LL * 86'400'000'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Shelf
{
    std::vector<store::ChannelRow> channels;
    ledger::PriceBook prices;
    std::vector<store::UsageRow> used;
};

Result<Shelf> readShelf(store::Database &db, std::int64_t nowUs)
{
    auto channels = store::channels(db);
    if (!channels)
        return failure(channels.error());
    auto prices = readPriceBook(db);
    if (!prices)
        return failure(prices.error());
    constexpr std::int64_t kHourUs = 3'600'000'000;
    auto used = store::usage(db, store::UsageBy::Model, (nowUs - kMonthUs) / kHourUs * kHourUs, 0);
    if (!used)
        return failure(used.error());
    return Shelf{std::move(*channels), std::move(*prices), std::move(*used)};
}

QJsonArray capabilityNames(std::uint32_t capabilities)
{
    struct Name
    {
        ledger::Capability capability;
        const char *name;
    };
    constexpr std::array kNames{
        Name{ledger::Tools, "tools"},           Name{ledger::StructuredOutput, "json"},
        Name{ledger::Reasoning, "reasoning"},   Name{ledger::ImageInput, "vision"},
        Name{ledger::PdfInput, "pdf"},          Name{ledger::AudioInput, "audio_in"},
        Name{ledger::AudioOutput, "audio_out"}, Name{ledger::VideoInput, "video"},
        Name{ledger::ImageOutput, "image_out"}, Name{ledger::PromptCache, "prompt_cache"},
        Name{ledger::WebSearch, "web_search"},  Name{ledger::ComputerUse, "computer_use"},
    };
    QJsonArray names;
    for (const Name &one : kNames) {
        if (capabilities & one.capability)
            names.append(key(one.name));
    }
    return names;
}

struct Served
{
    QByteArray model;
    std::vector<std::shared_ptr<const routing::Channel>> by;
};

std::vector<Served> servedModels(const routing::ChannelTable &table, const Shelf &shelf)
{
    std::vector<QByteArray> names;
    const auto add = [&names](const QByteArray &name) {
        if (!name.isEmpty() && !name.endsWith('*'))
            names.push_back(name);
    };
    for (const auto &channel : table.channels) {
        for (const QByteArray &name : channel->row.models)
            add(name);
        for (const auto &[client, vendor] : channel->row.modelMap)
            add(client);
    }
    for (const store::UsageRow &row : shelf.used)
        add(row.key.toUtf8());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::vector<Served> out;
    for (const QByteArray &name : names) {
        Served served{name, {}};
        for (const auto &channel : table.channels) {
            if (channel->serves(name))
                served.by.push_back(channel);
        }
        out.push_back(std::move(served));
    }
    return out;
}

void insertUse(QJsonObject &json, const Shelf &shelf, const QByteArray &model)
{
    store::Totals totals;
    for (const store::UsageRow &row : shelf.used) {
        if (row.key.toUtf8() == model)
            totals = row.totals;
    }
    json.insert(key("requests_30d"), integer(totals.requests));
    json.insert(key("cost_30d_nano_usd"), integer(totals.cost.value));
    json.insert(key("unpriced_30d"), integer(totals.unpriced));
}

QJsonObject describe(const Served &served, const Shelf &shelf, std::int64_t nowUs)
{
    QJsonArray channels;
    const ledger::Price *price = nullptr;
    const ledger::CatalogueEntry *facts = nullptr;
    bool priced = !served.by.empty();
    for (const auto &channel : served.by) {
        const QByteArray vendorModel = channel->vendorModel(served.model);
        const ledger::Price *const own
            = shelf.prices.find(channel->row.provider, vendorModel, nowUs);
        priced = priced && own;
        if (!price)
            price = own;
        if (!facts)
            facts = ledger::modelFacts(channel->row.provider, vendorModel);
        channels.append(QJsonObject{{key("channel"), channel->row.name},
                                    {key("enabled"), channel->row.enabled},
                                    {key("tile"), tileJson(channel->row.provider)},
                                    {key("provider"), QString::fromUtf8(channel->row.provider)},
                                    {key("vendor_model"), QString::fromUtf8(vendorModel)},
                                    {key("priced"), own != nullptr}});
    }
    QJsonObject json{{key("model"), QString::fromUtf8(served.model)},
                     {key("channels"), channels},
                     {key("price"), price ? QJsonValue(toJson(*price)) : QJsonValue()},
                     {key("unpriced"), !priced},
                     {key("context_tokens"), integer(facts ? facts->contextTokens : 0)},
                     {key("max_output_tokens"), integer(price ? price->maxOutputTokens : 0)},
                     {key("capabilities"), capabilityNames(facts ? facts->capabilities : 0)}};
    json.insert(key("embeddings"), facts && facts->kind == ledger::ModelKind::Embedding);
    insertUse(json, shelf, served.model);
    return json;
}

} // namespace

Answer modelsList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t nowUs = desk.nowUs();
    const auto reading = desk.read([nowUs](store::Database &db) { return readShelf(db, nowUs); });
    const Result<Shelf> shelf = co_await reading;
    if (!shelf)
        co_return failure(shelf.error());
    const auto table = relay::makeChannelTable(shelf->channels, *desk.rooms.providers,
                                               [](const store::ChannelKeyRow &row) {
                                                   return routing::ChannelKey{row, {}, {}};
                                               });
    QJsonArray models;
    for (const Served &served : servedModels(*table, *shelf))
        models.append(describe(served, *shelf, nowUs));
    co_return QJsonObject{{key("models"), models}};
}

Answer priceHistory(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray model = fields.requiredText("model").toUtf8();
    const QByteArray provider = fields.text("provider", 64).value_or(QString()).toUtf8();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::priceVersions(db); });
    const Result<std::vector<store::PriceVersionRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    QJsonArray history;
    for (const store::PriceVersionRow &row : *rows) {
        if (row.model != model || (!provider.isEmpty() && row.provider != provider))
            continue;
        const auto price = ledger::fromRow(row);
        if (!price)
            co_return failure(price.error());
        QJsonObject json = toJson(*price);
        json.insert(key("valid_from_us"), integer(price->validFromUs));
        history.append(json);
    }
    co_return QJsonObject{{key("history"), history}};
}

} // namespace tollgate::admin
