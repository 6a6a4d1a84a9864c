// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/savedchannel.h"

#include "core/admin/rowjson.h"

#include <QJsonDocument>

namespace tollgate::admin {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QByteArray text(const QJsonObject &json, const char *name)
{
    return json.value(key(name)).toString().toUtf8();
}

struct Number
{
    const char *name;
    int store::ChannelRow::*member;
};
constexpr Number kNumbers[]{{"priority", &store::ChannelRow::priority},
                            {"weight", &store::ChannelRow::weight},
                            {"connect_ms", &store::ChannelRow::connectMs},
                            {"first_byte_ms", &store::ChannelRow::firstByteMs},
                            {"idle_ms", &store::ChannelRow::idleMs},
                            {"total_ms", &store::ChannelRow::totalMs},
                            {"place", &store::ChannelRow::place}};

} // namespace

QByteArray channelToJson(const store::ChannelRow &row)
{
    QJsonObject json{{key("provider"), QString::fromUtf8(row.provider)},
                     {key("name"), row.name},
                     {key("base_url"), QString::fromUtf8(row.baseUrl)},
                     {key("enabled"), row.enabled},
                     {key("local"), row.local},
                     {key("models"), toJson(row.models)},
                     {key("proxy"), QString::fromUtf8(row.proxy)},
                     {key("options"), QString::fromUtf8(row.options)},
                     {key("created_us"), integer(row.createdUs)}};
    for (const Number &number : kNumbers)
        json.insert(key(number.name), row.*number.member);
    QJsonArray map;
    for (const auto &[client, vendor] : row.modelMap)
        map.append(QJsonArray{QString::fromUtf8(client), QString::fromUtf8(vendor)});
    json.insert(key("model_map"), map);
    QJsonArray headers;
    for (const Header &header : row.headers)
        headers.append(QJsonArray{QString::fromUtf8(header.name), QString::fromUtf8(header.value)});
    json.insert(key("headers"), headers);
    QJsonArray keys;
    for (const store::ChannelKeyRow &one : row.keys) {
        keys.append(QJsonObject{{key("source"), static_cast<int>(one.source)},
                                {key("reference"), QString::fromUtf8(one.reference)},
                                {key("bound_to"), QString::fromUtf8(one.boundTo)},
                                {key("hint"), QString::fromUtf8(one.hint)},
                                {key("enabled"), one.enabled}});
    }
    json.insert(key("keys"), keys);
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

Result<store::ChannelRow> channelFromJson(const QByteArray &bytes)
{
    const auto document = QJsonDocument::fromJson(bytes);
    if (!document.isObject()) {
        return failure(ErrorKind::Internal,
                       QStringLiteral("What the trash holds of this channel cannot be read."));
    }
    const QJsonObject json = document.object();
    store::ChannelRow row;
    row.provider = text(json, "provider");
    row.name = json.value(key("name")).toString();
    row.baseUrl = text(json, "base_url");
    row.enabled = json.value(key("enabled")).toBool();
    row.local = json.value(key("local")).toBool();
    for (const QJsonValue one : json.value(key("models")).toArray())
        row.models.append(one.toString().toUtf8());
    row.proxy = text(json, "proxy");
    row.options = text(json, "options");
    row.createdUs = json.value(key("created_us")).toInteger();
    for (const Number &number : kNumbers)
        row.*number.member = json.value(key(number.name)).toInt();
    for (const QJsonValue one : json.value(key("model_map")).toArray()) {
        row.modelMap.emplace_back(one.toArray().at(0).toString().toUtf8(),
                                  one.toArray().at(1).toString().toUtf8());
    }
    for (const QJsonValue one : json.value(key("headers")).toArray()) {
        row.headers.append(one.toArray().at(0).toString().toUtf8(),
                           one.toArray().at(1).toString().toUtf8());
    }
    for (const QJsonValue one : json.value(key("keys")).toArray()) {
        const QJsonObject stored = one.toObject();
        store::ChannelKeyRow back;
        back.source = static_cast<store::KeySource>(stored.value(key("source")).toInt());
        back.reference = text(stored, "reference");
        back.boundTo = text(stored, "bound_to");
        back.hint = text(stored, "hint");
        back.enabled = stored.value(key("enabled")).toBool();
        row.keys.push_back(std::move(back));
    }
    return row;
}

} // namespace tollgate::admin
