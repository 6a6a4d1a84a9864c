// SPDX-License-Identifier: GPL-3.0-or-later
// The request log: one row a request, one a attempt. Pages go backwards in time by key, not by
// offset, so that the millionth costs what the first does.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

enum class StatusClass { Any, Succeeded, Failed, ClientError, ServerError };

struct RequestFilter
{
    std::int64_t sinceUs = 0; // inclusive
    std::int64_t untilUs = 0; // exclusive; 0: open
    std::int64_t tokenId = 0;
    std::int64_t channelId = 0;
    QByteArray model; // exact
    StatusClass status = StatusClass::Any;
    QString text; // in id, model, error, session, client address or user agent; case-blind
};

// Where a page ended.
struct PageKey
{
    std::int64_t startedUs = 0;
    std::int64_t sequence = 0;
};

struct LoggedRequest
{
    std::int64_t sequence = 0; // in order of completion
    RequestRow row;
    std::vector<AttemptRow> attempts; // by number
};

struct RequestPage
{
    std::vector<LoggedRequest> requests; // newest first
    std::optional<PageKey> next; // none: the end
};

[[nodiscard]] Result<RequestPage> requests(Database &db, const RequestFilter &filter,
                                           std::optional<PageKey> after, int limit);
[[nodiscard]] Result<LoggedRequest> request(Database &db, const QByteArray &id); // or NotFound
// Those completed after `sequence`, oldest first: for following the log.
[[nodiscard]] Result<std::vector<LoggedRequest>>
requestsAfter(Database &db, std::int64_t sequence, const RequestFilter &filter, int limit);
[[nodiscard]] Result<std::int64_t> lastSequence(Database &db);

// Writes one row and counts it in the roll-ups, in the caller's transaction. A row with this id
// that exists already stays as it is; the result says whether it was new.
[[nodiscard]] Result<bool> addRequest(Database &db, const RequestRow &row);

} // namespace tollgate::store
