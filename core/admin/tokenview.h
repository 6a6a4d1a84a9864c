// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens as the screens show them: their rows with a state in a word, budget and use.
#pragma once

#include "core/admin/desk.h"
#include "core/store/budgets.h"
#include "core/store/tokenfacts.h"

#include <vector>

namespace tollgate::admin {

enum class TokenWord { Active, Paused, Expired, BudgetSpent, Revoked };

// Which of five words fits; what shuts it out for longest comes first.
[[nodiscard]] TokenWord tokenWord(const store::TokenRow &row, const store::BudgetState *budget,
                                  std::int64_t nowUs);
[[nodiscard]] QString tokenSlug(TokenWord word); // "budget_spent"
[[nodiscard]] QString tokenTitle(TokenWord word); // "Budget spent"

struct TokenBoard
{
    std::vector<store::TokenRow> rows;
    std::vector<store::BudgetState> budgets;
    std::unordered_map<std::int64_t, store::TokenFacts> facts;
};

[[nodiscard]] Result<TokenBoard> readTokenBoard(store::Database &db, std::int64_t dayUs,
                                                std::int64_t nowUs);
// Without use and last request.
[[nodiscard]] QJsonObject describeToken(const store::TokenRow &row,
                                        const std::vector<store::BudgetState> &budgets,
                                        std::int64_t nowUs);
// Those in the trash are left out.
[[nodiscard]] QJsonArray tokenViews(const TokenBoard &board, std::int64_t nowUs);

} // namespace tollgate::admin
