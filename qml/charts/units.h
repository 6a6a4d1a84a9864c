// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers in words: what stands on an axis, in a tooltip, in a table. Values are integers in the
// unit's smallest part; the locale decides on digits, separators and where the currency stands.
#pragma once

#include <QLocale>
#include <QString>
#include <QStringView>

namespace tollgate::charts {

enum class Unit {
    Count,
    Tokens,
    NanoUsd, // 1e-9 US dollars
    Microseconds,
    BasisPoints, // a hundredth of a percent
    MilliPerSecond, // a thousandth a second
};

// The names that data carry: count, tokens, nano_usd, us, ms, bp, milli_per_s. A millisecond is
// read as a thousand microseconds by whoever reads the values.
[[nodiscard]] Unit unitNamed(QStringView name);
[[nodiscard]] QString nameOf(Unit unit);

// As exactly as a reader wants it: "5,204", "$0.0421", "1.80 s".
[[nodiscard]] QString inFull(qint64 value, Unit unit, const QLocale &locale);
// As short as an axis or a legend wants it: "12.4 k", "$1.2 k".
[[nodiscard]] QString inShort(qint64 value, Unit unit, const QLocale &locale);
// The labels of one axis have the decimals that its step needs.
[[nodiscard]] QString onAxis(double value, double step, Unit unit, const QLocale &locale);
// 1234 of 10000 is "12.3 %".
[[nodiscard]] QString shareOf(qint64 part, qint64 whole, const QLocale &locale);
// "$", or "US$" where the country writes its own dollar or peso with that sign.
[[nodiscard]] QString dollarSign(const QLocale &locale);

} // namespace tollgate::charts
