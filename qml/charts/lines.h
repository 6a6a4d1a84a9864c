// SPDX-License-Identifier: GPL-3.0-or-later
// Lines over time: how fast (C5: p50, p95 and the band between), error rate (C6), and the fan of a
// month's forecast (C8). Straight from point to point; where nothing is known the line is broken.
#pragma once

#include "serieschart.h"

namespace tollgate::charts {

struct LineOptions
{
    bool logarithmic = false;
    Value limit; // a dashed line across
    QString limitLabel;
    // The two series the band lies between; none where one of them is missing.
    QString bandLow = QStringLiteral("p50");
    QString bandHigh = QStringLiteral("p95");
    int fewest = 5; // a value that fewer calls stand behind is a hollow dot
    bool fan = false; // the band begins at the last actual value, the middle of it is dotted
};

class Lines final : public SeriesChart
{
public:
    Lines(ChartData data, QSet<QString> hidden, LineOptions options);

    // Direct labels say it where the lines are few and of one colour.
    [[nodiscard]] std::vector<LegendRow> legend(const Look &look) const override;
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

protected:
    [[nodiscard]] bool addsUp() const override { return false; }

private:
    [[nodiscard]] Axes axes(const Look &look, QSizeF size) const;
    [[nodiscard]] QPointF pointOf(const Series &series, int column, const Axes &axes) const;
    [[nodiscard]] bool isFew(const Series &series, int column) const;
    [[nodiscard]] QPen penOf(int row, const Look &look) const;
    [[nodiscard]] QString limitText(const Look &look) const;
    [[nodiscard]] const Series *seriesNamed(const QString &key) const;
    void paintBand(QPainter &painter, const Axes &axes, const Look &look) const;
    void paintLine(QPainter &painter, int row, const Axes &axes, const Look &look) const;
    void paintLimit(QPainter &painter, const Axes &axes, const Look &look) const;
    void paintEndLabels(QPainter &painter, const Axes &axes, const Look &look) const;

    LineOptions m_options;
};

} // namespace tollgate::charts
