// SPDX-License-Identifier: GPL-3.0-or-later
// Which header fields may pass between client and vendor. Allow-lists in both directions: what is
// not named here stays here, credentials and connection fields before all.
#pragma once

#include "core/base/headers.h"
#include "core/protocol/endpoint.h"

namespace tollgate::protocol {

// The client's fields that a vendor of this dialect may see: dialect versions, beta flags, the
// client's session. Never a credential, cookie, forwarding or connection field.
[[nodiscard]] Headers vendorHeadersFrom(const Headers &client, Dialect dialect);

// The vendor's fields that the client may see: rate limits, retry advice, timings. The vendor's
// request id is renamed, since the answer carries ours under the usual name.
[[nodiscard]] Headers clientHeadersFrom(const Headers &vendor);

// Whether a channel may set this extra field: not the framing, the host or the connection, and not
// a credential field, which only the channel's key fills.
[[nodiscard]] bool isAllowedExtra(QByteArrayView name);

} // namespace tollgate::protocol
