// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/timebuckets.h"

#include <QDateTime>

#include <array>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;

struct Named
{
    BucketSize size;
    const char *name;
};
constexpr std::array kNames{
    Named{BucketSize::Hour, "hour"},
    Named{BucketSize::Day, "day"},
    Named{BucketSize::Week, "week"},
    Named{BucketSize::Month, "month"},
};

QDateTime localTime(std::int64_t us, const QTimeZone &zone)
{
    return QDateTime::fromMSecsSinceEpoch(us / 1'000, zone);
}

std::int64_t startOf(QDate day, const QTimeZone &zone)
{
    return day.startOfDay(zone).toMSecsSinceEpoch() * 1'000;
}

// Hours follow the clock on the wall, whose offset need not be whole hours.
std::int64_t startOfHour(std::int64_t us, const QTimeZone &zone)
{
    const std::int64_t offset = std::int64_t{zone.offsetFromUtc(localTime(us, zone))} * 1'000'000;
    return (us + offset) / kHourUs * kHourUs - offset;
}

QDate firstDay(QDate day, BucketSize size)
{
    if (size == BucketSize::Week)
        return day.addDays(1 - day.dayOfWeek());
    return size == BucketSize::Month ? QDate(day.year(), day.month(), 1) : day;
}

QDate nextDay(QDate first, BucketSize size)
{
    if (size == BucketSize::Week)
        return first.addDays(7);
    return size == BucketSize::Month ? first.addMonths(1) : first.addDays(1);
}

std::int64_t nextEdge(std::int64_t us, BucketSize size, const QTimeZone &zone)
{
    if (size == BucketSize::Hour)
        return startOfHour(us + kHourUs, zone);
    return startOf(nextDay(firstDay(localTime(us, zone).date(), size), size), zone);
}

} // namespace

std::optional<BucketSize> bucketNamed(QStringView name)
{
    for (const Named &known : kNames) {
        if (name == QLatin1String(known.name))
            return known.size;
    }
    return std::nullopt;
}

QString bucketName(BucketSize size)
{
    for (const Named &known : kNames) {
        if (known.size == size)
            return QString::fromLatin1(known.name);
    }
    return {};
}

BucketSize suitableBucket(std::int64_t sinceUs, std::int64_t untilUs)
{
    const std::int64_t span = untilUs - sinceUs;
    if (span <= 3 * kDayUs)
        return BucketSize::Hour;
    if (span <= 93 * kDayUs)
        return BucketSize::Day;
    return span <= 500 * kDayUs ? BucketSize::Week : BucketSize::Month;
}

std::int64_t bucketBeginning(std::int64_t us, BucketSize size, const QTimeZone &zone)
{
    if (size == BucketSize::Hour)
        return startOfHour(us, zone);
    return startOf(firstDay(localTime(us, zone).date(), size), zone);
}

std::vector<std::int64_t> bucketEdges(std::int64_t sinceUs, std::int64_t untilUs, BucketSize size,
                                      const QTimeZone &zone, int most)
{
    std::vector<std::int64_t> edges{sinceUs};
    while (edges.back() < untilUs) {
        if (int(edges.size()) > most)
            return {};
        std::int64_t next = nextEdge(edges.back(), size, zone);
        if (next <= edges.back()) // a zone that turned its clock back over the edge
            next = edges.back() + kHourUs;
        edges.push_back(std::min(next, untilUs));
    }
    return edges;
}

} // namespace tollgate::admin
