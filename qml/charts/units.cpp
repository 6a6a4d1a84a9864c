// SPDX-License-Identifier: GPL-3.0-or-later
#include "units.h"

#include <QCoreApplication>

#include <array>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kNanoUsd = 1e9;
constexpr double kMicro = 1e6;
constexpr QChar kThinSpace{0x202F}; // narrow, and does not break

struct Scaled
{
    double value = 0;
    QString suffix;
};

// Thousands by k, M and B; ten thousands where Chinese and Japanese count so. Never both in one
// text.
Scaled scaled(double value, const QLocale &locale)
{
    struct Step
    {
        double from;
        QString suffix;
    };
    const auto language = locale.language();
    const bool traditional = locale.script() == QLocale::TraditionalHanScript;
    const bool japanese = language == QLocale::Japanese;
    const bool myriads = language == QLocale::Chinese || japanese;
    const std::array<Step, 3> western{Step{1e9, QStringLiteral("B")},
                                      Step{1e6, QStringLiteral("M")},
                                      Step{1e3, QStringLiteral("k")}};
    const std::array<Step, 3> eastern{
        Step{1e12,
             traditional || japanese ? QStringLiteral("\u5146") : QStringLiteral("\u4e07\u4ebf")},
        Step{1e8, traditional || japanese ? QStringLiteral("\u5104") : QStringLiteral("\u4ebf")},
        Step{1e4, traditional ? QStringLiteral("\u842c") : QStringLiteral("\u4e07")}};
    for (const Step &step : myriads ? eastern : western) {
        // 999,950 is shown as 1 M, not as 1000 k.
        if (std::abs(value) >= step.from * 0.9995)
            return {value / step.from, step.suffix};
    }
    return {value, {}};
}

// At most this many decimals, without zeros at the end.
QString trimmed(double value, int most, const QLocale &locale)
{
    int decimals = most;
    while (decimals > 0) {
        const double unit = std::pow(10.0, decimals - 1);
        if (std::abs(std::round(value * unit) / unit - value) > 0.05 / std::pow(10.0, most))
            break;
        --decimals;
    }
    return locale.toString(value, 'f', decimals);
}

int decimalsForThreeDigits(double value)
{
    const double size = std::abs(value);
    return size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}

QString withSuffix(const QString &number, const QString &suffix, bool close)
{
    if (suffix.isEmpty())
        return number;
    return close ? number + suffix : number + kThinSpace + suffix;
}

bool isMyriad(const QString &suffix)
{
    return !suffix.isEmpty() && suffix.at(0).unicode() >= 0x3000;
}

// Where the locale puts the sign, with a number that may carry k or M.
QString asMoney(const QString &number, bool negative, const QLocale &locale)
{
    QString shape = locale.toCurrencyString(1.0, dollarSign(locale), 0);
    const QString one = locale.toString(1);
    shape.replace(shape.indexOf(one), one.size(), number);
    return negative ? locale.negativeSign() + shape : shape;
}

int moneyDecimals(double dollars)
{
    const double size = std::abs(dollars);
    if (size == 0)
        return 0;
    if (size >= 1)
        return 2;
    if (size >= 0.0001)
        return 4;
    return qMin(9, int(std::ceil(-std::log10(size))) + 1); // two digits that say something
}

QString duration(double us, const QLocale &locale, bool full)
{
    const double size = std::abs(us);
    if (size < 1000)
        return locale.toString(us, 'f', 0) + kThinSpace + QStringLiteral("\u00b5s");
    if (size < 999500)
        return trimmed(us / 1000, size < 9950 ? 1 : 0, locale) + kThinSpace + QStringLiteral("ms");
    if (size < 120 * kMicro) {
        const double seconds = us / kMicro;
        return (full ? locale.toString(seconds, 'f', 2)
                     : trimmed(seconds, size < 9.95 * kMicro ? 2 : 1, locale))
            + kThinSpace + QStringLiteral("s");
    }
    return trimmed(us / (60 * kMicro), 1, locale) + kThinSpace
        + QCoreApplication::translate("Charts", "min", "minutes");
}

} // namespace

Unit unitNamed(QStringView name)
{
    if (name == QLatin1String("tokens"))
        return Unit::Tokens;
    if (name == QLatin1String("nano_usd"))
        return Unit::NanoUsd;
    if (name == QLatin1String("us") || name == QLatin1String("ms"))
        return Unit::Microseconds;
    if (name == QLatin1String("bp"))
        return Unit::BasisPoints;
    if (name == QLatin1String("milli_per_s") || name == QLatin1String("milli_tokens_per_s"))
        return Unit::MilliPerSecond;
    return Unit::Count;
}

QString nameOf(Unit unit)
{
    switch (unit) {
    case Unit::Tokens:
        return QStringLiteral("tokens");
    case Unit::NanoUsd:
        return QStringLiteral("nano_usd");
    case Unit::Microseconds:
        return QStringLiteral("us");
    case Unit::BasisPoints:
        return QStringLiteral("bp");
    case Unit::MilliPerSecond:
        return QStringLiteral("milli_per_s");
    case Unit::Count:
        break;
    }
    return QStringLiteral("count");
}

QString dollarSign(const QLocale &locale)
{
    const bool own = locale.currencySymbol(QLocale::CurrencySymbol).contains(QLatin1Char('$'));
    const bool american = locale.currencySymbol(QLocale::CurrencyIsoCode) == QLatin1String("USD");
    return own && !american ? QStringLiteral("US$") : QStringLiteral("$");
}

QString inFull(qint64 value, Unit unit, const QLocale &locale)
{
    switch (unit) {
    case Unit::NanoUsd: {
        const double dollars = double(value) / kNanoUsd;
        return asMoney(locale.toString(std::abs(dollars), 'f', moneyDecimals(dollars)), value < 0,
                       locale);
    }
    case Unit::Microseconds:
        return duration(double(value), locale, true);
    case Unit::BasisPoints:
        return trimmed(double(value) / 100, 2, locale) + kThinSpace + locale.percent();
    case Unit::MilliPerSecond:
        return locale.toString(double(value) / 1000, 'f', 1) + QStringLiteral("/s");
    case Unit::Count:
    case Unit::Tokens:
        break;
    }
    return locale.toString(value);
}

QString inShort(qint64 value, Unit unit, const QLocale &locale)
{
    switch (unit) {
    case Unit::NanoUsd: {
        const Scaled money = scaled(double(value) / kNanoUsd, locale);
        if (money.suffix.isEmpty())
            return inFull(value, unit, locale);
        const double size = std::abs(money.value);
        return asMoney(
            withSuffix(trimmed(size, decimalsForThreeDigits(size), locale), money.suffix, true),
            value < 0, locale);
    }
    case Unit::Microseconds:
        return duration(double(value), locale, false);
    case Unit::BasisPoints:
        return trimmed(double(value) / 100, 1, locale) + kThinSpace + locale.percent();
    case Unit::MilliPerSecond:
        return trimmed(double(value) / 1000, 1, locale) + QStringLiteral("/s");
    case Unit::Count:
    case Unit::Tokens:
        break;
    }
    const Scaled number = scaled(double(value), locale);
    if (number.suffix.isEmpty())
        return locale.toString(value);
    return withSuffix(trimmed(number.value, decimalsForThreeDigits(number.value), locale),
                      number.suffix, isMyriad(number.suffix));
}

QString onAxis(double value, double step, Unit unit, const QLocale &locale)
{
    if (unit == Unit::NanoUsd) {
        const double dollars = value / kNanoUsd;
        const Scaled money = scaled(dollars, locale);
        if (!money.suffix.isEmpty())
            return asMoney(withSuffix(trimmed(money.value, 2, locale), money.suffix, true), false,
                           locale);
        const double size = step / kNanoUsd;
        int decimals = 0;
        for (double part = 1;
             decimals < 9 && std::abs(std::round(size * part) / part - size) > size * 1e-6;
             part *= 10)
            ++decimals;
        if (decimals == 1)
            decimals = 2; // "$0.50", as money is written
        return asMoney(locale.toString(dollars, 'f', value == 0 ? 0 : decimals), false, locale);
    }
    if (value == 0 && (unit == Unit::Microseconds || unit == Unit::MilliPerSecond))
        return locale.toString(0);
    return inShort(qRound64(value), unit, locale);
}

QString shareOf(qint64 part, qint64 whole, const QLocale &locale)
{
    if (whole <= 0)
        return {};
    const double percent = 100.0 * double(part) / double(whole);
    if (part > 0 && percent < 0.1)
        return QLatin1Char('<') + locale.toString(0.1, 'f', 1) + kThinSpace + locale.percent();
    return locale.toString(percent, 'f', percent >= 99.95 ? 0 : 1) + kThinSpace + locale.percent();
}

} // namespace tollgate::charts
