// SPDX-License-Identifier: GPL-3.0-or-later
// One Error in the shape of each dialect: as a whole body, and as the event that ends a stream that
// had begun. Also the reverse: what a vendor's error body says.
#pragma once

#include "core/protocol/endpoint.h"

namespace tollgate::protocol {

[[nodiscard]] QByteArray errorBody(Dialect dialect, const Error &error, QByteArrayView requestId);
// Bytes to send into a running SSE stream; the dialect's success terminator never follows them.
[[nodiscard]] QByteArray errorEvent(Dialect dialect, const Error &error, QByteArrayView requestId);
// Bytes that keep a silent stream alive and mean nothing: a comment, or Anthropic's ping.
[[nodiscard]] QByteArray keepAlive(Dialect dialect);

struct VendorError
{
    QString message;   // plain text, at most 1 KiB, controls removed
    QByteArray type;
    QByteArray code;
    int retryAfterSeconds = -1; // from the body (Gemini RetryInfo, OpenAI "try again in")
};

// Reads any of the known shapes, or the first line of whatever came. Never fails.
[[nodiscard]] VendorError readVendorError(QByteArrayView body);

} // namespace tollgate::protocol
