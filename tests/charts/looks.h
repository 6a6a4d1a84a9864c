// SPDX-License-Identifier: GPL-3.0-or-later
// The looks that charts are held to: light, dark and high contrast, in a fixed place of the world.
#pragma once

#include "qml/charts/look.h"

namespace tollgate::charts {

[[nodiscard]] Look lightLook();
[[nodiscard]] Look darkLook();
[[nodiscard]] Look contrastLook(); // patterns on

} // namespace tollgate::charts
