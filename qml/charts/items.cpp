// SPDX-License-Identifier: GPL-3.0-or-later
#include "items.h"

#include "bars.h"
#include "boxes.h"
#include "burn.h"
#include "heat.h"
#include "lines.h"
#include "ranked.h"
#include "scatter.h"
#include "small.h"
#include "waterfall.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>

namespace tollgate::charts {

namespace {

constexpr int kMostRows = 40;

QString otherLabel()
{
    return QCoreApplication::translate("Charts", "Other");
}

} // namespace

void StackedBarsItem::setAsShares(bool asShares)
{
    if (m_asShares == asShares)
        return;
    m_asShares = asShares;
    rebuild();
    Q_EMIT optionsChanged();
}

void StackedBarsItem::setKeep(int keep)
{
    if (m_keep == keep)
        return;
    m_keep = keep;
    rebuild();
    Q_EMIT optionsChanged();
}

std::unique_ptr<Chart> StackedBarsItem::makeChart() const
{
    const ChartData given = readChartData(source());
    ChartData data = coloured(m_keep > 0 ? folded(given, m_keep, otherLabel()) : given);
    return std::make_unique<StackedBars>(std::move(data), hiddenSet(), m_asShares);
}

void LinesItem::setLogarithmic(bool logarithmic)
{
    if (m_logarithmic == logarithmic)
        return;
    m_logarithmic = logarithmic;
    rebuild();
    Q_EMIT optionsChanged();
}

void LinesItem::setLimit(const QVariant &limit)
{
    if (m_limit == limit)
        return;
    m_limit = limit;
    rebuild();
    Q_EMIT optionsChanged();
}

void LinesItem::setLimitLabel(const QString &label)
{
    if (m_limitLabel == label)
        return;
    m_limitLabel = label;
    rebuild();
    Q_EMIT optionsChanged();
}

std::unique_ptr<Chart> LinesItem::makeChart() const
{
    LineOptions options;
    options.logarithmic = m_logarithmic;
    options.limit = readValue(plain(m_limit));
    options.limitLabel = m_limitLabel;
    return std::make_unique<Lines>(coloured(readChartData(source())), hiddenSet(), options);
}

std::unique_ptr<Chart> FanItem::makeChart() const
{
    LineOptions options;
    options.fan = true;
    options.bandLow = QStringLiteral("p20");
    options.bandHigh = QStringLiteral("p80");
    ChartData data = coloured(readChartData(source()));
    for (Series &series : data.series)
        series.slot = 0; // one quantity: what is known of it and what is foretold
    return std::make_unique<Lines>(std::move(data), hiddenSet(), options);
}

std::unique_ptr<Chart> RankedBarsItem::makeChart() const
{
    // Those that other charts fold into Other have its colour here, too.
    ChartData data = folded(readChartData(source()), kMostRows, otherLabel());
    ChartData named = coloured(folded(data, kHues - 1, otherLabel()));
    for (Series &series : data.series) {
        const auto same = [&series](const Series &one) { return one.key == series.key; };
        const auto found = std::find_if(named.series.begin(), named.series.end(), same);
        series.slot = found == named.series.end() ? kOther : found->slot;
    }
    return std::make_unique<RankedBars>(std::move(data), hiddenSet());
}

std::unique_ptr<Chart> SparklineItem::makeChart() const
{
    return std::make_unique<Sparkline>(coloured(readChartData(source())));
}

void HeatmapItem::setCalendar(bool calendar)
{
    if (m_calendar == calendar)
        return;
    m_calendar = calendar;
    rebuild();
    Q_EMIT optionsChanged();
}

std::unique_ptr<Chart> HeatmapItem::makeChart() const
{
    const ChartData data = readChartData(source());
    return std::make_unique<Heat>(m_calendar ? calendarOf(data, look()) : gridOf(data, look()));
}

void BurnDownItem::setCompact(bool compact)
{
    if (m_compact == compact)
        return;
    m_compact = compact;
    rebuild();
    Q_EMIT optionsChanged();
}

std::unique_ptr<Chart> BurnDownItem::makeChart() const
{
    return std::make_unique<BurnDown>(readBurnFacts(source()), m_compact);
}

std::unique_ptr<Chart> HealthStripItem::makeChart() const
{
    return std::make_unique<HealthStrip>(readHealth(source()));
}

std::unique_ptr<Chart> WaterfallItem::makeChart() const
{
    return std::make_unique<Waterfall>(readWaterfall(source()));
}

std::unique_ptr<Chart> BoxPlotItem::makeChart() const
{
    return std::make_unique<BoxPlot>(readBoxes(source()));
}

std::unique_ptr<Chart> ScatterItem::makeChart() const
{
    return std::make_unique<Scatter>(readScatter(source()), hiddenSet());
}

SwatchItem::SwatchItem(QQuickItem *parent)
    : QQuickPaintedItem(parent)
{
    setImplicitSize(10, 10);
}

void SwatchItem::setTheme(ChartTheme *theme)
{
    if (m_theme == theme)
        return;
    if (m_theme)
        m_theme->disconnect(this);
    m_theme = theme;
    if (theme)
        connect(theme, &ChartTheme::changed, this, [this] { update(); });
    update();
    Q_EMIT changed();
}

void SwatchItem::setSlot(int slot)
{
    if (m_slot == slot)
        return;
    m_slot = slot;
    update();
    Q_EMIT changed();
}

void SwatchItem::setTone(int tone)
{
    if (m_tone == tone)
        return;
    m_tone = tone;
    update();
    Q_EMIT changed();
}

void SwatchItem::setHollow(bool hollow)
{
    if (m_hollow == hollow)
        return;
    m_hollow = hollow;
    update();
    Q_EMIT changed();
}

void SwatchItem::paint(QPainter *painter)
{
    const Look look = m_theme ? m_theme->look() : Look();
    const QRectF area(QPointF(), size());
    if (m_hollow) {
        painter->setPen(QPen(look.borderStrong, 1));
        painter->drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5));
        return;
    }
    paintMark(*painter, area, m_slot, Tone(m_tone), look);
}

} // namespace tollgate::charts
