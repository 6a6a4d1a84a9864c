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
// The models that this token may use, as a list or as one object (Ollama's `body` names it), and
// what else clients ask of a server of models. NotFound for a model that the token may not use.
[[nodiscard]] Result<QByteArray> modelsAnswer(const protocol::Endpoint &endpoint,
                                              QByteArrayView body, const Snapshot &snapshot,
                                              const store::TokenRow &token);

} // namespace tollgate::relay
