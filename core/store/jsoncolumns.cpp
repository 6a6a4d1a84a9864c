// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/jsoncolumns.h"

#include "core/base/jsonwriter.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace tollgate::store {

QByteArray listToJson(const QByteArrayList &list)
{
    JsonWriter json;
    json.beginArray();
    for (const QByteArray &item : list)
        json.string(QByteArrayView(item));
    json.endArray();
    return json.take();
}

QByteArrayList listFromJson(const QByteArray &json)
{
    QByteArrayList list;
    const QJsonArray array = QJsonDocument::fromJson(json).array();
    list.reserve(array.size());
    for (const QJsonValue &item : array)
        list.append(item.toString().toUtf8());
    return list;
}

QByteArray pairsToJson(const Pairs &pairs)
{
    JsonWriter json;
    json.beginArray();
    for (const auto &[first, second] : pairs) {
        json.beginArray();
        json.string(QByteArrayView(first)).string(QByteArrayView(second));
        json.endArray();
    }
    json.endArray();
    return json.take();
}

Pairs pairsFromJson(const QByteArray &json)
{
    Pairs pairs;
    const QJsonArray array = QJsonDocument::fromJson(json).array();
    for (const QJsonValue &item : array) {
        const QJsonArray pair = item.toArray();
        pairs.emplace_back(pair.at(0).toString().toUtf8(), pair.at(1).toString().toUtf8());
    }
    return pairs;
}

QByteArray headersToJson(const Headers &headers)
{
    Pairs pairs;
    for (const Header &header : headers)
        pairs.emplace_back(header.name, header.value);
    return pairsToJson(pairs);
}

Headers headersFromJson(const QByteArray &json)
{
    Headers headers;
    for (auto &[name, value] : pairsFromJson(json))
        headers.append(std::move(name), std::move(value));
    return headers;
}

} // namespace tollgate::store
