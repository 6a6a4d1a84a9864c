// SPDX-License-Identifier: GPL-3.0-or-later
// One snapshot for the tray, the status bar and the first page, so that no two of them disagree.
#include "core/admin/burning.h"
#include "core/admin/handlers.h"
#include "core/admin/logarguments.h"
#include "core/admin/logrow.h"
#include "core/admin/reading.h"
#include "core/admin/rowjson.h"
#include "core/admin/timebuckets.h"
#include "core/admin/usagefigures.h"
#include "core/store/channels.h"
#include "core/store/settings.h"

#include <QDateTime>
#include <QStorageInfo>

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kCellUs = 15 * kMinuteUs;
constexpr int kCells = 96;
constexpr int kCauses = 8;
constexpr int kBudgets = 6;
constexpr int kNearLimitPercent = 80;
constexpr int kFewestToJudge = 5;
constexpr int kFailingPercent = 20;
constexpr std::int64_t kOldPricesDays = 30;
constexpr std::int64_t kLittleDisk = 1'000'000'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Snapshot
{
    store::LogNames names;
    store::UsageCell today;
    store::UsageCell yesterday;
    store::UsageAnswer hours;
    std::vector<std::int64_t> edges;
    store::LogCount lastQuarter;
    store::LogCount lastQuarterFailed;
    store::LogCount lastMinutes;
    std::optional<store::LoggedRequest> last;
    std::vector<store::StripCell> strip;
    std::int64_t stripUs = 0;
    std::vector<store::CauseRow> causes;
    std::vector<std::pair<QByteArray, std::int64_t>> unpriced;
    std::vector<Burning> budgets;
    QByteArray catalogue;
    bool bodies = false;
    int channels = 0;
    int tokens = 0;
};

store::LogExpression within(std::int64_t sinceUs, bool failedOnly)
{
    store::LogExpression all;
    all.kind = store::LogExpression::Kind::And;
    store::LogExpression bound;
    bound.kind = store::LogExpression::Kind::Term;
    bound.term = {store::LogField::Time, store::LogMatch::AtLeast, {}, sinceUs};
    all.parts.push_back(bound);
    if (failedOnly) {
        bound.term = {store::LogField::Trouble, store::LogMatch::Equal, {}, 0};
        all.parts.push_back(std::move(bound));
    }
    return all;
}

Result<store::UsageCell> sumBetween(store::Database &db, std::int64_t sinceUs, std::int64_t untilUs,
                                    std::int64_t nowUs)
{
    store::UsageAsk ask;
    ask.edges = {sinceUs, std::max(untilUs, sinceUs + 1)};
    ask.durations = true;
    ask.nowUs = nowUs;
    auto answer = store::usageOver(db, ask);
    if (!answer)
        return failure(answer.error());
    store::UsageCell sum;
    for (const auto &[place, cell] : answer->cells)
        sum.add(cell);
    return sum;
}

// Takes a step's value, or keeps its error.
template <class T> bool take(Result<void> &done, T &into, Result<T> found)
{
    if (!done)
        return false;
    if (found)
        into = std::move(*found);
    else
        done = failure(found.error());
    return done.has_value();
}

Result<Snapshot> readSnapshot(store::Database &db, std::int64_t nowUs, const QTimeZone &zone)
{
    Snapshot s;
    Result<void> done;
    take(done, s.names, store::logNames(db));
    const std::int64_t midnight = bucketBeginning(nowUs, BucketSize::Day, zone);
    const std::int64_t midnightBefore = bucketBeginning(midnight - 1, BucketSize::Day, zone);
    take(done, s.today, sumBetween(db, midnight, nowUs, nowUs));
    take(done, s.yesterday,
         sumBetween(db, midnightBefore, midnightBefore + (nowUs - midnight), nowUs));
    store::UsageAsk hours;
    const std::int64_t thisHour = nowUs / kHourUs * kHourUs;
    for (int i = 23; i >= -1; --i)
        hours.edges.push_back(thisHour - i * kHourUs);
    hours.durations = true;
    hours.nowUs = nowUs;
    s.edges = hours.edges;
    take(done, s.hours, store::usageOver(db, hours));
    take(done, s.lastQuarter, store::logCount(db, within(nowUs - kCellUs, false)));
    take(done, s.lastQuarterFailed, store::logCount(db, within(nowUs - kCellUs, true)));
    take(done, s.lastMinutes, store::logCount(db, within(nowUs - kMinuteUs, false)));
    store::LogRows last;
    if (take(done, last, store::logRows(db, {}, std::nullopt, 1)) && !last.requests.empty())
        s.last = std::move(last.requests.front());
    s.stripUs = nowUs / kCellUs * kCellUs - (kCells - 1) * kCellUs;
    take(done, s.strip, store::channelStrip(db, s.stripUs, kCellUs));
    take(done, s.causes, store::causesOf(db, {}, nowUs - kDayUs, nowUs + kDayUs));
    take(done, s.unpriced, store::unpricedModels(db, nowUs - 7 * kDayUs));
    take(done, s.budgets, readBurning(db, 0, nowUs));
    take(done, s.catalogue, store::catalogueDate(db));
    std::optional<QByteArray> bodies;
    if (take(done, bodies, store::setting(db, "log.bodies")))
        s.bodies = bodies && *bodies == "true";
    std::vector<store::ChannelRow> channels;
    if (take(done, channels, store::channels(db)))
        s.channels = int(channels.size());
    s.tokens = int(s.names.tokens.size());
    if (!done)
        return failure(done.error());
    return s;
}

QJsonValue percentileJson(const store::UsageCell &cell, double share)
{
    const auto value = store::percentile(cell.durations[*histogramOf(Figure::FirstToken)], share);
    return value ? integer(*value) : QJsonValue(QJsonValue::Null);
}

// Of what was read, how much the caches knew; null where nothing was read.
QJsonValue cacheJson(const store::UsageCell &cell)
{
    const std::int64_t input = cell.totals.usage.totalInput();
    return input == 0 ? QJsonValue(QJsonValue::Null)
                      : integer(cell.totals.usage.cacheRead * 1'000 / input);
}

QJsonObject dayJson(const store::UsageCell &cell)
{
    QJsonObject json = figuresJson(cell);
    json.insert(key("ttft_p50_us"), percentileJson(cell, 0.5));
    json.insert(key("ttft_p95_us"), percentileJson(cell, 0.95));
    json.insert(key("ttft_n"),
                integer(store::countIn(cell.durations[*histogramOf(Figure::FirstToken)])));
    json.insert(key("cache_permille"), cacheJson(cell));
    json.insert(key("coverage"), coverageJson(cell));
    return json;
}

QJsonObject sparklines(const Snapshot &s)
{
    std::vector<store::UsageCell> cells(s.edges.size() - 1);
    for (const auto &[place, cell] : s.hours.cells)
        cells[std::size_t(std::get<0>(place))].add(cell);
    QJsonArray from;
    QJsonArray spend;
    QJsonArray requests;
    QJsonArray failed;
    QJsonArray ttft;
    QJsonArray cache;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const QJsonObject figures = figuresJson(cells[i]);
        from.append(integer(s.edges[i]));
        spend.append(figures.value(key("cost_nano")));
        requests.append(figures.value(key("requests")));
        failed.append(figures.value(key("failed")));
        ttft.append(percentileJson(cells[i], 0.5));
        cache.append(cacheJson(cells[i]));
    }
    return {{key("from_us"), from},  {key("spend"), spend},      {key("requests"), requests},
            {key("failed"), failed}, {key("ttft_p50_us"), ttft}, {key("cache_permille"), cache}};
}

QJsonArray stripJson(const Snapshot &s)
{
    std::map<std::int64_t, std::vector<store::StripCell>> channels;
    for (const store::StripCell &cell : s.strip) {
        auto &cells = channels[cell.channelId];
        cells.resize(kCells);
        if (cell.cell >= 0 && cell.cell < kCells)
            cells[std::size_t(cell.cell)] = cell;
    }
    QJsonArray list;
    for (const auto &[id, cells] : channels) {
        QJsonArray requests;
        QJsonArray failed;
        for (const store::StripCell &cell : cells) {
            requests.append(integer(cell.requests));
            failed.append(integer(cell.failed));
        }
        list.append(QJsonObject{{key("channel"), named(id, s.names.channels)},
                                {key("requests"), requests},
                                {key("failed"), failed}});
    }
    return list;
}

QJsonArray causesJson(const Snapshot &s)
{
    QJsonArray list;
    for (const store::CauseRow &row : s.causes) {
        if (list.size() == kCauses)
            break;
        list.append(QJsonObject{{key("cause"), QString::fromUtf8(row.error)},
                                {key("status"), row.status},
                                {key("channel"), named(row.channelId, s.names.channels)},
                                {key("count"), integer(row.count)},
                                {key("last_us"), integer(row.lastUs)},
                                {key("last_id"), QString::fromUtf8(row.lastId)},
                                {key("last_text"), row.lastText}});
    }
    return list;
}

// Channels that failed in the last hour, by what their strips tell.
void addFailing(QJsonArray &attention, const Snapshot &s)
{
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> lastHour;
    for (const store::StripCell &cell : s.strip) {
        if (cell.cell < kCells - 4)
            continue;
        lastHour[cell.channelId].first += cell.requests;
        lastHour[cell.channelId].second += cell.failed;
    }
    for (const auto &[id, counts] : lastHour) {
        const auto &[requests, failed] = counts;
        if (requests < kFewestToJudge || failed * 100 < requests * kFailingPercent)
            continue;
        attention.append(QJsonObject{{key("kind"), key("channel_failing")},
                                     {key("channel"), named(id, s.names.channels)},
                                     {key("requests"), integer(requests)},
                                     {key("failed"), integer(failed)}});
    }
}

QJsonArray attentionJson(const Snapshot &s, const QJsonArray &budgets, const QString &profile,
                         std::int64_t nowUs)
{
    QJsonArray list;
    addFailing(list, s);
    for (const QJsonValue &value : budgets) {
        const QJsonObject budget = value.toObject();
        if (budget.value(key("percent")).toInt() < kNearLimitPercent)
            continue;
        QJsonObject line{{key("kind"), key("budget")}};
        for (const char *name : {"token", "percent", "pace", "runs_out_us", "end_us"})
            line.insert(key(name), budget.value(key(name)));
        list.append(line);
    }
    for (const auto &[model, count] : s.unpriced) {
        list.append(QJsonObject{{key("kind"), key("unpriced")},
                                {key("model"), QString::fromUtf8(model)},
                                {key("requests"), integer(count)}});
    }
    const QDate prices = QDate::fromString(QString::fromUtf8(s.catalogue), Qt::ISODate);
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowUs / 1'000, Qt::UTC).date();
    if (prices.isValid() && prices.daysTo(today) > kOldPricesDays) {
        list.append(QJsonObject{{key("kind"), key("prices_old")},
                                {key("days"), integer(prices.daysTo(today))}});
    }
    const QStorageInfo disk(profile);
    const bool little
        = disk.bytesAvailable() < kLittleDisk || disk.bytesAvailable() * 10 < disk.bytesTotal();
    if (disk.isValid() && little) {
        list.append(QJsonObject{{key("kind"), key("disk")},
                                {key("free_bytes"), integer(disk.bytesAvailable())},
                                {key("total_bytes"), integer(disk.bytesTotal())}});
    }
    return list;
}

} // namespace

Answer overview(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QTimeZone zone = takeZone(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t now = desk.nowUs();
    auto reading = readWhileWanted(
        desk, [now, zone](store::Database &db) { return readSnapshot(db, now, zone); });
    Result<Snapshot> read = co_await reading;
    if (!read)
        co_return failure(read.error());
    QJsonObject status;
    std::int64_t running = 0;
    if (desk.rooms.engine) {
        status = desk.rooms.engine->status();
        running = status.value(key("running")).toInteger();
    }
    const Snapshot &s = *read;
    QJsonArray budgets = burningList(s.budgets, now);
    const QJsonArray attention = attentionJson(s, budgets, desk.rooms.store->profile(), now);
    while (budgets.size() > kBudgets)
        budgets.removeLast();
    const QJsonValue last
        = s.last ? QJsonValue(logRow(s.last->row, s.names, {})) : QJsonValue(QJsonValue::Null);
    co_return QJsonObject{{key("now_us"), integer(now)},
                          {key("serving"), desk.rooms.engine != nullptr},
                          {key("status"), status},
                          {key("today"), dayJson(s.today)},
                          {key("yesterday"), dayJson(s.yesterday)},
                          {key("sparklines"), sparklines(s)},
                          {key("running"), integer(running)},
                          {key("requests_last_minute"), integer(s.lastMinutes.count)},
                          {key("quarter"),
                           QJsonObject{{key("requests"), integer(s.lastQuarter.count)},
                                       {key("failed"), integer(s.lastQuarterFailed.count)}}},
                          {key("last_request"), last},
                          {key("attention"), attention},
                          {key("budgets"), budgets},
                          {key("strip"),
                           QJsonObject{{key("from_us"), integer(s.stripUs)},
                                       {key("cell_us"), integer(kCellUs)},
                                       {key("channels"), stripJson(s)}}},
                          {key("errors"), causesJson(s)},
                          {key("modes"),
                           QJsonObject{{key("bodies"), s.bodies},
                                       {key("prices_date"), QString::fromUtf8(s.catalogue)}}},
                          {key("channels"), s.channels},
                          {key("tokens"), s.tokens}};
}

} // namespace tollgate::admin
