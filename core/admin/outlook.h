// SPDX-License-Identifier: GPL-3.0-or-later
// What a budget and a month will come to, if they go on as they have. Pure.
#pragma once

#include "core/base/money.h"

#include <QDate>

#include <cstdint>
#include <vector>

namespace tollgate::admin {

struct Pace
{
    enum class Word { Early, OnPace, Over, Lasts, Spent };
    Word word = Word::Early;
    int overPercent = 0; // Over: faster than even by so much
    std::int64_t runsOutUs = 0; // Over: when nothing will be left; 0: not before the end
};

// Of a window that began and ends then (0: never); nothing is said in its first 3 %.
[[nodiscard]] Pace paceOf(NanoUsd cap, NanoUsd spent, std::int64_t beginUs, std::int64_t endUs,
                          std::int64_t nowUs);
[[nodiscard]] QString paceName(Pace::Word word);

struct DaySpend
{
    QDate day;
    std::int64_t nano = 0;
};

struct OutlookDay
{
    QDate day;
    bool future = false;
    // Cumulative from the first of the month; before today all three are what was spent.
    std::int64_t p20 = 0;
    std::int64_t p50 = 0;
    std::int64_t p80 = 0;
};

// To the end of the month of `today`: each day to come is taken for the same weekdays of the four
// weeks before. Empty where fewer than seven of those days saw any spending.
[[nodiscard]] std::vector<OutlookDay> monthOutlook(const std::vector<DaySpend> &days, QDate today);

} // namespace tollgate::admin
