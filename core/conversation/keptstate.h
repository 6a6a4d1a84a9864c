// SPDX-License-Identifier: GPL-3.0-or-later
// What a request of Responses takes for granted that its vendor has kept. The gateway keeps no
// conversations, so such a request can go to that vendor alone.
#pragma once

#include "core/base/error.h"
#include "core/conversation/request.h"

namespace tollgate::conversation {

// The client's 400 where the request refers to something kept elsewhere (an earlier answer, a
// conversation, stored items or prompts, a run in the background); nullopt where any vendor that is
// told the request is told it all. To be asked before a request is written in another dialect.
[[nodiscard]] std::optional<Error> refersElsewhere(const Request &request);

} // namespace tollgate::conversation
