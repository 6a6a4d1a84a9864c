// SPDX-License-Identifier: GPL-3.0-or-later
// JSON as compact text, which tells no two values apart that are the same.
#pragma once

#include <QByteArray>

namespace tollgate::test {

// The text itself where it is no JSON.
[[nodiscard]] QByteArray spelling(const QByteArray &json);
// The same, members in the order of their names.
[[nodiscard]] QByteArray sortedSpelling(const QByteArray &json);

} // namespace tollgate::test
