// SPDX-License-Identifier: GPL-3.0-or-later
// The values of a log filter: numbers with the units that people give them. Pure; internal to the
// filter's language.
#pragma once

#include <QString>
#include <QTimeZone>

#include <cstdint>
#include <optional>

namespace tollgate::admin {

// "0.05", "$0.05" in nano-USD.
[[nodiscard]] std::optional<std::int64_t> moneyValue(QStringView text);
// "20k", "1.5M", "800".
[[nodiscard]] std::optional<std::int64_t> countValue(QStringView text);
// "2s", "350ms", "1.5m", "1h" in microseconds; a bare number is seconds.
[[nodiscard]] std::optional<std::int64_t> durationValue(QStringView text);
// "10%" or "10".
[[nodiscard]] std::optional<std::int64_t> percentValue(QStringView text);
// "14:00" (the last time it was that), "2h" (so long ago), "today", "yesterday", "2026-11-22",
// "2026-11-22T14:00"; in microseconds since 1970.
[[nodiscard]] std::optional<std::int64_t> timeValue(QStringView text, std::int64_t nowUs,
                                                    const QTimeZone &zone);

} // namespace tollgate::admin
