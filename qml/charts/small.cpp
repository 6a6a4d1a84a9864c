// SPDX-License-Identifier: GPL-3.0-or-later
#include "small.h"

#include "hatch.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

Sparkline::Sparkline(ChartData data)
    : SeriesChart(std::move(data), {})
{
}

QRectF Sparkline::plot(const Look &look, QSizeF size) const
{
    const double margin = look.px(3);
    return {margin, margin, std::max(1.0, size.width() - 2 * margin),
            std::max(1.0, size.height() - 2 * margin)};
}

Mark Sparkline::hit(QPointF at, const Look &look, QSizeF size) const
{
    const QRectF area = plot(look, size);
    if (columns() == 0 || at.x() < area.left() || at.x() > area.right())
        return {};
    return {std::clamp(int((at.x() - area.left()) / area.width() * columns()), 0, columns() - 1),
            0};
}

QRectF Sparkline::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    if (mark.column < 0 || mark.column >= columns())
        return {};
    const QRectF area = plot(look, size);
    const double width = area.width() / columns();
    return {area.left() + mark.column * width, area.top(), width, area.height()};
}

void Sparkline::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    if (const Series *series = shownAt(0))
        paintSparkline(painter, plot(look, size), series->values,
                       colourOf(series->slot, series->tone, look), look.scale);
}

void paintSparkline(QPainter &painter, const QRectF &area, const std::vector<Value> &values,
                    const QColor &hue, double scale)
{
    qint64 most = 0;
    for (const Value &value : values)
        most = std::max(most, value.value_or(0));
    if (values.empty())
        return;
    const double step = values.size() > 1 ? area.width() / double(values.size() - 1) : 0;
    const auto place = [&](std::size_t at) {
        const double share = most > 0 ? double(values.at(at).value_or(0)) / double(most) : 0;
        return QPointF(area.left() + double(at) * step, area.bottom() - share * area.height());
    };
    painter.setRenderHint(QPainter::Antialiasing);
    QColor fill = hue;
    fill.setAlphaF(0.12F);
    QPointF last;
    bool any = false;
    for (std::size_t from = 0; from < values.size();) {
        QPolygonF line;
        std::size_t at = from;
        for (; at < values.size() && values.at(at); ++at)
            line.push_back(place(at));
        if (!line.isEmpty()) {
            QPolygonF ground = line;
            ground.push_back(QPointF(line.back().x(), area.bottom()));
            ground.push_back(QPointF(line.front().x(), area.bottom()));
            painter.setPen(Qt::NoPen);
            painter.setBrush(fill);
            painter.drawPolygon(ground);
            QPen pen(hue, 1.5 * scale);
            pen.setJoinStyle(Qt::RoundJoin);
            pen.setCapStyle(Qt::RoundCap);
            painter.setPen(pen);
            painter.setBrush(Qt::NoBrush);
            painter.drawPolyline(line);
            last = line.back();
            any = true;
        }
        from = std::max(at, from + 1);
    }
    if (any) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(hue);
        painter.drawEllipse(last, 2.2 * scale, 2.2 * scale);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

Health healthNamed(QStringView name)
{
    if (name == QLatin1String("ok") || name == QLatin1String("healthy"))
        return Health::Ok;
    if (name == QLatin1String("slow"))
        return Health::Slow;
    if (name == QLatin1String("degraded"))
        return Health::Degraded;
    if (name == QLatin1String("failing"))
        return Health::Failing;
    return name == QLatin1String("off") ? Health::Off : Health::None;
}

QString wordOf(Health health)
{
    switch (health) {
    case Health::Ok:
        return QCoreApplication::translate("Charts", "Healthy");
    case Health::Slow:
        return QCoreApplication::translate("Charts", "Slow");
    case Health::Degraded:
        return QCoreApplication::translate("Charts", "Degraded");
    case Health::Failing:
        return QCoreApplication::translate("Charts", "Failing");
    case Health::Off:
        return QCoreApplication::translate("Charts", "Off");
    case Health::None:
        break;
    }
    return QCoreApplication::translate("Charts", "No calls");
}

std::vector<HealthCell> readHealth(const QVariant &source)
{
    std::vector<HealthCell> cells;
    const QVariantList list = plain(source).toMap().value(QStringLiteral("cells")).toList();
    for (const QVariant &item : list) {
        const QVariantMap map = item.toMap();
        HealthCell cell;
        cell.health = healthNamed(map.value(QStringLiteral("state")).toString());
        cell.when.fromUs = readValue(map.value(QStringLiteral("fromUs"))).value_or(0);
        cell.when.toUs = readValue(map.value(QStringLiteral("toUs"))).value_or(0);
        cell.reason = map.value(QStringLiteral("text")).toString();
        cells.push_back(std::move(cell));
    }
    return cells;
}

HealthStrip::HealthStrip(std::vector<HealthCell> cells)
    : m_cells(std::move(cells))
{
}

QRectF HealthStrip::plot(const Look &, QSizeF size) const
{
    return {0, 0, size.width(), size.height()};
}

Mark HealthStrip::hit(QPointF at, const Look &, QSizeF size) const
{
    if (m_cells.empty() || at.x() < 0 || at.x() >= size.width())
        return {};
    return {std::min(columns() - 1, int(at.x() / size.width() * columns())), 0};
}

QRectF HealthStrip::rectOf(Mark mark, const Look &, QSizeF size) const
{
    if (mark.column < 0 || mark.column >= columns())
        return {};
    const double width = size.width() / columns();
    const double gap = width >= 4 ? 1 : 0;
    const double left = std::round(mark.column * width);
    return {left, 0, std::max(1.0, std::round((mark.column + 1) * width) - left - gap),
            size.height()};
}

std::optional<Bucket> HealthStrip::bucketOf(int column) const
{
    if (column < 0 || column >= columns())
        return {};
    return m_cells.at(std::size_t(column)).when;
}

Tip HealthStrip::tip(Mark mark, const Look &look) const
{
    Tip tip;
    if (mark.column < 0 || mark.column >= columns())
        return tip;
    const HealthCell &cell = m_cells.at(std::size_t(mark.column));
    tip.title = rangeLabel(cell.when, Step::Hour, look.zone, look.locale);
    tip.rows.push_back({{}, wordOf(cell.health), -1, Tone::None, cell.reason, {}});
    return tip;
}

Table HealthStrip::table(const Look &look) const
{
    Table table;
    table.headers = {QCoreApplication::translate("Charts", "Time"),
                     QCoreApplication::translate("Charts", "Health"),
                     QCoreApplication::translate("Charts", "Reason")};
    for (const HealthCell &cell : m_cells)
        table.rows.push_back({rangeLabel(cell.when, Step::Hour, look.zone, look.locale),
                              wordOf(cell.health), cell.reason});
    return table;
}

RawTable HealthStrip::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("from"), QStringLiteral("to"), QStringLiteral("state"),
                   QStringLiteral("reason")};
    for (const HealthCell &cell : m_cells)
        raw.rows.push_back({cell.when.fromUs, cell.when.toUs, wordOf(cell.health), cell.reason});
    return raw;
}

void HealthStrip::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const QColor quiet = mixed(look.text2, look.surface, 0.42);
    for (int column = 0; column < columns(); ++column) {
        const QRectF whole = rectOf({column, 0}, look, size);
        const auto lower = [&whole](double share) {
            return whole.adjusted(0, std::round(whole.height() * (1 - share)), 0, 0);
        };
        switch (m_cells.at(std::size_t(column)).health) {
        case Health::Ok:
            painter.fillRect(lower(0.62), quiet);
            break;
        case Health::Slow:
            painter.fillRect(lower(0.62), look.warn);
            paintStripes(painter, lower(0.62), look.surface, look.scale * 0.8, 4);
            break;
        case Health::Degraded:
            painter.fillRect(lower(0.8), look.warn);
            break;
        case Health::Failing:
            painter.fillRect(whole, look.err);
            break;
        case Health::Off:
            painter.fillRect(lower(0.12), look.borderStrong);
            break;
        case Health::None:
            painter.fillRect(lower(0.12), look.border);
            break;
        }
    }
}

} // namespace tollgate::charts
