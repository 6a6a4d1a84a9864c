// SPDX-License-Identifier: GPL-3.0-or-later
#include "hatch.h"

#include <QPainter>

#include <cmath>

namespace tollgate::charts {

namespace {

constexpr int kMostLines = 4000; // an area of any size costs no more

double firstAt(double from, double spacing)
{
    return std::ceil(from / spacing) * spacing;
}

// The lines x + y = k, or y - x = k, where they cross the area.
void addDiagonals(QVector<QLineF> &lines, const QRectF &area, double spacing, bool rising)
{
    const double low = rising ? area.left() + area.top() : area.top() - area.right();
    const double high = rising ? area.right() + area.bottom() : area.bottom() - area.left();
    const double step = spacing * std::sqrt(2.0);
    for (double k = firstAt(low, step); k < high && lines.size() < kMostLines; k += step) {
        const double fromX = rising ? std::max(area.left(), k - area.bottom())
                                    : std::max(area.left(), area.top() - k);
        const double toX = rising ? std::min(area.right(), k - area.top())
                                  : std::min(area.right(), area.bottom() - k);
        if (toX > fromX)
            lines.push_back(rising ? QLineF(fromX, k - fromX, toX, k - toX)
                                   : QLineF(fromX, fromX + k, toX, toX + k));
    }
}

void addLevels(QVector<QLineF> &lines, const QRectF &area, double spacing)
{
    for (double y = firstAt(area.top(), spacing); y < area.bottom() && lines.size() < kMostLines;
         y += spacing)
        lines.push_back(QLineF(area.left(), y, area.right(), y));
}

void addUprights(QVector<QLineF> &lines, const QRectF &area, double spacing)
{
    for (double x = firstAt(area.left(), spacing); x < area.right() && lines.size() < kMostLines;
         x += spacing)
        lines.push_back(QLineF(x, area.top(), x, area.bottom()));
}

} // namespace

Pattern patternOf(int slot)
{
    return slot < 0 || slot >= kHues ? Pattern::Solid : Pattern(slot);
}

QVector<QLineF> hatchLines(const QRectF &area, Pattern pattern, double spacing)
{
    QVector<QLineF> lines;
    if (area.isEmpty() || spacing <= 0)
        return lines;
    if (pattern == Pattern::Rising || pattern == Pattern::Cross)
        addDiagonals(lines, area, spacing, true);
    if (pattern == Pattern::Falling || pattern == Pattern::Cross)
        addDiagonals(lines, area, spacing, false);
    if (pattern == Pattern::Horizontal || pattern == Pattern::Grid)
        addLevels(lines, area, spacing);
    if (pattern == Pattern::Vertical || pattern == Pattern::Grid)
        addUprights(lines, area, spacing);
    return lines;
}

QVector<QPointF> hatchDots(const QRectF &area, double spacing)
{
    QVector<QPointF> dots;
    if (area.isEmpty() || spacing <= 0)
        return dots;
    int row = int(std::ceil((area.top() + 1) / spacing));
    for (double y = row * spacing; y < area.bottom() - 1; y += spacing, ++row) {
        const double shift = row % 2 == 0 ? 0 : spacing / 2;
        for (double x = firstAt(area.left() + 1 - shift, spacing) + shift; x < area.right() - 1;
             x += spacing) {
            if (dots.size() >= kMostLines)
                return dots;
            dots.push_back({x, y});
        }
    }
    return dots;
}

void paintPattern(QPainter &painter, const QRectF &area, Pattern pattern, const QColor &ink,
                  double scale)
{
    if (pattern == Pattern::Solid || area.isEmpty())
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(ink, 1.1 * scale);
    pen.setCapStyle(Qt::FlatCap);
    if (pattern == Pattern::Dots) {
        pen.setWidthF(2.1 * scale);
        pen.setCapStyle(Qt::RoundCap);
        painter.setPen(pen);
        const QVector<QPointF> dots = hatchDots(area, 4.5 * scale);
        painter.drawPoints(dots.constData(), int(dots.size()));
    } else {
        painter.setPen(pen);
        painter.drawLines(hatchLines(area, pattern, 4.5 * scale));
    }
    painter.restore();
}

void paintStripes(QPainter &painter, const QRectF &area, const QColor &ink, double scale,
                  double spacing)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(ink, 1.6 * scale);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.drawLines(hatchLines(area, Pattern::Rising, spacing * scale));
    painter.restore();
}

} // namespace tollgate::charts
