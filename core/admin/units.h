// SPDX-License-Identifier: GPL-3.0-or-later
// What people write for money, time and searches, as values. Pure; every failure is an
// InvalidRequest whose sentence shows a form that works.
#pragma once

#include "core/base/money.h"
#include "core/base/result.h"
#include "core/store/rows.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>

namespace tollgate::admin {

struct Budget
{
    NanoUsd amount;
    store::BudgetWindow window = store::BudgetWindow::Total;
    bool operator==(const Budget &) const = default;
};

// "10/month", "2.50/day", "5/week", "100" or "100/total", a leading '$' allowed.
[[nodiscard]] Result<Budget> parseBudget(const QString &text);
[[nodiscard]] QString formatBudget(const Budget &budget);

[[nodiscard]] QString windowName(store::BudgetWindow window);

// "90s", "15m", "12h", "30d", "2w" in microseconds.
[[nodiscard]] Result<std::int64_t> parseDuration(const QString &text);
// A duration from now, a date (valid through that day, UTC), a date and time, or "never" (0).
[[nodiscard]] Result<std::int64_t> parseExpiry(const QString &text, std::int64_t nowUs);
// A duration back from now, a date (its first moment, UTC), or a date and time.
[[nodiscard]] Result<std::int64_t> parseSince(const QString &text, std::int64_t nowUs);

// US dollars a million tokens, as price lists write them, to pico-USD a token; at most 6 decimals.
[[nodiscard]] Result<PicoUsd> parseUsdPerMillion(const QString &text);
[[nodiscard]] QString formatUsdPerMillion(PicoUsd price);

// "2026-11-22T21:50:00Z"; empty for 0.
[[nodiscard]] QString formatTime(std::int64_t wallUs);

// What "log" was asked for: words such as model:gpt-5 token:ci channel:main status:5xx since:1h,
// and plain text.
struct LogFilter
{
    QString model;
    QString token;
    QString channel;
    QString id;
    int statusFrom = 0; // inclusive; 0: any
    int statusTo = 0; // exclusive
    bool failedOnly = false;
    std::int64_t sinceUs = 0;
    std::int64_t untilUs = 0;
    QString text;
    bool operator==(const LogFilter &) const = default;
};
[[nodiscard]] Result<LogFilter> parseLogFilter(const QString &text, std::int64_t nowUs);

} // namespace tollgate::admin
