// SPDX-License-Identifier: GPL-3.0-or-later
// One Error in the shape of each dialect: as a whole body, and as the event that ends a stream that
// had begun. Also the reverse: what a vendor's error body says.
#pragma once

#include "core/base/result.h"
#include "core/protocol/answerfacts.h"
#include "core/protocol/endpoint.h"

namespace tollgate::protocol {

[[nodiscard]] QByteArray errorBody(Dialect dialect, const Error &error, QByteArrayView requestId);
// Bytes to send into a running stream; the dialect's success terminator never follows them.
// `soFar` lets a Responses stream go on counting and name the response that failed.
[[nodiscard]] QByteArray errorEvent(Dialect dialect, const Error &error, QByteArrayView requestId,
                                    const AnswerFacts &soFar = {});
// Bytes that keep a silent stream alive and mean nothing: a comment, or Anthropic's ping. Empty for
// Gemini, whose SDK takes a comment for a broken event, and for Ollama, whose clients parse every
// line, blank ones too.
[[nodiscard]] QByteArray keepAlive(Dialect dialect);

struct VendorError
{
    QString message; // plain text, at most 1 KiB, controls removed, keys masked
    QByteArray type;
    QByteArray code;
    QByteArray param;
    int retryAfterSeconds = -1; // from the body (Gemini RetryInfo, OpenAI "try again in")
};

// Reads any of the known shapes, or the first line of whatever came. Never fails.
[[nodiscard]] VendorError readVendorError(QByteArrayView body);

// The client's error for what a vendor said with an HTTP status, or with none (0, or 200: told
// inside an answer). A refused credential of ours is never the client's 401.
[[nodiscard]] Error vendorFailure(int status, const VendorError &said);

} // namespace tollgate::protocol
