// SPDX-License-Identifier: GPL-3.0-or-later
// Taking a configuration to another machine. Without secrets a bundle holds no key and no token
// that works; with a passphrase both travel sealed.
#include "core/access/token.h"
#include "core/admin/baseurl.h"
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/rowfields.h"
#include "core/admin/rowjson.h"
#include "core/admin/sealed.h"
#include "core/admin/settings.h"
#include "core/ledger/pricestore.h"
#include "core/store/channels.h"
#include "core/store/pricerows.h"
#include "core/store/tokens.h"

namespace tollgate::admin {
namespace {

constexpr int kFormat = 1;
constexpr qsizetype kMostRows = 10'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct House
{
    std::vector<store::ChannelRow> channels;
    std::vector<store::TokenRow> tokens; // not revoked
    std::vector<store::PriceOverrideRow> prices;
    QMap<QByteArray, QByteArray> settings;
};

Result<House> readHouse(store::Database &db)
{
    House house;
    auto channels = store::channels(db);
    if (!channels)
        return failure(channels.error());
    house.channels = std::move(*channels);
    auto tokens = store::tokens(db);
    if (!tokens)
        return failure(tokens.error());
    for (store::TokenRow &row : *tokens) {
        if (row.state != store::TokenState::Revoked)
            house.tokens.push_back(std::move(row));
    }
    auto prices = store::priceOverrides(db);
    if (!prices)
        return failure(prices.error());
    house.prices = std::move(*prices);
    auto settings = store::settings(db);
    if (!settings)
        return failure(settings.error());
    house.settings = std::move(*settings);
    return house;
}

// As the add call takes it, so that import is the same check as typing it in.
QJsonObject portable(const store::ChannelRow &row)
{
    QJsonObject json = toJson(row);
    for (const char *own : {"id", "keys", "version", "created"})
        json.remove(key(own));
    QJsonArray variables;
    for (const store::ChannelKeyRow &one : row.keys) {
        if (one.source == store::KeySource::Environment)
            variables.append(QString::fromUtf8(one.reference));
    }
    json.insert(key("key_env"), variables);
    return json;
}

QJsonObject portable(const store::TokenRow &row)
{
    QJsonObject json = toJson(row);
    for (const char *own : {"id", "prefix", "state", "version", "created", "last_used"})
        json.remove(key(own));
    if (row.expiresUs == 0)
        json.insert(key("expires"), key("never"));
    if (!row.budget)
        json.insert(key("budget"), key("none"));
    return json;
}

QJsonObject portable(const store::PriceOverrideRow &row)
{
    return {{key("model"), QString::fromUtf8(row.model)},
            {key("provider"), QString::fromUtf8(row.provider)},
            {key("valid_from_us"), qint64{row.validFromUs}},
            {key("rates"), QJsonDocument::fromJson(row.rates).object()}};
}

QJsonObject bundleOf(const House &house)
{
    QJsonArray channels;
    for (const store::ChannelRow &row : house.channels)
        channels.append(portable(row));
    QJsonArray tokens;
    for (const store::TokenRow &row : house.tokens)
        tokens.append(portable(row));
    QJsonArray prices;
    for (const store::PriceOverrideRow &row : house.prices)
        prices.append(portable(row));
    QJsonObject settings;
    for (auto it = house.settings.begin(); it != house.settings.end(); ++it) {
        const SettingSpec *spec = findSetting(QString::fromUtf8(it.key()));
        const QJsonArray value = QJsonDocument::fromJson('[' + it.value() + ']').array();
        if (spec && value.size() == 1)
            settings.insert(QString::fromUtf8(it.key()), value.first());
    }
    return {{key("tollgate"), kFormat},
            {key("channels"), channels},
            {key("tokens"), tokens},
            {key("prices"), prices},
            {key("settings"), settings}};
}

// What must be sealed: {"keys":{channel:[key, …]},"tokens":{name:digest}}.
Task<Result<QJsonObject>> secretsOf(Desk &desk, House house)
{
    QJsonObject keys;
    for (const store::ChannelRow &row : house.channels) {
        QJsonArray texts;
        for (const store::ChannelKeyRow &one : row.keys) {
            if (one.source != store::KeySource::Keychain && one.source != store::KeySource::Vault)
                continue;
            const OneShot<secrets::Lookup> looking = lookUpKey(desk, one);
            const secrets::Lookup found = co_await looking;
            if (found.state != secrets::KeyState::Present || !found.secret) {
                co_return failure(ErrorKind::Unavailable,
                                  QStringLiteral("The key of channel %1 cannot be read: %2")
                                      .arg(row.name, found.detail),
                                  "key");
            }
            texts.append(QString::fromUtf8(found.secret->reveal()));
        }
        if (!texts.isEmpty())
            keys.insert(row.name, texts);
    }
    QJsonObject tokens;
    for (const store::TokenRow &row : house.tokens) {
        tokens.insert(row.name,
                      QJsonObject{{key("digest"), QString::fromLatin1(row.digest.toHex())},
                                  {key("prefix"), QString::fromLatin1(row.prefix)}});
    }
    co_return QJsonObject{{key("keys"), keys}, {key("tokens"), tokens}};
}

Secret passphraseFrom(Fields &fields)
{
    const auto text = fields.text("passphrase", 1'024);
    return text ? Secret(text->toUtf8()) : Secret();
}

// Everything an import wants to add, checked before anything is written.
struct Plan
{
    std::vector<store::ChannelRow> channels;
    std::vector<GivenKey> keys; // beside channel rows: index of keyed rows in `owners`
    std::vector<std::pair<std::size_t, std::size_t>> owners; // channel, key within it
    std::vector<store::TokenRow> tokens;
    QJsonObject newTokens; // name -> text, shown once
    std::vector<store::PriceOverrideRow> prices;
    std::vector<std::pair<QByteArray, QByteArray>> settings;
    QJsonArray added;
    QJsonArray skipped;
};

QString entry(const char *kind, const QString &name)
{
    return key(kind) + u' ' + name;
}

Error inside(const QString &what, const Error &error)
{
    Error named = error;
    named.message = what + QStringLiteral(": ") + error.message;
    return named;
}

Result<void> planChannel(const Desk &desk, Plan &plan, const House &house, QJsonObject json,
                         const QJsonArray &texts, store::KeySource where)
{
    const QJsonArray variables = json.take(key("key_env")).toArray();
    Fields fields(json);
    store::ChannelRow row;
    const QString name = fields.requiredText("name");
    const QString id = fields.requiredText("provider", 64);
    const relay::Provider *provider = desk.rooms.providers->find(id.toUtf8());
    if (!provider)
        fields.refuse("provider", QStringLiteral("is not a provider that this version knows"));
    if (provider) {
        row.provider = provider->id();
        readChannelFields(fields, row, *provider);
    }
    if (const auto good = fields.finish(); !good)
        return failure(inside(entry("channel", name), good.error()));
    for (const store::ChannelRow &there : house.channels) {
        if (there.name == row.name) {
            plan.skipped.append(entry("channel", row.name));
            return {};
        }
    }
    for (const QJsonValue &variable : variables) {
        GivenKey given;
        given.source = store::KeySource::Environment;
        given.variable = variable.toString().toUtf8();
        row.keys.push_back(keyRow(given, row.baseUrl));
    }
    for (const QJsonValue &text : texts) {
        GivenKey given;
        given.source = where;
        given.secret = std::make_shared<Secret>(text.toString().toUtf8());
        plan.owners.emplace_back(plan.channels.size(), row.keys.size());
        row.keys.push_back(keyRow(given, row.baseUrl));
        plan.keys.push_back(std::move(given));
    }
    if (row.keys.empty() && !provider->needsKey())
        row.keys.push_back(noKey(row.baseUrl));
    plan.added.append(entry("channel", row.name));
    plan.channels.push_back(std::move(row));
    return {};
}

Result<void> planToken(const Desk &desk, Plan &plan, const House &house, const QJsonObject &json,
                       const QJsonObject &secret)
{
    Fields fields(json);
    store::TokenRow row;
    fields.requiredText("name");
    readTokenFields(fields, row, desk.nowUs());
    if (const auto good = fields.finish(); !good)
        return failure(inside(entry("token", row.name), good.error()));
    for (const store::TokenRow &there : house.tokens) {
        if (there.name == row.name) {
            plan.skipped.append(entry("token", row.name));
            return {};
        }
    }
    constexpr qsizetype kDigest = 32;
    row.digest = QByteArray::fromHex(secret.value(key("digest")).toString().toLatin1());
    row.prefix = secret.value(key("prefix")).toString().toLatin1().left(16);
    if (row.digest.size() != kDigest) {
        const access::NewToken made = access::makeToken();
        row.digest = made.digest;
        row.prefix = made.prefix;
        plan.newTokens.insert(row.name, QString::fromLatin1(made.text));
    }
    plan.added.append(entry("token", row.name));
    plan.tokens.push_back(std::move(row));
    return {};
}

Result<void> planPrice(Plan &plan, const House &house, const QJsonObject &json)
{
    Fields fields(json);
    store::PriceOverrideRow row;
    row.model = fields.requiredText("model").toUtf8();
    row.provider = fields.text("provider", 64).value_or(QString()).toUtf8();
    row.validFromUs = fields.integer("valid_from_us", 0, std::int64_t{1} << 53).value_or(0);
    const QJsonObject rates = fields.object("rates").value_or(QJsonObject());
    const QString name = QString::fromUtf8(row.model);
    if (const auto good = fields.finish(); !good)
        return failure(inside(entry("price", name), good.error()));
    const auto price = ledger::ratesFromJson(QJsonDocument(rates).toJson(QJsonDocument::Compact));
    if (!price)
        return failure(inside(entry("price", name), price.error()));
    row.rates = ledger::ratesToJson(*price);
    for (const store::PriceOverrideRow &there : house.prices) {
        if (there.model == row.model && there.provider == row.provider) {
            plan.skipped.append(entry("price", name));
            return {};
        }
    }
    plan.added.append(entry("price", name));
    plan.prices.push_back(std::move(row));
    return {};
}

Result<void> planSettings(Plan &plan, const House &house, const QJsonObject &json)
{
    for (auto it = json.begin(); it != json.end(); ++it) {
        const SettingSpec *spec = findSetting(it.key());
        if (!spec) {
            return failure(
                ErrorKind::InvalidRequest,
                QStringLiteral("This version knows no setting \"%1\".").arg(it.key().left(64)),
                "unknown_field");
        }
        const auto canonical = canonicalSetting(*spec, it.value());
        if (!canonical)
            return failure(canonical.error());
        if (house.settings.contains(QByteArray(spec->name))) {
            plan.skipped.append(entry("setting", it.key()));
            continue;
        }
        plan.settings.emplace_back(QByteArray(spec->name), storedSetting(*spec, *canonical));
        plan.added.append(entry("setting", it.key()));
    }
    return {};
}

struct ImportSecrets
{
    QJsonObject keys;
    QJsonObject tokens;
};

Result<ImportSecrets> openSecrets(const QJsonObject &sealed, const Secret &passphrase)
{
    if (passphrase.isEmpty())
        return ImportSecrets{};
    if (sealed.isEmpty()) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("This file holds no secrets; it was exported without them."));
    }
    const auto opened = unseal(sealed, passphrase);
    if (!opened)
        return failure(opened.error());
    const QJsonObject json = QJsonDocument::fromJson(opened->reveal().toByteArray()).object();
    return ImportSecrets{json.value(key("keys")).toObject(), json.value(key("tokens")).toObject()};
}

Result<Plan> makePlan(const Desk &desk, const House &house, const QJsonObject &bundle,
                      const ImportSecrets &secret, store::KeySource where)
{
    Plan plan;
    Fields fields(bundle);
    if (fields.integer("tollgate", kFormat, kFormat).value_or(0) != kFormat)
        fields.refuse("tollgate",
                      QStringLiteral("is missing: this is no file of tollgated export"));
    const auto channels = fields.array("channels", kMostRows).value_or(QJsonArray());
    const auto tokens = fields.array("tokens", kMostRows).value_or(QJsonArray());
    const auto prices = fields.array("prices", kMostRows).value_or(QJsonArray());
    const auto settings = fields.object("settings").value_or(QJsonObject());
    fields.object("secrets");
    if (const auto good = fields.finish(); !good)
        return failure(good.error());
    for (const QJsonValue &one : channels) {
        const QJsonArray texts = secret.keys.value(one[QLatin1String("name")].toString()).toArray();
        if (auto planned = planChannel(desk, plan, house, one.toObject(), texts, where); !planned)
            return failure(planned.error());
    }
    for (const QJsonValue &one : tokens) {
        const QJsonObject digest
            = secret.tokens.value(one[QLatin1String("name")].toString()).toObject();
        if (auto planned = planToken(desk, plan, house, one.toObject(), digest); !planned)
            return failure(planned.error());
    }
    for (const QJsonValue &one : prices) {
        if (auto planned = planPrice(plan, house, one.toObject()); !planned)
            return failure(planned.error());
    }
    if (auto planned = planSettings(plan, house, settings); !planned)
        return failure(planned.error());
    return plan;
}

struct Rows
{
    std::vector<store::ChannelRow> channels;
    std::vector<store::TokenRow> tokens;
    std::vector<store::PriceOverrideRow> prices;
    std::vector<std::pair<QByteArray, QByteArray>> settings;
    store::AuditRow trail;
};

Result<void> writeRows(store::Database &db, const Rows &rows)
{
    for (const store::ChannelRow &row : rows.channels) {
        if (auto stored = store::addChannel(db, row, rows.trail.atUs); !stored)
            return failure(stored.error());
    }
    for (const store::TokenRow &row : rows.tokens) {
        if (auto stored = store::addToken(db, row, rows.trail.atUs); !stored)
            return failure(stored.error());
    }
    for (const store::PriceOverrideRow &row : rows.prices) {
        if (auto stored = store::setPriceOverride(db, row); !stored)
            return failure(stored.error());
    }
    for (const auto &[name, value] : rows.settings) {
        if (auto stored = store::setSetting(db, name, value); !stored)
            return stored;
    }
    return store::audit(db, rows.trail);
}

std::vector<store::ChannelKeyRow> keptKeys(const Plan &plan, std::size_t count)
{
    std::vector<store::ChannelKeyRow> rows;
    for (std::size_t i = 0; i < count; ++i)
        rows.push_back(plan.channels[plan.owners[i].first].keys[plan.owners[i].second]);
    return rows;
}

Task<Result<void>> apply(Desk &desk, Plan plan)
{
    for (std::size_t i = 0; i < plan.keys.size(); ++i) {
        const auto &[channel, index] = plan.owners[i];
        const OneShot<Result<void>> storing
            = storeKey(desk, plan.channels[channel].keys[index], plan.keys[i]);
        const Result<void> kept = co_await storing;
        if (!kept) {
            forgetKeys(desk, keptKeys(plan, i));
            co_return kept;
        }
    }
    Rows rows{plan.channels, plan.tokens, plan.prices, plan.settings,
              desk.auditRow("import", {}, {{key("added"), plan.added}})};
    const auto writing = desk.write([rows](store::Database &db) { return writeRows(db, rows); });
    const Result<void> written = co_await writing;
    if (!written) {
        forgetKeys(desk, keptKeys(plan, plan.keys.size()));
        co_return written;
    }
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return written;
}

} // namespace

Answer exportAll(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const auto passphrase = std::make_shared<const Secret>(passphraseFrom(fields));
    const bool sealing = fields.has("passphrase");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(readHouse);
    const Result<House> house = co_await reading;
    if (!house)
        co_return failure(house.error());
    QJsonObject bundle = bundleOf(*house);
    if (sealing) {
        Task<Result<QJsonObject>> gathering = secretsOf(desk, *house);
        const Result<QJsonObject> gathered = co_await gathering;
        if (!gathered)
            co_return failure(gathered.error());
        QByteArray text = QJsonDocument(*gathered).toJson(QJsonDocument::Compact);
        const auto sealed = seal(text, *passphrase);
        wipe(text);
        if (!sealed)
            co_return failure(sealed.error());
        bundle.insert(key("secrets"), *sealed);
    }
    const store::AuditRow trail = desk.auditRow("export", {}, {{key("secrets"), sealing}});
    const auto writing
        = desk.write([trail](store::Database &db) { return store::audit(db, trail); });
    const Result<void> audited = co_await writing;
    if (!audited)
        co_return failure(audited.error());
    co_return QJsonObject{{key("bundle"), bundle}};
}

Answer importAll(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const auto passphrase = std::make_shared<const Secret>(passphraseFrom(fields));
    const auto bundle = fields.object("bundle");
    const bool dryRun = fields.boolean("dry_run").value_or(false);
    const QString where = fields.text("key_store", 16).value_or(key("keychain"));
    if (where != u"keychain" && where != u"vault")
        fields.refuse("key_store", QStringLiteral("is keychain or vault"));
    if (!bundle)
        fields.refuse("bundle", QStringLiteral("is missing"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto opened = openSecrets(bundle->value(key("secrets")).toObject(), *passphrase);
    if (!opened)
        co_return failure(opened.error());
    const auto reading = desk.read(readHouse);
    const Result<House> house = co_await reading;
    if (!house)
        co_return failure(house.error());
    auto plan = makePlan(desk, *house, *bundle, *opened,
                         where == u"vault" ? store::KeySource::Vault : store::KeySource::Keychain);
    if (!plan)
        co_return failure(plan.error());
    QJsonObject answer{
        {key("added"), plan->added}, {key("skipped"), plan->skipped}, {key("dry_run"), dryRun}};
    if (!dryRun) {
        answer.insert(key("tokens"), plan->newTokens);
        Task<Result<void>> applying = apply(desk, std::move(*plan));
        const Result<void> applied = co_await applying;
        if (!applied)
            co_return failure(applied.error());
    }
    co_return answer;
}

} // namespace tollgate::admin
