// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration that a request runs under from start to finish: immutable, shared by threads,
// replaced as a whole.
#pragma once

#include "core/access/access.h"
#include "core/ledger/prices.h"
#include "core/protocol/peek.h"
#include "core/relay/media.h"
#include "core/routing/routing.h"
#include "core/upstream/exchange.h"

#include <memory>

namespace tollgate::relay {

struct RelaySettings
{
    QByteArrayList trustedProxies;
    std::int64_t bodyLimit = 32 << 20; // bytes of a client's request, decoded
    std::int64_t uploadLimit = 100 << 20; // bytes of a file that a client uploads; in memory
    protocol::JsonLimits jsonLimits;
    std::int64_t answerLimit = 64 << 20; // bytes of an unstreamed answer
    std::int64_t streamLimit = 256 << 20; // bytes of a streamed one
    qsizetype outputHigh = 1024 * 1024; // unsent bytes towards a client at which reading pauses
    int keepAliveMs = 15'000; // silence in a stream before a sign of life; 0: never
    int maxAttempts = 5;
    std::int64_t defaultOutputTokens = 8'192; // reserved where neither client nor catalogue says
    std::int64_t minimumOutputTokens = 64; // a budget that affords fewer is exhausted
    std::int64_t pausedUntilUs = 0; // wall: new requests are told so and turned away
    bool captureBodies = false;
    QByteArray caFile; // trust anchors besides the system's
    upstream::Timeouts timeouts;
    MediaSettings media;
};

struct Snapshot
{
    std::shared_ptr<const routing::ChannelTable> channels;
    std::shared_ptr<const access::TokenTable> tokens;
    std::shared_ptr<const ledger::PriceBook> prices;
    RelaySettings settings;
};

} // namespace tollgate::relay
