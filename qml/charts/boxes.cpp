// SPDX-License-Identifier: GPL-3.0-or-later
#include "boxes.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kRow = 30;
constexpr double kFoot = 24;
constexpr std::array<const char *, 5> kNames{"p5", "p25", "p50", "p75", "p95"};

} // namespace

BoxFacts readBoxes(const QVariant &source)
{
    const QVariantMap map = plain(source).toMap();
    BoxFacts facts;
    if (map.contains(QStringLiteral("unit")))
        facts.unit = unitNamed(map.value(QStringLiteral("unit")).toString());
    const QVariantList boxes = map.value(QStringLiteral("boxes")).toList();
    QStringList keys;
    for (const QVariant &item : boxes) {
        const QVariantMap one = item.toMap();
        Box box;
        box.key = one.value(QStringLiteral("key")).toString();
        box.label = one.value(QStringLiteral("label"), box.key).toString();
        box.slot = int(readValue(one.value(QStringLiteral("color"))).value_or(-1));
        box.samples = readValue(one.value(QStringLiteral("n"))).value_or(0);
        for (std::size_t at = 0; at < kNames.size(); ++at)
            box.quantiles.at(at) = readValue(one.value(QLatin1String(kNames.at(at)))).value_or(0);
        keys.push_back(box.key);
        facts.boxes.push_back(std::move(box));
    }
    const QHash<QString, int> colours = assignedColours(keys, {});
    for (Box &box : facts.boxes) {
        if (box.slot < 0)
            box.slot = colours.value(box.key, kOther);
    }
    return facts;
}

BoxPlot::BoxPlot(BoxFacts facts)
    : m_facts(std::move(facts))
{
}

Ticks BoxPlot::ticks() const
{
    qint64 most = 0;
    for (const Box &box : m_facts.boxes) {
        if (box.samples >= m_facts.fewest)
            most = std::max(most, box.quantiles.back());
    }
    return valueTicks(double(most), m_facts.unit);
}

QRectF BoxPlot::plot(const Look &look, QSizeF size) const
{
    double names = look.px(60);
    for (const Box &box : m_facts.boxes)
        names = std::max(names, widthOf(box.label, look.label(12, QFont::Normal)));
    const double left = std::min(names + look.px(14), size.width() * 0.34);
    return {left, 0, std::max(1.0, size.width() - left - look.px(70)), rows() * look.px(kRow)};
}

double BoxPlot::wantedHeight(const Look &look) const
{
    return rows() * look.px(kRow) + look.px(kFoot);
}

const Box *BoxPlot::boxAt(int row) const
{
    return row >= 0 && row < rows() ? &m_facts.boxes.at(std::size_t(row)) : nullptr;
}

QString BoxPlot::keyOf(Mark mark) const
{
    const Box *box = boxAt(mark.row);
    return box ? box->key : QString();
}

Mark BoxPlot::hit(QPointF at, const Look &look, QSizeF size) const
{
    const int row = int(std::floor(at.y() / look.px(kRow)));
    if (!boxAt(row) || at.x() < 0 || at.x() > size.width())
        return {};
    return {0, row};
}

QRectF BoxPlot::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    const Box *box = boxAt(mark.row);
    if (!box)
        return {};
    const QRectF area = plot(look, size);
    return {0, mark.row * look.px(kRow), area.right(), look.px(kRow)};
}

Tip BoxPlot::tip(Mark mark, const Look &look) const
{
    Tip tip;
    const Box *box = boxAt(mark.row);
    if (!box)
        return tip;
    tip.title = box->label;
    if (box->samples >= m_facts.fewest) {
        for (std::size_t at = kNames.size(); at-- > 0;)
            tip.rows.push_back({{},
                                QLatin1String(kNames.at(at)),
                                -1,
                                Tone::None,
                                inFull(box->quantiles.at(at), m_facts.unit, look.locale),
                                {}});
    }
    tip.rows.push_back(
        {{}, QStringLiteral("n"), -1, Tone::None, look.locale.toString(box->samples), {}});
    return tip;
}

Table BoxPlot::table(const Look &look) const
{
    Table table;
    table.headers = {QCoreApplication::translate("Charts", "Name"), QStringLiteral("n")};
    for (const char *name : kNames)
        table.headers.push_back(QLatin1String(name));
    for (const Box &box : m_facts.boxes) {
        QStringList row{box.label, look.locale.toString(box.samples)};
        for (const qint64 value : box.quantiles)
            row.push_back(box.samples >= m_facts.fewest ? inFull(value, m_facts.unit, look.locale)
                                                        : QStringLiteral("\u2013"));
        table.rows.push_back(row);
    }
    return table;
}

RawTable BoxPlot::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("key"), QStringLiteral("label"), QStringLiteral("n"),
                   QStringLiteral("p5"),  QStringLiteral("p25"),   QStringLiteral("p50"),
                   QStringLiteral("p75"), QStringLiteral("p95"),   QStringLiteral("unit")};
    for (const Box &box : m_facts.boxes) {
        QVariantList row{box.key, box.label, box.samples};
        for (const qint64 value : box.quantiles)
            row.push_back(value);
        row.push_back(nameOf(m_facts.unit));
        raw.rows.push_back(row);
    }
    return raw;
}

void BoxPlot::paintBox(QPainter &painter, int row, const QRectF &area, const Look &look) const
{
    const Box &box = *boxAt(row);
    const double top = row * look.px(kRow);
    const double height = look.px(kRow);
    drawLine(painter, QRectF(0, top, area.left() - look.px(14), height),
             Qt::AlignLeft | Qt::AlignVCenter, box.label, look.label(12, QFont::Normal), look.text);
    drawLine(painter, QRectF(area.right() + look.px(6), top, look.px(64), height),
             Qt::AlignRight | Qt::AlignVCenter,
             QStringLiteral("n ") + inShort(box.samples, Unit::Count, look.locale), look.number(),
             look.text2);
    if (box.samples < m_facts.fewest) {
        drawLine(painter, QRectF(area.left() + look.px(4), top, area.width(), height),
                 Qt::AlignLeft | Qt::AlignVCenter,
                 QCoreApplication::translate("Charts", "Needs %1 calls, has %2")
                     .arg(m_facts.fewest)
                     .arg(box.samples),
                 look.label(), look.text2);
        return;
    }
    const Ticks scale = ticks();
    const auto x = [&](std::size_t at) {
        return std::round(area.left() + scale.place(double(box.quantiles.at(at))) * area.width());
    };
    const double middle = std::round(top + height / 2);
    const QColor hue = look.hue(box.slot);
    const double half = std::round(look.px(7));
    painter.fillRect(QRectF(x(0), middle - 1, std::max(1.0, x(4) - x(0)), 2), hue);
    painter.fillRect(QRectF(x(0), middle - half / 2, 2, half), hue);
    painter.fillRect(QRectF(x(4) - 2, middle - half / 2, 2, half), hue);
    const QRectF body(x(1), middle - half, std::max(3.0, x(3) - x(1)), 2 * half);
    painter.fillRect(body, mixed(hue, look.surface, 0.35));
    painter.setPen(QPen(hue, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(body.adjusted(0.5, 0.5, -0.5, -0.5));
    painter.fillRect(QRectF(x(2) - look.px(1.5), middle - half, look.px(3), 2 * half), look.text);
}

void BoxPlot::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const QRectF area = plot(look, size);
    const Ticks scale = ticks();
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const double value : scale.at) {
        const double x = std::round(area.left() + scale.place(value) * area.width());
        painter.fillRect(QRectF(x, area.top(), 1, area.height()),
                         value == 0 ? look.borderStrong : look.border);
        const QString label = onAxis(value, scale.step, m_facts.unit, look.locale);
        const double wide = widthOf(label, look.number()) + look.px(2);
        drawLine(painter, QRectF(x - wide / 2, area.bottom() + look.px(4), wide, look.px(16)),
                 Qt::AlignCenter, label, look.number(), look.text2);
    }
    for (int row = 0; row < rows(); ++row)
        paintBox(painter, row, area, look);
}

} // namespace tollgate::charts
