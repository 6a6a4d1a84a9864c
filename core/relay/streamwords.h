// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway itself says inside a running stream, in the stream's own framing. Pure.
#pragma once

#include "core/protocol/endpoint.h"

namespace tollgate::relay {

// Bytes that mean nothing and keep the connection alive. `begun`: events of the answer have been
// sent.
[[nodiscard]] QByteArray signOfLife(const protocol::Endpoint &endpoint, bool begun);
// The end of a stream that failed: an error the client can read, and never a success terminator.
[[nodiscard]] QByteArray errorEnd(const protocol::Endpoint &endpoint, const Error &error,
                                  const QByteArray &requestId, bool begun);

} // namespace tollgate::relay
