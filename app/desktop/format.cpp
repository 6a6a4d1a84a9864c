// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/format.h"

#include <QDateTime>

#include <array>
#include <cmath>

namespace tollgate::desktop {
namespace {

constexpr double kNano = 1e9;
constexpr double kUsPerMs = 1e3;
constexpr double kUsPerSecond = 1e6;
constexpr int kSecondsPerMinute = 60;
constexpr int kSecondsPerHour = 3'600;
constexpr int kSecondsPerDay = 86'400;

QString digits(double value, int decimals)
{
    return QLocale().toString(value, 'f', decimals);
}

// Direction marks would reorder the text around them; the rest has no picture.
bool shownAsSymbol(QChar c)
{
    const char16_t u = c.unicode();
    return u < 0x20 || (u >= 0x7f && u < 0xa0) || (u >= 0x200b && u <= 0x200f)
        || (u >= 0x2028 && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) || u == 0xfeff;
}

} // namespace

QString Format::money(double nanoUsd, bool estimated) const
{
    const double usd = nanoUsd / kNano;
    const bool small = usd != 0 && std::fabs(usd) < 1;
    const QString sign = usd < 0 ? QStringLiteral("−") : QString();
    const QString text = sign + u'$' + digits(std::fabs(usd), small ? 4 : 2);
    return estimated ? u'~' + text : text;
}

QString Format::amount(double number) const
{
    struct Step
    {
        double from;
        const char *suffix;
    };
    constexpr std::array kSteps{Step{1e9, "B"}, Step{1e6, "M"}, Step{1e3, "k"}};
    for (const Step &step : kSteps) {
        if (std::fabs(number) >= step.from) {
            const double value = number / step.from;
            return digits(value, std::fabs(value) < 100 ? 1 : 0) + QChar(0x202f)
                + QLatin1String(step.suffix);
        }
    }
    return digits(number, 0);
}

QString Format::count(double number) const
{
    return digits(number, 0);
}

QString Format::percent(double part) const
{
    const double value = part * 100;
    return digits(value, value != 0 && std::fabs(value) < 10 ? 1 : 0) + QChar(0x202f) + u'%';
}

QString Format::duration(double microseconds) const
{
    if (microseconds < 0)
        return QStringLiteral("–");
    if (microseconds < kUsPerSecond) {
        const double ms = microseconds / kUsPerMs;
        return tr("%1 ms").arg(digits(ms, ms < 10 ? 1 : 0));
    }
    const double seconds = microseconds / kUsPerSecond;
    if (seconds < kSecondsPerMinute)
        return tr("%1 s").arg(digits(seconds, seconds < 10 ? 2 : 1));
    const auto whole = static_cast<qint64>(seconds);
    if (whole < kSecondsPerHour)
        return tr("%1 min %2 s").arg(whole / kSecondsPerMinute).arg(whole % kSecondsPerMinute);
    return tr("%1 h %2 min")
        .arg(whole / kSecondsPerHour)
        .arg(whole % kSecondsPerHour / kSecondsPerMinute);
}

QString Format::ago(double timeUs) const
{
    if (timeUs <= 0)
        return tr("never");
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const auto seconds = static_cast<qint64>((static_cast<double>(now) - timeUs / kUsPerMs) / 1e3);
    if (seconds < 5)
        return tr("now");
    if (seconds < kSecondsPerMinute)
        return tr("%n s ago", nullptr, static_cast<int>(seconds));
    if (seconds < kSecondsPerHour)
        return tr("%n min ago", nullptr, static_cast<int>(seconds / kSecondsPerMinute));
    if (seconds < kSecondsPerDay)
        return tr("%n h ago", nullptr, static_cast<int>(seconds / kSecondsPerHour));
    return tr("%n d ago", nullptr, static_cast<int>(seconds / kSecondsPerDay));
}

QString Format::clock(double timeUs) const
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(timeUs / kUsPerMs));
    return time.toString(QStringLiteral("HH:mm:ss"));
}

QString Format::dateTime(double timeUs) const
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(timeUs / kUsPerMs));
    return QLocale().toString(time, QLocale::ShortFormat);
}

QString Format::line(const QString &text, int most) const
{
    QString out;
    out.reserve(qMin<qsizetype>(text.size(), most) + 1);
    for (const QChar c : text) {
        if (out.size() >= most) {
            out += QChar(0x2026);
            break;
        }
        if (c == u'\n')
            out += QChar(0x21b5);
        else if (shownAsSymbol(c))
            out += QChar(0xfffd);
        else
            out += c;
    }
    return out;
}

} // namespace tollgate::desktop
