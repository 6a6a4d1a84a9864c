// SPDX-License-Identifier: GPL-3.0-or-later
// What the last minutes say of each channel key: cooling down after a 429, cut off after failures,
// refused by its vendor, or well.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace tollgate::routing {

enum class KeyCondition {
    Well,
    RateLimited, // the vendor said when to come back
    Broken, // too many failures; cooling down
    Probing, // cooled down, one request is trying it
    Rejected, // the vendor refused the key
};

// For screens, doctor and metrics.
struct KeyReport
{
    std::int64_t keyId = 0;
    KeyCondition condition = KeyCondition::Well;
    std::int64_t cooldownUs = 0; // until it is tried first again
    int recentFailures = 0; // of the last ten seconds
};

// Cooldowns of channel keys. Thread-safe. Only keys that failed lately take memory.
class Health
{
public:
    explicit Health(const Clock &clock = Clock::system());
    ~Health();
    Health(const Health &) = delete;
    Health &operator=(const Health &) = delete;

    // 0: usable now; else microseconds until it is.
    [[nodiscard]] std::int64_t cooldownUs(std::int64_t keyId) const;
    // To be asked as a request is about to leave. After a cut-off the first caller gets true and
    // the probe; others get false until it reported or half a minute passed: they had better take
    // another key, and may use this one where there is none.
    [[nodiscard]] bool beginAttempt(std::int64_t keyId);

    void succeeded(std::int64_t keyId);
    // 429: cools for Retry-After (1 s to 1 h; 30 s where none was given).
    void rateLimited(std::int64_t keyId, int retryAfterSeconds);
    // Connection and 5xx failures: cut off from the fifth in ten seconds on, if they are at least
    // half of what was tried; 10 s doubling to 5 min, then one probe.
    void failed(std::int64_t keyId);
    // 401 and 403: the key is wrong; cools for 5 min.
    void rejected(std::int64_t keyId);
    void clear(std::int64_t keyId);

    // Every key that is not simply well, by id.
    [[nodiscard]] std::vector<KeyReport> reports() const;

private:
    struct Shared;
    std::unique_ptr<Shared> m_shared;
};

} // namespace tollgate::routing
