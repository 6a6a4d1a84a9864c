// SPDX-License-Identifier: GPL-3.0-or-later
#include "lines.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr std::size_t kMostLabelled = 4; // more direct labels than this would cover each other
constexpr double kNear = 24; // a line this near to the pointer is meant

int lastKnown(const Series &series)
{
    for (std::size_t column = series.values.size(); column-- > 0;) {
        if (series.values.at(column))
            return int(column);
    }
    return -1;
}

} // namespace

Lines::Lines(ChartData data, QSet<QString> hidden, LineOptions options)
    : SeriesChart(std::move(data), std::move(hidden))
    , m_options(std::move(options))
{
}

Axes Lines::axes(const Look &look, QSizeF size) const
{
    qint64 most = 0;
    qint64 least = std::numeric_limits<qint64>::max();
    double room = 0;
    for (const Series *series : shown()) {
        for (const Value &value : series->values) {
            most = std::max(most, value.value_or(0));
            if (value && *value > 0)
                least = std::min(least, *value);
        }
        if (shown().size() > 1 && shown().size() <= kMostLabelled)
            room = std::max(
                room, std::min(widthOf(series->label, look.label()), look.px(110)) + look.px(18));
    }
    if (m_options.limit && !empty()) {
        most = std::max(most, *m_options.limit);
        room = std::max(room, widthOf(limitText(look), look.label()) + look.px(18));
    }
    const bool any = least != std::numeric_limits<qint64>::max();
    const Ticks ticks = m_options.logarithmic && any ? logTicks(double(least), double(most))
                                                     : valueTicks(double(most), data().unit);
    return layoutAxes(look, size, ticks, data().unit, columns(), room);
}

std::vector<LegendRow> Lines::legend(const Look &look) const
{
    const auto &all = data().series;
    const bool same = std::all_of(all.begin(), all.end(), [&all](const Series &series) {
        return series.slot == all.front().slot && series.tone == all.front().tone;
    });
    return same && all.size() <= kMostLabelled ? std::vector<LegendRow>()
                                               : SeriesChart::legend(look);
}

QString Lines::limitText(const Look &look) const
{
    const QString label = m_options.limitLabel.isEmpty()
        ? QCoreApplication::translate("Charts", "Limit")
        : m_options.limitLabel;
    return label + QLatin1Char(' ') + inShort(*m_options.limit, data().unit, look.locale);
}

QRectF Lines::plot(const Look &look, QSizeF size) const
{
    return axes(look, size).plot;
}

QPointF Lines::pointOf(const Series &series, int column, const Axes &axes) const
{
    const double place = axes.ticks.place(double(at(series, column).value_or(0)));
    return {axes.middle(column), axes.plot.bottom() - place * axes.plot.height()};
}

bool Lines::isFew(const Series &series, int column) const
{
    return !series.counts.empty() && series.counts.at(std::size_t(column)) < m_options.fewest;
}

const Series *Lines::seriesNamed(const QString &key) const
{
    for (const Series *series : shown()) {
        if (series->key == key)
            return series;
    }
    return nullptr;
}

Mark Lines::hit(QPointF at, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    const int column = frame.columnAt(at.x());
    if (column < 0 || at.y() < frame.plot.top() || at.y() > frame.plot.bottom())
        return {};
    Mark mark{column, -1};
    double nearest = kNear * look.scale;
    for (int row = 0; row < rows(); ++row) {
        const Series &series = *shownAt(row);
        if (!SeriesChart::at(series, column))
            continue;
        const double distance = std::abs(pointOf(series, column, frame).y() - at.y());
        if (distance < nearest) {
            nearest = distance;
            mark.row = row;
        }
    }
    return mark;
}

QRectF Lines::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    if (mark.column < 0 || mark.column >= columns())
        return {};
    const Series *series = shownAt(mark.row);
    if (series && at(*series, mark.column)) {
        const double radius = look.px(5);
        const QPointF point = pointOf(*series, mark.column, frame);
        return {point.x() - radius, point.y() - radius, 2 * radius, 2 * radius};
    }
    return frame.column(mark.column);
}

QPen Lines::penOf(int row, const Look &look) const
{
    const Series &series = *shownAt(row);
    QPen pen(colourOf(series.slot, series.tone, look), look.px(2));
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCapStyle(Qt::FlatCap);
    if (m_options.fan) {
        if (series.key != QLatin1String("actual"))
            pen.setDashPattern({1.5, 2});
    } else if (look.patterns || rows() <= int(kMostLabelled)) {
        const std::array<QVector<qreal>, 4> dashes{
            QVector<qreal>{}, {4, 2.5}, {1.5, 2}, {6, 2, 1.5, 2}};
        const QVector<qreal> &dash = dashes.at(std::size_t(row % 4));
        if (!dash.isEmpty())
            pen.setDashPattern(dash);
    }
    return pen;
}

void Lines::paintBand(QPainter &painter, const Axes &axes, const Look &look) const
{
    const Series *low = seriesNamed(m_options.bandLow);
    const Series *high = seriesNamed(m_options.bandHigh);
    if (!low || !high)
        return;
    QColor fill = colourOf(high->slot, high->tone, look);
    fill.setAlphaF(0.16F);
    for (int from = 0; from < columns(); ++from) {
        QPolygonF upper;
        QPolygonF lower;
        int column = from;
        for (; column < columns() && at(*low, column) && at(*high, column); ++column) {
            upper.push_back(pointOf(*high, column, axes));
            lower.push_back(pointOf(*low, column, axes));
        }
        std::reverse(lower.begin(), lower.end());
        if (upper.size() > 1) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(fill);
            painter.drawPolygon(upper + lower);
        }
        from = column;
    }
}

void Lines::paintLine(QPainter &painter, int row, const Axes &axes, const Look &look) const
{
    const Series &series = *shownAt(row);
    const QPen pen = penOf(row, look);
    const auto known = [&](int column) { return at(series, column) && !isFew(series, column); };
    painter.setBrush(Qt::NoBrush);
    for (int from = 0; from < columns();) {
        QPolygonF line;
        int column = from;
        for (; column < columns() && known(column); ++column)
            line.push_back(pointOf(series, column, axes));
        painter.setPen(pen);
        if (line.size() > 1) {
            painter.drawPolyline(line);
        } else if (line.size() == 1) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(pen.color());
            painter.drawEllipse(line.front(), look.px(3), look.px(3));
            painter.setBrush(Qt::NoBrush);
        }
        from = std::max(column, from + 1);
    }
    painter.setPen(QPen(pen.color(), look.px(1.5)));
    painter.setBrush(look.surface);
    for (int column = 0; column < columns(); ++column) {
        if (at(series, column) && isFew(series, column))
            painter.drawEllipse(pointOf(series, column, axes), look.px(2.5), look.px(2.5));
    }
}

void Lines::paintLimit(QPainter &painter, const Axes &axes, const Look &look) const
{
    if (!m_options.limit || axes.ticks.at.empty())
        return;
    const double y = axes.y(double(*m_options.limit)) + 0.5;
    QPen pen(look.warn, look.px(1.2));
    pen.setDashPattern({5, 4});
    painter.setPen(pen);
    painter.drawLine(QPointF(axes.plot.left(), y), QPointF(axes.plot.right(), y));
}

void Lines::paintEndLabels(QPainter &painter, const Axes &axes, const Look &look) const
{
    struct Label
    {
        double y;
        double left;
        QString text;
        QColor hue;
    };
    std::vector<Label> labels;
    const bool named = shown().size() > 1 && shown().size() <= kMostLabelled;
    for (const Series *series : shown()) {
        const int column = lastKnown(*series);
        if (!named || column < 0)
            continue;
        labels.push_back({pointOf(*series, column, axes).y(),
                          std::max(axes.plot.right(), axes.middle(column)), series->label,
                          colourOf(series->slot, series->tone, look)});
    }
    if (m_options.limit && !axes.ticks.at.empty())
        labels.push_back(
            {axes.y(double(*m_options.limit)), axes.plot.right(), limitText(look), look.warn});
    std::sort(labels.begin(), labels.end(),
              [](const Label &a, const Label &b) { return a.y < b.y; });
    const double height = look.px(14);
    for (std::size_t at = 1; at < labels.size(); ++at)
        labels.at(at).y = std::max(labels.at(at).y, labels.at(at - 1).y + height);
    // Pushed down out of the plot, they move up again together.
    double bottom = axes.plot.bottom();
    for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
        label->y = std::min(label->y, bottom);
        bottom = label->y - height;
    }
    for (const Label &label : labels) {
        // Coloured text would need more contrast than a mark has, so a mark stands before plain
        // text.
        const double left = label.left + look.px(6);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(label.hue);
        painter.drawEllipse(QPointF(left, label.y), look.px(2.5), look.px(2.5));
        drawLine(painter, QRectF(left + look.px(6), label.y - height / 2, look.px(104), height),
                 Qt::AlignLeft | Qt::AlignVCenter, label.text, look.label(), look.text2);
    }
}

void Lines::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    paintWeekends(painter, frame, look, data());
    paintGrid(painter, frame, look);
    painter.setRenderHint(QPainter::Antialiasing);
    paintBand(painter, frame, look);
    paintLimit(painter, frame, look);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int row = 0; row < rows(); ++row)
        paintLine(painter, row, frame, look);
    paintEndLabels(painter, frame, look);
    painter.setRenderHint(QPainter::Antialiasing, false);
    paintColumnLabels(painter, frame, look, data());
}

} // namespace tollgate::charts
