// SPDX-License-Identifier: GPL-3.0-or-later
// What the records say of channels lately, for their list: a bounded look at the newest attempts,
// and sums of the roll-ups. Cheap enough to be asked each second.
#pragma once

#include "core/store/rollups.h"

#include <unordered_map>
#include <vector>

namespace tollgate::store {

struct RecentAttempt
{
    std::int64_t keyId = 0;
    std::int64_t startedUs = 0;
    int status = 0; // the vendor's; 0: none came
    bool ended = false;
    QByteArray error; // slug; empty: it went well
    std::int64_t firstTokenUs = -1; // after startedUs
};

struct ChannelFacts
{
    std::vector<RecentAttempt> recent; // of the last hour, newest first
    std::int64_t lastUsedUs = 0; // 0: never
    Totals today;
};

// By channel id. `dayUs` is where today began.
[[nodiscard]] Result<std::unordered_map<std::int64_t, ChannelFacts>>
channelFacts(Database &db, std::int64_t dayUs, std::int64_t nowUs);

} // namespace tollgate::store
