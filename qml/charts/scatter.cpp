// SPDX-License-Identifier: GPL-3.0-or-later
#include "scatter.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr std::size_t kMostDots = 2000;
constexpr double kSpot = 5; // the side of a spot of density
constexpr double kNear = 12;
constexpr int kMostTableRows = 1000;

} // namespace

ScatterFacts readScatter(const QVariant &source)
{
    const QVariantMap map = plain(source).toMap();
    ScatterFacts facts;
    if (map.contains(QStringLiteral("xUnit")))
        facts.xUnit = unitNamed(map.value(QStringLiteral("xUnit")).toString());
    if (map.contains(QStringLiteral("yUnit")))
        facts.yUnit = unitNamed(map.value(QStringLiteral("yUnit")).toString());
    facts.xTitle = map.value(QStringLiteral("xTitle")).toString();
    facts.yTitle = map.value(QStringLiteral("yTitle")).toString();
    ChartData names;
    const QVariantList series = map.value(QStringLiteral("series")).toList();
    for (const QVariant &item : series) {
        const QVariantMap one = item.toMap();
        Series entry;
        entry.key = one.value(QStringLiteral("key")).toString();
        entry.label = one.value(QStringLiteral("label"), entry.key).toString();
        entry.slot = int(readValue(one.value(QStringLiteral("color"))).value_or(-1));
        names.series.push_back(std::move(entry));
    }
    giveColours(names, {});
    facts.series = std::move(names.series);
    const QVariantList points = map.value(QStringLiteral("points")).toList();
    facts.points.reserve(std::size_t(points.size()));
    for (const QVariant &item : points) {
        const QVariantList point = item.toList();
        const Value x = readValue(point.value(0));
        const Value y = readValue(point.value(1));
        if (x && y)
            facts.points.push_back({*x, *y, int(readValue(point.value(2)).value_or(0))});
    }
    return facts;
}

Scatter::Scatter(ScatterFacts facts, QSet<QString> hidden)
    : m_facts(std::move(facts))
    , m_hidden(std::move(hidden))
{
    for (std::size_t at = 0; at < m_facts.points.size(); ++at) {
        const int series = m_facts.points.at(at).series;
        const bool known = series >= 0 && std::size_t(series) < m_facts.series.size();
        if (!known || !m_hidden.contains(m_facts.series.at(std::size_t(series)).key))
            m_order.push_back(at);
    }
    std::stable_sort(m_order.begin(), m_order.end(), [this](std::size_t a, std::size_t b) {
        return m_facts.points.at(a).x < m_facts.points.at(b).x;
    });
}

bool Scatter::isDense() const
{
    return m_order.size() > kMostDots;
}

const ScatterPoint *Scatter::pointAt(int column) const
{
    return column >= 0 && column < columns() ? &m_facts.points.at(m_order.at(std::size_t(column)))
                                             : nullptr;
}

Scatter::Frame Scatter::frame(const Look &look, QSizeF size) const
{
    qint64 mostX = 0;
    qint64 mostY = 0;
    for (const ScatterPoint &point : m_facts.points) {
        mostX = std::max(mostX, point.x);
        mostY = std::max(mostY, point.y);
    }
    Frame out;
    out.axes = layoutAxes(look, size, valueTicks(double(mostY), m_facts.yUnit), m_facts.yUnit, 0,
                          look.px(16));
    out.across = valueTicks(double(mostX), m_facts.xUnit);
    return out;
}

QRectF Scatter::plot(const Look &look, QSizeF size) const
{
    return frame(look, size).axes.plot;
}

QPointF Scatter::place(const ScatterPoint &point, const Frame &frame) const
{
    const QRectF &area = frame.axes.plot;
    return {area.left() + frame.across.place(double(point.x)) * area.width(),
            area.bottom() - frame.axes.ticks.place(double(point.y)) * area.height()};
}

Mark Scatter::hit(QPointF at, const Look &look, QSizeF size) const
{
    const Frame all = frame(look, size);
    Mark mark;
    double nearest = kNear * look.scale;
    // Only dots whose x is near are looked at: they are in order.
    const double perPixel = all.across.top / all.axes.plot.width();
    const auto from = qint64((at.x() - all.axes.plot.left() - nearest) * perPixel);
    auto first = std::lower_bound(
        m_order.begin(), m_order.end(), from,
        [this](std::size_t index, qint64 x) { return m_facts.points.at(index).x < x; });
    for (; first != m_order.end(); ++first) {
        const QPointF dot = place(m_facts.points.at(*first), all);
        if (dot.x() > at.x() + kNear * look.scale)
            break;
        const double distance = std::hypot(dot.x() - at.x(), dot.y() - at.y());
        if (distance < nearest) {
            nearest = distance;
            mark = {int(first - m_order.begin()), 0};
        }
    }
    return mark;
}

QRectF Scatter::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    const ScatterPoint *point = pointAt(mark.column);
    if (!point)
        return {};
    const QPointF middle = place(*point, frame(look, size));
    const double radius = look.px(6);
    return {middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius};
}

QString Scatter::keyOf(Mark mark) const
{
    const ScatterPoint *point = pointAt(mark.column);
    // The row of the data, so that whoever gave them finds the request.
    return point ? QString::number(m_order.at(std::size_t(mark.column))) : QString();
}

Tip Scatter::tip(Mark mark, const Look &look) const
{
    Tip tip;
    const ScatterPoint *point = pointAt(mark.column);
    if (!point)
        return tip;
    if (point->series >= 0 && std::size_t(point->series) < m_facts.series.size())
        tip.title = m_facts.series.at(std::size_t(point->series)).label;
    tip.rows.push_back(
        {{}, m_facts.xTitle, -1, Tone::None, inFull(point->x, m_facts.xUnit, look.locale), {}});
    tip.rows.push_back(
        {{}, m_facts.yTitle, -1, Tone::None, inFull(point->y, m_facts.yUnit, look.locale), {}});
    return tip;
}

std::vector<LegendRow> Scatter::legend(const Look &look) const
{
    std::vector<qint64> counts(m_facts.series.size());
    for (const ScatterPoint &point : m_facts.points) {
        if (point.series >= 0 && std::size_t(point.series) < counts.size())
            ++counts.at(std::size_t(point.series));
    }
    std::vector<LegendRow> legend;
    for (std::size_t at = 0; at < counts.size(); ++at) {
        const Series &series = m_facts.series.at(at);
        // A density has one colour; who is in it is still told.
        legend.push_back({series.key, series.label, isDense() ? -1 : series.slot, Tone::None,
                          inShort(counts.at(at), Unit::Count, look.locale),
                          shareOf(counts.at(at), qint64(m_facts.points.size()), look.locale),
                          m_hidden.contains(series.key)});
    }
    return legend;
}

Table Scatter::table(const Look &look) const
{
    Table table;
    table.headers
        = {QCoreApplication::translate("Charts", "Group"), m_facts.xTitle, m_facts.yTitle};
    for (int column = 0; column < std::min(columns(), kMostTableRows); ++column) {
        const Tip one = tip({column, 0}, look);
        table.rows.push_back({one.title, one.rows.at(0).value, one.rows.at(1).value});
    }
    return table;
}

RawTable Scatter::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("key"),    QStringLiteral("label"), QStringLiteral("x"),
                   QStringLiteral("x_unit"), QStringLiteral("y"),     QStringLiteral("y_unit")};
    for (const ScatterPoint &point : m_facts.points) {
        const bool known = point.series >= 0 && std::size_t(point.series) < m_facts.series.size();
        const Series series = known ? m_facts.series.at(std::size_t(point.series)) : Series();
        raw.rows.push_back({series.key, series.label, point.x, nameOf(m_facts.xUnit), point.y,
                            nameOf(m_facts.yUnit)});
    }
    return raw;
}

QRectF Scatter::valuesIn(const QRectF &area, const Look &look, QSizeF size) const
{
    const Frame all = frame(look, size);
    const QRectF inside = area.normalized() & all.axes.plot;
    const auto x = [&all](double at) {
        return (at - all.axes.plot.left()) / all.axes.plot.width() * all.across.top;
    };
    const auto y = [&all](double at) {
        return (all.axes.plot.bottom() - at) / all.axes.plot.height() * all.axes.ticks.top;
    };
    return {QPointF(x(inside.left()), y(inside.bottom())),
            QPointF(x(inside.right()), y(inside.top()))};
}

void Scatter::paintDots(QPainter &painter, const Frame &frame, const Look &look) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const double radius = look.px(3);
    for (const std::size_t index : m_order) {
        const ScatterPoint &point = m_facts.points.at(index);
        const bool known = point.series >= 0 && std::size_t(point.series) < m_facts.series.size();
        QColor hue = look.hue(known ? m_facts.series.at(std::size_t(point.series)).slot : kOther);
        hue.setAlphaF(m_order.size() > 500 ? 0.55F : 0.75F);
        painter.setBrush(hue);
        painter.drawEllipse(place(point, frame), radius, radius);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void Scatter::paintDensity(QPainter &painter, const Frame &frame, const Look &look) const
{
    const QRectF &area = frame.axes.plot;
    const double side = std::round(look.px(kSpot));
    const int across = std::max(1, int(std::ceil(area.width() / side)));
    const int down = std::max(1, int(std::ceil(area.height() / side)));
    std::vector<int> counts(std::size_t(across) * std::size_t(down));
    int most = 0;
    for (const std::size_t index : m_order) {
        const QPointF at = place(m_facts.points.at(index), frame);
        const int column = std::clamp(int((at.x() - area.left()) / side), 0, across - 1);
        const int row = std::clamp(int((at.y() - area.top()) / side), 0, down - 1);
        int &count = counts.at(std::size_t(row) * std::size_t(across) + std::size_t(column));
        most = std::max(most, ++count);
    }
    for (int row = 0; row < down; ++row) {
        for (int column = 0; column < across; ++column) {
            const int count
                = counts.at(std::size_t(row) * std::size_t(across) + std::size_t(column));
            if (count == 0)
                continue;
            // By the logarithm: one request is seen beside a thousand.
            const double share = most > 1 ? std::log(double(count)) / std::log(double(most)) : 1;
            const int step = 1 + int(std::lround(share * (kHeatSteps - 2)));
            painter.fillRect(
                QRectF(area.left() + column * side, area.top() + row * side, side - 1, side - 1),
                look.heat.at(std::size_t(step)));
        }
    }
}

void Scatter::paintAcross(QPainter &painter, const Frame &frame, const Look &look) const
{
    const QRectF &area = frame.axes.plot;
    for (const double value : frame.across.at) {
        const double x = std::round(area.left() + frame.across.place(value) * area.width());
        painter.fillRect(QRectF(x, area.top(), 1, area.height()), look.border);
        const QString label = onAxis(value, frame.across.step, m_facts.xUnit, look.locale);
        const double wide = widthOf(label, look.number()) + look.px(2);
        drawLine(painter, QRectF(x - wide / 2, area.bottom() + look.px(5), wide, look.px(16)),
                 Qt::AlignCenter, label, look.number(), look.text2);
    }
}

void Scatter::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const Frame all = frame(look, size);
    paintGrid(painter, all.axes, look);
    paintAcross(painter, all, look);
    if (isDense())
        paintDensity(painter, all, look);
    else
        paintDots(painter, all, look);
}

} // namespace tollgate::charts
