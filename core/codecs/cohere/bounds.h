// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers beyond which Cohere answers 400.
#pragma once

#include <QByteArray>

namespace tollgate::codecs::cohere {

// The digits themselves, or the bound that they are beyond.
[[nodiscard]] inline QByteArray within(const QByteArray &digits, const char *least,
                                       const char *most)
{
    if (digits.isEmpty())
        return digits;
    const double value = digits.toDouble();
    if (value < QByteArray(least).toDouble())
        return least;
    return value > QByteArray(most).toDouble() ? QByteArray(most) : digits;
}

} // namespace tollgate::codecs::cohere
