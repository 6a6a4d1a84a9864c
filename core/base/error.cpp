// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <array>

namespace tollgate {
namespace {

struct Row
{
    ErrorKind kind;
    int status;
    const char *slug;
};

constexpr std::array kTable{
    Row{ErrorKind::InvalidRequest, 400, "invalid_request"},
    Row{ErrorKind::Unauthenticated, 401, "unauthenticated"},
    Row{ErrorKind::BudgetExhausted, 402, "budget_exhausted"},
    Row{ErrorKind::Forbidden, 403, "forbidden"},
    Row{ErrorKind::NotFound, 404, "not_found"},
    Row{ErrorKind::MethodNotAllowed, 405, "method_not_allowed"},
    Row{ErrorKind::RequestTimeout, 408, "request_timeout"},
    Row{ErrorKind::Conflict, 409, "conflict"},
    Row{ErrorKind::TooLarge, 413, "too_large"},
    Row{ErrorKind::UriTooLong, 414, "uri_too_long"},
    Row{ErrorKind::UnsupportedMedia, 415, "unsupported_media"},
    Row{ErrorKind::Misdirected, 421, "misdirected"},
    Row{ErrorKind::Unprocessable, 422, "unprocessable"},
    Row{ErrorKind::UpgradeRefused, 426, "upgrade_refused"},
    Row{ErrorKind::RateLimited, 429, "rate_limited"},
    Row{ErrorKind::HeadersTooLarge, 431, "headers_too_large"},
    Row{ErrorKind::ClientGone, 499, "client_gone"},
    Row{ErrorKind::Internal, 500, "internal"},
    Row{ErrorKind::NotImplemented, 501, "not_implemented"},
    Row{ErrorKind::UpstreamFailed, 502, "upstream_failed"},
    Row{ErrorKind::Unavailable, 503, "unavailable"},
    Row{ErrorKind::UpstreamTimeout, 504, "upstream_timeout"},
    Row{ErrorKind::VersionUnsupported, 505, "version_unsupported"},
};

const Row &rowOf(ErrorKind kind)
{
    for (const Row &row : kTable) {
        if (row.kind == kind)
            return row;
    }
    return rowOf(ErrorKind::Internal);
}

} // namespace

int httpStatus(ErrorKind kind)
{
    return rowOf(kind).status;
}

QByteArray slug(ErrorKind kind)
{
    return QByteArray(rowOf(kind).slug);
}

} // namespace tollgate
