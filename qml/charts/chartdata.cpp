// SPDX-License-Identifier: GPL-3.0-or-later
#include "chartdata.h"

#include "look.h"

#include <QJSValue>

#include <algorithm>
#include <bitset>
#include <cmath>
#include <numeric>

namespace tollgate::charts {

namespace {

std::vector<Value> readValues(const QVariant &list)
{
    const QVariantList items = list.toList();
    std::vector<Value> values;
    values.reserve(std::size_t(items.size()));
    for (const QVariant &item : items)
        values.push_back(readValue(item));
    return values;
}

Bucket readBucket(const QVariantMap &map)
{
    Bucket bucket;
    bucket.fromUs = readValue(map.value(QStringLiteral("fromUs"))).value_or(0);
    bucket.toUs = readValue(map.value(QStringLiteral("toUs"))).value_or(0);
    bucket.label = map.value(QStringLiteral("label")).toString();
    bucket.incomplete = map.value(QStringLiteral("incomplete")).toBool();
    bucket.weekend = map.value(QStringLiteral("weekend")).toBool();
    return bucket;
}

Series readSeries(const QVariantMap &map, std::size_t columns)
{
    Series series;
    series.key = map.value(QStringLiteral("key")).toString();
    series.label = map.value(QStringLiteral("label")).toString();
    if (series.label.isEmpty())
        series.label = series.key;
    const QVariant colour = map.value(QStringLiteral("color"));
    series.slot = colour.isValid() && !colour.isNull() ? colour.toInt() : -1;
    if (series.slot > kOther)
        series.slot = kOther;
    series.tone = toneNamed(map.value(QStringLiteral("tone")).toString());
    series.values = readValues(map.value(QStringLiteral("values")));
    series.values.resize(columns);
    for (const Value &count : readValues(map.value(QStringLiteral("counts"))))
        series.counts.push_back(count.value_or(0));
    if (!series.counts.empty())
        series.counts.resize(columns);
    series.previous = readValue(map.value(QStringLiteral("previous")));
    return series;
}

// FNV-1a: the same on every machine and in every run, unlike qHash.
std::uint32_t hashOf(const QString &key)
{
    std::uint32_t hash = 2166136261U;
    for (const char byte : key.toUtf8()) {
        hash ^= std::uint8_t(byte);
        hash *= 16777619U;
    }
    return hash ^ (hash >> 15);
}

void add(Value &sum, const Value &value)
{
    if (value)
        sum = sum.value_or(0) + *value;
}

} // namespace

QVariant plain(const QVariant &value)
{
    if (value.userType() == qMetaTypeId<QJSValue>())
        return value.value<QJSValue>().toVariant();
    return value;
}

Value readValue(const QVariant &value)
{
    switch (value.typeId()) {
    case QMetaType::Int:
    case QMetaType::LongLong:
    case QMetaType::UInt:
    case QMetaType::ULongLong:
        return value.toLongLong();
    case QMetaType::Double:
    case QMetaType::Float: {
        const double number = value.toDouble();
        // 2^63 and above does not fit; nobody has that much of anything.
        return std::isfinite(number) && std::abs(number) < 9.2e18 ? Value(qRound64(number))
                                                                  : Value();
    }
    default:
        return {};
    }
}

Tone toneNamed(QStringView name)
{
    if (name == QLatin1String("ok"))
        return Tone::Ok;
    if (name == QLatin1String("warn"))
        return Tone::Warn;
    if (name == QLatin1String("err"))
        return Tone::Err;
    return name == QLatin1String("quiet") ? Tone::Quiet : Tone::None;
}

ChartData readChartData(const QVariant &source)
{
    const QVariantMap map = plain(source).toMap();
    ChartData data;
    const QVariantList buckets = map.value(QStringLiteral("buckets")).toList();
    for (const QVariant &bucket : buckets)
        data.buckets.push_back(readBucket(bucket.toMap()));
    const QVariantList series = map.value(QStringLiteral("series")).toList();
    for (const QVariant &one : series)
        data.series.push_back(readSeries(one.toMap(), data.buckets.size()));
    const QString unit = map.value(QStringLiteral("unit")).toString();
    data.unit = unitNamed(unit);
    if (unit == QLatin1String("ms")) {
        for (Series &one : data.series) {
            for (Value &value : one.values) {
                if (value)
                    *value *= 1000;
            }
        }
    }
    data.step = stepOf(data.buckets);
    return data;
}

qint64 sumOf(const Series &series)
{
    return std::accumulate(series.values.begin(), series.values.end(), qint64(0),
                           [](qint64 sum, const Value &value) { return sum + value.value_or(0); });
}

bool hasValues(const ChartData &data)
{
    return std::any_of(data.series.begin(), data.series.end(), [](const Series &series) {
        return std::any_of(series.values.begin(), series.values.end(),
                           [](const Value &value) { return value.has_value(); });
    });
}

Value columnSum(const ChartData &data, int column, const QSet<QString> &hidden)
{
    Value sum;
    for (const Series &series : data.series) {
        if (!hidden.contains(series.key) && column >= 0
            && std::size_t(column) < series.values.size())
            add(sum, series.values.at(std::size_t(column)));
    }
    return sum;
}

ChartData folded(const ChartData &data, int keep, const QString &otherLabel)
{
    ChartData out = data;
    std::stable_sort(out.series.begin(), out.series.end(), [](const Series &a, const Series &b) {
        const bool otherA = a.key == kOtherKey;
        const bool otherB = b.key == kOtherKey;
        if (otherA != otherB)
            return otherB;
        const qint64 sumA = sumOf(a);
        const qint64 sumB = sumOf(b);
        return sumA != sumB ? sumA > sumB : a.key < b.key;
    });
    const std::size_t kept = std::size_t(std::max(0, keep));
    // One more than asked for is shown by its own name: "Other" would take the same room. An Other
    // that came with the data is such a one.
    if (out.series.size() <= kept + 1) {
        if (!out.series.empty() && out.series.back().key == kOtherKey)
            out.series.back().slot = kOther;
        return out;
    }
    Series other;
    other.key = kOtherKey;
    other.label = otherLabel;
    other.slot = kOther;
    other.values.resize(out.buckets.size());
    for (std::size_t at = kept; at < out.series.size(); ++at) {
        const Series &one = out.series.at(at);
        for (std::size_t column = 0; column < other.values.size(); ++column)
            add(other.values.at(column), one.values.at(column));
        add(other.previous, one.previous);
    }
    out.series.resize(kept);
    out.series.push_back(std::move(other));
    return out;
}

QHash<QString, int> assignedColours(const QStringList &keys, const QHash<QString, int> &known)
{
    QHash<QString, int> assigned;
    std::bitset<kHues> taken;
    for (const QString &key : keys) {
        const int slot = known.value(key, -1);
        if (slot >= 0 && slot < kHues) {
            assigned.insert(key, slot);
            taken.set(std::size_t(slot));
        }
    }
    for (const QString &key : keys) {
        if (assigned.contains(key))
            continue;
        std::size_t slot = hashOf(key) % kHues;
        for (int tried = 0; tried < kHues && taken.test(slot); ++tried)
            slot = (slot + 1) % kHues;
        taken.set(slot);
        assigned.insert(key, int(slot));
    }
    return assigned;
}

void giveColours(ChartData &data, const QHash<QString, int> &known)
{
    QStringList keys;
    QHash<QString, int> fixed = known;
    for (Series &series : data.series) {
        if (series.key == kOtherKey)
            series.slot = kOther;
        else if (series.slot >= 0)
            fixed.insert(series.key, series.slot);
        if (series.slot != kOther && series.tone == Tone::None)
            keys.push_back(series.key);
    }
    const QHash<QString, int> colours = assignedColours(keys, fixed);
    for (Series &series : data.series) {
        if (series.slot < 0)
            series.slot = colours.value(series.key, kOther);
    }
}

} // namespace tollgate::charts
