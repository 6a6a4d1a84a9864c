// SPDX-License-Identifier: GPL-3.0-or-later
// The frame that most charts share: one value axis with gridlines, columns below.
#pragma once

#include "chartdata.h"
#include "look.h"
#include "ticks.h"

#include <QRectF>
#include <QSizeF>

class QPainter;

namespace tollgate::charts {

constexpr double kWidestBar = 48; // one bucket alone does not fill the plot

struct Axes
{
    QRectF plot;
    Ticks ticks;
    Unit unit = Unit::Count;
    int columns = 0;

    [[nodiscard]] double columnWidth() const { return columns > 0 ? plot.width() / columns : 0; }
    [[nodiscard]] QRectF column(int index) const;
    [[nodiscard]] double middle(int index) const { return column(index).center().x(); }
    // On whole pixels, so that bars and gridlines meet.
    [[nodiscard]] double y(double value) const;
    [[nodiscard]] int columnAt(double x) const; // -1 outside
    [[nodiscard]] QRectF bar(int index, double scale) const; // of full height
};

[[nodiscard]] Axes layoutAxes(const Look &look, QSizeF size, const Ticks &ticks, Unit unit,
                              int columns, double rightRoom = 0);
void paintGrid(QPainter &painter, const Axes &axes, const Look &look);
[[nodiscard]] QColor weekendShade(const Look &look);
void paintWeekends(QPainter &painter, const Axes &axes, const Look &look, const ChartData &data);
void paintColumnLabels(QPainter &painter, const Axes &axes, const Look &look,
                       const ChartData &data);

} // namespace tollgate::charts
