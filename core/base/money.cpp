// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/money.h"

#include <limits>

namespace tollgate {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNanoPerUsd = 1'000'000'000;
constexpr std::int64_t kPicoPerNano = 1'000;
constexpr int kDecimals = 9;

} // namespace

std::optional<std::int64_t> checkedAdd(std::int64_t a, std::int64_t b)
{
    if ((b > 0 && a > kMax - b) || (b < 0 && a < kMin - b))
        return std::nullopt;
    return a + b;
}

std::optional<std::int64_t> checkedSubtract(std::int64_t a, std::int64_t b)
{
    if ((b < 0 && a > kMax + b) || (b > 0 && a < kMin + b))
        return std::nullopt;
    return a - b;
}

std::optional<std::int64_t> checkedMultiply(std::int64_t a, std::int64_t b)
{
    if (a == 0 || b == 0)
        return 0;
    if ((a == -1 && b == kMin) || (b == -1 && a == kMin))
        return std::nullopt;
    if (a > 0 ? (b > 0 ? a > kMax / b : b < kMin / a) : (b > 0 ? a < kMin / b : b < kMax / a))
        return std::nullopt;
    return a * b;
}

std::optional<NanoUsd> roundUp(PicoUsd amount)
{
    if (amount.value < 0)
        return std::nullopt;
    const std::int64_t whole = amount.value / kPicoPerNano;
    return NanoUsd{amount.value % kPicoPerNano == 0 ? whole : whole + 1};
}

std::optional<NanoUsd> parseUsd(QByteArrayView text)
{
    std::int64_t value = 0;
    int decimals = -1;
    bool digits = false;
    for (const char c : text) {
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || decimals == kDecimals)
            return std::nullopt;
        digits = true;
        const auto scaled = checkedMultiply(value, 10);
        const auto next = scaled ? checkedAdd(*scaled, c - '0') : std::nullopt;
        if (!next)
            return std::nullopt;
        value = *next;
        if (decimals >= 0)
            ++decimals;
    }
    if (!digits)
        return std::nullopt;
    for (int i = decimals < 0 ? 0 : decimals; i < kDecimals; ++i) {
        const auto scaled = checkedMultiply(value, 10);
        if (!scaled)
            return std::nullopt;
        value = *scaled;
    }
    return NanoUsd{value};
}

QString formatUsd(NanoUsd amount)
{
    const bool negative = amount.value < 0;
    const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.value)
                                    : static_cast<std::uint64_t>(amount.value);
    QString fraction = QString::number(magnitude % kNanoPerUsd).rightJustified(kDecimals, u'0');
    while (fraction.endsWith(u'0'))
        fraction.chop(1);
    QString text = negative ? QStringLiteral("-") : QString();
    text += QString::number(magnitude / kNanoPerUsd);
    if (!fraction.isEmpty())
        text += u'.' + fraction;
    return text;
}

} // namespace tollgate
