// SPDX-License-Identifier: GPL-3.0-or-later
// A request under way, as screens show it: a copy taken in its own thread when somebody asks.
#pragma once

#include "core/store/rows.h"

namespace tollgate::relay {

enum class Phase {
    Routing, // understood, looking for a channel and a hold
    Sending, // on its way to the provider
    Waiting, // sent, nothing has come
    Streaming, // its client is getting the answer
    Settling, // complete; its bill is being written
};

struct RunningCall
{
    store::RequestRow row; // as far as it is known
    Phase phase = Phase::Routing;
    std::int64_t elapsedUs = 0;
    std::int64_t outputTokens = 0; // so far, counted from its bytes
};

} // namespace tollgate::relay
