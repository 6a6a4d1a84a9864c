// SPDX-License-Identifier: GPL-3.0-or-later
// Time in pieces of the calendar where the reader lives: a day begins at local midnight and has 23,
// 24 or 25 hours, an hour begins at a full local hour, a week on the locale's first day.
#pragma once

#include <QLocale>
#include <QString>
#include <QTimeZone>

#include <vector>

namespace tollgate::charts {

enum class Step { Hour, Day, Week, Month };

struct Bucket
{
    qint64 fromUs = 0; // since 1970, UTC
    qint64 toUs = 0;
    QString label; // empty where the time says it all
    bool incomplete = false; // not over yet
    bool weekend = false;
};

// The bucket that a moment lies in and all later ones, until one contains the moment before toUs.
// No more than 10,000 of them.
[[nodiscard]] std::vector<Bucket> timeBuckets(qint64 fromUs, qint64 toUs, Step step,
                                              const QTimeZone &zone, const QLocale &locale,
                                              qint64 nowUs = 0);
// What size these buckets were cut in.
[[nodiscard]] Step stepOf(const std::vector<Bucket> &buckets);

// Under an axis: "14:00", "3 Aug", "Aug 2026".
[[nodiscard]] QString axisLabel(const Bucket &bucket, Step step, const QTimeZone &zone,
                                const QLocale &locale);
// Above a tooltip: "Mon, 3 Aug 2026, 14:00-15:00", "3-9 Aug 2026", "August 2026".
[[nodiscard]] QString rangeLabel(const Bucket &bucket, Step step, const QTimeZone &zone,
                                 const QLocale &locale);
// "3 Aug" in the order of the locale.
[[nodiscard]] QString dayLabel(QDate day, const QLocale &locale);
[[nodiscard]] QString clockLabel(qint64 us, const QTimeZone &zone, const QLocale &locale);
[[nodiscard]] QDateTime momentOf(qint64 us, const QTimeZone &zone);
[[nodiscard]] bool isWeekend(QDate day, const QLocale &locale);

} // namespace tollgate::charts
