// SPDX-License-Identifier: GPL-3.0-or-later
// Charts that are no series over time.
#include "core/admin/burning.h"
#include "core/admin/handlers.h"
#include "core/admin/logarguments.h"
#include "core/admin/logrow.h"
#include "core/admin/outlook.h"
#include "core/admin/reading.h"
#include "core/admin/rowjson.h"
#include "core/admin/timebuckets.h"
#include "core/admin/usagefigures.h"
#include "core/store/usagereports.h"

#include <QDateTime>

#include <algorithm>
#include <array>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kLatestUs = std::int64_t{1} << 53;
constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr int kMostPoints = 2'000;
constexpr std::int64_t kFewestForBox = 10;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

// What the reports have in common.
struct Range
{
    QTimeZone zone;
    ParsedFilter filter;
    std::int64_t sinceUs = 0;
    std::int64_t untilUs = 0;
};

Range takeRange(Fields &fields, std::int64_t nowUs, std::int64_t days)
{
    Range range{takeZone(fields), {}, 0, 0};
    range.filter = takeFilter(fields, nowUs, range.zone);
    range.untilUs = fields.integer("until_us", 0, kLatestUs).value_or(nowUs);
    range.sinceUs
        = fields.integer("since_us", 0, kLatestUs).value_or(range.untilUs - days * kDayUs);
    if (range.sinceUs >= range.untilUs)
        fields.refuse("since_us", QStringLiteral("is before until_us"));
    return range;
}

QJsonObject faulty(const FilterFault &fault)
{
    return {{key("filter_error"), faultJson(fault)}};
}

struct Usage
{
    store::UsageAnswer answer;
    store::LogNames names;
};

Result<Usage> readUsage(store::Database &db, const store::UsageAsk &ask)
{
    auto answer = store::usageOver(db, ask);
    if (!answer)
        return failure(answer.error());
    auto names = store::logNames(db);
    if (!names)
        return failure(names.error());
    return Usage{std::move(*answer), std::move(*names)};
}

} // namespace

// {metric: spend | tokens | requests | errors} -> {cells: [7 days from Monday][24 hours], null
// where nothing happened, days: [{day, value}]}
Answer usageHeat(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Range range = takeRange(fields, desk.nowUs(), 28);
    const auto figure = figureNamed(fields.text("metric", 32).value_or(QStringLiteral("requests")));
    if (!figure)
        fields.refuse("metric", QStringLiteral("is spend, tokens, requests or errors"));
    store::UsageAsk ask;
    ask.nowUs = desk.nowUs();
    if (fields.good())
        ask.edges = bucketEdges(range.sinceUs, range.untilUs, BucketSize::Hour, range.zone, 10'000);
    if (fields.good() && ask.edges.size() < 2)
        fields.refuse("since_us", QStringLiteral("is at most a year before until_us"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (range.filter.fault)
        co_return faulty(*range.filter.fault);
    ask.filter = range.filter.expression;
    auto reading = readWhileWanted(desk, [ask](store::Database &db) { return readUsage(db, ask); });
    const Result<Usage> read = co_await reading;
    if (!read)
        co_return failure(read.error());
    std::array<std::array<std::optional<std::int64_t>, 24>, 7> cells{};
    std::map<QDate, std::int64_t> days;
    for (const auto &[place, cell] : read->answer.cells) {
        const std::int64_t us = ask.edges[std::size_t(std::get<0>(place))];
        const QDateTime moment = QDateTime::fromMSecsSinceEpoch(us / 1'000, range.zone);
        const std::int64_t value = weightOf(*figure, cell);
        auto &at
            = cells[std::size_t(moment.date().dayOfWeek() - 1)][std::size_t(moment.time().hour())];
        at = at.value_or(0) + value;
        days[moment.date()] += value;
    }
    QJsonArray rows;
    for (const auto &row : cells) {
        QJsonArray hours;
        for (const auto &value : row)
            hours.append(value ? integer(*value) : QJsonValue(QJsonValue::Null));
        rows.append(hours);
    }
    QJsonArray calendar;
    for (const auto &[day, value] : days) {
        calendar.append(
            QJsonObject{{key("day"), day.toString(Qt::ISODate)}, {key("value"), integer(value)}});
    }
    co_return QJsonObject{{key("unit"), unitOf(*figure)},
                          {key("cells"), rows},
                          {key("days"), calendar},
                          {key("complete"), read->answer.complete}};
}

Answer usageCauses(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Range range = takeRange(fields, desk.nowUs(), 7);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (range.filter.fault)
        co_return faulty(*range.filter.fault);
    struct Read
    {
        std::vector<store::CauseRow> causes;
        store::LogNames names;
    };
    auto reading = readWhileWanted(desk, [range](store::Database &db) -> Result<Read> {
        auto causes = store::causesOf(db, range.filter.expression, range.sinceUs, range.untilUs);
        if (!causes)
            return failure(causes.error());
        auto names = store::logNames(db);
        if (!names)
            return failure(names.error());
        return Read{std::move(*causes), std::move(*names)};
    });
    const Result<Read> read = co_await reading;
    if (!read)
        co_return failure(read.error());
    QJsonArray causes;
    for (const store::CauseRow &row : read->causes) {
        causes.append(QJsonObject{{key("cause"), QString::fromUtf8(row.error)},
                                  {key("status"), row.status},
                                  {key("channel"), named(row.channelId, read->names.channels)},
                                  {key("count"), integer(row.count)},
                                  {key("last_us"), integer(row.lastUs)},
                                  {key("last_id"), QString::fromUtf8(row.lastId)},
                                  {key("last_text"), row.lastText}});
    }
    co_return QJsonObject{{key("causes"), causes}};
}

// {token?: id} -> {budgets: […]}, those nearest to their limit first
Answer usageBurn(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const std::int64_t token = fields.text("token", 24).value_or(QString()).toLongLong();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t now = desk.nowUs();
    auto reading = readWhileWanted(
        desk, [token, now](store::Database &db) { return readBurning(db, token, now); });
    Result<std::vector<Burning>> read = co_await reading;
    if (!read)
        co_return failure(read.error());
    co_return QJsonObject{{key("budgets"), burningList(std::move(*read), now)}};
}

// {} -> {available, days: [{day, future, p20_nano, p50_nano, p80_nano}]}, cumulative in this month
Answer usageForecast(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QTimeZone zone = takeZone(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t now = desk.nowUs();
    const QDate today = QDateTime::fromMSecsSinceEpoch(now / 1'000, zone).date();
    auto reading = readWhileWanted(
        desk, [now](store::Database &db) { return store::hourlySpend(db, 0, now - 62 * kDayUs); });
    const Result<std::vector<store::HourlySpend>> hours = co_await reading;
    if (!hours)
        co_return failure(hours.error());
    std::vector<DaySpend> days;
    for (const store::HourlySpend &hour : *hours) {
        const QDate day = QDateTime::fromMSecsSinceEpoch(hour.hourUs / 1'000, zone).date();
        days.push_back({day, hour.amount.value});
    }
    QJsonArray list;
    for (const OutlookDay &day : monthOutlook(days, today)) {
        list.append(QJsonObject{{key("day"), day.day.toString(Qt::ISODate)},
                                {key("future"), day.future},
                                {key("p20_nano"), integer(day.p20)},
                                {key("p50_nano"), integer(day.p50)},
                                {key("p80_nano"), integer(day.p80)}});
    }
    co_return QJsonObject{{key("available"), !list.isEmpty()}, {key("days"), list}};
}

// -> {points: [{id, time_us, total_us, cost_nano, model, state}], complete}: the newest ones
Answer usageScatter(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Range range = takeRange(fields, desk.nowUs(), 7);
    const int limit = static_cast<int>(fields.integer("limit", 1, 10'000).value_or(kMostPoints));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (range.filter.fault)
        co_return faulty(*range.filter.fault);
    auto reading = readWhileWanted(desk, [range, limit](store::Database &db) {
        store::LogExpression within;
        within.kind = store::LogExpression::Kind::And;
        for (const auto &[match, us] : {std::pair{store::LogMatch::AtLeast, range.sinceUs},
                                        std::pair{store::LogMatch::Less, range.untilUs}}) {
            store::LogExpression bound;
            bound.kind = store::LogExpression::Kind::Term;
            bound.term = {store::LogField::Time, match, {}, us};
            within.parts.push_back(std::move(bound));
        }
        within.parts.push_back(range.filter.expression);
        return store::logRows(db, within, std::nullopt, limit);
    });
    const Result<store::LogRows> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    QJsonArray points;
    for (const store::LoggedRequest &request : rows->requests) {
        const store::RequestRow &row = request.row;
        points.append(QJsonObject{{key("id"), QString::fromUtf8(row.id)},
                                  {key("time_us"), integer(row.startedUs)},
                                  {key("total_us"), durationJson(row.endUs)},
                                  {key("cost_nano"), integer(row.cost.value)},
                                  {key("model"), QString::fromUtf8(row.model)},
                                  {key("state"), stateName(store::logState(row))}});
    }
    co_return QJsonObject{{key("points"), points}, {key("complete"), !rows->next.has_value()}};
}

// {metric: throughput | ttft | total, by} -> {boxes: [{key, label, n, p5, p25, p50, p75, p95}]}
Answer usageBoxes(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Range range = takeRange(fields, desk.nowUs(), 7);
    const auto figure
        = figureNamed(fields.text("metric", 32).value_or(QStringLiteral("throughput")));
    const auto by = dimensionNamed(fields.text("by", 32).value_or(QStringLiteral("model")));
    const auto kind = figure ? histogramOf(*figure) : std::nullopt;
    if (!kind)
        fields.refuse("metric", QStringLiteral("is throughput, ttft or total"));
    if (!by)
        fields.refuse("by", QStringLiteral("is model, token, channel, served, client or protocol"));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (range.filter.fault)
        co_return faulty(*range.filter.fault);
    store::UsageAsk ask;
    ask.filter = range.filter.expression;
    ask.edges = {range.sinceUs, range.untilUs};
    ask.by = *by;
    ask.durations = true;
    ask.nowUs = desk.nowUs();
    auto reading = readWhileWanted(desk, [ask](store::Database &db) { return readUsage(db, ask); });
    const Result<Usage> read = co_await reading;
    if (!read)
        co_return failure(read.error());
    QJsonArray boxes;
    for (const auto &[place, cell] : read->answer.cells) {
        const store::Histogram &histogram = cell.durations[*kind];
        const std::int64_t count = store::countIn(histogram);
        if (count < kFewestForBox)
            continue;
        const QByteArray &name = std::get<1>(place);
        QJsonObject box{{key("key"), QString::fromUtf8(name)},
                        {key("label"), labelOf(*by, name, read->names)},
                        {key("n"), integer(count)}};
        for (const int percent : {5, 25, 50, 75, 95}) {
            box.insert(QStringLiteral("p%1").arg(percent),
                       integer(store::percentile(histogram, percent / 100.0).value_or(0)));
        }
        boxes.append(box);
    }
    co_return QJsonObject{{key("unit"), unitOf(*figure)},
                          {key("boxes"), boxes},
                          {key("complete"), read->answer.complete}};
}

// -> {flows: [{from, to, cause, count, succeeded, extra_us, extra_nano}]}
Answer usageFlow(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const std::int64_t until = fields.integer("until_us", 0, kLatestUs).value_or(desk.nowUs());
    const std::int64_t since
        = fields.integer("since_us", 0, kLatestUs).value_or(until - 7 * kDayUs);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    struct Read
    {
        std::vector<store::FlowRow> flows;
        store::LogNames names;
    };
    auto reading = readWhileWanted(desk, [since, until](store::Database &db) -> Result<Read> {
        auto flows = store::flowsOf(db, since, until);
        if (!flows)
            return failure(flows.error());
        auto names = store::logNames(db);
        if (!names)
            return failure(names.error());
        return Read{std::move(*flows), std::move(*names)};
    });
    const Result<Read> read = co_await reading;
    if (!read)
        co_return failure(read.error());
    QJsonArray flows;
    for (const store::FlowRow &row : read->flows) {
        flows.append(QJsonObject{{key("from"), named(row.fromChannel, read->names.channels)},
                                 {key("to"), named(row.toChannel, read->names.channels)},
                                 {key("cause"), QString::fromUtf8(row.error)},
                                 {key("count"), integer(row.count)},
                                 {key("succeeded"), integer(row.succeeded)},
                                 {key("extra_us"), integer(row.extraUs)},
                                 {key("extra_nano"), integer(row.extraCost.value)}});
    }
    co_return QJsonObject{{key("flows"), flows}};
}

} // namespace tollgate::admin
