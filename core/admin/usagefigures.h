// SPDX-License-Identifier: GPL-3.0-or-later
// The figures that charts show, from what the store counted. Pure.
#pragma once

#include "core/store/usagequery.h"

#include <QJsonArray>
#include <QJsonObject>

#include <optional>
#include <vector>

namespace tollgate::admin {

enum class Figure { Spend, Tokens, Requests, FirstToken, Total, Errors, Throughput };

[[nodiscard]] std::optional<Figure> figureNamed(QStringView name);
[[nodiscard]] QString figureName(Figure figure);
[[nodiscard]] QString unitOf(Figure figure);

[[nodiscard]] std::optional<store::UsageDimension> dimensionNamed(QStringView name);
// How people call what a key means: the name of a token or channel, else the key itself.
[[nodiscard]] QString labelOf(store::UsageDimension dimension, const QByteArray &key,
                              const store::LogNames &names);

// Which of a cell's histograms; nullopt: a figure without one.
[[nodiscard]] std::optional<std::size_t> histogramOf(Figure figure);

// By what the largest series stands first.
[[nodiscard]] std::int64_t weightOf(Figure figure, const store::UsageCell &cell);
// "values" and "sum", or for durations "p50", "p95", "n" with "values" as the median.
void addFigure(QJsonObject &series, Figure figure, const std::vector<store::UsageCell> &cells,
               const store::UsageCell &sum);
// Input, output, cache reads, cache writes and reasoning as a series each, in this order.
[[nodiscard]] QJsonArray tokenKinds(const std::vector<store::UsageCell> &cells);

// Every figure of a cell by name.
[[nodiscard]] QJsonObject figuresJson(const store::UsageCell &cell);
// {priced, estimated, unpriced, no_usage}: each request that succeeded is one of them.
[[nodiscard]] QJsonObject coverageJson(const store::UsageCell &cell);

} // namespace tollgate::admin
