// SPDX-License-Identifier: GPL-3.0-or-later
// Who dominates (C2): one bar a series, longest first, with its course and what changed.
#pragma once

#include "serieschart.h"

namespace tollgate::charts {

class RankedBars final : public SeriesChart
{
public:
    RankedBars(ChartData data, QSet<QString> hidden);

    [[nodiscard]] int columns() const override { return rows() > 0 ? 1 : 0; }
    [[nodiscard]] std::optional<Bucket> bucketOf(int) const override { return {}; }
    [[nodiscard]] QString keyOf(Mark mark) const override;
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] Mark tipMark(Mark mark) const override { return mark; }
    [[nodiscard]] std::vector<LegendRow> legend(const Look &) const override { return {}; }
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] double wantedHeight(const Look &look) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    struct Layout
    {
        double names = 0;
        double bars = 0;
        double values = 0;
        double shares = 0;
        double deltas = 0;
        double course = 0;
    };
    [[nodiscard]] Layout layout(const Look &look, QSizeF size) const;
    void paintRow(QPainter &painter, int row, const Layout &layout, const Look &look) const;

    std::vector<const Series *> m_ranked;
    qint64 m_whole = 0;
};

// "+12 %" against the period before; empty where there is nothing to compare with.
[[nodiscard]] QString deltaOf(qint64 now, const Value &before, const QLocale &locale);

} // namespace tollgate::charts
