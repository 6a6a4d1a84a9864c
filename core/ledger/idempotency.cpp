// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/account.h"
#include "core/store/database.h"

#include <algorithm>

namespace tollgate::ledger {
namespace {

constexpr int askAgainSeconds = 2;

Error conflict(QString message, QByteArray code)
{
    Error error;
    error.kind = ErrorKind::Conflict;
    error.message = std::move(message);
    error.code = std::move(code);
    error.param = "idempotency-key";
    return error;
}

Error running(const store::IdempotencyRow &row, std::int64_t nowUs)
{
    Error error = conflict(
        QStringLiteral("The request with this idempotency key (%1) is still running; ask again "
                       "in a moment.")
            .arg(QString::fromUtf8(row.requestId)),
        "idempotency_running");
    error.retryAfterSeconds = askAgainSeconds;
    if (row.outcomeUnknownUs != 0) {
        const std::int64_t leftUs = std::clamp<std::int64_t>(
            row.outcomeUnknownUs + unknownForUs - nowUs, 0, unknownForUs);
        error.retryAfterSeconds = int(leftUs / 1'000'000) + askAgainSeconds;
        error.message
            = QStringLiteral("The request with this idempotency key (%1) was sent and never "
                             "answered: it may have been carried out. The key is free again in "
                             "%2 seconds; use another one to ask at once.")
                  .arg(QString::fromUtf8(row.requestId))
                  .arg(error.retryAfterSeconds);
    }
    return error;
}

Error mismatch()
{
    Error error
        = conflict(QStringLiteral("This idempotency key was used for another request; use a new "
                                  "key for each request, and the same one only to repeat it."),
                   "idempotency_mismatch");
    error.kind = ErrorKind::Unprocessable;
    return error;
}

Error finished(const store::IdempotencyRow &row)
{
    return conflict(QStringLiteral("The request with this idempotency key was answered before, as "
                                   "%1, and its answer is not kept (it was a stream, or too "
                                   "large); use a new key to ask again.")
                        .arg(QString::fromUtf8(row.requestId)),
                    "idempotency_finished");
}

} // namespace

Result<std::optional<store::StoredAnswer>>
earlierAnswer(store::Database &db, const HoldRequest &request, std::int64_t nowUs)
{
    const Idempotency &asked = *request.idempotency;
    auto row = store::idempotencyRow(db, request.tokenId, asked.key, nowUs);
    if (!row)
        return failure(row.error());
    if (!*row)
        return std::nullopt;
    if ((*row)->requestHash != asked.requestHash)
        return failure(mismatch());
    if ((*row)->state == store::KeyState::Running) {
        // A request's next attempt finds its own key.
        if ((*row)->requestId == request.attempt.requestId)
            return std::nullopt;
        return failure(running(**row, nowUs));
    }
    auto answer = store::storedAnswer(db, request.tokenId, asked.key);
    if (!answer)
        return failure(answer.error());
    if (!*answer)
        return failure(finished(**row));
    return answer;
}

Result<void> takeKey(store::Database &db, const HoldRequest &request, std::int64_t nowUs)
{
    if (request.attempt.number > 1) {
        auto own = store::idempotencyRow(db, request.tokenId, request.idempotency->key, nowUs);
        if (!own)
            return failure(own.error());
        if (*own)
            return {};
    }
    store::IdempotencyRow row;
    row.requestHash = request.idempotency->requestHash;
    row.requestId = request.attempt.requestId;
    return store::takeKey(db, request.tokenId, request.idempotency->key, row, nowUs);
}

Result<void> endKey(store::Database &db, const store::RequestRow &request, const KeyEnding &ending)
{
    if (ending.answered)
        return store::finishKey(db, request.tokenId, ending.key, request.id, ending.answer);
    return store::freeKey(db, request.tokenId, ending.key, request.id);
}

} // namespace tollgate::ledger
