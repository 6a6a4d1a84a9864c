// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/logfiltervalues.h"

#include <QDateTime>

#include <array>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kMost = 1'000'000'000'000'000; // keeps every product below in range

// A decimal number times `unit`, exactly; digits past what the unit can hold are refused.
std::optional<std::int64_t> scaled(QStringView text, std::int64_t unit)
{
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    bool point = false;
    bool digits = false;
    for (const QChar c : text) {
        if (c == u'.' && !point) {
            point = true;
            continue;
        }
        if (c < u'0' || c > u'9')
            return std::nullopt;
        digits = true;
        const int digit = c.unicode() - u'0';
        if (!point) {
            if (whole > kMost / 10)
                return std::nullopt;
            whole = whole * 10 + digit;
        } else {
            if (scale >= unit)
                return std::nullopt;
            fraction = fraction * 10 + digit;
            scale *= 10;
        }
    }
    if (!digits || whole > kMost / unit)
        return std::nullopt;
    return whole * unit + fraction * unit / scale;
}

struct Unit
{
    const char *suffix;
    std::int64_t size;
};

// The longer suffix stands first, so that "ms" is no "s".
template <std::size_t N>
std::optional<std::int64_t> withUnit(QStringView text, const std::array<Unit, N> &units)
{
    for (const Unit &unit : units) {
        const QLatin1String suffix(unit.suffix);
        if (suffix.size() == 0)
            return scaled(text, unit.size);
        if (text.endsWith(suffix, Qt::CaseInsensitive))
            return scaled(text.chopped(suffix.size()), unit.size);
    }
    return std::nullopt;
}

std::int64_t microseconds(const QDateTime &moment)
{
    return moment.toMSecsSinceEpoch() * 1'000;
}

} // namespace

std::optional<std::int64_t> moneyValue(QStringView text)
{
    if (text.startsWith(u'$'))
        text = text.mid(1);
    return scaled(text, 1'000'000'000);
}

std::optional<std::int64_t> countValue(QStringView text)
{
    static constexpr std::array kUnits{Unit{"k", 1'000}, Unit{"m", 1'000'000}, Unit{"", 1}};
    return withUnit(text, kUnits);
}

std::optional<std::int64_t> durationValue(QStringView text)
{
    static constexpr std::array kUnits{
        Unit{"us", 1},         Unit{"ms", 1'000},        Unit{"s", 1'000'000},
        Unit{"m", 60'000'000}, Unit{"h", 3'600'000'000}, Unit{"", 1'000'000},
    };
    return withUnit(text, kUnits);
}

std::optional<std::int64_t> percentValue(QStringView text)
{
    if (text.endsWith(u'%'))
        text = text.chopped(1);
    return scaled(text, 1);
}

std::optional<std::int64_t> timeValue(QStringView text, std::int64_t nowUs, const QTimeZone &zone)
{
    static constexpr std::array kBack{
        Unit{"s", 1'000'000},     Unit{"min", 60'000'000},   Unit{"m", 60'000'000},
        Unit{"h", 3'600'000'000}, Unit{"d", 86'400'000'000}, Unit{"w", 7 * 86'400'000'000},
    };
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(nowUs / 1'000, zone);
    const QString word = text.toString().toLower();
    if (word == u"now")
        return nowUs;
    if (word == u"today")
        return microseconds(now.date().startOfDay(zone));
    if (word == u"yesterday")
        return microseconds(now.date().addDays(-1).startOfDay(zone));
    if (const auto back = withUnit(text, kBack))
        return nowUs - *back;
    for (const char *format : {"H:mm", "H:mm:ss"}) {
        const QTime time = QTime::fromString(word, QString::fromLatin1(format));
        if (!time.isValid())
            continue;
        QDateTime moment(now.date(), time, zone);
        if (moment > now)
            moment = QDateTime(now.date().addDays(-1), time, zone);
        return microseconds(moment);
    }
    if (const QDate day = QDate::fromString(word, QStringLiteral("yyyy-MM-dd")); day.isValid())
        return microseconds(day.startOfDay(zone));
    QDateTime moment = QDateTime::fromString(text.toString(), Qt::ISODate);
    if (!moment.isValid())
        return std::nullopt;
    if (moment.timeSpec() == Qt::LocalTime)
        moment = QDateTime(moment.date(), moment.time(), zone);
    return microseconds(moment);
}

} // namespace tollgate::admin
