// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns over a colour, for those who cannot tell the colours apart. Lines and dots are computed,
// not taken from a texture, so that they stay sharp at every scale and in an SVG.
#pragma once

#include "look.h"

#include <QLineF>
#include <QRectF>
#include <QVector>

class QPainter;

namespace tollgate::charts {

enum class Pattern { Solid, Rising, Dots, Falling, Horizontal, Cross, Vertical, Grid };

[[nodiscard]] Pattern patternOf(int slot);
// The lines of a pattern inside of an area. They lie on one grid for the whole chart, so that
// neighbours meet.
[[nodiscard]] QVector<QLineF> hatchLines(const QRectF &area, Pattern pattern, double spacing);
[[nodiscard]] QVector<QPointF> hatchDots(const QRectF &area, double spacing);

void paintPattern(QPainter &painter, const QRectF &area, Pattern pattern, const QColor &ink,
                  double scale);
// Not over yet, or not known: stripes in the colour of the ground.
void paintStripes(QPainter &painter, const QRectF &area, const QColor &ink, double scale,
                  double spacing = 5);

} // namespace tollgate::charts
