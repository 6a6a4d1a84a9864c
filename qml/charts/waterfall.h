// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time of one request went: a lane an attempt, a row a phase. What the gateway itself
// added has a colour of its own and is summed in words.
#pragma once

#include "axes.h"
#include "chart.h"

namespace tollgate::charts {

enum class PhaseKind { Gateway, Network, Wait, Generation };

struct Phase
{
    QString key;
    QString label;
    PhaseKind kind = PhaseKind::Gateway;
    qint64 startUs = 0; // since the request was accepted
    qint64 endUs = 0;
};

struct Lane
{
    QString label;
    std::vector<Phase> phases;
};

struct WaterfallFacts
{
    std::vector<Lane> lanes;
    Value disconnectUs; // when the client left
};

// From {lanes: [{label, phases: [{key, label, kind, startUs, endUs}]}], disconnectUs}; kinds are
// gateway, network, wait and generation.
[[nodiscard]] WaterfallFacts readWaterfall(const QVariant &source);

class Waterfall final : public Chart
{
public:
    explicit Waterfall(WaterfallFacts facts);

    [[nodiscard]] bool empty() const override { return m_rows.empty(); }
    [[nodiscard]] int columns() const override { return empty() ? 0 : 1; }
    [[nodiscard]] int rows() const override { return int(m_rows.size()); }
    [[nodiscard]] QRectF plot(const Look &look, QSizeF size) const override;
    [[nodiscard]] Mark hit(QPointF at, const Look &look, QSizeF size) const override;
    [[nodiscard]] QRectF rectOf(Mark mark, const Look &look, QSizeF size) const override;
    [[nodiscard]] QString keyOf(Mark mark) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] std::vector<LegendRow> legend(const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;
    [[nodiscard]] QString words(const Look &look) const override; // "We added 3 ms"
    [[nodiscard]] double wantedHeight(const Look &look) const override;
    void paint(QPainter &painter, const Look &look, QSizeF size) const override;

private:
    // A heading of a lane where there is no phase.
    struct Row
    {
        QString lane;
        const Phase *phase = nullptr;
    };
    [[nodiscard]] double lastUs() const;
    [[nodiscard]] QRectF barOf(const Phase &phase, int row, const Look &look, QSizeF size) const;
    [[nodiscard]] double rowTop(int row, const Look &look) const;
    void paintAxis(QPainter &painter, const Look &look, const QRectF &area) const;
    void paintRow(QPainter &painter, int row, const Look &look, QSizeF size) const;

    WaterfallFacts m_facts;
    std::vector<Row> m_rows; // into m_facts
};

} // namespace tollgate::charts
