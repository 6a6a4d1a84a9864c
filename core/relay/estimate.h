// SPDX-License-Identifier: GPL-3.0-or-later
// What an attempt may cost at most, and what a broken one has used: pure arithmetic over the peek,
// the price and what was seen of the answer (accounting rules: ARCHITECTURE.md, "Money").
#pragma once

#include "core/ledger/ledger.h"
#include "core/protocol/meter.h"
#include "core/protocol/peek.h"
#include "core/protocol/units.h"
#include "core/relay/snapshot.h"

namespace tollgate::relay {

// Fills fixed, perOutputToken, outputTokens and minimumOutputTokens. Without a price the amounts
// are zero. Internal on overflow.
[[nodiscard]] Result<void> estimateHold(ledger::HoldRequest &request, const ledger::Price *price,
                                        const protocol::Endpoint &endpoint,
                                        const protocol::Peek &peek, const RelaySettings &settings,
                                        const UnitCounts &mostUnits = {});

// Whether this operation can be billed by this price: one of pictures alone says nothing of words.
[[nodiscard]] bool covers(const ledger::Price &price, protocol::Operation operation);

// By pictures, seconds, letters or searches, tokens costing nothing: what is guessed of these is
// then no part of the bill.
[[nodiscard]] bool isBilledByUnits(const ledger::Price &price);

// Vendors charge nothing for it.
[[nodiscard]] bool isFree(protocol::Operation operation);

struct UsedTokens
{
    TokenCounts counts;
    std::uint32_t flags = 0; // store::Estimated, store::Clamped
};

// The vendor's own numbers where it told them and they are plausible; otherwise counted from what
// was sent and seen. `complete`: the answer reached its end.
[[nodiscard]] UsedTokens tokensUsed(const protocol::AnswerFacts &facts, const protocol::Peek &peek,
                                    qsizetype bodyBytes, bool complete);

} // namespace tollgate::relay
