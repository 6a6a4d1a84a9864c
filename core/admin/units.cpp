// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/units.h"

#include <QDateTime>
#include <QTimeZone>

#include <array>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;
constexpr std::int64_t kLongestDurationUs = 36'525 * kDayUs; // a hundred years
constexpr std::int64_t kPicoPerNanoPerMillion = 1'000; // 1e6 tokens over 1e3 pico a nano

struct Window
{
    store::BudgetWindow window;
    const char *name;
};
constexpr std::array kWindows{
    Window{store::BudgetWindow::Total, "total"},
    Window{store::BudgetWindow::Day, "day"},
    Window{store::BudgetWindow::Week, "week"},
    Window{store::BudgetWindow::Month, "month"},
};

tl::unexpected<Error> invalid(const QString &sentence)
{
    return failure(ErrorKind::InvalidRequest, sentence, "invalid_value");
}

// ASCII digits only: QString::toLongLong would take other scripts' digits and group separators.
bool isDigits(QStringView text)
{
    if (text.isEmpty())
        return false;
    for (const QChar c : text) {
        if (c < u'0' || c > u'9')
            return false;
    }
    return true;
}

std::optional<std::int64_t> momentOf(const QString &text, bool endOfDay)
{
    static const QString kDay = QStringLiteral("yyyy-MM-dd");
    const QDate day = QDate::fromString(text, kDay);
    if (day.isValid()) {
        const QDateTime start(endOfDay ? day.addDays(1) : day, QTime(0, 0), QTimeZone::utc());
        return start.toMSecsSinceEpoch() * 1'000;
    }
    QDateTime moment = QDateTime::fromString(text, Qt::ISODate);
    if (!moment.isValid())
        return std::nullopt;
    if (moment.timeSpec() == Qt::LocalTime)
        moment = QDateTime(moment.date(), moment.time(), QTimeZone::utc());
    return moment.toMSecsSinceEpoch() * 1'000;
}

Result<void> readStatus(LogFilter &filter, const QString &value)
{
    if (value == u"error" || value == u"failed") {
        filter.failedOnly = true;
        return {};
    }
    if (value == u"ok") {
        filter.statusFrom = 200;
        filter.statusTo = 300;
        return {};
    }
    if (value.size() == 3 && value.at(0) >= u'1' && value.at(0) <= u'9') {
        if (value.endsWith(u"xx")) {
            filter.statusFrom = value.at(0).digitValue() * 100;
            filter.statusTo = filter.statusFrom + 100;
            return {};
        }
        if (isDigits(value)) {
            filter.statusFrom = value.toInt();
            filter.statusTo = filter.statusFrom + 1;
            return {};
        }
    }
    return invalid(QStringLiteral("\"status:%1\" is not a status; write status:429, status:5xx, "
                                  "status:ok or status:error.")
                       .arg(value));
}

// Words parted by spaces; double quotes hold a value together, as in token:"my laptop".
QStringList wordsOf(const QString &text)
{
    QStringList words;
    QString word;
    bool quoted = false;
    bool any = false;
    for (const QChar c : text) {
        if (c == u'"') {
            quoted = !quoted;
            any = true;
        } else if (c.isSpace() && !quoted) {
            if (any)
                words.append(std::exchange(word, {}));
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (any)
        words.append(word);
    return words;
}

Result<void> readWord(LogFilter &filter, const QString &name, const QString &value,
                      std::int64_t nowUs)
{
    if (name == u"model") {
        filter.model = value;
    } else if (name == u"token") {
        filter.token = value;
    } else if (name == u"channel") {
        filter.channel = value;
    } else if (name == u"id") {
        filter.id = value;
    } else if (name == u"status") {
        return readStatus(filter, value);
    } else if (name == u"since" || name == u"until") {
        const auto moment = parseSince(value, nowUs);
        if (!moment)
            return failure(moment.error());
        (name == u"since" ? filter.sinceUs : filter.untilUs) = *moment;
    } else {
        return invalid(QStringLiteral("The log cannot be searched by \"%1:\"; it knows model:, "
                                      "token:, channel:, status:, since:, until:, id: and plain "
                                      "text.")
                           .arg(name));
    }
    return {};
}

bool isFieldName(QStringView name)
{
    if (name.isEmpty())
        return false;
    for (const QChar c : name) {
        if ((c < u'a' || c > u'z') && c != u'_')
            return false;
    }
    return true;
}

} // namespace

QString windowName(store::BudgetWindow window)
{
    for (const Window &known : kWindows) {
        if (known.window == window)
            return QString::fromLatin1(known.name);
    }
    return QStringLiteral("total");
}

Result<Budget> parseBudget(const QString &text)
{
    const auto wrong = [&] {
        return invalid(QStringLiteral("\"%1\" is not a budget; write an amount in US dollars such "
                                      "as 10/month, 2.50/day, 5/week or 100.")
                           .arg(text));
    };
    QString amount = text.trimmed();
    Budget budget;
    if (const auto slash = amount.indexOf(u'/'); slash >= 0) {
        const QString name = amount.mid(slash + 1).trimmed().toLower();
        amount = amount.left(slash).trimmed();
        bool known = false;
        for (const Window &window : kWindows) {
            if (name == QLatin1String(window.name)) {
                budget.window = window.window;
                known = true;
            }
        }
        if (!known)
            return wrong();
    }
    if (amount.startsWith(u'$'))
        amount.remove(0, 1);
    const auto parsed = parseUsd(amount.toUtf8());
    if (!parsed)
        return wrong();
    budget.amount = *parsed;
    return budget;
}

QString formatBudget(const Budget &budget)
{
    const QString amount = formatUsd(budget.amount);
    return budget.window == store::BudgetWindow::Total ? amount
                                                       : amount + u'/' + windowName(budget.window);
}

Result<std::int64_t> parseDuration(const QString &text)
{
    const QString trimmed = text.trimmed();
    std::int64_t unit = 0;
    if (!trimmed.isEmpty()) {
        switch (trimmed.back().unicode()) {
        case u's':
            unit = kSecondUs;
            break;
        case u'm':
            unit = 60 * kSecondUs;
            break;
        case u'h':
            unit = 3'600 * kSecondUs;
            break;
        case u'd':
            unit = kDayUs;
            break;
        case u'w':
            unit = 7 * kDayUs;
            break;
        default:
            break;
        }
    }
    const QStringView digits = QStringView(trimmed).chopped(unit > 0 ? 1 : 0);
    bool fits = false;
    const qlonglong count = digits.toLongLong(&fits);
    if (unit == 0 || !fits || !isDigits(digits) || count > kLongestDurationUs / unit) {
        return invalid(QStringLiteral("\"%1\" is not a length of time; write 90s, 15m, 12h, 30d or "
                                      "2w.")
                           .arg(text));
    }
    return count * unit;
}

Result<std::int64_t> parseExpiry(const QString &text, std::int64_t nowUs)
{
    const QString trimmed = text.trimmed();
    if (trimmed == u"never")
        return 0;
    if (const auto duration = parseDuration(trimmed)) {
        if (*duration > 0)
            return nowUs + *duration;
    } else if (const auto moment = momentOf(trimmed, true)) {
        if (*moment > nowUs)
            return *moment;
        return invalid(QStringLiteral("The expiry %1 lies in the past.").arg(trimmed));
    }
    return invalid(QStringLiteral("\"%1\" is not an expiry; write 12h, 30d, a date such as "
                                  "2027-01-31, or never.")
                       .arg(text));
}

Result<std::int64_t> parseSince(const QString &text, std::int64_t nowUs)
{
    const QString trimmed = text.trimmed();
    if (const auto duration = parseDuration(trimmed))
        return nowUs - *duration;
    if (const auto moment = momentOf(trimmed, false))
        return *moment;
    return invalid(QStringLiteral("\"%1\" is not a time; write 1h, 7d, a date such as 2026-11-01, "
                                  "or a date and time such as 2026-11-01T08:00:00Z.")
                       .arg(text));
}

Result<PicoUsd> parseUsdPerMillion(const QString &text)
{
    const auto nano = parseUsd(text.trimmed().toUtf8());
    // 10,000 USD a million tokens bounds the checked arithmetic of the ledger.
    constexpr std::int64_t kDearest = 10'000'000'000'000;
    if (!nano || nano->value % kPicoPerNanoPerMillion != 0 || nano->value > kDearest) {
        return invalid(
            QStringLiteral("\"%1\" is not a price; write US dollars a million tokens, at "
                           "most 10000 and with at most 6 decimals, such as 2.50.")
                .arg(text));
    }
    return PicoUsd{nano->value / kPicoPerNanoPerMillion};
}

QString formatUsdPerMillion(PicoUsd price)
{
    const auto nano = checkedMultiply(price.value, kPicoPerNanoPerMillion);
    return nano ? formatUsd(NanoUsd{*nano}) : QStringLiteral("?");
}

QString formatTime(std::int64_t wallUs)
{
    if (wallUs == 0)
        return {};
    return QDateTime::fromMSecsSinceEpoch(wallUs / 1'000).toUTC().toString(Qt::ISODate);
}

Result<LogFilter> parseLogFilter(const QString &text, std::int64_t nowUs)
{
    constexpr qsizetype kLongest = 1'024;
    if (text.size() > kLongest)
        return invalid(QStringLiteral("The log filter is longer than 1024 characters."));
    LogFilter filter;
    QStringList plain;
    for (const QString &word : wordsOf(text)) {
        const auto colon = word.indexOf(u':');
        const bool url = QStringView(word).mid(colon + 1).startsWith(u"//");
        if (colon <= 0 || url || !isFieldName(QStringView(word).left(colon))) {
            plain.append(word);
            continue;
        }
        if (auto read = readWord(filter, word.left(colon), word.mid(colon + 1), nowUs); !read)
            return failure(read.error());
    }
    filter.text = plain.join(u' ');
    return filter;
}

} // namespace tollgate::admin
