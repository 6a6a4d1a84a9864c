// SPDX-License-Identifier: GPL-3.0-or-later
// What the demo has to know of a request: the last words of the user.
#pragma once

#include "core/protocol/endpoint.h"

namespace tollgate::providers {

// The text of the last user turn of a body in this dialect; empty where there is none.
[[nodiscard]] QByteArray lastUserText(protocol::Dialect dialect, QByteArrayView body);

} // namespace tollgate::providers
