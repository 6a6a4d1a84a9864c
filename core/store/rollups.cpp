// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/rollups.h"

#include "core/store/counters.h"
#include "core/store/database.h"
#include "core/store/unitcolumn.h"

#include <algorithm>
#include <map>

namespace tollgate::store {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t hour = 3'600 * second;

std::int64_t hourAtOrBefore(std::int64_t us)
{
    const std::int64_t rest = us % hour;
    return us - (rest < 0 ? rest + hour : rest);
}

std::int64_t hourAtOrAfter(std::int64_t us)
{
    const std::int64_t before = hourAtOrBefore(us);
    return before == us ? us : before + hour;
}

void addTo(Totals &sum, const Totals &more)
{
    sum.requests += more.requests;
    sum.failed += more.failed;
    addCounts(sum.usage, more.usage);
    sum.units.add(more.units);
    sum.cost.value += more.cost.value;
    sum.charge.value += more.charge.value;
    sum.estimated += more.estimated;
    sum.unpriced += more.unpriced;
}

// requests, failed, counters (10), cost, charge, estimated, unpriced, units (5)
Totals readTotals(const Row &row, int from)
{
    Totals totals;
    totals.requests = row.integer(from);
    totals.failed = row.integer(from + 1);
    totals.usage = readCounts(row, from + 2);
    totals.cost = row.nano(from + 12);
    totals.charge = row.nano(from + 13);
    totals.estimated = row.integer(from + 14);
    totals.unpriced = row.integer(from + 15);
    totals.units.images = row.integer(from + 16);
    totals.units.audioInputMs = row.integer(from + 17);
    totals.units.audioOutputMs = row.integer(from + 18);
    totals.units.characters = row.integer(from + 19);
    totals.units.searches = row.integer(from + 20);
    return totals;
}

// What one row is filed under; the name is looked up at the end.
struct Group
{
    std::int64_t id = 0;
    QByteArray model;
    auto operator<=>(const Group &other) const
    {
        if (const auto order = id <=> other.id; order != 0)
            return order;
        return model == other.model ? std::strong_ordering::equal
            : model < other.model   ? std::strong_ordering::less
                                    : std::strong_ordering::greater;
    }
    bool operator==(const Group &) const = default;
};

QString groupColumns(UsageBy by)
{
    switch (by) {
    case UsageBy::Model:
        return QStringLiteral("0, model");
    case UsageBy::Token:
        return QStringLiteral("token_id, ''");
    case UsageBy::Channel:
        return QStringLiteral("channel_id, ''");
    }
    return {};
}

QString groupBy(UsageBy by)
{
    switch (by) {
    case UsageBy::Model:
        return QStringLiteral("model");
    case UsageBy::Token:
        return QStringLiteral("token_id");
    case UsageBy::Channel:
        return QStringLiteral("channel_id");
    }
    return {};
}

const QString rollupSums = QStringLiteral(
    "sum(requests), sum(failed), sum(input), sum(cache_read), sum(cache_write_5m), "
    "sum(cache_write_1h), sum(output), sum(reasoning), sum(audio_input), sum(audio_output), "
    "sum(image_input), sum(image_output), sum(cost), sum(charge), sum(estimated), sum(unpriced), "
    "sum(images), sum(audio_input_ms), sum(audio_output_ms), sum(characters), sum(searches)");

using Visit = std::function<void(std::int64_t hourUs, const Group &, const Totals &)>;

Result<void> wholeHours(Database &db, UsageBy by, bool hourly, std::int64_t fromUs,
                        std::int64_t untilUs, const Visit &visit)
{
    const QString sql
        = QStringLiteral("SELECT %1, %2, %3 FROM rollups WHERE hour_us >= ? AND "
                         "hour_us < ? GROUP BY %4%5")
              .arg(hourly ? QStringLiteral("hour_us") : QStringLiteral("0"), groupColumns(by),
                   rollupSums, hourly ? QStringLiteral("hour_us, ") : QString(), groupBy(by));
    return db.eachComposed(sql, {qlonglong(fromUs), qlonglong(untilUs)}, [&](const Row &row) {
        visit(row.integer(0), {row.integer(1), row.text(2)}, readTotals(row, 3));
    });
}

// The same from the log, for a piece of an hour.
Result<void> pieceOfHour(Database &db, UsageBy by, std::int64_t fromUs, std::int64_t untilUs,
                         const Visit &visit)
{
    if (fromUs >= untilUs)
        return {};
    return db.each(
        "SELECT token_id, channel_id, model, status, flags, input, cache_read, cache_write_5m, "
        "cache_write_1h, output, reasoning, audio_input, audio_output, image_input, image_output, "
        "cost, charge, units FROM requests WHERE started_us >= ? AND started_us < ?",
        [&](const Row &row) {
            RequestRow request;
            request.startedUs = fromUs;
            request.tokenId = row.integer(0);
            request.channelId = row.integer(1);
            request.model = row.text(2);
            request.status = row.number(3);
            request.flags = std::uint32_t(row.integer(4));
            request.usage = readCounts(row, 5);
            request.cost = row.nano(15);
            request.charge = row.nano(16);
            request.units = unitsFromJson(row.text(17));
            const RollupKey key = rollupKey(request);
            Group group;
            if (by == UsageBy::Model)
                group.model = key.model;
            else
                group.id = by == UsageBy::Token ? key.tokenId : key.channelId;
            visit(key.hourUs, group, totalsOf(request));
        },
        fromUs, untilUs);
}

Result<void> collect(Database &db, UsageBy by, bool hourly, std::int64_t sinceUs,
                     std::int64_t untilUs, const Visit &visit)
{
    // The last hour that can hold anything, with room for the arithmetic.
    constexpr std::int64_t endOfTime = std::numeric_limits<std::int64_t>::max() / hour * hour;
    const std::int64_t until = untilUs > 0 ? std::min(untilUs, endOfTime) : endOfTime;
    const std::int64_t firstWhole = hourAtOrAfter(sinceUs);
    const std::int64_t lastWhole = hourAtOrBefore(until);
    if (firstWhole > lastWhole) // both ends in one hour
        return pieceOfHour(db, by, sinceUs, until, visit);
    if (auto head = pieceOfHour(db, by, sinceUs, firstWhole, visit); !head)
        return head;
    if (auto middle = wholeHours(db, by, hourly, firstWhole, lastWhole, visit); !middle)
        return middle;
    return pieceOfHour(db, by, lastWhole, until, visit);
}

Result<std::map<std::int64_t, QString>> namesOf(Database &db, UsageBy by)
{
    std::map<std::int64_t, QString> names;
    const auto note = [&](const Row &row) { names[row.integer(0)] = row.string(1); };
    Result<void> done;
    if (by == UsageBy::Token)
        done = db.each("SELECT id, name FROM tokens", note);
    else if (by == UsageBy::Channel)
        done = db.each("SELECT id, name FROM channels UNION SELECT id, name FROM removed_channels",
                       note);
    if (!done)
        return failure(done.error());
    return names;
}

QString nameOf(const Group &group, UsageBy by, const std::map<std::int64_t, QString> &names)
{
    if (by == UsageBy::Model)
        return QString::fromUtf8(group.model);
    if (const auto found = names.find(group.id); found != names.end())
        return found->second;
    return group.id == 0 ? QString() : QStringLiteral("#%1").arg(group.id);
}

} // namespace

std::size_t qHash(const RollupKey &key, std::size_t seed) noexcept
{
    return qHashMulti(seed, key.hourUs, key.tokenId, key.channelId, key.model);
}

RollupKey rollupKey(const RequestRow &row)
{
    // A model that was never routed is whatever a client typed: not worth a row each.
    return {hourAtOrBefore(row.startedUs), row.tokenId, row.channelId,
            row.channelId != 0 ? row.model : QByteArray()};
}

Totals totalsOf(const RequestRow &row)
{
    Totals totals;
    totals.requests = 1;
    totals.failed = row.status < 200 || row.status > 399 ? 1 : 0;
    totals.usage = row.usage;
    totals.units.add(row.units);
    totals.cost = row.cost;
    totals.charge = row.charge;
    totals.estimated = (row.flags & Estimated) != 0 ? 1 : 0;
    totals.unpriced = (row.flags & Unpriced) != 0 ? 1 : 0;
    return totals;
}

Result<std::vector<UsageRow>> usage(Database &db, UsageBy by, std::int64_t sinceUs,
                                    std::int64_t untilUs)
{
    std::map<Group, Totals> sums;
    auto done = collect(db, by, false, sinceUs, untilUs,
                        [&](std::int64_t, const Group &group, const Totals &totals) {
                            addTo(sums[group], totals);
                        });
    if (!done)
        return failure(done.error());
    auto names = namesOf(db, by);
    if (!names)
        return failure(names.error());
    std::vector<UsageRow> rows;
    for (const auto &[group, totals] : sums)
        rows.push_back({nameOf(group, by, *names), group.id, totals});
    std::stable_sort(rows.begin(), rows.end(), [](const UsageRow &a, const UsageRow &b) {
        if (a.totals.cost != b.totals.cost)
            return a.totals.cost > b.totals.cost;
        return a.totals.requests > b.totals.requests;
    });
    return rows;
}

Result<std::vector<HourRow>> usageByHour(Database &db, UsageBy by, std::int64_t sinceUs,
                                         std::int64_t untilUs)
{
    std::map<std::pair<std::int64_t, Group>, Totals> sums;
    auto done = collect(db, by, true, sinceUs, untilUs,
                        [&](std::int64_t hourUs, const Group &group, const Totals &totals) {
                            addTo(sums[{hourUs, group}], totals);
                        });
    if (!done)
        return failure(done.error());
    auto names = namesOf(db, by);
    if (!names)
        return failure(names.error());
    std::vector<HourRow> rows;
    for (const auto &[key, totals] : sums)
        rows.push_back({key.first, nameOf(key.second, by, *names), key.second.id, totals});
    return rows;
}

void RollupBuffer::add(const RollupKey &key, const Totals &delta)
{
    addTo(m_totals[key], delta);
}

void RollupBuffer::tally(const RollupKey &key, const std::vector<Tallied> &list)
{
    for (const Tallied &one : list)
        ++m_tallies[{key, {static_cast<int>(one.kind), one.bucket}}];
}

void RollupBuffer::touchToken(std::int64_t tokenId, std::int64_t atUs)
{
    if (m_noted.value(tokenId, -1) == atUs / second)
        return;
    std::int64_t &last = m_lastUsed[tokenId];
    last = std::max(last, atUs);
}

Result<void> RollupBuffer::flushTallies(Database &db)
{
    for (auto it = m_tallies.cbegin(); it != m_tallies.cend(); ++it) {
        const auto &[key, slot] = it.key();
        auto done = db.run("INSERT INTO tallies(kind, hour_us, channel_id, token_id, model, "
                           "bucket, count) VALUES(?,?,?,?,?,?,?) ON CONFLICT(kind, hour_us, "
                           "channel_id, token_id, model, bucket) DO UPDATE SET "
                           "count = count + excluded.count",
                           slot.first, key.hourUs, key.channelId, key.tokenId, key.model,
                           slot.second, it.value());
        if (!done)
            return failure(done.error());
    }
    m_tallies.clear();
    return {};
}

Result<void> RollupBuffer::flush(Database &db)
{
    if (auto done = flushTallies(db); !done)
        return done;
    for (auto it = m_totals.cbegin(); it != m_totals.cend(); ++it) {
        const RollupKey &key = it.key();
        const Totals &t = it.value();
        const TokenCounts &u = t.usage;
        const UnitCounts &n = t.units;
        auto done = db.run(
            "INSERT INTO rollups(hour_us, token_id, channel_id, model, requests, failed, input, "
            "cache_read, cache_write_5m, cache_write_1h, output, reasoning, audio_input, "
            "audio_output, image_input, image_output, cost, charge, estimated, unpriced, images, "
            "audio_input_ms, audio_output_ms, characters, searches) "
            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT(hour_us, token_id, channel_id, model) DO UPDATE SET "
            "requests = requests + excluded.requests, failed = failed + excluded.failed, "
            "input = input + excluded.input, cache_read = cache_read + excluded.cache_read, "
            "cache_write_5m = cache_write_5m + excluded.cache_write_5m, "
            "cache_write_1h = cache_write_1h + excluded.cache_write_1h, "
            "output = output + excluded.output, reasoning = reasoning + excluded.reasoning, "
            "audio_input = audio_input + excluded.audio_input, "
            "audio_output = audio_output + excluded.audio_output, "
            "image_input = image_input + excluded.image_input, "
            "image_output = image_output + excluded.image_output, "
            "cost = cost + excluded.cost, charge = charge + excluded.charge, "
            "estimated = estimated + excluded.estimated, unpriced = unpriced + excluded.unpriced, "
            "images = images + excluded.images, "
            "audio_input_ms = audio_input_ms + excluded.audio_input_ms, "
            "audio_output_ms = audio_output_ms + excluded.audio_output_ms, "
            "characters = characters + excluded.characters, "
            "searches = searches + excluded.searches",
            key.hourUs, key.tokenId, key.channelId, key.model, t.requests, t.failed, u.input,
            u.cacheRead, u.cacheWrite5m, u.cacheWrite1h, u.output, u.reasoning, u.audioInput,
            u.audioOutput, u.imageInput, u.imageOutput, t.cost, t.charge, t.estimated, t.unpriced,
            n.images, n.audioInputMs, n.audioOutputMs, n.characters, n.searches);
        if (!done)
            return failure(done.error());
    }
    for (auto it = m_lastUsed.cbegin(); it != m_lastUsed.cend(); ++it) {
        auto done = db.run("UPDATE tokens SET last_used_us = ? WHERE id = ? AND last_used_us < ?",
                           it.value(), it.key(), it.value());
        if (!done)
            return failure(done.error());
        m_noted[it.key()] = it.value() / second;
    }
    m_totals.clear();
    m_lastUsed.clear();
    return {};
}

void RollupBuffer::discard()
{
    m_totals.clear();
    m_tallies.clear();
    m_lastUsed.clear();
    m_noted.clear();
}

} // namespace tollgate::store
