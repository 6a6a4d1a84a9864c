// SPDX-License-Identifier: GPL-3.0-or-later
#include "waterfall.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kRow = 22;
constexpr double kHead = 22; // the axis above
constexpr double kNames = 132;
constexpr double kTimes = 74; // figures after the bars

PhaseKind kindNamed(const QString &name)
{
    if (name == QLatin1String("network"))
        return PhaseKind::Network;
    if (name == QLatin1String("wait"))
        return PhaseKind::Wait;
    return name == QLatin1String("generation") ? PhaseKind::Generation : PhaseKind::Gateway;
}

int slotOf(PhaseKind kind)
{
    switch (kind) {
    case PhaseKind::Generation:
        return 0;
    case PhaseKind::Gateway:
        return 1;
    case PhaseKind::Network:
        return 2;
    case PhaseKind::Wait:
        break;
    }
    return 3;
}

QString wordOf(PhaseKind kind)
{
    switch (kind) {
    case PhaseKind::Generation:
        return QCoreApplication::translate("Charts", "Generation");
    case PhaseKind::Gateway:
        return QCoreApplication::translate("Charts", "Gateway");
    case PhaseKind::Network:
        return QCoreApplication::translate("Charts", "Network");
    case PhaseKind::Wait:
        break;
    }
    return QCoreApplication::translate("Charts", "Waiting for the provider");
}

} // namespace

WaterfallFacts readWaterfall(const QVariant &source)
{
    const QVariantMap map = plain(source).toMap();
    WaterfallFacts facts;
    facts.disconnectUs = readValue(map.value(QStringLiteral("disconnectUs")));
    const QVariantList lanes = map.value(QStringLiteral("lanes")).toList();
    for (const QVariant &item : lanes) {
        const QVariantMap lane = item.toMap();
        Lane one{lane.value(QStringLiteral("label")).toString(), {}};
        const QVariantList phases = lane.value(QStringLiteral("phases")).toList();
        for (const QVariant &entry : phases) {
            const QVariantMap phase = entry.toMap();
            Phase part;
            part.key = phase.value(QStringLiteral("key")).toString();
            part.label = phase.value(QStringLiteral("label")).toString();
            part.kind = kindNamed(phase.value(QStringLiteral("kind")).toString());
            part.startUs = readValue(phase.value(QStringLiteral("startUs"))).value_or(0);
            part.endUs
                = std::max(part.startUs,
                           readValue(phase.value(QStringLiteral("endUs"))).value_or(part.startUs));
            one.phases.push_back(std::move(part));
        }
        facts.lanes.push_back(std::move(one));
    }
    return facts;
}

Waterfall::Waterfall(WaterfallFacts facts)
    : m_facts(std::move(facts))
{
    for (const Lane &lane : m_facts.lanes) {
        if (m_facts.lanes.size() > 1)
            m_rows.push_back({lane.label, nullptr});
        for (const Phase &phase : lane.phases)
            m_rows.push_back({lane.label, &phase});
    }
}

double Waterfall::lastUs() const
{
    qint64 last = m_facts.disconnectUs.value_or(0);
    for (const Row &row : m_rows)
        last = std::max(last, row.phase ? row.phase->endUs : 0);
    return double(std::max<qint64>(1, last));
}

QRectF Waterfall::plot(const Look &look, QSizeF size) const
{
    const double left = std::min(look.px(kNames), size.width() * 0.35);
    return {left, look.px(kHead), std::max(1.0, size.width() - left - look.px(kTimes)),
            rows() * look.px(kRow)};
}

double Waterfall::rowTop(int row, const Look &look) const
{
    return look.px(kHead) + row * look.px(kRow);
}

double Waterfall::wantedHeight(const Look &look) const
{
    return rowTop(rows(), look) + look.px(6);
}

QRectF Waterfall::barOf(const Phase &phase, int row, const Look &look, QSizeF size) const
{
    const QRectF area = plot(look, size);
    const double left = std::round(area.left() + double(phase.startUs) / lastUs() * area.width());
    const double right = std::round(area.left() + double(phase.endUs) / lastUs() * area.width());
    return {std::min(left, area.right() - 2), std::round(rowTop(row, look) + look.px(5)),
            std::max(2.0, right - left), std::round(look.px(kRow - 10))};
}

Mark Waterfall::hit(QPointF at, const Look &look, QSizeF size) const
{
    const int row = int(std::floor((at.y() - rowTop(0, look)) / look.px(kRow)));
    if (row < 0 || row >= rows() || at.x() < 0 || at.x() > size.width()
        || !m_rows.at(std::size_t(row)).phase)
        return {};
    return {0, row};
}

QRectF Waterfall::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    if (mark.row < 0 || mark.row >= rows())
        return {};
    const Phase *phase = m_rows.at(std::size_t(mark.row)).phase;
    return phase ? barOf(*phase, mark.row, look, size)
                 : QRectF(0, rowTop(mark.row, look), size.width(), look.px(kRow));
}

QString Waterfall::keyOf(Mark mark) const
{
    if (mark.row < 0 || mark.row >= rows())
        return {};
    const Phase *phase = m_rows.at(std::size_t(mark.row)).phase;
    return phase ? phase->key : QString();
}

Tip Waterfall::tip(Mark mark, const Look &look) const
{
    Tip tip;
    if (mark.row < 0 || mark.row >= rows())
        return tip;
    const Row &row = m_rows.at(std::size_t(mark.row));
    tip.title = row.lane;
    if (!row.phase)
        return tip;
    tip.rows.push_back(
        {row.phase->key,
         row.phase->label,
         slotOf(row.phase->kind),
         Tone::None,
         inShort(row.phase->endUs - row.phase->startUs, Unit::Microseconds, look.locale),
         {}});
    tip.rows.push_back({{},
                        QCoreApplication::translate("Charts", "Began after"),
                        -1,
                        Tone::None,
                        inShort(row.phase->startUs, Unit::Microseconds, look.locale),
                        {}});
    return tip;
}

std::vector<LegendRow> Waterfall::legend(const Look &look) const
{
    std::vector<LegendRow> legend;
    for (const PhaseKind kind :
         {PhaseKind::Gateway, PhaseKind::Network, PhaseKind::Wait, PhaseKind::Generation}) {
        qint64 sum = 0;
        for (const Row &row : m_rows) {
            if (row.phase && row.phase->kind == kind)
                sum += row.phase->endUs - row.phase->startUs;
        }
        if (sum > 0)
            legend.push_back({QString::number(slotOf(kind)),
                              wordOf(kind),
                              slotOf(kind),
                              Tone::None,
                              inShort(sum, Unit::Microseconds, look.locale),
                              {},
                              false});
    }
    return legend;
}

QString Waterfall::words(const Look &look) const
{
    qint64 own = 0;
    for (const Row &row : m_rows) {
        if (row.phase && row.phase->kind == PhaseKind::Gateway)
            own += row.phase->endUs - row.phase->startUs;
    }
    return empty() ? QString()
                   : QCoreApplication::translate("Charts", "The gateway added %1")
                         .arg(inShort(own, Unit::Microseconds, look.locale));
}

Table Waterfall::table(const Look &look) const
{
    Table table;
    table.headers = {QCoreApplication::translate("Charts", "Attempt"),
                     QCoreApplication::translate("Charts", "Phase"),
                     QCoreApplication::translate("Charts", "Began after"),
                     QCoreApplication::translate("Charts", "Took")};
    for (const Row &row : m_rows) {
        if (row.phase)
            table.rows.push_back(
                {row.lane, row.phase->label,
                 inShort(row.phase->startUs, Unit::Microseconds, look.locale),
                 inShort(row.phase->endUs - row.phase->startUs, Unit::Microseconds, look.locale)});
    }
    return table;
}

RawTable Waterfall::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("attempt"), QStringLiteral("phase"), QStringLiteral("start_us"),
                   QStringLiteral("end_us")};
    for (const Row &row : m_rows) {
        if (row.phase)
            raw.rows.push_back({row.lane, row.phase->key, row.phase->startUs, row.phase->endUs});
    }
    return raw;
}

void Waterfall::paintAxis(QPainter &painter, const Look &look, const QRectF &area) const
{
    const Ticks ticks = valueTicks(lastUs(), Unit::Microseconds);
    for (const double value : ticks.at) {
        const double x = std::round(area.left() + value / lastUs() * area.width());
        if (x > area.right() + 1)
            break;
        painter.fillRect(QRectF(x, area.top() - look.px(2), 1, area.height() + look.px(2)),
                         look.border);
        const QString label = onAxis(value, ticks.step, Unit::Microseconds, look.locale);
        const double wide = widthOf(label, look.number()) + look.px(2);
        drawLine(painter, QRectF(x - wide / 2, 0, wide, look.px(kHead - 5)), Qt::AlignCenter, label,
                 look.number(), look.text2);
    }
}

void Waterfall::paintRow(QPainter &painter, int row, const Look &look, QSizeF size) const
{
    const Row &line = m_rows.at(std::size_t(row));
    const QRectF area = plot(look, size);
    const double top = rowTop(row, look);
    if (!line.phase) {
        painter.fillRect(QRectF(0, top, area.left() - look.px(8), look.px(kRow)), look.surface);
        drawLine(painter, QRectF(0, top, area.left() - look.px(8), look.px(kRow)),
                 Qt::AlignLeft | Qt::AlignVCenter, line.lane, look.label(12, QFont::DemiBold),
                 look.text);
        return;
    }
    drawLine(painter,
             QRectF(m_facts.lanes.size() > 1 ? look.px(10) : 0, top,
                    area.left() - look.px(m_facts.lanes.size() > 1 ? 18 : 8), look.px(kRow)),
             Qt::AlignLeft | Qt::AlignVCenter, line.phase->label, look.label(12, QFont::Normal),
             look.text2);
    const QRectF bar = barOf(*line.phase, row, look, size);
    paintMark(painter, bar, slotOf(line.phase->kind), Tone::None, look);
    drawLine(painter, QRectF(area.right() + look.px(6), top, look.px(kTimes - 6), look.px(kRow)),
             Qt::AlignRight | Qt::AlignVCenter,
             inShort(line.phase->endUs - line.phase->startUs, Unit::Microseconds, look.locale),
             look.number(), look.text);
}

void Waterfall::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    if (empty())
        return;
    const QRectF area = plot(look, size);
    painter.setRenderHint(QPainter::Antialiasing, false);
    paintAxis(painter, look, area);
    for (int row = 0; row < rows(); ++row)
        paintRow(painter, row, look, size);
    if (m_facts.disconnectUs) {
        const double x
            = std::round(area.left() + double(*m_facts.disconnectUs) / lastUs() * area.width());
        painter.fillRect(QRectF(x - 1, area.top(), 2, area.height()), look.err);
        const QString text = QCoreApplication::translate("Charts", "Client left");
        const double wide = widthOf(text, look.label()) + look.px(4);
        drawLine(painter,
                 QRectF(x - wide - look.px(4), area.bottom() - look.px(16), wide, look.px(15)),
                 Qt::AlignRight | Qt::AlignVCenter, text, look.label(), look.err);
    }
}

} // namespace tollgate::charts
