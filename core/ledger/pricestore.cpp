// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/pricestore.h"

#include "core/base/jsonwriter.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tollgate::ledger {
namespace {

struct Field
{
    const char *name;
    PicoUsd Rates::*value;
};

constexpr Field fields[] = {
    {"input", &Rates::input},
    {"output", &Rates::output},
    {"cache_read", &Rates::cacheRead},
    {"cache_write_5m", &Rates::cacheWrite5m},
    {"cache_write_1h", &Rates::cacheWrite1h},
    {"reasoning", &Rates::reasoning},
    {"audio_input", &Rates::audioInput},
    {"audio_output", &Rates::audioOutput},
    {"image_input", &Rates::imageInput},
    {"image_output", &Rates::imageOutput},
    {"per_request", &Rates::perRequest},
};

struct UnitField
{
    const char *name;
    PicoUsd UnitRates::*value;
};

constexpr UnitField unitFields[] = {
    {"image", &UnitRates::image},
    {"audio_input_second", &UnitRates::audioInputSecond},
    {"audio_output_second", &UnitRates::audioOutputSecond},
    {"character", &UnitRates::character},
    {"search", &UnitRates::search},
};

void writeUnits(JsonWriter &json, const UnitRates &units)
{
    if (!units.any())
        return;
    json.key("units").beginObject();
    for (const UnitField &field : unitFields) {
        if (const PicoUsd value = units.*field.value; value.value >= 0)
            json.member(field.name, value.value);
    }
    if (!units.imageClasses.empty()) {
        json.key("images").beginObject();
        for (const auto &[name, rate] : units.imageClasses)
            json.member(name, rate.value);
        json.endObject();
    }
    json.endObject();
}

UnitRates readUnits(const QJsonObject &object)
{
    UnitRates units;
    for (const UnitField &field : unitFields)
        units.*field.value = PicoUsd{object.value(QLatin1String(field.name)).toInteger(-1)};
    const QJsonObject images = object.value(QLatin1String("images")).toObject();
    for (auto it = images.begin(); it != images.end(); ++it) // sorted by name
        units.imageClasses.emplace_back(it.key().toUtf8(), PicoUsd{it.value().toInteger()});
    return units;
}

void writeRates(JsonWriter &json, const Rates &rates)
{
    for (const Field &field : fields) {
        const PicoUsd value = rates.*field.value;
        const PicoUsd unset = Rates().*field.value;
        if (value != unset)
            json.member(field.name, value.value);
    }
}

Rates readRates(const QJsonObject &object)
{
    Rates rates;
    for (const Field &field : fields)
        rates.*field.value = PicoUsd{
            object.value(QLatin1String(field.name)).toInteger((rates.*field.value).value)};
    return rates;
}

} // namespace

QByteArray ratesToJson(const Price &price)
{
    JsonWriter json;
    json.beginObject();
    writeRates(json, price.rates);
    if (!price.tiers.empty()) {
        json.key("tiers").beginArray();
        for (const Tier &tier : price.tiers) {
            json.beginObject().member("above_input_tokens", tier.aboveInputTokens);
            writeRates(json, tier.rates);
            json.endObject();
        }
        json.endArray();
    }
    writeUnits(json, price.units);
    if (price.maxOutputTokens != 0)
        json.member("max_output_tokens", price.maxOutputTokens);
    json.endObject();
    return json.take();
}

Result<Price> ratesFromJson(QByteArrayView json)
{
    const QJsonDocument document = QJsonDocument::fromJson(json.toByteArray());
    if (!document.isObject())
        return failure(ErrorKind::Internal, QStringLiteral("A stored price cannot be read."),
                       "bad_price");
    const QJsonObject object = document.object();
    Price price;
    price.rates = readRates(object);
    price.maxOutputTokens = object.value(QLatin1String("max_output_tokens")).toInteger();
    price.units = readUnits(object.value(QLatin1String("units")).toObject());
    const QJsonArray tiers = object.value(QLatin1String("tiers")).toArray();
    for (const QJsonValue &value : tiers) {
        const QJsonObject tier = value.toObject();
        price.tiers.push_back(
            {tier.value(QLatin1String("above_input_tokens")).toInteger(), readRates(tier)});
    }
    return price;
}

store::PriceVersionRow toRow(const Price &price)
{
    store::PriceVersionRow row;
    row.id = price.id;
    row.provider = price.provider;
    row.model = price.model;
    row.validFromUs = price.validFromUs;
    row.rates = ratesToJson(price);
    row.source = price.source;
    row.hash = store::priceHash(row);
    return row;
}

Result<Price> fromRow(const store::PriceVersionRow &row)
{
    auto price = ratesFromJson(row.rates);
    if (!price)
        return price;
    price->id = row.id;
    price->provider = row.provider;
    price->model = row.model;
    price->validFromUs = row.validFromUs;
    price->source = row.source;
    return price;
}

Result<std::vector<Price>> storePrices(store::Database &db, std::vector<Price> prices)
{
    std::vector<store::PriceVersionRow> rows;
    rows.reserve(prices.size());
    for (const Price &price : prices)
        rows.push_back(toRow(price));
    auto ids = store::addPriceVersions(db, rows);
    if (!ids)
        return failure(ids.error());
    for (std::size_t i = 0; i < prices.size(); ++i)
        prices[i].id = (*ids)[i];
    return prices;
}

} // namespace tollgate::ledger
