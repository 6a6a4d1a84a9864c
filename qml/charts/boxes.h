// SPDX-License-Identifier: GPL-3.0-or-later
// How a quantity is spread (C10): p5 to p95 as a line, p25 to p75 as a box, p50 in it. Too few
// samples are said, not drawn.
#pragma once

#include "axes.h"
#include "chart.h"

namespace tollgate::charts {

struct Box
{
    QString key;
    QString label;
    int slot = -1;
    qint64 samples = 0;
    std::array<qint64, 5> quantiles{}; // p5 p25 p50 p75 p95
};

struct BoxFacts
{
    std::vector<Box> boxes;
    Unit unit = Unit::MilliPerSecond;
    qint64 fewest = 10;
};

// From {unit, boxes: [{key, label, color, n, p5, p25, p50, p75, p95}]}.
[[nodiscard]] BoxFacts readBoxes(const QVariant &source);

class BoxPlot final : public Chart
{
public:
    explicit BoxPlot(BoxFacts facts);

    [[nodiscard]] bool empty() const override { return m_facts.boxes.empty(); }
    [[nodiscard]] int columns() const override { return empty() ? 0 : 1; }
    [[nodiscard]] int rows() const override { return int(m_facts.boxes.size()); }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] QString keyOf(Mark mark) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;
    [[nodiscard]] double wantedHeight(const Look &look) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    [[nodiscard]] const Box *boxAt(int row) const;
    [[nodiscard]] Ticks ticks() const;
    void paintBox(QPainter &painter, int row, const QRectF &area, const Look &look) const;

    BoxFacts m_facts;
};

} // namespace tollgate::charts
