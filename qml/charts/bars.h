// SPDX-License-Identifier: GPL-3.0-or-later
// Bars of stacked segments: spend by day (C1), kinds of tokens (C3), calls and failures (C4),
// causes (C6).
#pragma once

#include "serieschart.h"

namespace tollgate::charts {

class StackedBars final : public SeriesChart
{
public:
    // As shares, every bar is as high as the plot and says how its total is made up.
    StackedBars(ChartData data, QSet<QString> hidden, bool asShares);

    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    [[nodiscard]] Axes axes(const Look &look, QSizeF size) const;
    // One rectangle a shown series, bottom first; empty ones where there is nothing.
    [[nodiscard]] std::vector<QRectF> segments(int column, const Axes &axes, double scale) const;
    void paintBar(QPainter &painter, int column, const Axes &axes, const Look &look) const;

    bool m_asShares;
};

} // namespace tollgate::charts
