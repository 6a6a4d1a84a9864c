// SPDX-License-Identifier: GPL-3.0-or-later
// Changes that leave JSON what it is: values doubled, moved, left out and replaced, and lines of a
// stream doubled, swapped and left out.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

namespace tollgate::fuzz {

// Empty where there is nothing to change.
[[nodiscard]] QByteArray mutated(QByteArrayView input, std::uint32_t seed);

} // namespace tollgate::fuzz
