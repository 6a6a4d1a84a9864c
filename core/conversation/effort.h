// SPDX-License-Identifier: GPL-3.0-or-later
// Between names of reasoning effort and budgets of thinking tokens. The numbers are those in use by
// public clients; the table is data in effort.cpp.
#pragma once

#include <QByteArray>
#include <QByteArrayList>

#include <cstdint>

namespace tollgate::conversation {

enum class BudgetScale { Anthropic, Gemini, Cohere };

// Tokens for an effort name; 0 for "none"; `cap` > 0 bounds it and is what "max" means. A name that
// is not known counts as "medium".
[[nodiscard]] std::int64_t budgetOfEffort(QByteArrayView effort, BudgetScale scale,
                                          std::int64_t cap = 0);
// The name for a budget: "none" for 0, "medium" for a dynamic one (negative).
[[nodiscard]] QByteArray effortOfBudget(std::int64_t budget);
// The accepted name nearest to the one asked for: itself, else the next lower, else the lowest; but
// never "none" for another name where anything else is accepted. An empty list accepts every name.
[[nodiscard]] QByteArray nearestEffort(QByteArrayView effort, const QByteArrayList &accepted);

} // namespace tollgate::conversation
