// SPDX-License-Identifier: GPL-3.0-or-later
// What charts of columns and series share: tooltip, legend, table and file rows from the same data.
#pragma once

#include "axes.h"
#include "chart.h"

namespace tollgate::charts {

class SeriesChart : public Chart
{
public:
    SeriesChart(ChartData data, QSet<QString> hidden);

    [[nodiscard]] bool empty() const override { return !hasValues(m_data); }
    [[nodiscard]] int columns() const override { return int(m_data.buckets.size()); }
    [[nodiscard]] int rows() const override { return int(m_shown.size()); }
    [[nodiscard]] std::optional<Bucket> bucketOf(int column) const override;
    [[nodiscard]] QString keyOf(Mark mark) const override;
    [[nodiscard]] Tip tip(Mark mark, const Look &look) const override;
    [[nodiscard]] Mark tipMark(Mark mark) const override { return {mark.column, -1}; }
    [[nodiscard]] std::vector<LegendRow> legend(const Look &look) const override;
    [[nodiscard]] Table table(const Look &look) const override;
    [[nodiscard]] RawTable raw() const override;

protected:
    // Whether values of a column add up to something: money does, percentiles do not.
    [[nodiscard]] virtual bool addsUp() const { return true; }

    [[nodiscard]] const ChartData &data() const { return m_data; }
    [[nodiscard]] const std::vector<const Series *> &shown() const { return m_shown; }
    [[nodiscard]] const Series *shownAt(int row) const;
    [[nodiscard]] bool isHidden(const Series &series) const
    {
        return m_hidden.contains(series.key);
    }
    [[nodiscard]] static Value at(const Series &series, int column);

private:
    ChartData m_data;
    QSet<QString> m_hidden;
    std::vector<const Series *> m_shown; // into m_data
};

} // namespace tollgate::charts
