// SPDX-License-Identifier: GPL-3.0-or-later
// Tool calls and their results, put into the order that strict vendors insist on: each call
// answered directly behind the message that made it, each result once, none without its call.
#pragma once

#include "core/conversation/message.h"

namespace tollgate::conversation {

// A call id for dialects that have none: the same conversation gives the same ids on every turn.
// `salt`: what distinguishes the call there (its position); at most 64 visible ASCII characters.
[[nodiscard]] QByteArray stableCallId(QByteArrayView name, QByteArrayView arguments,
                                      std::int64_t position);

// The messages with results moved behind their calls and in the calls' order, duplicates left out
// (the last counts), a placeholder result for a call without one, and orphaned results turned into
// plain text of the user. Names are filled in from the calls. Idempotent.
[[nodiscard]] std::vector<Message> pairTools(std::vector<Message> messages);

} // namespace tollgate::conversation
