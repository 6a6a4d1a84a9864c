// SPDX-License-Identifier: GPL-3.0-or-later
// What the database says the gateway should be, read at once and turned into the snapshot that
// requests run under. Pure but for readConfiguration().
#pragma once

#include "core/admin/settings.h"
#include "core/relay/channeltable.h"
#include "core/relay/snapshot.h"
#include "core/store/database.h"

#include <memory>
#include <vector>

namespace tollgate::gateway {

struct Configuration
{
    std::vector<store::ChannelRow> channels;
    std::vector<store::TokenRow> tokens;
    // The catalogue under the user's own prices, with their version ids.
    std::shared_ptr<const ledger::PriceBook> prices = std::make_shared<ledger::PriceBook>();
    admin::Settings settings;
    std::int64_t pausedUntilUs = 0;
};

// Runs on the writer: prices seen for the first time get their version rows.
[[nodiscard]] Result<Configuration> readConfiguration(store::Database &db);

// The key of a channel as it stands in memory now.
using KeyLookup = relay::KeyLookup;

// With no channel at all, the built-in demo channel is the only one.
[[nodiscard]] std::shared_ptr<const relay::Snapshot>
makeSnapshot(const Configuration &configuration, const relay::Providers &providers,
             const KeyLookup &keyOf);

} // namespace tollgate::gateway
