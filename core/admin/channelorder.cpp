// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/channelorder.h"

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr int kStep = 10;
constexpr int kHighest = 1'000; // as channel fields allow

struct Tier
{
    int priority = 0;
    std::vector<store::ChannelRow> rows;
};

std::vector<Tier> tiersOf(const std::vector<store::ChannelRow> &rows)
{
    std::vector<Tier> tiers;
    for (const store::ChannelRow &row : rows) {
        if (tiers.empty() || tiers.back().priority != row.priority)
            tiers.push_back({row.priority, {}});
        tiers.back().rows.push_back(row);
    }
    return tiers;
}

tl::unexpected<Error> wrong(const char *field, const QString &sentence)
{
    Error error{ErrorKind::InvalidRequest, sentence, "invalid_value"};
    error.param = field;
    return failure(std::move(error));
}

std::optional<store::ChannelRow> takeOut(std::vector<Tier> &tiers, std::int64_t id)
{
    for (Tier &tier : tiers) {
        const auto found = std::find_if(tier.rows.begin(), tier.rows.end(),
                                        [id](const auto &row) { return row.id == id; });
        if (found == tier.rows.end())
            continue;
        store::ChannelRow row = *found;
        tier.rows.erase(found);
        return row;
    }
    return std::nullopt;
}

bool putBeside(std::vector<Tier> &tiers, const store::ChannelRow &row, std::int64_t id, int offset)
{
    for (Tier &tier : tiers) {
        const auto found = std::find_if(tier.rows.begin(), tier.rows.end(),
                                        [id](const auto &one) { return one.id == id; });
        if (found == tier.rows.end())
            continue;
        tier.rows.insert(found + offset, row);
        return true;
    }
    return false;
}

// A number between its neighbours for the tier at `at`; all are numbered anew where there is none.
void makeRoom(std::vector<Tier> &tiers, std::size_t at)
{
    const bool first = at == 0;
    const bool last = at + 1 == tiers.size();
    if (first && last)
        return;
    if (first && tiers[1].priority + kStep <= kHighest) {
        tiers[0].priority = tiers[1].priority + kStep;
        return;
    }
    if (last && tiers[at - 1].priority - kStep >= -kHighest) {
        tiers[at].priority = tiers[at - 1].priority - kStep;
        return;
    }
    if (!first && !last && tiers[at - 1].priority - tiers[at + 1].priority > 1) {
        tiers[at].priority = (tiers[at - 1].priority + tiers[at + 1].priority) / 2;
        return;
    }
    for (std::size_t i = 0; i < tiers.size(); ++i)
        tiers[i].priority = kStep * static_cast<int>(tiers.size() - 1 - i);
}

} // namespace

Result<std::vector<store::ChannelRow>> moved(std::vector<store::ChannelRow> rows, const Move &move)
{
    std::vector<Tier> tiers = tiersOf(rows);
    const auto row = takeOut(tiers, move.channel);
    if (!row)
        return wrong("channel", QStringLiteral("There is no such channel."));
    const auto count = static_cast<int>(tiers.size());
    if (move.before != 0 || move.after != 0) {
        const std::int64_t beside = move.before != 0 ? move.before : move.after;
        if (!putBeside(tiers, *row, beside, move.before != 0 ? 0 : 1)) {
            return wrong(move.before != 0 ? "before" : "after",
                         QStringLiteral("is no other channel"));
        }
    } else if (move.tier != 0) {
        if (move.tier < 1 || move.tier > count)
            return wrong("tier", QStringLiteral("There are %1 tiers.").arg(count));
        tiers[static_cast<std::size_t>(move.tier) - 1].rows.push_back(*row);
    } else {
        if (move.newTier < 1 || move.newTier > count + 1)
            return wrong("new_tier", QStringLiteral("There are %1 tiers.").arg(count));
        const auto at = static_cast<std::size_t>(move.newTier) - 1;
        tiers.insert(tiers.begin() + static_cast<std::ptrdiff_t>(at), Tier{row->priority, {*row}});
        makeRoom(tiers, at);
    }
    std::vector<store::ChannelRow> changed;
    for (Tier &tier : tiers) {
        for (std::size_t i = 0; i < tier.rows.size(); ++i) {
            store::ChannelRow &one = tier.rows[i];
            if (one.priority == tier.priority && one.place == static_cast<int>(i))
                continue;
            one.priority = tier.priority;
            one.place = static_cast<int>(i);
            changed.push_back(one);
        }
    }
    return changed;
}

} // namespace tollgate::admin
