// SPDX-License-Identifier: GPL-3.0-or-later
#include "bars.h"

#include "hatch.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace tollgate::charts {

namespace {

constexpr double kWhole = 10'000; // basis points

} // namespace

StackedBars::StackedBars(ChartData data, QSet<QString> hidden, bool asShares)
    : SeriesChart(std::move(data), std::move(hidden))
    , m_asShares(asShares)
{
}

Axes StackedBars::axes(const Look &look, QSizeF size) const
{
    if (m_asShares)
        return layoutAxes(look, size, valueTicks(empty() ? 0 : kWhole, Unit::BasisPoints),
                          Unit::BasisPoints, columns());
    qint64 most = 0;
    for (int column = 0; column < columns(); ++column) {
        qint64 sum = 0;
        for (const Series *series : shown())
            sum += std::max<qint64>(0, at(*series, column).value_or(0));
        most = std::max(most, sum);
    }
    return layoutAxes(look, size, valueTicks(double(most), data().unit), data().unit, columns());
}

QRectF StackedBars::plot(const Look &look, QSizeF size) const
{
    return axes(look, size).plot;
}

std::vector<QRectF> StackedBars::segments(int column, const Axes &axes, double scale) const
{
    const QRectF bar = axes.bar(column, scale);
    double whole = 0;
    for (const Series *series : shown())
        whole += double(std::max<qint64>(0, at(*series, column).value_or(0)));
    std::vector<QRectF> segments;
    double below = 0;
    double bottom = axes.y(0);
    for (const Series *series : shown()) {
        below += double(std::max<qint64>(0, at(*series, column).value_or(0)));
        double top = axes.y(m_asShares ? (whole > 0 ? below / whole * kWhole : 0) : below);
        // What was spent is seen, be it ever so little.
        if (below > 0 && top == axes.y(0))
            top -= 1;
        segments.emplace_back(bar.left(), std::min(top, bottom), bar.width(),
                              std::max(0.0, bottom - top));
        bottom = std::min(top, bottom);
    }
    return segments;
}

Mark StackedBars::hit(QPointF at, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    const int column = frame.columnAt(at.x());
    if (column < 0 || at.y() < frame.plot.top() || at.y() > frame.plot.bottom())
        return {};
    const std::vector<QRectF> parts = segments(column, frame, look.scale);
    for (std::size_t row = 0; row < parts.size(); ++row) {
        if (parts.at(row).contains(at))
            return {column, int(row)};
    }
    return {column, -1};
}

QRectF StackedBars::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    if (mark.column < 0 || mark.column >= columns())
        return {};
    const std::vector<QRectF> parts = segments(mark.column, frame, look.scale);
    if (mark.row >= 0 && std::size_t(mark.row) < parts.size()
        && parts.at(std::size_t(mark.row)).height() > 0)
        return parts.at(std::size_t(mark.row));
    QRectF bar = frame.bar(mark.column, look.scale);
    bar.setTop(parts.empty() ? bar.bottom() : parts.back().top());
    return bar;
}

void StackedBars::paintBar(QPainter &painter, int column, const Axes &axes, const Look &look) const
{
    const std::vector<QRectF> parts = segments(column, axes, look.scale);
    const auto top = std::find_if(parts.rbegin(), parts.rend(),
                                  [](const QRectF &part) { return part.height() > 0; });
    if (top == parts.rend())
        return;
    const bool incomplete = data().buckets.at(std::size_t(column)).incomplete;
    for (std::size_t row = 0; row < parts.size(); ++row) {
        QRectF part = parts.at(row);
        if (part.height() <= 0)
            continue;
        const bool isTop = part == *top;
        if (!isTop && part.height() > 2) { // the ground shows between neighbours, not a gridline
            painter.fillRect(QRectF(part.left(), part.top(), part.width(), 1), look.surface);
            part.setTop(part.top() + 1);
        }
        paintMark(painter, part, shown().at(row)->slot, shown().at(row)->tone, look);
    }
    const QRectF whole(top->left(), top->top(), top->width(), axes.y(0) - top->top());
    if (incomplete) {
        QColor veil = look.surface;
        veil.setAlphaF(0.30F);
        painter.fillRect(whole, veil);
        paintStripes(painter, whole, look.surface, look.scale);
    }
    // The corners at the top are rounded by the ground, which costs no clipping.
    if (const double radius = std::min({look.px(2), whole.height() / 2, whole.width() / 4});
        radius >= 1) {
        QPainterPath corners;
        corners.addRect(QRectF(whole.left(), whole.top(), whole.width(), radius));
        QPainterPath round;
        round.addRoundedRect(whole, radius, radius);
        const bool weekend = data().buckets.at(std::size_t(column)).weekend;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillPath(corners.subtracted(round), weekend ? weekendShade(look) : look.surface);
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
}

void StackedBars::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    paintWeekends(painter, frame, look, data());
    paintGrid(painter, frame, look);
    for (int column = 0; column < columns(); ++column)
        paintBar(painter, column, frame, look);
    // The base line again, over the bars' feet.
    if (!frame.ticks.at.empty())
        painter.fillRect(QRectF(frame.plot.left(), frame.y(0), frame.plot.width(), 1),
                         look.borderStrong);
    paintColumnLabels(painter, frame, look, data());
}

} // namespace tollgate::charts
