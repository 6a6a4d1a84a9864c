// SPDX-License-Identifier: GPL-3.0-or-later
// Data to draw: the same in every run.
#pragma once

#include <QVariant>

namespace tollgate::charts {

[[nodiscard]] QVariantMap spendSample(int days, int series);
[[nodiscard]] QVariantMap callsSample();
[[nodiscard]] QVariantMap speedSample();
[[nodiscard]] QVariantMap fanSample();
[[nodiscard]] QVariantMap weekSample();
[[nodiscard]] QVariantMap yearSample();
[[nodiscard]] QVariantMap burnSample(double used);
[[nodiscard]] QVariantMap healthSample();
[[nodiscard]] QVariantMap waterfallSample();
[[nodiscard]] QVariantMap boxSample();
[[nodiscard]] QVariantMap scatterSample(int points);

} // namespace tollgate::charts
