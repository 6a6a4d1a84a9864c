// SPDX-License-Identifier: GPL-3.0-or-later
// The data of a chart as plain values: columns (mostly pieces of time) and series with one value a
// column, or none where nothing is known. From QML it is a JavaScript object of the same shape:
//   {unit, buckets: [{fromUs, toUs, label, incomplete, weekend}],
//    series: [{key, label, color, tone, values: [n | null], previous, counts: [n]}]}
#pragma once

#include "buckets.h"
#include "units.h"

#include <QHash>
#include <QSet>
#include <QStringList>
#include <QVariant>

#include <optional>
#include <vector>

namespace tollgate::charts {

using Value = std::optional<qint64>;

enum class Tone { None, Ok, Warn, Err, Quiet }; // a state's colour instead of one of the eight

struct Series
{
    QString key;
    QString label;
    int slot = -1; // 0 to 7, kOther, or -1: not given a colour yet
    Tone tone = Tone::None;
    std::vector<Value> values;
    std::vector<qint64> counts; // how many calls stand behind each value, where that matters
    Value previous; // the sum of the period before
};

struct ChartData
{
    std::vector<Bucket> buckets;
    std::vector<Series> series;
    Unit unit = Unit::Count;
    Step step = Step::Day;
};

// A JavaScript value as it came from QML, as maps and lists.
[[nodiscard]] QVariant plain(const QVariant &value);
[[nodiscard]] ChartData readChartData(const QVariant &source);
[[nodiscard]] Value readValue(const QVariant &value);
[[nodiscard]] Tone toneNamed(QStringView name);

[[nodiscard]] qint64 sumOf(const Series &series);
[[nodiscard]] bool hasValues(const ChartData &data);
// Of the shown series, what a column adds up to; nothing where no series knows anything.
[[nodiscard]] Value columnSum(const ChartData &data, int column, const QSet<QString> &hidden = {});

// The `keep` largest by sum, largest first; the rest, where it is more than one, as "Other" and
// last. What is called Other already stays the last.
[[nodiscard]] ChartData folded(const ChartData &data, int keep, const QString &otherLabel);
inline constexpr QLatin1String kOtherKey{"(other)"};

// A colour for each key: the one it is known to have, else the free one nearest to its hash. The
// same keys in the same order always get the same colours.
[[nodiscard]] QHash<QString, int> assignedColours(const QStringList &keys,
                                                  const QHash<QString, int> &known);
void giveColours(ChartData &data, const QHash<QString, int> &known);

} // namespace tollgate::charts
