// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/rowjson.h"

#include "core/admin/units.h"

#include <QJsonDocument>

#include <array>

namespace tollgate::admin {
namespace {

QString text(const QByteArray &utf8)
{
    return QString::fromUtf8(utf8);
}

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject toJson(const store::ChannelKeyRow &row)
{
    return {{key("id"), integer(row.id)},
            {key("source"), keySourceName(row.source)},
            {key("reference"),
             row.source == store::KeySource::Environment ? text(row.reference) : QString()},
            {key("bound_to"), text(row.boundTo)},
            {key("hint"), text(row.hint)},
            {key("enabled"), row.enabled}};
}

QJsonObject toJson(const TokenCounts &usage)
{
    return {{key("input"), integer(usage.input)},
            {key("cache_read"), integer(usage.cacheRead)},
            {key("cache_write_5m"), integer(usage.cacheWrite5m)},
            {key("cache_write_1h"), integer(usage.cacheWrite1h)},
            {key("output"), integer(usage.output)},
            {key("reasoning"), integer(usage.reasoning)},
            {key("audio_input"), integer(usage.audioInput)},
            {key("audio_output"), integer(usage.audioOutput)},
            {key("image_input"), integer(usage.imageInput)},
            {key("image_output"), integer(usage.imageOutput)}};
}

// Only what there is of them: most calls use none.
QJsonObject toJson(const UnitCounts &units)
{
    QJsonObject json;
    const auto add = [&json](const char *name, std::int64_t count) {
        if (count != 0)
            json.insert(key(name), integer(count));
    };
    add("images", units.images);
    add("audio_input_ms", units.audioInputMs);
    add("audio_output_ms", units.audioOutputMs);
    add("characters", units.characters);
    add("searches", units.searches);
    if (!units.imageClass.isEmpty())
        json.insert(key("image_class"), text(units.imageClass));
    return json;
}

QJsonArray flagNames(std::uint32_t flags)
{
    struct Flag
    {
        store::AttemptFlag flag;
        const char *name;
    };
    constexpr std::array kFlags{
        Flag{store::Estimated, "estimated"},    Flag{store::Partial, "partial"},
        Flag{store::OutcomeUnknown, "unknown"}, Flag{store::Crash, "crash"},
        Flag{store::Clamped, "clamped"},        Flag{store::Unpriced, "unpriced"},
        Flag{store::ClientLeft, "client_left"}, Flag{store::Lowered, "lowered"},
    };
    QJsonArray names;
    for (const Flag &flag : kFlags) {
        if (flags & flag.flag)
            names.append(QString::fromLatin1(flag.name));
    }
    return names;
}

// -1 (did not happen) becomes null.
QJsonValue duration(std::int64_t us)
{
    return us < 0 ? QJsonValue(QJsonValue::Null) : integer(us);
}

QJsonObject toJson(const store::AttemptRow &row, const QHash<std::int64_t, QString> &channels)
{
    return {{key("number"), row.number},
            {key("channel"), channels.value(row.channelId)},
            {key("channel_id"), integer(row.channelId)},
            {key("key_id"), integer(row.keyId)},
            {key("model"), text(row.model)},
            {key("reason"), text(row.reason)},
            {key("status"), row.status},
            {key("error"), text(row.error)},
            {key("error_text"), row.errorText},
            {key("cost_nano_usd"), integer(row.cost.value)},
            {key("usage"), toJson(row.usage)},
            {key("units"), toJson(row.units)},
            {key("flags"), flagNames(row.flags)},
            {key("connect_us"), duration(row.connectUs)},
            {key("first_byte_us"), duration(row.firstByteUs)},
            {key("first_token_us"), duration(row.firstTokenUs)},
            {key("end_us"), duration(row.endUs)}};
}

QJsonValue rate(PicoUsd price)
{
    return price.value < 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(formatUsdPerMillion(price));
}

QJsonObject toJson(const ledger::Rates &rates)
{
    return {{key("input"), rate(rates.input)},
            {key("output"), rate(rates.output)},
            {key("cache_read"), rate(rates.cacheRead)},
            {key("cache_write"), rate(rates.cacheWrite5m)},
            {key("cache_write_1h"), rate(rates.cacheWrite1h)},
            {key("reasoning"), rate(rates.reasoning)},
            {key("audio_input"), rate(rates.audioInput)},
            {key("audio_output"), rate(rates.audioOutput)},
            {key("image_input"), rate(rates.imageInput)},
            {key("image_output"), rate(rates.imageOutput)},
            {key("request"), formatUsd(roundUp(rates.perRequest).value_or(NanoUsd{}))}};
}

// US dollars a unit; what a vendor does not bill by is not there.
QJsonObject toJson(const ledger::UnitRates &rates)
{
    QJsonObject json;
    const auto add = [&json](const QString &name, PicoUsd rate) {
        if (rate.value >= 0)
            json.insert(name, formatUsd(roundUp(rate).value_or(NanoUsd{})));
    };
    add(key("image"), rates.image);
    add(key("audio_input_second"), rates.audioInputSecond);
    add(key("audio_output_second"), rates.audioOutputSecond);
    add(key("character"), rates.character);
    add(key("search"), rates.search);
    for (const auto &[imageClass, rate] : rates.imageClasses)
        add(QStringLiteral("image:") + text(imageClass), rate);
    return json;
}

} // namespace

QString keySourceName(store::KeySource source)
{
    switch (source) {
    case store::KeySource::Keychain:
        return QStringLiteral("keychain");
    case store::KeySource::Vault:
        return QStringLiteral("vault");
    case store::KeySource::Environment:
        return QStringLiteral("environment");
    case store::KeySource::None:
        break;
    }
    return QStringLiteral("none");
}

QString tokenStateName(store::TokenState state)
{
    switch (state) {
    case store::TokenState::Active:
        return QStringLiteral("active");
    case store::TokenState::Disabled:
        return QStringLiteral("disabled");
    case store::TokenState::Revoked:
        break;
    }
    return QStringLiteral("revoked");
}

QJsonObject changes(const QJsonObject &before, const QJsonObject &after)
{
    QJsonObject differing;
    for (auto it = after.begin(); it != after.end(); ++it) {
        const QJsonValue old = before.value(it.key());
        if (old != it.value())
            differing.insert(it.key(), QJsonArray{old, it.value()});
    }
    return differing;
}

QJsonArray toJson(const QByteArrayList &texts)
{
    QJsonArray array;
    for (const QByteArray &one : texts)
        array.append(text(one));
    return array;
}

QJsonObject toJson(const store::ChannelRow &row)
{
    QJsonObject map;
    for (const auto &[client, vendor] : row.modelMap)
        map.insert(text(client), text(vendor));
    QJsonArray headers;
    for (const Header &header : row.headers) {
        headers.append(
            QJsonObject{{key("name"), text(header.name)}, {key("value"), text(header.value)}});
    }
    QJsonArray keys;
    for (const store::ChannelKeyRow &one : row.keys)
        keys.append(toJson(one));
    return {{key("id"), integer(row.id)},
            {key("name"), row.name},
            {key("provider"), text(row.provider)},
            {key("base_url"), text(row.baseUrl)},
            {key("enabled"), row.enabled},
            {key("local"), row.local},
            {key("priority"), row.priority},
            {key("weight"), row.weight},
            {key("models"), toJson(row.models)},
            {key("model_map"), map},
            {key("headers"), headers},
            {key("connect_ms"), row.connectMs},
            {key("first_byte_ms"), row.firstByteMs},
            {key("idle_ms"), row.idleMs},
            {key("total_ms"), row.totalMs},
            {key("proxy"), text(row.proxy)},
            {key("options"), QJsonDocument::fromJson(row.options).object()},
            {key("keys"), keys},
            {key("version"), integer(row.version)},
            {key("created"), formatTime(row.createdUs)}};
}

QJsonObject toJson(const store::TokenRow &row)
{
    const bool limited = row.budget.has_value();
    return {{key("id"), integer(row.id)},
            {key("name"), row.name},
            {key("prefix"), text(row.prefix)},
            {key("state"), tokenStateName(row.state)},
            {key("expires"), formatTime(row.expiresUs)},
            {key("models"), toJson(row.models)},
            {key("ip"), toJson(row.ipRanges)},
            {key("rpm"), row.requestsPerMinute},
            {key("tpm"), integer(row.tokensPerMinute)},
            {key("concurrency"), row.concurrency},
            {key("metrics"), row.metrics},
            {key("budget"),
             limited ? QJsonValue(formatBudget({*row.budget, row.budgetWindow}))
                     : QJsonValue(QJsonValue::Null)},
            {key("version"), integer(row.version)},
            {key("created"), formatTime(row.createdUs)},
            {key("last_used"), formatTime(row.lastUsedUs)}};
}

QJsonObject toJson(const store::LoggedRequest &request, const QString &token,
                   const QHash<std::int64_t, QString> &channels)
{
    const store::RequestRow &row = request.row;
    QJsonArray attempts;
    for (const store::AttemptRow &attempt : request.attempts)
        attempts.append(toJson(attempt, channels));
    return {{key("id"), text(row.id)},
            {key("time"), formatTime(row.startedUs)},
            {key("started_us"), integer(row.startedUs)},
            {key("token"), token},
            {key("channel"), channels.value(row.channelId)},
            {key("dialect"), text(row.dialect)},
            {key("operation"), text(row.operation)},
            {key("model"), text(row.model)},
            {key("stream"), row.stream},
            {key("status"), row.status},
            {key("error"), text(row.error)},
            {key("error_text"), row.errorText},
            {key("finish_reason"), text(row.finishReason)},
            {key("input_tokens"), integer(row.usage.totalInput())},
            {key("cached_tokens"), integer(row.usage.cacheRead)},
            {key("output_tokens"), integer(row.usage.totalOutput())},
            {key("reasoning_tokens"), integer(row.usage.reasoning)},
            {key("usage"), toJson(row.usage)},
            {key("units"), toJson(row.units)},
            {key("cost_nano_usd"), integer(row.cost.value)},
            {key("charge_nano_usd"), integer(row.charge.value)},
            {key("flags"), flagNames(row.flags)},
            {key("client_ip"), text(row.clientIp)},
            {key("user_agent"), text(row.userAgent)},
            {key("session"), text(row.sessionId)},
            {key("bytes_in"), integer(row.bytesIn)},
            {key("bytes_out"), integer(row.bytesOut)},
            {key("auth_us"), duration(row.authUs)},
            {key("routed_us"), duration(row.routedUs)},
            {key("reserved_us"), duration(row.reservedUs)},
            {key("first_byte_us"), duration(row.firstByteUs)},
            {key("first_token_us"), duration(row.firstTokenUs)},
            {key("end_us"), duration(row.endUs)},
            {key("attempts"), attempts}};
}

QJsonObject toJson(const store::UsageRow &row)
{
    const store::Totals &totals = row.totals;
    return {{key("key"), row.key},
            {key("requests"), integer(totals.requests)},
            {key("failed"), integer(totals.failed)},
            {key("input_tokens"), integer(totals.usage.totalInput())},
            {key("cached_tokens"), integer(totals.usage.cacheRead)},
            {key("output_tokens"), integer(totals.usage.totalOutput())},
            {key("reasoning_tokens"), integer(totals.usage.reasoning)},
            {key("units"), toJson(totals.units)},
            {key("cost_nano_usd"), integer(totals.cost.value)},
            {key("estimated"), integer(totals.estimated)},
            {key("unpriced"), integer(totals.unpriced)}};
}

QJsonObject toJson(const ledger::Price &price)
{
    QJsonArray tiers;
    for (const ledger::Tier &tier : price.tiers) {
        QJsonObject one = toJson(tier.rates);
        one.insert(key("above_input_tokens"), integer(tier.aboveInputTokens));
        tiers.append(one);
    }
    QJsonObject json = toJson(price.rates);
    json.insert(key("model"), text(price.model));
    json.insert(key("provider"), text(price.provider));
    json.insert(key("valid_from"), formatTime(price.validFromUs));
    json.insert(key("max_output_tokens"), integer(price.maxOutputTokens));
    json.insert(key("source"), text(price.source));
    json.insert(key("tiers"), tiers);
    json.insert(key("units"), toJson(price.units));
    return json;
}

QJsonObject toJson(const store::AuditRow &row)
{
    return {{key("id"), integer(row.id)},
            {key("time"), formatTime(row.atUs)},
            {key("actor"), text(row.actor)},
            {key("action"), text(row.action)},
            {key("object"), text(row.object)},
            {key("detail"), QJsonDocument::fromJson(row.detail).object()}};
}

} // namespace tollgate::admin
