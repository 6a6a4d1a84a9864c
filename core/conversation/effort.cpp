// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/effort.h"

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

struct Level
{
    QByteArrayView name;
    // Where no cap says more: Gemini's figures are what every 2.5 model takes.
    std::array<std::int64_t, 3> budget; // by BudgetScale
};

// In rising order. "max" stands for the cap, and for the largest usual budget where none is known.
constexpr std::array kLevels{
    Level{"none", {0, 0, 0}},
    Level{"minimal", {1024, 1024, 512}},
    Level{"low", {2048, 2048, 1024}},
    Level{"medium", {10000, 8192, 4096}},
    Level{"high", {16384, 24576, 8192}},
    Level{"xhigh", {32768, 24576, 16384}},
    Level{"max", {32768, 24576, 16384}},
};
constexpr std::size_t kMedium = 3;
constexpr std::size_t kMax = kLevels.size() - 1;

struct Bound
{
    std::int64_t upTo;
    QByteArrayView name;
};
constexpr std::array kBounds{Bound{1024, "minimal"}, Bound{4096, "low"}, Bound{12000, "medium"},
                             Bound{24000, "high"}};

// A name nobody has heard of yet stands in the middle.
std::size_t rankOf(QByteArrayView effort)
{
    const auto at = std::find_if(kLevels.begin(), kLevels.end(),
                                 [effort](const Level &level) { return level.name == effort; });
    return at == kLevels.end() ? kMedium : static_cast<std::size_t>(at - kLevels.begin());
}

} // namespace

std::int64_t budgetOfEffort(QByteArrayView effort, BudgetScale scale, std::int64_t cap)
{
    const std::size_t rank = rankOf(effort);
    if (rank == kMax && cap > 0)
        return cap;
    const std::int64_t budget = kLevels[rank].budget[static_cast<std::size_t>(scale)];
    return cap > 0 ? std::min(budget, cap) : budget;
}

QByteArray effortOfBudget(std::int64_t budget)
{
    if (budget == 0)
        return "none";
    if (budget < 0)
        return "medium";
    for (const Bound &bound : kBounds) {
        if (budget <= bound.upTo)
            return bound.name.toByteArray();
    }
    return "xhigh";
}

QByteArray nearestEffort(QByteArrayView effort, const QByteArrayList &accepted)
{
    if (accepted.isEmpty() || accepted.contains(effort.toByteArray()))
        return effort.toByteArray();
    const std::size_t wanted = rankOf(effort);
    const QByteArray *below = nullptr;
    const QByteArray *lowest = nullptr;
    for (const QByteArray &name : accepted) {
        const std::size_t rank = rankOf(name);
        if (rank == 0) // to think less is near, not to think at all is not
            continue;
        if (!lowest || rank < rankOf(*lowest))
            lowest = &name;
        if (rank <= wanted && (!below || rank > rankOf(*below)))
            below = &name;
    }
    if (below)
        return *below;
    return lowest ? *lowest : accepted.first();
}

} // namespace tollgate::conversation
