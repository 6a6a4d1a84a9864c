// SPDX-License-Identifier: GPL-3.0-or-later
// The charts by their names in QML, each with what it can be told. Their base is named in full,
// since qmllint of Qt 6.4 finds it by no other name.
#pragma once

#include "chartitem.h"

namespace tollgate::charts {

class StackedBarsItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(StackedBars)
    Q_PROPERTY(bool asShares READ asShares WRITE setAsShares NOTIFY optionsChanged)
    // How many series keep their names; 0 keeps all, in the order of the data (states, kinds of
    // tokens).
    Q_PROPERTY(int keep READ keep WRITE setKeep NOTIFY optionsChanged)

public:
    using ChartItem::ChartItem;
    [[nodiscard]] bool asShares() const { return m_asShares; }
    void setAsShares(bool asShares);
    [[nodiscard]] int keep() const { return m_keep; }
    void setKeep(int keep);

Q_SIGNALS:
    void optionsChanged();

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
    [[nodiscard]] bool rowsGoDown() const override { return false; }

private:
    bool m_asShares = false;
    int m_keep = 7;
};

class LinesItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Lines)
    Q_PROPERTY(bool logarithmic READ isLogarithmic WRITE setLogarithmic NOTIFY optionsChanged)
    Q_PROPERTY(QVariant limit READ limit WRITE setLimit NOTIFY optionsChanged) // or null
    Q_PROPERTY(QString limitLabel READ limitLabel WRITE setLimitLabel NOTIFY optionsChanged)

public:
    using ChartItem::ChartItem;
    [[nodiscard]] bool isLogarithmic() const { return m_logarithmic; }
    void setLogarithmic(bool logarithmic);
    [[nodiscard]] QVariant limit() const { return m_limit; }
    void setLimit(const QVariant &limit);
    [[nodiscard]] QString limitLabel() const { return m_limitLabel; }
    void setLimitLabel(const QString &label);

Q_SIGNALS:
    void optionsChanged();

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;

private:
    bool m_logarithmic = false;
    QVariant m_limit;
    QString m_limitLabel;
};

// A month's sum so far and where it may end: series "actual", "p20", "p50" and "p80" (C8).
class FanItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Fan)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
};

class RankedBarsItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(RankedBars)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
};

class SparklineItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Sparkline)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
};

class HeatmapItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Heatmap)
    // Days of a year instead of hours of a week.
    Q_PROPERTY(bool calendar READ isCalendar WRITE setCalendar NOTIFY optionsChanged)

public:
    using ChartItem::ChartItem;
    [[nodiscard]] bool isCalendar() const { return m_calendar; }
    void setCalendar(bool calendar);

Q_SIGNALS:
    void optionsChanged();

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;

private:
    bool m_calendar = false;
};

class BurnDownItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(BurnDown)
    Q_PROPERTY(bool compact READ isCompact WRITE setCompact NOTIFY optionsChanged)

public:
    using ChartItem::ChartItem;
    [[nodiscard]] bool isCompact() const { return m_compact; }
    void setCompact(bool compact);

Q_SIGNALS:
    void optionsChanged();

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;

private:
    bool m_compact = false;
};

class HealthStripItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(HealthStrip)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
};

class WaterfallItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Waterfall)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
};

class BoxPlotItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(BoxPlot)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
};

class ScatterItem : public tollgate::charts::ChartItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Scatter)

public:
    using ChartItem::ChartItem;

protected:
    [[nodiscard]] std::unique_ptr<Chart> makeChart() const override;
    [[nodiscard]] bool selectsAreas() const override { return true; }
};

// A series' colour, with its pattern, beside its name.
class SwatchItem : public QQuickPaintedItem
{
    Q_OBJECT
    QML_NAMED_ELEMENT(Swatch)
    Q_PROPERTY(tollgate::charts::ChartTheme *theme READ theme WRITE setTheme NOTIFY changed)
    Q_PROPERTY(int slot READ slot WRITE setSlot NOTIFY changed)
    Q_PROPERTY(int tone READ tone WRITE setTone NOTIFY changed)
    Q_PROPERTY(bool hollow READ isHollow WRITE setHollow NOTIFY changed)

public:
    explicit SwatchItem(QQuickItem *parent = nullptr);
    [[nodiscard]] ChartTheme *theme() const { return m_theme; }
    void setTheme(ChartTheme *theme);
    [[nodiscard]] int slot() const { return m_slot; }
    void setSlot(int slot);
    [[nodiscard]] int tone() const { return m_tone; }
    void setTone(int tone);
    [[nodiscard]] bool isHollow() const { return m_hollow; }
    void setHollow(bool hollow);

    void paint(QPainter *painter) override;

Q_SIGNALS:
    void changed();

private:
    QPointer<ChartTheme> m_theme;
    int m_slot = -1;
    int m_tone = 0;
    bool m_hollow = false;
};

} // namespace tollgate::charts
