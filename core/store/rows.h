// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the database as values. Times are wall microseconds since 1970 UTC; 0 means "not".
#pragma once

#include "core/base/headers.h"
#include "core/base/money.h"
#include "core/base/tokencounts.h"
#include "core/base/unitcounts.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QString>

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace tollgate::store {

// A pause without an end.
inline constexpr std::int64_t kUntilResumed = std::numeric_limits<std::int64_t>::max();

enum class KeySource { Keychain, Vault, Environment, None };

struct ChannelKeyRow
{
    std::int64_t id = 0;
    std::int64_t channelId = 0;
    KeySource source = KeySource::Keychain;
    QByteArray reference; // keychain or vault item, or the variable's name
    QByteArray boundTo; // "https://host:port" the key may be sent to
    QByteArray hint; // masked, for screens
    bool enabled = true;
};

struct ChannelRow
{
    std::int64_t id = 0;
    QString name; // unique
    QByteArray provider; // id of a row or class under providers/
    QByteArray baseUrl;
    bool enabled = true;
    bool local = false; // may dial private and loopback addresses
    int priority = 0; // higher first
    int weight = 1; // >= 0; 0: only when all others of the tier are out
    QByteArrayList models; // as clients name them
    std::vector<std::pair<QByteArray, QByteArray>> modelMap; // client's name -> vendor's name
    Headers headers; // extra ones, sent upstream
    int connectMs = 0; // timeouts: 0 takes the default
    int firstByteMs = 0;
    int idleMs = 0;
    int totalMs = 0;
    QByteArray proxy;
    QByteArray options; // provider's own, a JSON object or empty (e.g. Azure's api-version)
    std::vector<ChannelKeyRow> keys;
    std::int64_t version = 0;
    std::int64_t createdUs = 0;
    std::int64_t pausedUntilUs = 0; // kUntilResumed: until somebody resumes it
    int place = 0; // on screens, within its priority; by name where equal
};

enum class TokenState { Active, Disabled, Revoked };
enum class BudgetWindow {
    Total,
    Day,
    Week,
    Month
}; // calendar windows in UTC; weeks begin on Monday

struct TokenRow
{
    std::int64_t id = 0;
    QString name; // unique among those not revoked
    QByteArray digest; // SHA-256 of the whole token, 32 bytes
    QByteArray prefix; // first 7 characters, for screens
    TokenState state = TokenState::Active;
    std::int64_t expiresUs = 0;
    QByteArrayList models; // empty: all; a trailing '*' matches any rest
    QByteArrayList ipRanges; // CIDR or address; empty: all
    int requestsPerMinute = 0;
    std::int64_t tokensPerMinute = 0;
    int concurrency = 0;
    bool metrics = false; // may read /metrics, and nothing else
    std::optional<NanoUsd> budget;
    BudgetWindow budgetWindow = BudgetWindow::Total;
    std::int64_t budgetId = 0; // 0: none
    std::int64_t version = 0;
    std::int64_t createdUs = 0;
    std::int64_t lastUsedUs = 0;
    // Where its text is kept for its owner, if it may be shown again; empty: shown once.
    KeySource keptIn = KeySource::None;
    QByteArray reference;
    std::int64_t removedUs = 0; // in the trash since
    // Digests from before a rotation, each good until its moment.
    std::vector<std::pair<QByteArray, std::int64_t>> earlier;
};

enum class AttemptState { Reserved, Sent, Streaming, Settled, Released, Unknown };

// One try at one channel key.
struct AttemptRow
{
    std::int64_t id = 0;
    QByteArray requestId;
    int number = 1; // within the request
    std::int64_t channelId = 0;
    std::int64_t keyId = 0;
    QByteArray model; // as sent upstream
    QByteArray reason; // why this channel, in the router's words
    AttemptState state = AttemptState::Sent;
    std::int64_t priceId = 0; // price version; 0: unpriced
    NanoUsd held;
    NanoUsd cost; // owed to the provider
    NanoUsd charge; // paid by the token
    TokenCounts usage;
    UnitCounts units;
    std::uint32_t flags = 0; // AttemptFlag
    int status = 0; // the vendor's HTTP status; 0: none
    QByteArray error; // slug
    QString errorText;
    std::int64_t startedUs = 0;
    // Durations from startedUs in microseconds; -1: did not happen.
    std::int64_t connectUs = -1;
    std::int64_t firstByteUs = -1;
    std::int64_t firstTokenUs = -1;
    std::int64_t endUs = -1;
};

enum AttemptFlag : std::uint32_t {
    Estimated = 1, // usage was counted or guessed by us
    Partial = 2, // the answer did not reach its end
    OutcomeUnknown = 4,
    Crash = 8, // settled by the start-up sweep
    Clamped = 16, // implausible usage was cut to plausible
    Unpriced = 32,
    ClientLeft = 64,
    Lowered = 128, // max output was lowered to what the budget affords
};

// One client request, whatever became of it.
struct RequestRow
{
    QByteArray id; // "req_…", random
    std::int64_t startedUs = 0;
    std::int64_t tokenId = 0; // 0: not authenticated
    QByteArray dialect;
    QByteArray operation;
    QByteArray model; // as the client named it
    bool stream = false;
    int status = 0; // sent to the client; 499: it left
    QByteArray error; // slug, empty on success
    QString errorText;
    QByteArray finishReason;
    int attempts = 0;
    std::int64_t channelId = 0; // the one that answered
    TokenCounts usage;
    UnitCounts units;
    NanoUsd cost;
    NanoUsd charge;
    std::uint32_t flags = 0; // of the answering attempt
    QByteArray clientIp;
    QByteArray userAgent;
    QByteArray sessionId; // the client's own conversation id, where it sends one
    QByteArray vendorId;
    QByteArray servedModel; // as the answering vendor calls it
    QByteArray client; // the program that asked; known once the row is stored
    QByteArray leftOut; // channels that were no candidates: JSON [[id, "reason"], …], or empty
    std::int64_t bytesIn = 0;
    std::int64_t bytesOut = 0;
    // Durations from startedUs in microseconds; -1: did not happen.
    std::int64_t authUs = -1;
    std::int64_t routedUs = -1;
    std::int64_t reservedUs = -1;
    std::int64_t firstByteUs = -1;
    std::int64_t firstTokenUs = -1;
    std::int64_t endUs = -1;
};

} // namespace tollgate::store
