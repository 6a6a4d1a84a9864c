// SPDX-License-Identifier: GPL-3.0-or-later
// Money as integers. Prices are pico-USD (1e-12 USD) a unit, amounts are nano-USD (1e-9 USD).
// All arithmetic is checked: an overflow is nullopt, never a wrapped number.
#pragma once

#include <QByteArrayView>
#include <QString>

#include <compare>
#include <cstdint>
#include <optional>

namespace tollgate {

struct PicoUsd
{
    std::int64_t value = 0;
    auto operator<=>(const PicoUsd &) const = default;
};

struct NanoUsd
{
    std::int64_t value = 0;
    auto operator<=>(const NanoUsd &) const = default;
};

[[nodiscard]] std::optional<std::int64_t> checkedAdd(std::int64_t a, std::int64_t b);
[[nodiscard]] std::optional<std::int64_t> checkedSubtract(std::int64_t a, std::int64_t b);
[[nodiscard]] std::optional<std::int64_t> checkedMultiply(std::int64_t a, std::int64_t b);

// The one rounding a request: up to the next nano-USD. Negative amounts are refused (nullopt).
[[nodiscard]] std::optional<NanoUsd> roundUp(PicoUsd amount);

// "12.5" or "0.000001" US dollars to nano-USD; at most 9 decimals, no sign, no exponent.
[[nodiscard]] std::optional<NanoUsd> parseUsd(QByteArrayView text);
// Exact decimal text without trailing zeros, e.g. "0.0125".
[[nodiscard]] QString formatUsd(NanoUsd amount);

} // namespace tollgate
