// SPDX-License-Identifier: GPL-3.0-or-later
#include "ticks.h"

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr int kMostLines = 5;

double roundStep(double atLeast, bool whole)
{
    const double decade = std::pow(10.0, std::floor(std::log10(atLeast)));
    for (const double digit : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        const double step = digit * decade;
        if (whole && step != std::floor(step))
            continue;
        if (step >= atLeast * (1 - 1e-9))
            return step;
    }
    return 10 * decade;
}

// Above ten seconds people count in parts of a minute and of an hour.
double clockStep(double atLeastUs)
{
    constexpr double kSecond = 1e6;
    for (const double seconds : {15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600}) {
        if (seconds * kSecond >= atLeastUs * (1 - 1e-9))
            return seconds * kSecond;
    }
    return std::ceil(atLeastUs / (3600 * kSecond)) * 3600 * kSecond;
}

} // namespace

double Ticks::place(double value) const
{
    if (logarithmic) {
        if (value <= bottom)
            return 0;
        return std::log10(value / bottom) / std::log10(top / bottom);
    }
    return top > bottom ? (value - bottom) / (top - bottom) : 0;
}

Ticks valueTicks(double most, Unit unit)
{
    Ticks ticks;
    if (!(most > 0))
        return ticks;
    // A nano-dollar or a microsecond is whole too, so every step is.
    const double atLeast = std::max(1.0, most / kMostLines);
    ticks.step = unit == Unit::Microseconds && atLeast > 10e6 ? clockStep(atLeast)
                                                              : roundStep(atLeast, true);
    const int lines = int(std::ceil(most / ticks.step - 1e-9));
    ticks.top = lines * ticks.step;
    for (int line = 0; line <= lines; ++line)
        ticks.at.push_back(line * ticks.step);
    return ticks;
}

Ticks logTicks(double least, double most)
{
    Ticks ticks;
    ticks.logarithmic = true;
    if (!(most > 0)) {
        ticks.bottom = 1;
        ticks.top = 10;
        return ticks;
    }
    const double low = std::floor(std::log10(least > 0 ? least : most / 100) + 1e-9);
    double high = std::ceil(std::log10(most) - 1e-9);
    if (high <= low)
        high = low + 1;
    ticks.bottom = std::pow(10.0, low);
    ticks.top = std::pow(10.0, high);
    const int skip = std::max(1, int(std::ceil((high - low) / kMostLines)));
    for (double power = low; power <= high + 1e-9; power += skip)
        ticks.at.push_back(std::pow(10.0, power));
    return ticks;
}

int labelStride(int columns, double labelWidth, double width, const std::vector<int> &strides)
{
    for (const int stride : strides) {
        if (columns <= 1 || labelWidth <= width / columns * stride)
            return stride;
    }
    const int fits = std::max(1, int(width / std::max(1.0, labelWidth)));
    return std::max(1, (columns + fits - 1) / fits);
}

} // namespace tollgate::charts
