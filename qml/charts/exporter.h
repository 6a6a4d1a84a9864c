// SPDX-License-Identifier: GPL-3.0-or-later
// A chart on its way out of the program: a picture that says what it shows, or the numbers
// themselves.
#pragma once

#include "chart.h"

#include <QByteArray>

namespace tollgate::charts {

// What a file says besides the chart.
struct About
{
    QString title;
    QString range;
    QString filter;
    QString coverage;
    QString name; // "usage-spend-by-model"
    qint64 fromUs = 0;
    qint64 toUs = 0;
};

[[nodiscard]] About readAbout(const QVariantMap &map);

// Title, range, filter and coverage are part of the picture; series that are hidden are named.
[[nodiscard]] QByteArray pngOf(const Chart &chart, const Look &look, const About &about,
                               QSizeF size, int scale);
[[nodiscard]] QByteArray svgOf(const Chart &chart, const Look &look, const About &about,
                               QSizeF size);
// For machines: UTF-8, ISO times with their offset, integers in the smallest unit, one value a
// line.
[[nodiscard]] QByteArray csvOf(const Chart &chart, const Look &look);
[[nodiscard]] QByteArray jsonOf(const Chart &chart, const Look &look, const About &about);
// "usage-spend-by-model-2026-08-01_2026-08-31.csv"; the second day is the last one that is part of
// it.
[[nodiscard]] QString fileNameOf(const About &about, const QTimeZone &zone,
                                 const QString &extension);

} // namespace tollgate::charts
