// SPDX-License-Identifier: GPL-3.0-or-later
// Idempotency keys: which request of a token carries a key, and the answer it was given. A row
// lives for a day; answers are kept compressed. core/ledger decides what a key means.
#pragma once

#include "core/base/result.h"

#include <optional>

namespace tollgate::store {

class Database;

inline constexpr std::int64_t idempotencyForUs = 86'400'000'000;
inline constexpr qsizetype longestKeptAnswer = 1024 * 1024;

enum class KeyState {
    Running,
    Answered, // the answer is kept
    Finished, // the client got its answer, or a part of it, and it is not kept
};

struct IdempotencyRow
{
    QByteArray requestHash; // SHA-256
    QByteArray requestId;
    KeyState state = KeyState::Running;
    std::int64_t outcomeUnknownUs = 0; // since when its attempt waits for its outcome; 0: it runs
};

struct StoredAnswer
{
    QByteArray requestId; // of the request that it was the answer to
    int status = 0;
    QByteArray contentType;
    QByteArray body;
};

// An answer as it is written. Made before the store thread gets it.
struct PackedAnswer
{
    int status = 0;
    QByteArray contentType;
    qsizetype size = 0; // of the body
    QByteArray packed;
};

// nullopt: too large to be kept.
[[nodiscard]] std::optional<PackedAnswer> packAnswer(int status, const QByteArray &contentType,
                                                     QByteArrayView body);

// None where the key was never used, was freed, or is older than a day.
[[nodiscard]] Result<std::optional<IdempotencyRow>>
idempotencyRow(Database &db, std::int64_t tokenId, const QByteArray &key, std::int64_t nowUs);
// nullopt: none is kept, or it cannot be read any more.
[[nodiscard]] Result<std::optional<StoredAnswer>> storedAnswer(Database &db, std::int64_t tokenId,
                                                               const QByteArray &key);
// Takes the key for a request; idempotencyRow() has said that it is free.
[[nodiscard]] Result<void> takeKey(Database &db, std::int64_t tokenId, const QByteArray &key,
                                   const IdempotencyRow &row, std::int64_t nowUs);
// The request that runs under the key has ended.
[[nodiscard]] Result<void> finishKey(Database &db, std::int64_t tokenId, const QByteArray &key,
                                     const QByteArray &requestId,
                                     const std::optional<PackedAnswer> &answer);
[[nodiscard]] Result<void> freeKey(Database &db, std::int64_t tokenId, const QByteArray &key,
                                   const QByteArray &requestId);
// The same where only the request is known. `answered`: its client got a part of an answer.
[[nodiscard]] Result<void> endKeyOf(Database &db, const QByteArray &requestId, bool answered);
// At start: keys of requests that run no more, and wait for no outcome.
[[nodiscard]] Result<void> freeAbandonedKeys(Database &db);
// At most `slice` keys older than a day; says how many.
[[nodiscard]] Result<std::int64_t> dropOldKeys(Database &db, std::int64_t nowUs, int slice);

} // namespace tollgate::store
