// SPDX-License-Identifier: GPL-3.0-or-later
// The order of channels: tiers by priority, and places within a tier. Pure.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <optional>
#include <vector>

namespace tollgate::admin {

struct Move
{
    std::int64_t channel = 0;
    // One of these:
    std::int64_t before = 0; // into its tier, just before it
    std::int64_t after = 0;
    int tier = 0; // 1 is the first: to its end
    int newTier
        = 0; // alone, before the tier that has this number now; one more than there are: last
};

// The rows whose priority or place change, with their new ones. `rows` in the order of the screen.
// Priorities of other channels change only where there is no room between them.
[[nodiscard]] Result<std::vector<store::ChannelRow>> moved(std::vector<store::ChannelRow> rows,
                                                           const Move &move);

} // namespace tollgate::admin
