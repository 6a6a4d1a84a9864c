// SPDX-License-Identifier: GPL-3.0-or-later
// A conversation in the order that Claude insists on, behind whichever API: the system's words
// first, turns alternating from a user's on, each call answered at the head of the next turn.
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

struct Arranged
{
    std::vector<Part> system; // Text and what only this dialect knows
    std::vector<Message> turns; // System ones only where they may stand
};

// What a translation of `request` to `dialect` keeps of its messages, and in which order. Parts
// that the dialect cannot say are left out and noted; media stay for their writer to judge.
[[nodiscard]] Arranged arrange(const Request &request, Dialect dialect, bool systemTurns,
                               Dropped &dropped);

// The last turn is the model's own: to be continued by a model that can.
[[nodiscard]] bool endsWithPrefill(const Arranged &arranged);
// For one that cannot: asks for the continuation instead.
void askToContinue(Arranged &arranged);
// Whether the last turn of the model called tools without having thought: such a history cannot be
// sent with a thinking budget.
[[nodiscard]] bool lacksThought(const Arranged &arranged);

} // namespace tollgate::codecs::messages
