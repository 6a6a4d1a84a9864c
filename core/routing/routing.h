// SPDX-License-Identifier: GPL-3.0-or-later
// Which channel may serve a request, which one does, and what a failure means for the next try.
// The plan is a pure function; Health is the little state that threads share.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/protocol/endpoint.h"
#include "core/store/rows.h"

#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace tollgate::routing {

// Why a key cannot be used, in the words of the secrets room.
enum class KeyReadiness { Ready, Absent, Locked, Denied, Unavailable };

struct ChannelKey
{
    store::ChannelKeyRow row;
    KeyReadiness readiness = KeyReadiness::Absent;
    std::shared_ptr<const Secret> secret; // with Ready; null for a channel that needs none
};

struct Channel
{
    store::ChannelRow row;
    std::vector<ChannelKey> keys;
    // Whether the provider speaks this dialect and operation natively.
    std::function<bool(protocol::Operation, protocol::Dialect)> speaks;
    [[nodiscard]] QByteArray vendorModel(const QByteArray &model) const; // through the model map
    [[nodiscard]] bool serves(const QByteArray &model) const;
};

// All channels at one moment; immutable, shared between threads.
struct ChannelTable
{
    std::vector<std::shared_ptr<const Channel>> channels;
    [[nodiscard]] std::vector<QByteArray> models() const; // of enabled channels, sorted, unique
};

// Cooldowns of channel keys. Thread-safe.
class Health
{
public:
    explicit Health(const Clock &clock = Clock::system());
    // 0: usable now; else microseconds until it is.
    [[nodiscard]] std::int64_t cooldownUs(std::int64_t keyId) const;
    void succeeded(std::int64_t keyId);
    // 429: cools for Retry-After (1 s to 1 h; 30 s where none was given).
    void rateLimited(std::int64_t keyId, int retryAfterSeconds);
    // Connection and 5xx failures: from the fifth in ten seconds on, 10 s doubling to 5 min, then one probe.
    void failed(std::int64_t keyId);
    // 401 and 403: the key is wrong; cools for 5 min.
    void rejected(std::int64_t keyId);
    void clear(std::int64_t keyId);

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

struct Candidate
{
    std::shared_ptr<const Channel> channel;
    std::size_t key = 0;    // index into channel->keys
    QByteArray vendorModel;
    QByteArray reason;      // "priority 10, weight 3 of 5"
};

struct Exclusion
{
    std::int64_t channelId = 0;
    QByteArray reason; // "disabled", "cooling down for 12 s", "key locked"
};

struct Plan
{
    std::vector<Candidate> candidates; // in the order to try; a channel key appears once
    std::vector<Exclusion> excluded;
};

struct Question
{
    QByteArray model;
    protocol::Operation operation = protocol::Operation::Generate;
    protocol::Dialect dialect = protocol::Dialect::Chat;
};

// By priority, then by weighted draw without replacement; keys of a channel in weighted rotation.
// `draw(n)` gives a number below n. Cooling keys go last, never out, if nothing else serves.
[[nodiscard]] Plan plan(const ChannelTable &table, const Question &question,
                        const std::function<std::int64_t(std::int64_t keyId)> &cooldownUs,
                        const std::function<std::uint32_t(std::uint32_t)> &draw);

// The client's error where the plan has no candidate: 404 for a model nobody serves, 503 that names
// locked or missing keys, 429 where all cool down.
[[nodiscard]] Error whyNoChannel(const Plan &plan, const Question &question);

// What a failed attempt means.
enum class Verdict {
    Next,      // safe to try the next candidate
    Final,     // tell the client
};
struct AttemptFailure
{
    bool anyContentSent = false;  // to the client
    bool requestSent = false;     // any byte left for the provider
    bool answered = false;        // a status line came back
    int status = 0;
    bool timedOut = false;
};
// An attempt whose request left and was never answered may have been generated and billed: Final.
[[nodiscard]] Verdict judge(const AttemptFailure &failure);

} // namespace tollgate::routing
