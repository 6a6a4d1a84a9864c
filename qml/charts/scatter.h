// SPDX-License-Identifier: GPL-3.0-or-later
// Cost by latency, a dot a request (C11). Above 2,000 dots it shows how many lie in each spot
// instead.
#pragma once

#include "axes.h"
#include "chart.h"

namespace tollgate::charts {

struct ScatterPoint
{
    qint64 x = 0;
    qint64 y = 0;
    int series = 0;
};

struct ScatterFacts
{
    Unit xUnit = Unit::Microseconds;
    Unit yUnit = Unit::NanoUsd;
    QString xTitle;
    QString yTitle;
    std::vector<Series> series; // names and colours only
    std::vector<ScatterPoint> points;
};

// From {xUnit, yUnit, xTitle, yTitle, series: [{key, label, color}], points: [[x, y, series],
// ...]}.
[[nodiscard]] ScatterFacts readScatter(const QVariant &source);

class Scatter final : public Chart
{
public:
    Scatter(ScatterFacts facts, QSet<QString> hidden);

    [[nodiscard]] bool empty() const override { return m_facts.points.empty(); }
    [[nodiscard]] int columns() const override { return int(m_order.size()); }
    [[nodiscard]] int rows() const override { return 1; }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    // A mark's column is the dot, from left to right.
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] QString keyOf(Mark mark) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] std::vector<LegendRow> legend(const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

    // The values that an area of the plot spans: {x from, y from, x to, y to}.
    [[nodiscard]] QRectF valuesIn(const QRectF &area, const Look &look, QSizeF size) const;
    [[nodiscard]] bool isDense() const;

private:
    struct Frame
    {
        Axes axes;
        Ticks across;
    };
    [[nodiscard]] Frame frame(const Look &look, QSizeF size) const;
    [[nodiscard]] QPointF place(const ScatterPoint &point, const Frame &frame) const;
    [[nodiscard]] const ScatterPoint *pointAt(int column) const;
    void paintDots(QPainter &painter, const Frame &frame, const Look &look) const;
    void paintDensity(QPainter &painter, const Frame &frame, const Look &look) const;
    void paintAcross(QPainter &painter, const Frame &frame, const Look &look) const;

    ScatterFacts m_facts;
    QSet<QString> m_hidden;
    std::vector<std::size_t> m_order; // shown points by x
};

} // namespace tollgate::charts
