// SPDX-License-Identifier: GPL-3.0-or-later
// How a vendor is asked to reason.
#pragma once

#include "core/codecs/chat/chat.h"

namespace tollgate::codecs::chat {

using namespace conversation;

void writeAsking(JsonWriter &out, const Request &request, const Target &target,
                 const ReasoningStyle &style, Dropped &dropped);

} // namespace tollgate::codecs::chat
