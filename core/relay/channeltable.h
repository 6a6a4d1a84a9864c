// SPDX-License-Identifier: GPL-3.0-or-later
// Channels as routing sees them, made of their rows, the vendors and the keys as they stand now.
#pragma once

#include "core/relay/provider.h"
#include "core/routing/routing.h"

#include <functional>
#include <memory>
#include <vector>

namespace tollgate::relay {

using KeyLookup = std::function<routing::ChannelKey(const store::ChannelKeyRow &)>;

// The channel that answers where there is none, so that a newcomer's first request works before
// any key is pasted.
[[nodiscard]] store::ChannelRow demoChannel();

// With no row at all, the demo channel is the only one. The providers outlive the table.
[[nodiscard]] std::shared_ptr<const routing::ChannelTable>
makeChannelTable(const std::vector<store::ChannelRow> &rows, const Providers &providers,
                 const KeyLookup &keyOf);

} // namespace tollgate::relay
