// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway itself says inside a running stream, in the stream's own framing. Pure.
#pragma once

#include "core/protocol/answerfacts.h"
#include "core/protocol/endpoint.h"

namespace tollgate::relay {

// The content type of a stream.
[[nodiscard]] QByteArray streamType(const protocol::Endpoint &endpoint);
// Bytes that mean nothing and keep the connection alive; empty where a dialect knows none. `begun`:
// events of the answer have been sent.
[[nodiscard]] QByteArray signOfLife(const protocol::Endpoint &endpoint, bool begun);
// The end of a stream that failed: an error the client can read, and never a success terminator.
[[nodiscard]] QByteArray errorEnd(const protocol::Endpoint &endpoint, const Error &error,
                                  const QByteArray &requestId, bool begun,
                                  const protocol::AnswerFacts &soFar = {});

// Comments and blank lines only: a provider that is still there, but says nothing.
[[nodiscard]] bool isChatter(QByteArrayView bytes);

} // namespace tollgate::relay
