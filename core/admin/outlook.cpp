// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/outlook.h"

#include <QHash>

#include <algorithm>
#include <cmath>

namespace tollgate::admin {
namespace {

constexpr double kEarly = 0.03;
constexpr double kOver = 1.02; // nobody spends to the minute
constexpr double kLasts = 0.9;
constexpr int kWeeksBack = 4;
constexpr int kFewestActiveDays = 7;

std::int64_t between(const std::vector<std::int64_t> &sorted, double share)
{
    if (sorted.empty())
        return 0;
    const double place = share * double(sorted.size() - 1);
    const auto low = std::size_t(place);
    const std::size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low]
        + std::int64_t(double(sorted[high] - sorted[low]) * (place - std::floor(place)));
}

} // namespace

QString paceName(Pace::Word word)
{
    switch (word) {
    case Pace::Word::Early:
        return QStringLiteral("early");
    case Pace::Word::OnPace:
        return QStringLiteral("on_pace");
    case Pace::Word::Over:
        return QStringLiteral("over");
    case Pace::Word::Lasts:
        return QStringLiteral("lasts");
    case Pace::Word::Spent:
        break;
    }
    return QStringLiteral("spent");
}

Pace paceOf(NanoUsd cap, NanoUsd spent, std::int64_t beginUs, std::int64_t endUs,
            std::int64_t nowUs)
{
    Pace pace;
    if (spent.value >= cap.value && cap.value > 0) {
        pace.word = Pace::Word::Spent;
        return pace;
    }
    if (cap.value <= 0 || nowUs <= beginUs || endUs <= beginUs)
        return pace;
    const double elapsed = double(nowUs - beginUs) / double(endUs - beginUs);
    if (elapsed < kEarly)
        return pace;
    const double ratio = double(spent.value) / double(cap.value) / elapsed;
    if (ratio > kOver) {
        pace.word = Pace::Word::Over;
        pace.overPercent = int(std::lround((ratio - 1) * 100));
        pace.runsOutUs = beginUs
            + std::int64_t(double(nowUs - beginUs) * double(cap.value) / double(spent.value));
        return pace;
    }
    pace.word = ratio < kLasts ? Pace::Word::Lasts : Pace::Word::OnPace;
    return pace;
}

std::vector<OutlookDay> monthOutlook(const std::vector<DaySpend> &days, QDate today)
{
    QHash<QDate, std::int64_t> spent;
    for (const DaySpend &day : days)
        spent[day.day] += day.nano;
    int active = 0;
    for (int back = 1; back <= 7 * kWeeksBack; ++back)
        active += spent.value(today.addDays(-back)) > 0 ? 1 : 0;
    std::vector<OutlookDay> outlook;
    if (active < kFewestActiveDays)
        return outlook;
    OutlookDay sum;
    const QDate first(today.year(), today.month(), 1);
    for (QDate day = first; day.month() == today.month(); day = day.addDays(1)) {
        const std::int64_t actual = spent.value(day);
        std::int64_t low = actual;
        std::int64_t middle = actual;
        std::int64_t high = actual;
        if (day >= today) {
            std::vector<std::int64_t> like;
            const int ahead = int(today.daysTo(day)) / 7 * 7;
            for (int week = 1; week <= kWeeksBack; ++week)
                like.push_back(spent.value(day.addDays(-ahead - 7 * week)));
            std::sort(like.begin(), like.end());
            low = std::max(actual, between(like, 0.2));
            middle = std::max(actual, between(like, 0.5));
            high = std::max(actual, between(like, 0.8));
        }
        sum.day = day;
        sum.future = day >= today;
        sum.p20 += low;
        sum.p50 += middle;
        sum.p80 += high;
        outlook.push_back(sum);
    }
    return outlook;
}

} // namespace tollgate::admin
