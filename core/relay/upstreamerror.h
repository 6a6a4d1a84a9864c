// SPDX-License-Identifier: GPL-3.0-or-later
// What a failed attempt is to the client, to the router and to the health of its key. Pure.
#pragma once

#include "core/base/error.h"
#include "core/protocol/errors.h"
#include "core/routing/routing.h"
#include "core/upstream/exchange.h"

namespace tollgate::relay {

// A failure of the transport: refused, timed out, cut …
[[nodiscard]] Error errorOf(const upstream::Failure &failed, const QString &channel);
// An HTTP status that is not a success. `retryAfter`: the Retry-After header as sent, may be empty.
[[nodiscard]] Error errorOf(int status, const protocol::VendorError &vendor,
                            QByteArrayView retryAfter, const QString &channel, std::int64_t nowUs);
// Retry-After as seconds from now: a number or an HTTP date; -1 where absent or nonsense; clamped
// to 0..3600.
[[nodiscard]] int retryAfterSeconds(QByteArrayView value, std::int64_t nowUs);

void noteFailure(routing::Health &health, std::int64_t keyId, const routing::AttemptFailure &failed,
                 int retryAfter);

// The vendor's own words blame the account or its key, whatever the status: some say 400 to a wrong
// key or an empty purse.
[[nodiscard]] bool blamesChannel(const protocol::VendorError &vendor);

// The client's own mistake, told by the vendor in its own words: such a body is worth passing on as
// it is to a client of the same dialect.
[[nodiscard]] bool isClientsFault(int status);

} // namespace tollgate::relay
