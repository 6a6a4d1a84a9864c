// SPDX-License-Identifier: GPL-3.0-or-later
#include "ranked.h"

#include "small.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kRow = 28;

} // namespace

QString deltaOf(qint64 now, const Value &before, const QLocale &locale)
{
    if (!before || *before <= 0)
        return {};
    const double change = double(now - *before) / double(*before) * 100;
    const QString number
        = locale.toString(std::abs(change), 'f', 0) + QChar(0x202F) + locale.percent();
    if (std::abs(change) < 0.5)
        return QStringLiteral("\u00b1") + number;
    return (change > 0 ? locale.positiveSign() : QStringLiteral("\u2212")) + number;
}

RankedBars::RankedBars(ChartData data, QSet<QString> hidden)
    : SeriesChart(std::move(data), std::move(hidden))
    , m_ranked(shown())
{
    std::stable_sort(m_ranked.begin(), m_ranked.end(), [](const Series *a, const Series *b) {
        const bool otherA = a->key == kOtherKey;
        return otherA != (b->key == kOtherKey) ? !otherA : sumOf(*a) > sumOf(*b);
    });
    for (const Series *series : m_ranked)
        m_whole += sumOf(*series);
}

QString RankedBars::keyOf(Mark mark) const
{
    return mark.row >= 0 && mark.row < rows() ? m_ranked.at(std::size_t(mark.row))->key : QString();
}

RankedBars::Layout RankedBars::layout(const Look &look, QSizeF size) const
{
    Layout out;
    double names = look.px(60);
    double values = 0;
    double deltas = 0;
    for (const Series *series : m_ranked) {
        names = std::max(names, widthOf(series->label, look.label(12, QFont::Normal)));
        values = std::max(
            values, widthOf(inFull(sumOf(*series), data().unit, look.locale), look.number(12)));
        deltas = std::max(
            deltas,
            widthOf(deltaOf(sumOf(*series), series->previous, look.locale), look.number(11)));
    }
    out.names = std::min(names + look.px(30), size.width() * 0.34);
    out.values = values + look.px(14);
    out.shares = look.px(58);
    out.deltas = deltas > 0 ? deltas + look.px(14) : 0;
    out.course = data().buckets.size() > 1 && size.width() > look.px(520) ? look.px(96) : 0;
    out.bars = std::max(
        look.px(30), size.width() - out.names - out.values - out.shares - out.deltas - out.course);
    return out;
}

QRectF RankedBars::plot(const Look &look, QSizeF size) const
{
    const Layout parts = layout(look, size);
    return {parts.names, 0, parts.bars, rows() * look.px(kRow)};
}

double RankedBars::wantedHeight(const Look &look) const
{
    return rows() * look.px(kRow) + look.px(2);
}

Mark RankedBars::hit(QPointF at, const Look &look, QSizeF size) const
{
    const int row = int(std::floor(at.y() / look.px(kRow)));
    if (row < 0 || row >= rows() || at.x() < 0 || at.x() > size.width())
        return {};
    return {0, row};
}

QRectF RankedBars::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    if (mark.row < 0 || mark.row >= rows())
        return {};
    return {0, mark.row * look.px(kRow), size.width(), look.px(kRow)};
}

Tip RankedBars::tip(Mark mark, const Look &look) const
{
    Tip tip;
    if (mark.row < 0 || mark.row >= rows())
        return tip;
    const Series &series = *m_ranked.at(std::size_t(mark.row));
    tip.title = series.label;
    tip.rows.push_back({series.key,
                        {},
                        series.slot,
                        series.tone,
                        inFull(sumOf(series), data().unit, look.locale),
                        shareOf(sumOf(series), m_whole, look.locale)});
    if (series.previous)
        tip.rows.push_back({{},
                            QCoreApplication::translate("Charts", "Period before"),
                            -1,
                            Tone::None,
                            inFull(*series.previous, data().unit, look.locale),
                            deltaOf(sumOf(series), series.previous, look.locale)});
    return tip;
}

Table RankedBars::table(const Look &look) const
{
    Table table;
    table.headers = {QCoreApplication::translate("Charts", "Name"),
                     QCoreApplication::translate("Charts", "Sum"),
                     QCoreApplication::translate("Charts", "Share"),
                     QCoreApplication::translate("Charts", "Change")};
    for (const Series *series : m_ranked)
        table.rows.push_back({series->label, inFull(sumOf(*series), data().unit, look.locale),
                              shareOf(sumOf(*series), m_whole, look.locale),
                              deltaOf(sumOf(*series), series->previous, look.locale)});
    return table;
}

void RankedBars::paintRow(QPainter &painter, int row, const Layout &parts, const Look &look) const
{
    const Series &series = *m_ranked.at(std::size_t(row));
    const double top = std::round(row * look.px(kRow));
    const double height = look.px(kRow);
    if (row > 0)
        painter.fillRect(QRectF(0, top,
                                parts.names + parts.bars + parts.values + parts.shares
                                    + parts.deltas + parts.course,
                                1),
                         mixed(look.border, look.surface, 0.55));
    drawLine(painter, QRectF(0, top, parts.names - look.px(14), height),
             Qt::AlignLeft | Qt::AlignVCenter, series.label, look.label(12, QFont::Normal),
             look.text);
    const double most = double(std::max<qint64>(1, sumOf(*m_ranked.front())));
    const double length
        = std::min(1.0, double(sumOf(series)) / std::max(most, double(sumOf(series)))) * parts.bars;
    const double least = sumOf(series) > 0 ? 2 : 0;
    paintMark(painter,
              QRectF(parts.names, std::round(top + look.px(9)), std::max(least, std::round(length)),
                     std::round(height - look.px(17))),
              series.slot, series.tone, look);
    double left = parts.names + parts.bars;
    drawLine(painter, QRectF(left, top, parts.values, height), Qt::AlignRight | Qt::AlignVCenter,
             inFull(sumOf(series), data().unit, look.locale), look.number(12), look.text);
    left += parts.values;
    drawLine(painter, QRectF(left, top, parts.shares, height), Qt::AlignRight | Qt::AlignVCenter,
             shareOf(sumOf(series), m_whole, look.locale), look.number(11), look.text2);
    left += parts.shares;
    drawLine(painter, QRectF(left, top, parts.deltas, height), Qt::AlignRight | Qt::AlignVCenter,
             deltaOf(sumOf(series), series.previous, look.locale), look.number(11), look.text2);
    left += parts.deltas;
    if (parts.course > 0)
        paintSparkline(painter,
                       QRectF(left + look.px(16), top + look.px(7), parts.course - look.px(20),
                              height - look.px(14)),
                       series.values, colourOf(series.slot, series.tone, look), look.scale * 0.9);
}

void RankedBars::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const Layout parts = layout(look, size);
    for (int row = 0; row < rows(); ++row)
        paintRow(painter, row, parts, look);
}

} // namespace tollgate::charts
