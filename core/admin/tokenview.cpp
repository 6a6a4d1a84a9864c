// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/tokenview.h"

#include "core/admin/rowjson.h"
#include "core/admin/units.h"
#include "core/store/tokens.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

// Less than this is left of a budget, and nothing can be asked with it.
constexpr NanoUsd kNothing{1'000};

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

const store::BudgetState *budgetOf(const store::TokenRow &row,
                                   const std::vector<store::BudgetState> &budgets)
{
    const auto found = std::find_if(budgets.begin(), budgets.end(), [&row](const auto &state) {
        return row.budgetId != 0 && state.budget.id == row.budgetId;
    });
    return found == budgets.end() ? nullptr : &*found;
}

QJsonObject budgetJson(const store::BudgetState &state)
{
    const double share = state.cap.value > 0
        ? 100.0 * static_cast<double>(state.spent.value) / static_cast<double>(state.cap.value)
        : 100.0;
    return {
        {key("id"), integer(state.budget.id)},
        {key("limit_nano_usd"), integer(state.cap.value)},
        {key("own_limit_nano_usd"), integer(state.budget.cap.value)},
        {key("raised_nano_usd"),
         integer(std::max<std::int64_t>(state.cap.value - state.budget.cap.value, 0))},
        {key("spent_nano_usd"), integer(state.spent.value)},
        {key("reserved_nano_usd"), integer(state.reserved.value)},
        {key("left_nano_usd"), integer(state.cap.value - state.spent.value - state.reserved.value)},
        {key("spent_percent"), share},
        {key("window"), windowName(state.budget.window)},
        {key("started_us"), integer(state.windowStartUs)},
        {key("resets_us"), integer(state.windowEndUs)}};
}

double errorPercent(const store::Totals &totals)
{
    return totals.requests > 0
        ? 100.0 * static_cast<double>(totals.failed) / static_cast<double>(totals.requests)
        : 0.0;
}

} // namespace

TokenWord tokenWord(const store::TokenRow &row, const store::BudgetState *budget,
                    std::int64_t nowUs)
{
    if (row.state == store::TokenState::Revoked)
        return TokenWord::Revoked;
    if (row.expiresUs > 0 && nowUs >= row.expiresUs)
        return TokenWord::Expired;
    if (row.state == store::TokenState::Disabled)
        return TokenWord::Paused;
    if (budget && budget->cap.value - budget->spent.value < kNothing.value)
        return TokenWord::BudgetSpent;
    return TokenWord::Active;
}

QString tokenSlug(TokenWord word)
{
    switch (word) {
    case TokenWord::Active:
        return key("active");
    case TokenWord::Paused:
        return key("paused");
    case TokenWord::Expired:
        return key("expired");
    case TokenWord::BudgetSpent:
        return key("budget_spent");
    case TokenWord::Revoked:
        break;
    }
    return key("revoked");
}

QString tokenTitle(TokenWord word)
{
    QString title = tokenSlug(word).replace(u'_', u' ');
    title[0] = title.at(0).toUpper();
    return title;
}

Result<TokenBoard> readTokenBoard(store::Database &db, std::int64_t dayUs, std::int64_t nowUs)
{
    auto rows = store::tokens(db);
    if (!rows)
        return failure(rows.error());
    auto budgets = store::budgetStates(db, nowUs);
    if (!budgets)
        return failure(budgets.error());
    auto facts = store::tokenFacts(db, dayUs, nowUs);
    if (!facts)
        return failure(facts.error());
    return TokenBoard{std::move(*rows), std::move(*budgets), std::move(*facts)};
}

QJsonObject describeToken(const store::TokenRow &row,
                          const std::vector<store::BudgetState> &budgets, std::int64_t nowUs)
{
    const store::BudgetState *const budget = budgetOf(row, budgets);
    const TokenWord word = tokenWord(row, budget, nowUs);
    QJsonObject json = toJson(row);
    json.insert(key("condition"), tokenSlug(word));
    json.insert(key("word"), tokenTitle(word));
    json.insert(key("recoverable"), row.keptIn != store::KeySource::None);
    json.insert(key("expires_us"), integer(row.expiresUs));
    json.insert(key("created_us"), integer(row.createdUs));
    json.insert(key("last_used_us"), integer(row.lastUsedUs));
    json.insert(key("removed_us"), integer(row.removedUs));
    std::int64_t earlierUntilUs = 0;
    for (const auto &[digest, untilUs] : row.earlier)
        earlierUntilUs = std::max(earlierUntilUs, untilUs > nowUs ? untilUs : 0);
    json.insert(key("earlier_until_us"), integer(earlierUntilUs));
    if (budget) {
        json.insert(key("spent_nano_usd"), integer(budget->spent.value));
        json.insert(key("reserved_nano_usd"), integer(budget->reserved.value));
        json.insert(key("left_nano_usd"),
                    integer(budget->cap.value - budget->spent.value - budget->reserved.value));
        json.insert(key("budgets"), QJsonArray{budgetJson(*budget)});
    } else {
        json.insert(key("budgets"), QJsonArray());
    }
    return json;
}

QJsonArray tokenViews(const TokenBoard &board, std::int64_t nowUs)
{
    QJsonArray list;
    for (const store::TokenRow &row : board.rows) {
        if (row.removedUs > 0)
            continue;
        const auto found = board.facts.find(row.id);
        const store::TokenFacts facts
            = found == board.facts.end() ? store::TokenFacts() : found->second;
        QJsonObject json = describeToken(row, board.budgets, nowUs);
        json.insert(key("last_used_us"), integer(std::max(row.lastUsedUs, facts.lastUs)));
        json.insert(key("last_client"), QString::fromUtf8(facts.client));
        json.insert(key("last_ip"), QString::fromUtf8(facts.clientIp));
        json.insert(key("requests_24h"), integer(facts.day.requests));
        json.insert(key("failed_24h"), integer(facts.day.failed));
        json.insert(key("error_percent"), errorPercent(facts.day));
        json.insert(key("today_nano_usd"), integer(facts.today.charge.value));
        json.insert(key("month_nano_usd"), integer(facts.month.charge.value));
        json.insert(key("estimated_today"), integer(facts.today.estimated));
        list.append(json);
    }
    return list;
}

} // namespace tollgate::admin
