// SPDX-License-Identifier: GPL-3.0-or-later
// The one error of the engine: what failed, as a kind with exactly one HTTP status, and a plain
// sentence for the user (what failed, why, what to do). How a dialect spells it on the wire is
// core/protocol/errors.h.
#pragma once

#include <QByteArray>
#include <QString>

namespace tollgate {

enum class ErrorKind {
    InvalidRequest, // 400
    Unauthenticated, // 401
    BudgetExhausted, // 402
    Forbidden, // 403
    NotFound, // 404
    MethodNotAllowed, // 405
    RequestTimeout, // 408
    Conflict, // 409
    TooLarge, // 413
    UriTooLong, // 414
    UnsupportedMedia, // 415
    Misdirected, // 421: a Host that is not ours
    Unprocessable, // 422
    UpgradeRefused, // 426
    RateLimited, // 429
    HeadersTooLarge, // 431
    ClientGone, // 499: never sent, only recorded
    Internal, // 500
    NotImplemented, // 501
    UpstreamFailed, // 502
    Unavailable, // 503
    UpstreamTimeout, // 504
    VersionUnsupported, // 505
};

[[nodiscard]] int httpStatus(ErrorKind kind);
// A stable lower-case word for logs, metrics and the dialects' "code" members, e.g.
// "budget_exhausted".
[[nodiscard]] QByteArray slug(ErrorKind kind);

struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    QString message; // for people; carries no secret, no path, no SQL
    QByteArray code; // finer than the kind where a client may act on it; may be empty
    int retryAfterSeconds = -1; // -1: none
    QByteArray param; // the member or header at fault; may be empty
    QByteArray allow; // value of Allow, with MethodNotAllowed only

    [[nodiscard]] int status() const { return httpStatus(kind); }
};

} // namespace tollgate
