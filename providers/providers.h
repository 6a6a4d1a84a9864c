// SPDX-License-Identifier: GPL-3.0-or-later
// The vendors: what each needs on the wire, in one small file or one row of data. To add one, add
// its file or row, its line in registerAll(), and fixtures.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

void registerAll(relay::Providers &providers);

// Where a call in this dialect would go, for people to look at before they save a channel. Of the
// channel only base URL and options matter; no key is needed.
[[nodiscard]] Result<QByteArray> previewUrl(const relay::Provider &provider,
                                            const store::ChannelRow &channel,
                                            const protocol::Endpoint &endpoint);
// The same for the dialect that the provider speaks first.
[[nodiscard]] Result<QByteArray> previewUrl(const relay::Provider &provider,
                                            const store::ChannelRow &channel);

} // namespace tollgate::providers
