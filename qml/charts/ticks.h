// SPDX-License-Identifier: GPL-3.0-or-later
// Where gridlines stand: round numbers, three to five of them, from zero. No data, no ticks.
#pragma once

#include "units.h"

#include <vector>

namespace tollgate::charts {

struct Ticks
{
    std::vector<double> at;
    double bottom = 0;
    double top = 1;
    double step = 1;
    bool logarithmic = false;

    // 0 at the bottom of the axis, 1 at its top.
    [[nodiscard]] double place(double value) const;
};

[[nodiscard]] Ticks valueTicks(double most, Unit unit);
// Decades that contain both; values of zero and below stand at the bottom.
[[nodiscard]] Ticks logTicks(double least, double most);
// Every how many columns a label fits, of strides that read well.
[[nodiscard]] int labelStride(int columns, double labelWidth, double width,
                              const std::vector<int> &strides);

} // namespace tollgate::charts
