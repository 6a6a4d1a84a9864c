// SPDX-License-Identifier: GPL-3.0-or-later
#include "axes.h"

#include <QDateTime>
#include <QPainter>

#include <cmath>

namespace tollgate::charts {

namespace {

std::vector<int> stridesFor(Step step)
{
    switch (step) {
    case Step::Hour:
        return {1, 2, 3, 4, 6, 12, 24, 48, 72, 168};
    case Step::Day:
        return {1, 2, 3, 5, 7, 14, 28};
    case Step::Week:
        return {1, 2, 4, 8, 13};
    case Step::Month:
        break;
    }
    return {1, 2, 3, 6, 12};
}

// Hours are labelled at round hours of the day, so that midnight keeps its date across a day of 23
// or 25 hours; everything else is counted from the newest, which is what one looks for.
bool labelled(const ChartData &data, int column, int stride, const Look &look)
{
    const Bucket &bucket = data.buckets.at(std::size_t(column));
    if (data.step == Step::Hour && bucket.label.isEmpty() && stride <= 24)
        return momentOf(bucket.fromUs, look.zone).time().hour() % stride == 0;
    return (int(data.buckets.size()) - 1 - column) % stride == 0;
}

} // namespace

QRectF Axes::column(int index) const
{
    return {plot.left() + index * columnWidth(), plot.top(), columnWidth(), plot.height()};
}

double Axes::y(double value) const
{
    return std::round(plot.bottom() - ticks.place(value) * plot.height());
}

int Axes::columnAt(double x) const
{
    if (columns <= 0 || x < plot.left() || x >= plot.right())
        return -1;
    return std::min(columns - 1, int((x - plot.left()) / columnWidth()));
}

QRectF Axes::bar(int index, double scale) const
{
    const QRectF whole = column(index);
    const double width = std::max(
        1.0,
        std::round(std::min(whole.width() * (whole.width() > 6 ? 0.72 : 0.9), kWidestBar * scale)));
    return {std::round(whole.center().x() - width / 2), plot.top(), width, plot.height()};
}

Axes layoutAxes(const Look &look, QSizeF size, const Ticks &ticks, Unit unit, int columns,
                double rightRoom)
{
    double widest = 0;
    for (const double value : ticks.at)
        widest = std::max(widest,
                          widthOf(onAxis(value, ticks.step, unit, look.locale), look.number()));
    const double left = ticks.at.empty() ? look.px(4) : std::ceil(widest + look.px(10));
    Axes axes;
    axes.ticks = ticks;
    axes.unit = unit;
    axes.columns = columns;
    axes.plot = QRectF(left, look.px(10),
                       std::max(1.0, size.width() - left - std::ceil(rightRoom) - look.px(4)),
                       std::max(1.0, std::floor(size.height() - look.px(10) - look.px(24))));
    return axes;
}

void paintGrid(QPainter &painter, const Axes &axes, const Look &look)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const double value : axes.ticks.at) {
        const double y = axes.y(value);
        const bool base = value == axes.ticks.at.front();
        painter.fillRect(QRectF(axes.plot.left(), y, axes.plot.width(), 1),
                         base ? look.borderStrong : look.border);
        drawLine(painter, QRectF(0, y - look.px(9), axes.plot.left() - look.px(8), look.px(18)),
                 Qt::AlignRight | Qt::AlignVCenter,
                 onAxis(value, axes.ticks.step, axes.unit, look.locale), look.number(), look.text2);
    }
    if (axes.ticks.at.empty())
        painter.fillRect(QRectF(axes.plot.left(), axes.plot.bottom(), axes.plot.width(), 1),
                         look.border);
}

QColor weekendShade(const Look &look)
{
    // A shade of the border that is as quiet in high contrast, where borders are loud.
    const double step = std::abs(look.border.lightnessF() - look.surface.lightnessF());
    return mixed(look.border, look.surface, 0.38 * std::min(1.0, 0.2 / std::max(0.01, step)));
}

void paintWeekends(QPainter &painter, const Axes &axes, const Look &look, const ChartData &data)
{
    const QColor shade = weekendShade(look);
    for (int column = 0; column < axes.columns; ++column) {
        if (!data.buckets.at(std::size_t(column)).weekend)
            continue;
        const double left = std::round(axes.column(column).left());
        painter.fillRect(QRectF(left, axes.plot.top(),
                                std::round(axes.column(column).right()) - left, axes.plot.height()),
                         shade);
    }
}

void paintColumnLabels(QPainter &painter, const Axes &axes, const Look &look, const ChartData &data)
{
    const QFont font = look.label();
    std::vector<QString> labels;
    double widest = 0;
    for (const Bucket &bucket : data.buckets) {
        labels.push_back(axisLabel(bucket, data.step, look.zone, look.locale));
        widest = std::max(widest, widthOf(labels.back(), font));
    }
    // A name that nothing else tells is cut rather than left out.
    const bool names
        = !data.buckets.empty() && !data.buckets.front().label.isEmpty() && axes.columns <= 12;
    const int stride = names
        ? 1
        : labelStride(axes.columns, widest + look.px(12), axes.plot.width(), stridesFor(data.step));
    for (int column = 0; column < axes.columns; ++column) {
        if (!labelled(data, column, stride, look))
            continue;
        const double room = names ? axes.columnWidth() - look.px(4) : widest + look.px(2);
        double left = axes.middle(column) - room / 2;
        left = std::clamp(left, axes.plot.left() - look.px(4),
                          std::max(axes.plot.left(), axes.plot.right() + look.px(4) - room));
        drawLine(painter, QRectF(left, axes.plot.bottom() + look.px(5), room, look.px(16)),
                 Qt::AlignCenter, labels.at(std::size_t(column)), font, look.text2);
    }
}

} // namespace tollgate::charts
