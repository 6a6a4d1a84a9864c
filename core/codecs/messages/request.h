// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

[[nodiscard]] Result<Request> readRequest(QByteArrayView body);
[[nodiscard]] Result<EncodedRequest> writeRequest(const Request &request, const Target &target);

} // namespace tollgate::codecs::messages
