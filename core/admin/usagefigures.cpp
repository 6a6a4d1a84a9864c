// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/usagefigures.h"

#include "core/admin/rowjson.h"

#include <array>

namespace tollgate::admin {
namespace {

using store::Outcome;
using store::UsageCell;
using store::UsageDimension;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct NamedFigure
{
    Figure figure;
    const char *name;
    const char *unit;
};
constexpr std::array kFigures{
    NamedFigure{Figure::Spend, "spend", "nano_usd"},
    NamedFigure{Figure::Tokens, "tokens", "tokens"},
    NamedFigure{Figure::Requests, "requests", "requests"},
    NamedFigure{Figure::FirstToken, "ttft", "us"},
    NamedFigure{Figure::Total, "total", "us"},
    NamedFigure{Figure::Errors, "errors", "requests"},
    NamedFigure{Figure::Throughput, "throughput", "milli_tokens_per_s"},
};

struct NamedDimension
{
    UsageDimension dimension;
    const char *name;
};
constexpr std::array kDimensions{
    NamedDimension{UsageDimension::None, ""},
    NamedDimension{UsageDimension::None, "none"},
    NamedDimension{UsageDimension::Model, "model"},
    NamedDimension{UsageDimension::Token, "token"},
    NamedDimension{UsageDimension::Channel, "channel"},
    NamedDimension{UsageDimension::Served, "served"},
    NamedDimension{UsageDimension::Client, "client"},
    NamedDimension{UsageDimension::Dialect, "protocol"},
    NamedDimension{UsageDimension::Error, "cause"},
    NamedDimension{UsageDimension::Session, "session"},
};

std::int64_t failures(const UsageCell &cell)
{
    return cell.totals.failed + cell.count(Outcome::ErrorIn200);
}

QJsonValue percentileJson(const store::Histogram &histogram, double share)
{
    const auto value = store::percentile(histogram, share);
    return value ? integer(*value) : QJsonValue(QJsonValue::Null);
}

} // namespace

std::optional<Figure> figureNamed(QStringView name)
{
    for (const NamedFigure &known : kFigures) {
        if (name == QLatin1String(known.name))
            return known.figure;
    }
    return std::nullopt;
}

QString figureName(Figure figure)
{
    return key(kFigures[static_cast<std::size_t>(figure)].name);
}

QString unitOf(Figure figure)
{
    return key(kFigures[static_cast<std::size_t>(figure)].unit);
}

std::optional<UsageDimension> dimensionNamed(QStringView name)
{
    for (const NamedDimension &known : kDimensions) {
        if (name == QLatin1String(known.name))
            return known.dimension;
    }
    return std::nullopt;
}

QString labelOf(UsageDimension dimension, const QByteArray &text, const store::LogNames &names)
{
    if (dimension != UsageDimension::Token && dimension != UsageDimension::Channel)
        return QString::fromUtf8(text);
    const std::int64_t id = text.toLongLong();
    if (id == 0)
        return {};
    const auto &known = dimension == UsageDimension::Token ? names.tokens : names.channels;
    const auto found = known.find(id);
    return found != known.end() ? *found : QStringLiteral("#%1").arg(id);
}

std::optional<std::size_t> histogramOf(Figure figure)
{
    switch (figure) {
    case Figure::FirstToken:
        return static_cast<std::size_t>(store::Tally::FirstToken);
    case Figure::Total:
        return static_cast<std::size_t>(store::Tally::Total);
    case Figure::Throughput:
        return static_cast<std::size_t>(store::Tally::Throughput);
    default:
        return std::nullopt;
    }
}

std::int64_t weightOf(Figure figure, const UsageCell &cell)
{
    switch (figure) {
    case Figure::Spend:
        return cell.totals.cost.value;
    case Figure::Tokens:
        return cell.totals.usage.total();
    case Figure::Errors:
        return failures(cell);
    default:
        return cell.totals.requests;
    }
}

void addFigure(QJsonObject &series, Figure figure, const std::vector<UsageCell> &cells,
               const UsageCell &sum)
{
    QJsonArray values;
    if (const auto duration = histogramOf(figure)) {
        QJsonArray p95;
        QJsonArray n;
        for (const UsageCell &cell : cells) {
            const store::Histogram &histogram = cell.durations[*duration];
            values.append(percentileJson(histogram, 0.5));
            p95.append(percentileJson(histogram, 0.95));
            n.append(integer(store::countIn(histogram)));
        }
        const store::Histogram &whole = sum.durations[*duration];
        series.insert(key("p50"), values);
        series.insert(key("p95"), p95);
        series.insert(key("n"), n);
        series.insert(key("sum"), percentileJson(whole, 0.5));
        series.insert(key("sum_p95"), percentileJson(whole, 0.95));
        series.insert(key("sum_n"), integer(store::countIn(whole)));
        series.insert(key("values"), values);
        return;
    }
    for (const UsageCell &cell : cells)
        values.append(integer(weightOf(figure, cell)));
    series.insert(key("values"), values);
    series.insert(key("sum"), integer(weightOf(figure, sum)));
    if (figure != Figure::Requests && figure != Figure::Errors)
        return;
    QJsonArray failed;
    QJsonArray retried;
    QJsonArray left;
    QJsonArray blocked;
    for (const UsageCell &cell : cells) {
        failed.append(integer(failures(cell)));
        retried.append(integer(cell.count(Outcome::Retried)));
        left.append(integer(cell.count(Outcome::Left)));
        blocked.append(integer(cell.count(Outcome::Blocked)));
    }
    series.insert(key("failed"), failed);
    series.insert(key("retried"), retried);
    series.insert(key("left"), left);
    series.insert(key("blocked"), blocked);
}

QJsonArray tokenKinds(const std::vector<UsageCell> &cells)
{
    struct Kind
    {
        const char *name;
        std::int64_t (*count)(const TokenCounts &);
    };
    static constexpr std::array kKinds{
        Kind{"input", [](const TokenCounts &u) { return u.input + u.audioInput + u.imageInput; }},
        Kind{"output",
             [](const TokenCounts &u) { return u.output + u.audioOutput + u.imageOutput; }},
        Kind{"cache_read", [](const TokenCounts &u) { return u.cacheRead; }},
        Kind{"cache_write", [](const TokenCounts &u) { return u.cacheWrite5m + u.cacheWrite1h; }},
        Kind{"reasoning", [](const TokenCounts &u) { return u.reasoning; }},
    };
    QJsonArray series;
    for (const Kind &kind : kKinds) {
        QJsonArray values;
        std::int64_t sum = 0;
        for (const UsageCell &cell : cells) {
            const std::int64_t count = kind.count(cell.totals.usage);
            sum += count;
            values.append(integer(count));
        }
        series.append(QJsonObject{{key("key"), key(kind.name)},
                                  {key("label"), key(kind.name)},
                                  {key("sub"), QString()},
                                  {key("sub_label"), QString()},
                                  {key("values"), values},
                                  {key("sum"), integer(sum)}});
    }
    return series;
}

QJsonObject figuresJson(const UsageCell &cell)
{
    const store::Totals &totals = cell.totals;
    const TokenCounts &usage = totals.usage;
    return {{key("cost_nano"), integer(totals.cost.value)},
            {key("charge_nano"), integer(totals.charge.value)},
            {key("requests"), integer(totals.requests)},
            {key("failed"), integer(failures(cell))},
            {key("retried"), integer(cell.count(Outcome::Retried))},
            {key("left"), integer(cell.count(Outcome::Left))},
            {key("blocked"), integer(cell.count(Outcome::Blocked))},
            {key("input_tokens"), integer(usage.totalInput())},
            {key("cached_tokens"), integer(usage.cacheRead)},
            {key("cache_write_tokens"), integer(usage.cacheWrite5m + usage.cacheWrite1h)},
            {key("output_tokens"), integer(usage.totalOutput())},
            {key("reasoning_tokens"), integer(usage.reasoning)}};
}

QJsonObject coverageJson(const UsageCell &cell)
{
    const std::int64_t succeeded = cell.totals.requests - failures(cell);
    const std::int64_t silent = cell.count(Outcome::NoUsage);
    return {{key("priced"),
             integer(std::max<std::int64_t>(
                 succeeded - cell.totals.estimated - cell.totals.unpriced - silent, 0))},
            {key("estimated"), integer(cell.totals.estimated)},
            {key("unpriced"), integer(cell.totals.unpriced)},
            {key("no_usage"), integer(silent)}};
}

} // namespace tollgate::admin
