// SPDX-License-Identifier: GPL-3.0-or-later
// A channel's health in one word with its reason, out of what is known of it. Pure.
#pragma once

#include "core/routing/health.h"
#include "core/store/channelfacts.h"

#include <QString>

namespace tollgate::admin {

enum class HealthWord {
    Off,
    Paused,
    Untested,
    Healthy,
    Slow,
    Degraded,
    CoolingDown,
    Failing,
    RateLimited,
};

struct KeyFacts
{
    std::int64_t id = 0;
    bool usable = false; // enabled, and its secret is at hand or not needed
    QString trouble; // why it is not, in a few words
    routing::KeyReport health; // of a key that is not simply well
};

struct HealthFacts
{
    std::int64_t nowUs = 0;
    bool enabled = true;
    std::int64_t pausedUntilUs = 0;
    std::int64_t lastUsedUs = 0; // 0: never
    std::vector<KeyFacts> keys;
    std::vector<store::RecentAttempt> recent; // newest first
    std::int64_t slowUs = 15'000'000; // a first token later than this is slow
};

struct HealthBadge
{
    HealthWord word = HealthWord::Untested;
    QString reason; // one short sentence
    std::int64_t sinceUs = 0; // 0: not known
    std::int64_t untilUs = 0; // 0: open
};

[[nodiscard]] HealthBadge healthBadge(const HealthFacts &facts);
// "cooling_down", for programs; and "Cooling down", for people.
[[nodiscard]] QString healthSlug(HealthWord word);
[[nodiscard]] QString healthTitle(HealthWord word);

// What one attempt says of its channel; a client's own mistake says nothing.
enum class Outcome { Good, Broken, Limited, Refused, Unpaid, Silent };
[[nodiscard]] Outcome outcomeOf(const store::RecentAttempt &attempt);

// The value below which `percent` of the times lie; -1: there are none.
[[nodiscard]] std::int64_t percentile(std::vector<std::int64_t> times, int percent);

} // namespace tollgate::admin
