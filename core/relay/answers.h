// SPDX-License-Identifier: GPL-3.0-or-later
// Answers that the gateway gives by itself: errors, model lists, health. Pure.
#pragma once

#include "core/http/message.h"
#include "core/protocol/endpoint.h"
#include "core/relay/snapshot.h"

namespace tollgate::relay {

[[nodiscard]] http::Response errorResponse(protocol::Dialect dialect, const Error &error,
                                           const QByteArray &requestId);
[[nodiscard]] http::Response jsonResponse(QByteArray body, const QByteArray &requestId);
// The models that this token may use, as a list or as one object. NotFound for one it may not.
[[nodiscard]] Result<QByteArray> modelsAnswer(const protocol::Endpoint &endpoint,
                                              const Snapshot &snapshot,
                                              const store::TokenRow &token);

} // namespace tollgate::relay
