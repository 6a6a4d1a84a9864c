// SPDX-License-Identifier: GPL-3.0-or-later
// How much a Claude is asked to think, in the words its generation understands. Older models take a
// budget of tokens that counts against max_tokens and forbids some other members; newer ones decide
// for themselves and take an effort.
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

struct Thinking
{
    enum class Kind { Silent, Disabled, Budget, Adaptive };
    Kind kind = Kind::Silent;
    std::int64_t budget = 0;
    QByteArray effort; // empty: not said
    QByteArray display; // likewise
    std::int64_t maxTokens = 0; // for the whole answer, thoughts included
};

// What else in the request decides on it.
struct ThinkingBounds
{
    bool historyForbids = false; // see lacksThought()
    bool forcedTool = false; // a tool choice other than auto and none
};

[[nodiscard]] Thinking decideThinking(const Request &request, const Target &target,
                                      const ThinkingBounds &bounds, Dropped &dropped);

// The request's reasoning as its members say it; what they cannot say stays in the bag.
[[nodiscard]] Result<ReasoningSpec> readThinking(JsonValue request, Native &bag);
void writeThinkingMember(JsonWriter &out, const Thinking &thinking, const Native &bag);

} // namespace tollgate::codecs::messages
