// SPDX-License-Identifier: GPL-3.0-or-later
// Small vocabulary of the dialect, both ways.
#pragma once

#include "core/conversation/request.h"
#include "core/conversation/response.h"

namespace tollgate::codecs::chat {

using namespace conversation;

// What a finish_reason means; `calls`: whether the answer calls tools, which some vendors end with
// "stop".
[[nodiscard]] Stop stopOf(QByteArray native, bool calls);
[[nodiscard]] QByteArray finishReason(const Stop &stop);

// cache_control or prompt_cache_breakpoint of a part, message or tool.
[[nodiscard]] std::optional<CacheMark> readCacheMark(JsonValue object);
// Writes the mark as it was spelt, or as cache_control where the vendor takes that.
// False where it cannot be said.
bool writeCacheMark(JsonWriter &out, const std::optional<CacheMark> &mark, const Native &bag,
                    bool cacheControl);

// A response's log probabilities in the form in which a folded stream has them.
[[nodiscard]] QByteArray readLogprobs(JsonValue logprobs);
[[nodiscard]] QByteArray listElements(JsonValue list); // without the brackets

[[nodiscard]] std::int64_t codePoints(QByteArrayView utf8);

} // namespace tollgate::codecs::chat
