// SPDX-License-Identifier: GPL-3.0-or-later
#include "serieschart.h"

#include <QCoreApplication>

#include <algorithm>
#include <numeric>

namespace tollgate::charts {

namespace {

constexpr std::size_t kMostTipRows = 10;

QString nothing()
{
    return QStringLiteral("\u2013");
}

} // namespace

SeriesChart::SeriesChart(ChartData data, QSet<QString> hidden)
    : m_data(std::move(data))
    , m_hidden(std::move(hidden))
{
    for (const Series &series : m_data.series) {
        if (!m_hidden.contains(series.key))
            m_shown.push_back(&series);
    }
}

Value SeriesChart::at(const Series &series, int column)
{
    return column >= 0 && std::size_t(column) < series.values.size()
        ? series.values.at(std::size_t(column))
        : Value();
}

const Series *SeriesChart::shownAt(int row) const
{
    return row >= 0 && std::size_t(row) < m_shown.size() ? m_shown.at(std::size_t(row)) : nullptr;
}

std::optional<Bucket> SeriesChart::bucketOf(int column) const
{
    if (column < 0 || column >= columns())
        return {};
    return m_data.buckets.at(std::size_t(column));
}

QString SeriesChart::keyOf(Mark mark) const
{
    const Series *series = shownAt(mark.row);
    return series ? series->key : QString();
}

Tip SeriesChart::tip(Mark mark, const Look &look) const
{
    Tip tip;
    const auto bucket = bucketOf(mark.column);
    if (!bucket)
        return tip;
    tip.title = rangeLabel(*bucket, m_data.step, look.zone, look.locale);
    const Value total = columnSum(m_data, mark.column, m_hidden);
    std::vector<const Series *> ordered;
    for (const Series *series : m_shown) {
        if (mark.row < 0 || series == shownAt(mark.row))
            ordered.push_back(series);
    }
    std::stable_sort(ordered.begin(), ordered.end(), [&mark](const Series *a, const Series *b) {
        return at(*a, mark.column).value_or(-1) > at(*b, mark.column).value_or(-1);
    });
    for (const Series *series : ordered) {
        const Value value = at(*series, mark.column);
        if (!value || (addsUp() && *value == 0 && ordered.size() > 1))
            continue;
        if (tip.rows.size() == kMostTipRows) {
            ++tip.more;
            continue;
        }
        QString text = inFull(*value, m_data.unit, look.locale);
        if (!series->counts.empty()) {
            const qint64 count = series->counts.at(std::size_t(mark.column));
            text += QStringLiteral("  n ") + inShort(count, Unit::Count, look.locale);
        }
        tip.rows.push_back({series->key, series->label, series->slot, series->tone, text,
                            addsUp() && m_shown.size() > 1
                                ? shareOf(*value, total.value_or(0), look.locale)
                                : QString()});
    }
    if (mark.row < 0 && addsUp() && m_shown.size() > 1 && total)
        tip.total = inFull(*total, m_data.unit, look.locale);
    if (tip.rows.empty())
        tip.rows.push_back({{},
                            {},
                            -1,
                            Tone::None,
                            total ? inFull(*total, m_data.unit, look.locale)
                                  : QCoreApplication::translate("Charts", "Nothing known"),
                            {}});
    return tip;
}

std::vector<LegendRow> SeriesChart::legend(const Look &look) const
{
    std::vector<const Series *> ordered;
    qint64 whole = 0;
    for (const Series &series : m_data.series) {
        ordered.push_back(&series);
        whole += sumOf(series);
    }
    if (addsUp())
        std::stable_sort(ordered.begin(), ordered.end(), [](const Series *a, const Series *b) {
            const bool otherA = a->key == kOtherKey;
            return otherA != (b->key == kOtherKey) ? !otherA : sumOf(*a) > sumOf(*b);
        });
    std::vector<LegendRow> legend;
    for (const Series *series : ordered) {
        LegendRow row{series->key, series->label,    series->slot, series->tone, {},
                      {},          isHidden(*series)};
        if (addsUp()) {
            row.value = inShort(sumOf(*series), m_data.unit, look.locale);
            row.share = shareOf(sumOf(*series), whole, look.locale);
        }
        legend.push_back(row);
    }
    return legend;
}

Table SeriesChart::table(const Look &look) const
{
    Table table;
    const bool times = !m_data.buckets.empty() && m_data.buckets.front().toUs != 0;
    table.headers.push_back(times ? QCoreApplication::translate("Charts", "Time")
                                  : QCoreApplication::translate("Charts", "Group"));
    for (const Series *series : m_shown)
        table.headers.push_back(series->label);
    const bool total = addsUp() && m_shown.size() > 1;
    if (total)
        table.headers.push_back(QCoreApplication::translate("Charts", "Total"));
    for (int column = 0; column < columns(); ++column) {
        QStringList row{rangeLabel(m_data.buckets.at(std::size_t(column)), m_data.step, look.zone,
                                   look.locale)};
        for (const Series *series : m_shown) {
            const Value value = at(*series, column);
            row.push_back(value ? inFull(*value, m_data.unit, look.locale) : nothing());
        }
        const Value sum = columnSum(m_data, column, m_hidden);
        if (total)
            row.push_back(sum ? inFull(*sum, m_data.unit, look.locale) : nothing());
        table.rows.push_back(row);
    }
    return table;
}

RawTable SeriesChart::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("from"), QStringLiteral("to"),         QStringLiteral("bucket"),
                   QStringLiteral("key"),  QStringLiteral("label"),      QStringLiteral("value"),
                   QStringLiteral("unit"), QStringLiteral("incomplete"), QStringLiteral("hidden")};
    for (int column = 0; column < columns(); ++column) {
        const Bucket &bucket = m_data.buckets.at(std::size_t(column));
        for (const Series &series : m_data.series) {
            const Value value = at(series, column);
            raw.rows.push_back({bucket.fromUs, bucket.toUs, bucket.label, series.key, series.label,
                                value ? QVariant(*value) : QVariant(), nameOf(m_data.unit),
                                bucket.incomplete, isHidden(series)});
        }
    }
    return raw;
}

} // namespace tollgate::charts
