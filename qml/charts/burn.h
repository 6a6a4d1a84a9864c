// SPDX-License-Identifier: GPL-3.0-or-later
// Will this budget last (C7)? Solid: what is left. Dashed: an even pace. Dotted: where it is
// heading.
#pragma once

#include "axes.h"
#include "chart.h"

namespace tollgate::charts {

struct BurnPoint
{
    qint64 atUs = 0;
    qint64 left = 0;
};

struct BurnFacts
{
    qint64 fromUs = 0;
    qint64 toUs = 0; // when it resets
    qint64 nowUs = 0;
    qint64 limit = 0;
    Unit unit = Unit::NanoUsd;
    std::vector<BurnPoint> points; // oldest first
};

enum class Pace { Unknown, TooEarly, Even, Over, Lasts, Spent };

struct Verdict
{
    Pace pace = Pace::Unknown;
    int percent = 0; // of the budget, ahead of an even pace
    qint64 runsOutUs = 0;
};

// From {fromUs, toUs, nowUs, limit, unit, points: [{atUs, left}]}.
[[nodiscard]] BurnFacts readBurnFacts(const QVariant &source);
// Nothing is foretold from the first 3 % of a window.
[[nodiscard]] Verdict verdictOf(const BurnFacts &facts);
[[nodiscard]] QString wordsOf(const BurnFacts &facts, const Verdict &verdict, const Look &look);

class BurnDown final : public Chart
{
public:
    BurnDown(BurnFacts facts, bool compact); // compact: no axes, for a card

    [[nodiscard]] bool empty() const override;
    [[nodiscard]] int columns() const override { return int(m_facts.points.size()); }
    [[nodiscard]] int rows() const override { return 1; }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] std::optional<Bucket> bucketOf(int column) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;
    [[nodiscard]] QString words(const Look &look) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    [[nodiscard]] Axes axes(const Look &look, QSizeF size) const;
    [[nodiscard]] QPointF place(qint64 us, double left, const Axes &axes) const;
    [[nodiscard]] QColor lineColour(const Look &look) const;
    void paintMoments(QPainter &painter, const Axes &axes, const Look &look) const;

    BurnFacts m_facts;
    bool m_compact;
};

} // namespace tollgate::charts
