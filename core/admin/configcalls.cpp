// SPDX-License-Identifier: GPL-3.0-or-later
// Settings and prices.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/pricing.h"
#include "core/admin/rowjson.h"
#include "core/admin/settings.h"
#include "core/admin/settingwords.h"
#include "core/admin/steps.h"
#include "core/admin/units.h"
#include "core/ledger/catalogue.h"
#include "core/ledger/pricestore.h"
#include "core/store/pricerows.h"

namespace tollgate::admin {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString typeName(SettingType type)
{
    switch (type) {
    case SettingType::Boolean:
        return key("boolean");
    case SettingType::Integer:
        return key("integer");
    case SettingType::List:
        return key("list");
    case SettingType::Choice:
        return key("choice");
    case SettingType::Text:
        break;
    }
    return key("text");
}

QJsonObject describe(const SettingSpec &spec, const Settings &settings)
{
    const SettingWords words = settingWords(spec);
    QJsonObject json{
        {key("name"), key(spec.name)},
        {key("section"), words.section},
        {key("section_id"), words.sectionSlug},
        {key("title"), words.title},
        {key("effect"), words.effect},
        {key("advanced"), words.advanced},
        {key("changed"), !settings.isDefault(spec.name)},
        {key("text_key"), key("setting.") + key(spec.name)},
        {key("value"), settingToJson(spec, settings.text(spec.name))},
        {key("default"), settingToJson(spec, QByteArray(spec.fallback))},
        {key("is_default"), settings.isDefault(spec.name)},
        {key("type"), typeName(spec.type)},
        {key("unit"), key(spec.unit)},
        {key("restart"), spec.effect == SettingEffect::Restart},
        {key("what"), QString::fromUtf8(spec.what)},
    };
    if (spec.type == SettingType::Integer) {
        json.insert(key("least"), qint64{spec.least});
        json.insert(key("most"), qint64{spec.most});
    }
    if (spec.type == SettingType::Choice) {
        QJsonArray choices;
        for (const QString &choice : key(spec.choices).split(u'|'))
            choices.append(choice);
        json.insert(key("choices"), choices);
    }
    return json;
}

Result<Settings> readSettings(store::Database &db)
{
    const auto stored = store::settings(db);
    if (!stored)
        return failure(stored.error());
    QHash<QByteArray, QByteArray> values;
    for (auto it = stored->begin(); it != stored->end(); ++it)
        values.insert(it.key(), it.value());
    return Settings(values);
}

const SettingSpec *readSpec(Fields &fields)
{
    const QString name = fields.requiredText("name", 64);
    const SettingSpec *spec = findSetting(name);
    if (!spec && fields.good()) {
        fields.refuse("name", QStringLiteral("is not a setting; \"settings list\" shows them all"));
    }
    return spec;
}

// The stored values of both TLS files must go together with each other; a half set one would make
// the next start fail.
Task<Result<QJsonObject>> saveSetting(Desk &desk, const SettingSpec &spec,
                                      std::optional<QByteArray> canonical)
{
    const QByteArray name(spec.name);
    const QByteArray stored = canonical ? storedSetting(spec, *canonical) : QByteArray();
    const store::AuditRow trail = desk.auditRow(
        canonical ? "settings.set" : "settings.unset", "setting:" + name,
        canonical ? QJsonObject{{key("value"), settingToJson(spec, *canonical)}} : QJsonObject());
    const auto make
        = [name, stored, set = canonical.has_value()](store::Database &db) -> Result<Settings> {
        auto done = set ? store::setSetting(db, name, stored) : store::removeSetting(db, name);
        if (!done)
            return failure(done.error());
        return readSettings(db);
    };
    Task<Result<Settings>> changing = change(desk, trail, make);
    const Result<Settings> settings = co_await changing;
    if (!settings)
        co_return failure(settings.error());
    co_return QJsonObject{{key("setting"), describe(spec, *settings)}};
}

struct RateField
{
    const char *name;
    PicoUsd ledger::Rates::*rate;
};
constexpr std::array kRateFields{
    RateField{"input", &ledger::Rates::input},
    RateField{"output", &ledger::Rates::output},
    RateField{"cache_read", &ledger::Rates::cacheRead},
    RateField{"cache_write", &ledger::Rates::cacheWrite5m},
    RateField{"cache_write_1h", &ledger::Rates::cacheWrite1h},
    RateField{"reasoning", &ledger::Rates::reasoning},
    RateField{"audio_input", &ledger::Rates::audioInput},
    RateField{"audio_output", &ledger::Rates::audioOutput},
    RateField{"image_input", &ledger::Rates::imageInput},
    RateField{"image_output", &ledger::Rates::imageOutput},
};

bool contains(const ledger::Price &price, const QByteArray &model, const QByteArray &provider)
{
    return (model.isEmpty() || price.model.contains(model))
        && (provider.isEmpty() || price.provider == provider);
}

// Of one request, picture, second …
std::optional<PicoUsd> readUnitRate(Fields &fields, const char *name)
{
    const auto text = fields.text(name, 32);
    if (!text)
        return std::nullopt;
    const auto amount = parseUsd(text->toUtf8());
    constexpr std::int64_t kDearest = 100'000'000'000; // 100 USD
    if (!amount || amount->value > kDearest) {
        fields.refuse(name, QStringLiteral("is an amount in US dollars, at most 100"));
        return std::nullopt;
    }
    return PicoUsd{amount->value * 1'000};
}

void readRates(Fields &fields, ledger::Rates &rates)
{
    for (const RateField &field : kRateFields) {
        if (const auto text = fields.text(field.name, 32)) {
            if (const auto price = fields.take(field.name, parseUsdPerMillion(*text)))
                rates.*(field.rate) = *price;
        }
    }
    rates.perRequest = readUnitRate(fields, "request").value_or(rates.perRequest);
}

void readUnitRates(Fields &fields, ledger::UnitRates &units)
{
    units.image = readUnitRate(fields, "image").value_or(units.image);
    units.audioInputSecond
        = readUnitRate(fields, "audio_input_second").value_or(units.audioInputSecond);
    units.audioOutputSecond
        = readUnitRate(fields, "audio_output_second").value_or(units.audioOutputSecond);
    units.character = readUnitRate(fields, "character").value_or(units.character);
    units.search = readUnitRate(fields, "search").value_or(units.search);
}

} // namespace

Answer settingsList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(readSettings);
    const Result<Settings> settings = co_await reading;
    if (!settings)
        co_return failure(settings.error());
    QJsonArray list;
    for (const SettingSpec &spec : settingSpecs())
        list.append(describe(spec, *settings));
    co_return QJsonObject{{key("settings"), list}};
}

Answer settingsGet(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const SettingSpec *spec = readSpec(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(readSettings);
    const Result<Settings> settings = co_await reading;
    if (!settings)
        co_return failure(settings.error());
    co_return QJsonObject{{key("setting"), describe(*spec, *settings)}};
}

Answer settingsSet(Desk &desk, QJsonObject arguments, OnEvent)
{
    const QJsonValue value = arguments.take(key("value"));
    Fields fields(arguments);
    const SettingSpec *spec = readSpec(fields);
    if (value.isUndefined())
        fields.refuse("value", QStringLiteral("is missing"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto canonical = canonicalSetting(*spec, value);
    if (!canonical)
        co_return failure(canonical.error());
    Answer saving = saveSetting(desk, *spec, *canonical);
    Result<QJsonObject> answer = co_await saving;
    co_return answer;
}

Answer settingsUnset(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const SettingSpec *spec = readSpec(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Answer saving = saveSetting(desk, *spec, std::nullopt);
    Result<QJsonObject> answer = co_await saving;
    co_return answer;
}

Answer priceList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray model = fields.text("model").value_or(QString()).toUtf8();
    const QByteArray provider = fields.text("provider").value_or(QString()).toUtf8();
    const bool userOnly = fields.boolean("user").value_or(false);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::priceOverrides(db); });
    const Result<std::vector<store::PriceOverrideRow>> overrides = co_await reading;
    if (!overrides)
        co_return failure(overrides.error());
    QJsonArray list;
    for (const store::PriceOverrideRow &row : *overrides) {
        const auto price = ownPrice(row);
        if (!price)
            co_return failure(price.error());
        if (contains(*price, model, provider))
            list.append(toJson(*price));
    }
    if (!userOnly) {
        const auto catalogue = ledger::loadCatalogue();
        if (!catalogue)
            co_return failure(catalogue.error());
        for (const ledger::Price &price : *catalogue) {
            if (contains(price, model, provider))
                list.append(toJson(price));
        }
    }
    co_return QJsonObject{{key("prices"), list}};
}

Answer priceSet(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    ledger::Price price;
    price.model = fields.requiredText("model").toUtf8();
    price.provider = fields.text("provider", 64).value_or(QString()).toUtf8();
    if (!price.provider.isEmpty() && !desk.rooms.providers->find(price.provider))
        fields.refuse("provider", QStringLiteral("is not a provider that Tollgate knows"));
    for (const char *needed : {"input", "output"}) {
        if (!fields.has(needed))
            fields.refuse(needed, QStringLiteral("is missing; 0 means free"));
    }
    readRates(fields, price.rates);
    readUnitRates(fields, price.units);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    price.validFromUs = desk.nowUs();
    price.source = "user";
    store::PriceOverrideRow row;
    row.provider = price.provider;
    row.model = price.model;
    row.validFromUs = price.validFromUs;
    row.rates = ledger::ratesToJson(price);
    const store::AuditRow trail = desk.auditRow("price.set", "price:" + price.model, toJson(price));
    auto changing = change(desk, trail,
                           [row](store::Database &db) { return store::setPriceOverride(db, row); });
    const auto stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{key("price"), toJson(price)}};
}

Answer priceUnset(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray model = fields.requiredText("model").toUtf8();
    const QByteArray provider = fields.text("provider", 64).value_or(QString()).toUtf8();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const store::AuditRow trail = desk.auditRow("price.unset", "price:" + model, {});
    const auto make = [model, provider](store::Database &db) -> Result<std::int64_t> {
        const auto rows = store::priceOverrides(db);
        if (!rows)
            return failure(rows.error());
        std::int64_t removed = 0;
        for (const store::PriceOverrideRow &row : *rows) {
            if (row.model != model || row.provider != provider)
                continue;
            if (auto done = store::removePriceOverride(db, row.id); !done)
                return failure(done.error());
            ++removed;
        }
        if (removed == 0) {
            return failure(
                ErrorKind::NotFound,
                QStringLiteral("You have set no price of %1.").arg(QString::fromUtf8(model)));
        }
        return removed;
    };
    Task<Result<std::int64_t>> changing = change(desk, trail, make);
    const Result<std::int64_t> removed = co_await changing;
    if (!removed)
        co_return failure(removed.error());
    co_return QJsonObject{{key("removed"), qint64{*removed}}};
}

} // namespace tollgate::admin
