// SPDX-License-Identifier: GPL-3.0-or-later
// How long and how large an exchange with a channel may be, and by which way. Internal to this
// room.
#pragma once

#include "core/relay/snapshot.h"
#include "core/store/rows.h"
#include "core/upstream/exchange.h"

namespace tollgate::relay {

// All but the limit of the answer's body. The channel's own times come before the general ones.
void applyLimits(upstream::Request &request, const store::ChannelRow &channel,
                 const RelaySettings &settings);

} // namespace tollgate::relay
