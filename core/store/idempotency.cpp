// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/idempotency.h"

#include "core/store/database.h"

#include <zstd.h>

namespace tollgate::store {
namespace {

constexpr int level = 1; // a client is waiting

std::optional<QByteArray> unpack(const QByteArray &packed, std::int64_t size)
{
    if (size < 0 || size > longestKeptAnswer)
        return std::nullopt;
    QByteArray body(qsizetype(size), Qt::Uninitialized);
    const std::size_t got = ZSTD_decompress(body.data(), std::size_t(size), packed.constData(),
                                            std::size_t(packed.size()));
    if (ZSTD_isError(got) || std::int64_t(got) != size)
        return std::nullopt;
    return body;
}

} // namespace

std::optional<PackedAnswer> packAnswer(int status, const QByteArray &contentType,
                                       QByteArrayView body)
{
    if (body.size() > longestKeptAnswer)
        return std::nullopt;
    PackedAnswer answer;
    answer.status = status;
    answer.contentType = contentType;
    answer.size = body.size();
    answer.packed
        = QByteArray(qsizetype(ZSTD_compressBound(std::size_t(body.size()))), Qt::Uninitialized);
    const std::size_t size = ZSTD_compress(answer.packed.data(), std::size_t(answer.packed.size()),
                                           body.data(), std::size_t(body.size()), level);
    if (ZSTD_isError(size))
        return std::nullopt;
    answer.packed.truncate(qsizetype(size));
    return answer;
}

// A row from the future is as old as one from long ago: the clock was set back, and must not keep a
// key for years.
Result<std::optional<IdempotencyRow>> idempotencyRow(Database &db, std::int64_t tokenId,
                                                     const QByteArray &key, std::int64_t nowUs)
{
    std::optional<IdempotencyRow> found;
    auto done = db.each(
        "SELECT request_hash, request_id, state, (SELECT max(changed_us) FROM attempts a "
        "WHERE a.request_id = k.request_id AND a.state = 5) FROM idempotency_keys k "
        "WHERE token_id = ? AND key = ? AND created_us BETWEEN ? AND ?",
        [&](const Row &row) {
            found
                = IdempotencyRow{row.blob(0), row.text(1), KeyState(row.number(2)), row.integer(3)};
        },
        tokenId, key, nowUs - idempotencyForUs + 1, nowUs + idempotencyForUs);
    if (!done)
        return failure(done.error());
    return found;
}

Result<std::optional<StoredAnswer>> storedAnswer(Database &db, std::int64_t tokenId,
                                                 const QByteArray &key)
{
    std::optional<StoredAnswer> found;
    auto done = db.each(
        "SELECT request_id, status, content_type, size, answer FROM idempotency_keys "
        "WHERE token_id = ? AND key = ? AND state = 1",
        [&](const Row &row) {
            if (auto body = unpack(row.blob(4), row.integer(3)))
                found = StoredAnswer{row.text(0), row.number(1), row.text(2), std::move(*body)};
        },
        tokenId, key);
    if (!done)
        return failure(done.error());
    return found;
}

Result<void> takeKey(Database &db, std::int64_t tokenId, const QByteArray &key,
                     const IdempotencyRow &row, std::int64_t nowUs)
{
    auto old = db.run("DELETE FROM idempotency_keys WHERE token_id = ? AND key = ?", tokenId, key);
    if (!old)
        return failure(old.error());
    auto added = db.run("INSERT INTO idempotency_keys(token_id, key, request_hash, request_id, "
                        "state, created_us) VALUES(?,?,?,?,0,?)",
                        tokenId, key, Blob{row.requestHash}, row.requestId, nowUs);
    if (!added)
        return failure(added.error());
    return {};
}

Result<void> finishKey(Database &db, std::int64_t tokenId, const QByteArray &key,
                       const QByteArray &requestId, const std::optional<PackedAnswer> &answer)
{
    const PackedAnswer kept = answer.value_or(PackedAnswer());
    auto done = db.run("UPDATE idempotency_keys SET state = ?, status = ?, content_type = ?, "
                       "size = ?, answer = ? WHERE token_id = ? AND key = ? AND request_id = ? "
                       "AND state = 0",
                       int(answer ? KeyState::Answered : KeyState::Finished), kept.status,
                       kept.contentType, std::int64_t(kept.size), Blob{kept.packed}, tokenId, key,
                       requestId);
    if (!done)
        return failure(done.error());
    return {};
}

Result<void> freeKey(Database &db, std::int64_t tokenId, const QByteArray &key,
                     const QByteArray &requestId)
{
    auto done = db.run("DELETE FROM idempotency_keys WHERE token_id = ? AND key = ? "
                       "AND request_id = ? AND state = 0",
                       tokenId, key, requestId);
    if (!done)
        return failure(done.error());
    return {};
}

Result<void> endKeyOf(Database &db, const QByteArray &requestId, bool answered)
{
    auto done = answered
        ? db.run("UPDATE idempotency_keys SET state = 2 WHERE request_id = ? AND state = 0",
                 requestId)
        : db.run("DELETE FROM idempotency_keys WHERE request_id = ? AND state = 0", requestId);
    if (!done)
        return failure(done.error());
    return {};
}

Result<void> freeAbandonedKeys(Database &db)
{
    auto done
        = db.run("DELETE FROM idempotency_keys WHERE state = 0 AND NOT EXISTS(SELECT 1 FROM "
                 "attempts a WHERE a.request_id = idempotency_keys.request_id AND a.state = 5)");
    if (!done)
        return failure(done.error());
    return {};
}

Result<std::int64_t> dropOldKeys(Database &db, std::int64_t nowUs, int slice)
{
    return db.run("DELETE FROM idempotency_keys WHERE rowid IN (SELECT rowid FROM idempotency_keys "
                  "WHERE created_us <= ? OR created_us > ? LIMIT ?)",
                  nowUs - idempotencyForUs, nowUs + idempotencyForUs, slice);
}

} // namespace tollgate::store
