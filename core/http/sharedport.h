// SPDX-License-Identifier: GPL-3.0-or-later
// Listening descriptors that several threads of one process share (SO_REUSEPORT). Only where the
// kernel balances connections between them; elsewhere the option is ignored.
#pragma once

#include "core/http/listener.h"

namespace tollgate::http {

class AcceptServer;

[[nodiscard]] bool canSharePorts();

// A listening, shared descriptor on `address`:`port`, registered with `census`.
[[nodiscard]] Result<qintptr> listenShared(const QHostAddress &address, quint16 port,
                                           Census &census);

inline constexpr int kBacklog = 512;

} // namespace tollgate::http
