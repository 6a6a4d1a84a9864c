// SPDX-License-Identifier: GPL-3.0-or-later
#include "heat.h"

#include "hatch.h"
#include "ticks.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kGap = 2;
constexpr double kFoot = 26; // the ramp below
constexpr double kHead = 18; // labels of the columns
constexpr double kHighestCell = 34;

} // namespace

int heatStep(qint64 value, qint64 most)
{
    if (value <= 0 || most <= 0)
        return -1;
    return std::clamp(int(std::ceil(double(value) / double(most) * kHeatSteps)) - 1, 0,
                      kHeatSteps - 1);
}

HeatGrid gridOf(const ChartData &data, const Look &look)
{
    HeatGrid grid;
    grid.unit = data.unit;
    for (const Bucket &bucket : data.buckets) {
        grid.columnLabels.push_back(axisLabel(bucket, data.step, look.zone, look.locale));
        grid.columnNames.push_back(rangeLabel(bucket, data.step, look.zone, look.locale));
    }
    for (const Series &series : data.series) {
        grid.rowLabels.push_back(series.label);
        grid.rowNames.push_back(series.label);
        std::vector<Cell> row;
        for (const Value &value : series.values)
            row.push_back({value ? CellState::Known : CellState::Unknown, value.value_or(0), {}});
        grid.rows.push_back(std::move(row));
    }
    return grid;
}

HeatGrid calendarOf(const ChartData &days, const Look &look)
{
    HeatGrid grid;
    grid.unit = days.unit;
    grid.labelsFit = false;
    if (days.buckets.empty())
        return grid;
    QDate first = momentOf(days.buckets.front().fromUs, look.zone).date();
    QDate last = first;
    for (const Bucket &bucket : days.buckets) {
        const QDate day = momentOf(bucket.fromUs, look.zone).date();
        first = std::min(first, day);
        last = std::max(last, day);
    }
    const int begin = int(look.locale.firstDayOfWeek());
    const QDate origin = first.addDays(-((first.dayOfWeek() - begin + 7) % 7));
    const int weeks
        = std::min(int(origin.daysTo(last) / 7) + 1, 60); // a year, and no more than is legible
    for (int row = 0; row < 7; ++row) {
        const int weekday = (begin - 1 + row) % 7 + 1;
        grid.rowNames.push_back(look.locale.dayName(weekday, QLocale::LongFormat));
        grid.rowLabels.push_back(row % 2 == 0 ? look.locale.dayName(weekday, QLocale::ShortFormat)
                                              : QString());
    }
    grid.rows.assign(7, std::vector<Cell>(std::size_t(weeks)));
    for (int week = 0; week < weeks; ++week) {
        const QDate start = origin.addDays(week * 7);
        const bool newMonth = start.day() <= 7;
        grid.columnLabels.push_back(
            newMonth ? look.locale.standaloneMonthName(start.month(), QLocale::ShortFormat)
                     : QString());
        grid.columnNames.push_back(dayLabel(start, look.locale));
    }
    for (std::size_t at = 0; at < days.buckets.size(); ++at) {
        const Bucket &bucket = days.buckets.at(at);
        const qint64 offset = origin.daysTo(momentOf(bucket.fromUs, look.zone).date());
        if (offset < 0 || offset / 7 >= weeks)
            continue;
        Cell &cell = grid.rows.at(std::size_t(offset % 7)).at(std::size_t(offset / 7));
        const Value value = columnSum(days, int(at));
        cell = {value ? CellState::Known : CellState::Unknown, value.value_or(0), bucket};
    }
    return grid;
}

Heat::Heat(HeatGrid grid)
    : m_grid(std::move(grid))
{
    for (const auto &row : m_grid.rows) {
        for (const Cell &cell : row)
            m_most = std::max(m_most, cell.value);
    }
}

bool Heat::empty() const
{
    return std::none_of(m_grid.rows.begin(), m_grid.rows.end(), [](const std::vector<Cell> &row) {
        return std::any_of(row.begin(), row.end(),
                           [](const Cell &cell) { return cell.state == CellState::Known; });
    });
}

int Heat::columns() const
{
    return m_grid.rows.empty() ? 0 : int(m_grid.rows.front().size());
}

QRectF Heat::plot(const Look &look, QSizeF size) const
{
    double left = 0;
    for (const QString &label : m_grid.rowLabels)
        left = std::max(left, std::min(widthOf(label, look.label()), look.px(160)));
    left = std::ceil(left + look.px(10));
    const double top = look.px(kHead);
    double width = std::max(1.0, size.width() - left - look.px(2));
    double height = std::max(1.0, size.height() - top - look.px(kFoot));
    const int across = std::max(1, columns());
    const int down = std::max(1, rows());
    double cellHeight = std::min(height / down, look.px(kHighestCell));
    double cellWidth = width / across;
    if (!m_grid.labelsFit) { // days are squares
        cellWidth = std::min(cellWidth, cellHeight);
        cellHeight = std::min(cellHeight, cellWidth);
    }
    width = cellWidth * across;
    height = cellHeight * down;
    return {left, top, width, height};
}

QRectF Heat::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    return rectIn(plot(look, size), mark);
}

QRectF Heat::rectIn(const QRectF &all, Mark mark) const
{
    if (mark.column < 0 || mark.column >= columns())
        return {};
    const double width = all.width() / columns();
    const double height = all.height() / std::max(1, rows());
    const double left = std::round(all.left() + mark.column * width);
    const double right = std::round(all.left() + (mark.column + 1) * width) - kGap;
    if (mark.row < 0 || mark.row >= rows())
        return {left, all.top(), right - left, all.height()};
    const double top = std::round(all.top() + mark.row * height);
    const double bottom = std::round(all.top() + (mark.row + 1) * height) - kGap;
    return {left, top, std::max(1.0, right - left), std::max(1.0, bottom - top)};
}

Mark Heat::hit(QPointF at, const Look &look, QSizeF size) const
{
    const QRectF all = plot(look, size);
    if (!all.contains(at) || columns() == 0)
        return {};
    return {std::min(columns() - 1, int((at.x() - all.left()) / all.width() * columns())),
            std::min(rows() - 1, int((at.y() - all.top()) / all.height() * rows()))};
}

const Cell *Heat::cellAt(Mark mark) const
{
    if (mark.row < 0 || mark.row >= rows() || mark.column < 0 || mark.column >= columns())
        return nullptr;
    return &m_grid.rows.at(std::size_t(mark.row)).at(std::size_t(mark.column));
}

QString Heat::nameOfCell(Mark mark, const Look &look) const
{
    const Cell *cell = cellAt(mark);
    if (cell && cell->when.toUs != 0)
        return rangeLabel(cell->when, Step::Day, look.zone, look.locale);
    return m_grid.rowNames.value(mark.row) + QStringLiteral(", ")
        + m_grid.columnNames.value(mark.column);
}

Tip Heat::tip(Mark mark, const Look &look) const
{
    Tip tip;
    const Cell *cell = cellAt(mark);
    if (!cell || cell->state == CellState::Outside)
        return tip;
    tip.title = nameOfCell(mark, look);
    tip.rows.push_back({{},
                        {},
                        -1,
                        Tone::None,
                        cell->state == CellState::Known
                            ? inFull(cell->value, m_grid.unit, look.locale)
                            : QCoreApplication::translate("Charts", "Gateway was off"),
                        {}});
    return tip;
}

Table Heat::table(const Look &look) const
{
    Table table;
    const bool calendar = !m_grid.labelsFit;
    table.headers = calendar ? QStringList{QCoreApplication::translate("Charts", "Day"),
                                           QCoreApplication::translate("Charts", "Value")}
                             : QStringList{QString()} + m_grid.columnNames;
    const auto words = [&](const Cell &cell) {
        return cell.state == CellState::Known ? inFull(cell.value, m_grid.unit, look.locale)
                                              : QStringLiteral("\u2013");
    };
    if (calendar) {
        for (int column = 0; column < columns(); ++column) {
            for (int row = 0; row < rows(); ++row) {
                const Cell &cell = *cellAt({column, row});
                if (cell.state != CellState::Outside)
                    table.rows.push_back({nameOfCell({column, row}, look), words(cell)});
            }
        }
        return table;
    }
    for (int row = 0; row < rows(); ++row) {
        QStringList line{m_grid.rowNames.value(row)};
        for (int column = 0; column < columns(); ++column)
            line.push_back(words(*cellAt({column, row})));
        table.rows.push_back(line);
    }
    return table;
}

RawTable Heat::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("row"), QStringLiteral("column"), QStringLiteral("from"),
                   QStringLiteral("to"),  QStringLiteral("value"),  QStringLiteral("unit")};
    for (int row = 0; row < rows(); ++row) {
        for (int column = 0; column < columns(); ++column) {
            const Cell &cell = *cellAt({column, row});
            if (cell.state != CellState::Outside)
                raw.rows.push_back(
                    {m_grid.rowNames.value(row), m_grid.columnNames.value(column), cell.when.fromUs,
                     cell.when.toUs,
                     cell.state == CellState::Known ? QVariant(cell.value) : QVariant(),
                     nameOf(m_grid.unit)});
        }
    }
    return raw;
}

void Heat::paintCell(QPainter &painter, const QRectF &place, const Cell &cell,
                     const Look &look) const
{
    if (cell.state == CellState::Outside)
        return;
    const double radius = std::min({look.px(2.5), place.width() / 3, place.height() / 3});
    const int step = heatStep(cell.value, m_most);
    painter.setRenderHint(QPainter::Antialiasing);
    if (cell.state == CellState::Known && step >= 0) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(look.heat.at(std::size_t(step)));
        painter.drawRoundedRect(place, radius, radius);
        return;
    }
    if (cell.state == CellState::Unknown)
        paintStripes(painter, place.adjusted(1, 1, -1, -1),
                     mixed(look.borderStrong, look.surface, 0.55), look.scale * 0.6, 7);
    painter.setPen(QPen(look.border, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

void Heat::paintLabels(QPainter &painter, const Look &look, QSizeF size) const
{
    const QRectF all = plot(look, size);
    const double height = all.height() / std::max(1, rows());
    for (int row = 0; row < rows(); ++row)
        drawLine(painter,
                 QRectF(0, all.top() + row * height - kGap / 2, all.left() - look.px(8), height),
                 Qt::AlignRight | Qt::AlignVCenter, m_grid.rowLabels.value(row), look.label(),
                 look.text2);
    const double width = all.width() / std::max(1, columns());
    double widest = 0;
    for (const QString &label : m_grid.columnLabels)
        widest = std::max(widest, widthOf(label, look.label()));
    const int stride = m_grid.labelsFit
        ? labelStride(columns(), widest + look.px(6), all.width(), {1, 2, 3, 4, 6, 12})
        : 1;
    double free = all.left() - 1; // a label may not begin before the last one ended
    for (int column = 0; column < columns(); column += stride) {
        const QString label = m_grid.columnLabels.value(column);
        const double needs = widthOf(label, look.label()) + look.px(2);
        const double left = m_grid.labelsFit && columns() > 7 ? all.left() + column * width
            : m_grid.labelsFit ? all.left() + (column + 0.5) * width - needs / 2
                               : all.left() + column * width;
        if (label.isEmpty() || left < free || left + needs > size.width() + 1)
            continue;
        free = left + needs + look.px(4);
        drawLine(painter, QRectF(left, 0, needs, look.px(kHead - 3)),
                 Qt::AlignLeft | Qt::AlignVCenter, label, look.label(), look.text2);
    }
}

void Heat::paintRamp(QPainter &painter, const Look &look, QSizeF size) const
{
    if (m_most <= 0)
        return;
    const QRectF all = plot(look, size);
    const double side = look.px(11);
    const double top = all.bottom() + look.px(9);
    const QString most = inShort(m_most, m_grid.unit, look.locale);
    double right = all.right() - kGap;
    const double wide = widthOf(most, look.number()) + look.px(2);
    drawLine(painter, QRectF(right - wide, top - look.px(3), wide, side + look.px(6)),
             Qt::AlignRight | Qt::AlignVCenter, most, look.number(), look.text2);
    right -= wide + look.px(5);
    for (int step = kHeatSteps - 1; step >= -1; --step) {
        right -= side + kGap;
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF place(right, top, side, side);
        if (step >= 0) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(look.heat.at(std::size_t(step)));
            painter.drawRoundedRect(place, look.px(2), look.px(2));
        } else {
            paintCell(painter, place, {CellState::Known, 0, {}}, look);
        }
    }
    const QString none = inShort(0, m_grid.unit, look.locale);
    drawLine(painter, QRectF(right - look.px(46), top - look.px(3), look.px(40), side + look.px(6)),
             Qt::AlignRight | Qt::AlignVCenter, none, look.number(), look.text2);
    const QString off = QCoreApplication::translate("Charts", "Gateway was off");
    const double room = right - look.px(50) - all.left();
    const auto isUnknown = [](const Cell &cell) { return cell.state == CellState::Unknown; };
    const bool any
        = std::any_of(m_grid.rows.begin(), m_grid.rows.end(), [&isUnknown](const auto &row) {
              return std::any_of(row.begin(), row.end(), isUnknown);
          });
    if (!any || room < widthOf(off, look.label()) + side + look.px(8))
        return;
    paintCell(painter, QRectF(all.left(), top, side, side), {CellState::Unknown, 0, {}}, look);
    drawLine(painter,
             QRectF(all.left() + side + look.px(6), top - look.px(3), room - side - look.px(6),
                    side + look.px(6)),
             Qt::AlignLeft | Qt::AlignVCenter, off, look.label(), look.text2);
}

void Heat::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const QRectF all = plot(look, size); // measures texts: once is enough
    for (int row = 0; row < rows(); ++row) {
        for (int column = 0; column < columns(); ++column)
            paintCell(painter, rectIn(all, {column, row}), *cellAt({column, row}), look);
    }
    paintLabels(painter, look, size);
    paintRamp(painter, look, size);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

} // namespace tollgate::charts
