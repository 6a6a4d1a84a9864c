// SPDX-License-Identifier: GPL-3.0-or-later
#include "buckets.h"

#include <QCoreApplication>
#include <QDateTime>

namespace tollgate::charts {

namespace {

constexpr std::size_t kMostBuckets = 10'000;
constexpr qint64 kHourUs = 3'600'000'000;
constexpr QChar kEnDash{0x2013};

qint64 startOf(QDate day, const QTimeZone &zone)
{
    return day.startOfDay(zone).toMSecsSinceEpoch() * 1000;
}

qint64 offsetUs(qint64 us, const QTimeZone &zone)
{
    return qint64(momentOf(us, zone).offsetFromUtc()) * 1'000'000;
}

qint64 floorTo(qint64 value, qint64 unit)
{
    const qint64 rest = value % unit;
    return value - (rest < 0 ? rest + unit : rest);
}

// The last full local hour. An hour that is repeated when clocks go back is two of them.
qint64 hourOf(qint64 us, const QTimeZone &zone)
{
    const qint64 offset = offsetUs(us, zone);
    return floorTo(us + offset, kHourUs) - offset;
}

QDate firstDayOf(QDate day, Step step, const QLocale &locale)
{
    if (step == Step::Month)
        return {day.year(), day.month(), 1};
    if (step == Step::Week)
        return day.addDays(-((day.dayOfWeek() - int(locale.firstDayOfWeek()) + 7) % 7));
    return day;
}

QDate nextDayOf(QDate day, Step step)
{
    return step == Step::Month ? day.addMonths(1) : day.addDays(step == Step::Week ? 7 : 1);
}

Bucket bucketAt(qint64 us, Step step, const QTimeZone &zone, const QLocale &locale)
{
    Bucket bucket;
    const QDate day = momentOf(us, zone).date();
    if (step == Step::Hour) {
        bucket.fromUs = hourOf(us, zone);
        // Where clocks change by half an hour, the hour of the change is an hour and a half, or
        // half of one: the next begins at the first full local hour that comes.
        const qint64 offset = offsetUs(bucket.fromUs, zone);
        bucket.toUs = bucket.fromUs + kHourUs;
        const qint64 aligned = hourOf(bucket.toUs, zone);
        if (aligned != bucket.toUs)
            bucket.toUs = offsetUs(bucket.toUs, zone) > offset ? aligned : aligned + kHourUs;
        if (bucket.toUs <= us)
            bucket.toUs = us + 1;
    } else {
        const QDate first = firstDayOf(day, step, locale);
        bucket.fromUs = startOf(first, zone);
        bucket.toUs = startOf(nextDayOf(first, step), zone);
    }
    bucket.weekend = (step == Step::Hour || step == Step::Day) && isWeekend(day, locale);
    return bucket;
}

bool dayComesFirst(const QLocale &locale)
{
    const QString format = locale.dateFormat(QLocale::ShortFormat);
    return format.indexOf(QLatin1Char('d')) < format.indexOf(QLatin1Char('M'));
}

bool countsMonths(const QLocale &locale)
{
    return locale.language() == QLocale::Chinese || locale.language() == QLocale::Japanese
        || locale.language() == QLocale::Korean;
}

QString monthLabel(QDate day, const QLocale &locale, QLocale::FormatType type)
{
    if (countsMonths(locale))
        return locale.toString(day, QStringLiteral("yyyy/MM"));
    return locale.standaloneMonthName(day.month(), type) + QLatin1Char(' ')
        + QString::number(day.year());
}

} // namespace

QDateTime momentOf(qint64 us, const QTimeZone &zone)
{
    return QDateTime::fromMSecsSinceEpoch(floorTo(us, 1000) / 1000, zone);
}

bool isWeekend(QDate day, const QLocale &locale)
{
    return !locale.weekdays().contains(Qt::DayOfWeek(day.dayOfWeek()));
}

std::vector<Bucket> timeBuckets(qint64 fromUs, qint64 toUs, Step step, const QTimeZone &zone,
                                const QLocale &locale, qint64 nowUs)
{
    std::vector<Bucket> buckets;
    for (qint64 at = fromUs; at < toUs && buckets.size() < kMostBuckets;) {
        Bucket bucket = bucketAt(at, step, zone, locale);
        bucket.incomplete = nowUs >= bucket.fromUs && nowUs < bucket.toUs;
        at = qMax(bucket.toUs, at + 1);
        buckets.push_back(std::move(bucket));
    }
    return buckets;
}

Step stepOf(const std::vector<Bucket> &buckets)
{
    if (buckets.empty())
        return Step::Day;
    // The longest: the first and the last may be cut.
    qint64 length = 0;
    for (const Bucket &bucket : buckets)
        length = qMax(length, bucket.toUs - bucket.fromUs);
    if (length <= kHourUs * 2)
        return Step::Hour;
    return length <= kHourUs * 26 ? Step::Day : length <= kHourUs * 170 ? Step::Week : Step::Month;
}

QString dayLabel(QDate day, const QLocale &locale)
{
    if (countsMonths(locale))
        return locale.toString(day, QStringLiteral("M/d"));
    return locale.toString(
        day, dayComesFirst(locale) ? QStringLiteral("d MMM") : QStringLiteral("MMM d"));
}

QString clockLabel(qint64 us, const QTimeZone &zone, const QLocale &locale)
{
    return locale.toString(momentOf(us, zone).time(), QLocale::ShortFormat);
}

QString axisLabel(const Bucket &bucket, Step step, const QTimeZone &zone, const QLocale &locale)
{
    if (!bucket.label.isEmpty())
        return bucket.label;
    const QDateTime from = momentOf(bucket.fromUs, zone);
    if (step == Step::Hour && from.time().hour() != 0) {
        // "3 PM" says as much as "3:00 PM".
        const QString format = locale.timeFormat(QLocale::ShortFormat);
        const bool halves = format.contains(QLatin1Char('a'), Qt::CaseInsensitive);
        if (halves && from.time().minute() == 0 && !countsMonths(locale))
            return locale.toString(from.time(), QStringLiteral("h AP"));
        return clockLabel(bucket.fromUs, zone, locale);
    }
    if (step == Step::Month)
        return monthLabel(from.date(), locale, QLocale::ShortFormat);
    return dayLabel(from.date(), locale);
}

QString rangeLabel(const Bucket &bucket, Step step, const QTimeZone &zone, const QLocale &locale)
{
    QString range = bucket.label;
    const QDateTime from = momentOf(bucket.fromUs, zone);
    const QString day = locale.dayName(from.date().dayOfWeek(), QLocale::ShortFormat)
        + QStringLiteral(", ") + dayLabel(from.date(), locale) + QLatin1Char(' ')
        + QString::number(from.date().year());
    if (bucket.fromUs == 0 && bucket.toUs == 0) {
        // A column that is no time, such as a weekday.
    } else if (step == Step::Hour) {
        range = day + QStringLiteral(", ") + clockLabel(bucket.fromUs, zone, locale) + kEnDash
            + clockLabel(bucket.toUs, zone, locale);
    } else if (step == Step::Day) {
        range = day;
    } else if (step == Step::Week) {
        range = dayLabel(from.date(), locale) + QLatin1Char(' ') + kEnDash + QLatin1Char(' ')
            + dayLabel(momentOf(bucket.toUs - 1, zone).date(), locale) + QLatin1Char(' ')
            + QString::number(from.date().year());
    } else {
        range = monthLabel(from.date(), locale, QLocale::LongFormat);
    }
    if (bucket.incomplete)
        range = QCoreApplication::translate("Charts", "%1 (so far)").arg(range);
    return range;
}

} // namespace tollgate::charts
