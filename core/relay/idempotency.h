// SPDX-License-Identifier: GPL-3.0-or-later
// The Idempotency-Key header: what it says, and what becomes of the key. Pure.
#pragma once

#include "core/relay/call.h"

namespace tollgate::relay {

// None where the header is missing or the operation costs nothing. InvalidRequest unless it is 1 to
// 255 visible ASCII characters.
[[nodiscard]] Result<std::optional<ledger::Idempotency>>
idempotencyOf(const http::Request &request, const protocol::Endpoint &endpoint);

// The key of a call that ends without an attempt is free again.
[[nodiscard]] std::optional<ledger::KeyEnding> keyUnused(const Call &call);
[[nodiscard]] std::optional<ledger::KeyEnding> keyAfter(const Call &call, const Ending &ending,
                                                        ledger::Outcome outcome);

} // namespace tollgate::relay
