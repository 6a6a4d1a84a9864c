// SPDX-License-Identifier: GPL-3.0-or-later
// A heat map: weekday by hour, or a year of days (C9). Nothing is not zero: a cell without calls is
// an empty square, a cell that nothing is known of (the gateway was off) is hatched.
#pragma once

#include "chart.h"

namespace tollgate::charts {

enum class CellState { Known, Unknown, Outside };

struct Cell
{
    CellState state = CellState::Outside;
    qint64 value = 0;
    Bucket when; // empty where the cell is no one time
};

struct HeatGrid
{
    QStringList columnLabels; // empty texts where a label is left out
    QStringList rowLabels;
    QStringList columnNames; // in full, for tooltips
    QStringList rowNames;
    std::vector<std::vector<Cell>> rows;
    Unit unit = Unit::Count;
    bool labelsFit = true; // false: columns are labelled where there is one, over their neighbours
};

// Series as rows, buckets as columns.
[[nodiscard]] HeatGrid gridOf(const ChartData &data, const Look &look);
// Days, in whatever order, as weeks of a year: a column a week, a row a weekday of the locale.
[[nodiscard]] HeatGrid calendarOf(const ChartData &days, const Look &look);
// Which of the six steps: the most is the last, the least above zero the first.
[[nodiscard]] int heatStep(qint64 value, qint64 most);

class Heat final : public Chart
{
public:
    explicit Heat(HeatGrid grid);

    [[nodiscard]] bool empty() const override;
    [[nodiscard]] int columns() const override;
    [[nodiscard]] int rows() const override { return int(m_grid.rows.size()); }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    [[nodiscard]] QRectF rectIn(const QRectF &all, Mark mark) const;
    [[nodiscard]] const Cell *cellAt(Mark mark) const;
    [[nodiscard]] QString nameOfCell(Mark mark, const Look &look) const;
    void paintCell(QPainter &painter, const QRectF &place, const Cell &cell,
                   const Look &look) const;
    void paintLabels(QPainter &painter, const Look &look, QSizeF size) const;
    void paintRamp(QPainter &painter, const Look &look, QSizeF size) const;

    HeatGrid m_grid;
    qint64 m_most = 0;
};

} // namespace tollgate::charts
