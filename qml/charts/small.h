// SPDX-License-Identifier: GPL-3.0-or-later
// Charts the size of a word: a sparkline in a card or a row, and a channel's health, cell by cell.
#pragma once

#include "serieschart.h"

namespace tollgate::charts {

// The first series, without axes.
class Sparkline final : public SeriesChart
{
public:
    explicit Sparkline(ChartData data);

    [[nodiscard]] std::vector<LegendRow> legend(const Look &) const override { return {}; }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;
};

// A line with a filled ground below it, broken where a value is missing.
void paintSparkline(QPainter &painter, const QRectF &area, const std::vector<Value> &values,
                    const QColor &hue, double scale);

// Told apart by height, hatch and colour: a good cell is high and quiet.
enum class Health { None, Off, Ok, Slow, Degraded, Failing };

struct HealthCell
{
    Health health = Health::None;
    Bucket when;
    QString reason; // "3 of 12 failed: 429"
};

[[nodiscard]] Health healthNamed(QStringView name);
[[nodiscard]] QString wordOf(Health health);
// From {cells: [{state, fromUs, toUs, text}]}.
[[nodiscard]] std::vector<HealthCell> readHealth(const QVariant &source);

class HealthStrip final : public Chart
{
public:
    explicit HealthStrip(std::vector<HealthCell> cells);

    [[nodiscard]] bool empty() const override { return m_cells.empty(); }
    [[nodiscard]] int columns() const override { return int(m_cells.size()); }
    [[nodiscard]] int rows() const override { return 1; }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] std::optional<Bucket> bucketOf(int column) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    std::vector<HealthCell> m_cells;
};

} // namespace tollgate::charts
