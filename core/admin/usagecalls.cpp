// SPDX-License-Identifier: GPL-3.0-or-later
// Charts over time: any figure by any two properties, in local hours, days, weeks or months.
#include "core/admin/handlers.h"
#include "core/admin/logarguments.h"
#include "core/admin/reading.h"
#include "core/admin/rowjson.h"
#include "core/admin/timebuckets.h"
#include "core/admin/usagefigures.h"
#include "core/store/usagequery.h"

#include <QDateTime>

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kLatestUs = std::int64_t{1} << 53;
constexpr std::int64_t kDayUs = 86'400'000'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Wish
{
    Figure figure = Figure::Spend;
    store::UsageAsk ask;
    BucketSize size = BucketSize::Day;
    QTimeZone zone;
    std::optional<FilterFault> fault;
};

struct Reading
{
    store::UsageAnswer answer;
    store::LogNames names;
};

Result<Reading> readUsage(store::Database &db, const store::UsageAsk &ask)
{
    auto answer = store::usageOver(db, ask);
    if (!answer)
        return failure(answer.error());
    auto names = store::logNames(db);
    if (!names)
        return failure(names.error());
    return Reading{std::move(*answer), std::move(*names)};
}

store::UsageDimension takeDimension(Fields &fields, const char *name)
{
    const QString word = fields.text(name, 32).value_or(QString());
    const auto dimension = dimensionNamed(word);
    if (!dimension)
        fields.refuse(name,
                      QStringLiteral("is none, model, token, channel, served, client, "
                                     "protocol, cause or session"));
    return dimension.value_or(store::UsageDimension::None);
}

Wish takeWish(Fields &fields, std::int64_t nowUs)
{
    Wish wish;
    wish.zone = takeZone(fields);
    ParsedFilter filter = takeFilter(fields, nowUs, wish.zone);
    wish.fault = filter.fault;
    wish.ask.filter = std::move(filter.expression);
    const QString metric = fields.text("metric", 32).value_or(QStringLiteral("spend"));
    if (const auto figure = figureNamed(metric)) {
        wish.figure = *figure;
    } else {
        fields.refuse("metric",
                      QStringLiteral("is spend, tokens, requests, ttft, total, errors or "
                                     "throughput"));
    }
    wish.ask.by = takeDimension(fields, "by");
    wish.ask.thenBy = takeDimension(fields, "then_by");
    wish.ask.nowUs = nowUs;
    wish.ask.durations = wish.figure == Figure::FirstToken || wish.figure == Figure::Total
        || wish.figure == Figure::Throughput;
    const std::int64_t until = fields.integer("until_us", 0, kLatestUs).value_or(nowUs);
    const std::int64_t since
        = fields.integer("since_us", 0, kLatestUs).value_or(until - 7 * kDayUs);
    const QString bucket = fields.text("bucket", 16).value_or(QStringLiteral("auto"));
    const auto size = bucketNamed(bucket);
    if (!size && bucket != u"auto")
        fields.refuse("bucket", QStringLiteral("is hour, day, week, month or auto"));
    wish.size = size.value_or(suitableBucket(since, until));
    if (since >= until)
        fields.refuse("since_us", QStringLiteral("is before until_us"));
    else if (fields.good())
        wish.ask.edges = bucketEdges(since, until, wish.size, wish.zone);
    if (fields.good() && wish.ask.edges.size() < 2)
        fields.refuse("bucket", QStringLiteral("is too small for so long a time"));
    return wish;
}

QJsonArray bucketsJson(const Wish &wish)
{
    QJsonArray buckets;
    for (std::size_t i = 0; i + 1 < wish.ask.edges.size(); ++i) {
        const std::int64_t from = wish.ask.edges[i];
        const std::int64_t to = wish.ask.edges[i + 1];
        const std::int64_t whole = bucketEdges(bucketBeginning(from, wish.size, wish.zone), to + 1,
                                               wish.size, wish.zone)[1];
        const int weekday
            = QDateTime::fromMSecsSinceEpoch(from / 1'000, wish.zone).date().dayOfWeek();
        const bool days = wish.size == BucketSize::Hour || wish.size == BucketSize::Day;
        buckets.append(QJsonObject{{key("from_us"), integer(from)},
                                   {key("to_us"), integer(to)},
                                   {key("incomplete"), to < whole || to > wish.ask.nowUs},
                                   {key("weekend"), days && weekday > 5}});
    }
    return buckets;
}

// The cells of one series, by bucket.
struct Series
{
    QByteArray by;
    QByteArray thenBy;
    std::vector<store::UsageCell> cells;
    store::UsageCell sum;
};

std::vector<Series> seriesOf(const store::UsageAnswer &answer, std::size_t buckets)
{
    std::map<std::pair<QByteArray, QByteArray>, Series> found;
    for (const auto &[place, cell] : answer.cells) {
        const auto &[bucket, by, thenBy] = place;
        Series &series = found[{by, thenBy}];
        if (series.cells.empty()) {
            series.by = by;
            series.thenBy = thenBy;
            series.cells.resize(buckets);
        }
        series.cells[std::size_t(bucket)].add(cell);
        series.sum.add(cell);
    }
    std::vector<Series> list;
    for (auto &[place, series] : found)
        list.push_back(std::move(series));
    return list;
}

QJsonObject seriesJson(const Series &series, const Wish &wish, const store::LogNames &names)
{
    QJsonObject json{{key("key"), QString::fromUtf8(series.by)},
                     {key("label"), labelOf(wish.ask.by, series.by, names)},
                     {key("sub"), QString::fromUtf8(series.thenBy)},
                     {key("sub_label"), labelOf(wish.ask.thenBy, series.thenBy, names)},
                     {key("figures"), figuresJson(series.sum)}};
    addFigure(json, wish.figure, series.cells, series.sum);
    return json;
}

} // namespace

Answer usageSeries(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Wish wish = takeWish(fields, desk.nowUs());
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (wish.fault) {
        co_return QJsonObject{{key("filter_error"), faultJson(*wish.fault)}};
    }
    auto reading = readWhileWanted(
        desk, [ask = wish.ask](store::Database &db) { return readUsage(db, ask); });
    const Result<Reading> read = co_await reading;
    if (!read)
        co_return failure(read.error());

    const std::size_t buckets = wish.ask.edges.size() - 1;
    std::vector<Series> list = seriesOf(read->answer, buckets);
    std::stable_sort(list.begin(), list.end(), [&](const Series &a, const Series &b) {
        return weightOf(wish.figure, a.sum) > weightOf(wish.figure, b.sum);
    });
    store::UsageCell total;
    QJsonArray series;
    const bool kinds = wish.figure == Figure::Tokens && wish.ask.by == store::UsageDimension::None;
    for (const Series &one : list) {
        total.add(one.sum);
        if (!kinds)
            series.append(seriesJson(one, wish, read->names));
    }
    if (kinds && !list.empty())
        series = tokenKinds(list.front().cells);
    QJsonArray requests;
    std::vector<std::int64_t> counts(buckets, 0);
    for (const Series &one : list) {
        for (std::size_t i = 0; i < buckets; ++i)
            counts[i] += one.cells[i].totals.requests;
    }
    for (const std::int64_t count : counts)
        requests.append(integer(count));
    co_return QJsonObject{{key("metric"), figureName(wish.figure)},
                          {key("unit"), unitOf(wish.figure)},
                          {key("bucket"), bucketName(wish.size)},
                          {key("zone"), QString::fromLatin1(wish.zone.id())},
                          {key("buckets"), bucketsJson(wish)},
                          {key("requests"), requests},
                          {key("series"), series},
                          {key("totals"), figuresJson(total)},
                          {key("coverage"), coverageJson(total)},
                          {key("complete"), read->answer.complete},
                          {key("covered_since_us"), integer(read->answer.coveredSinceUs)},
                          {key("source"), read->answer.fromSums ? key("sums") : key("log")}};
}

} // namespace tollgate::admin
