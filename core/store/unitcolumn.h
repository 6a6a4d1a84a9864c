// SPDX-License-Identifier: GPL-3.0-or-later
// Units other than tokens as one column of JSON: most calls use none, and its text is then empty.
#pragma once

#include "core/base/unitcounts.h"

namespace tollgate::store {

[[nodiscard]] QByteArray unitsToJson(const UnitCounts &units);
// What is not there is none; what cannot be read is none.
[[nodiscard]] UnitCounts unitsFromJson(const QByteArray &json);

} // namespace tollgate::store
