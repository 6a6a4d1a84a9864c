// SPDX-License-Identifier: GPL-3.0-or-later
// What whole answers and lines of a stream have in common, read once for both.
#pragma once

#include "core/codecs/ollama/wire.h"

namespace tollgate::codecs::ollama {

// The error that an answer tells, or one for an answer that is none.
[[nodiscard]] Error toldError(QByteArrayView body);
[[nodiscard]] Error unreadable();

// The object that holds what was said: "message", or for /api/generate the answer itself.
[[nodiscard]] JsonValue saidIn(Form form, JsonValue answer);
[[nodiscard]] QByteArrayView contentName(Form form);

[[nodiscard]] std::int64_t createdS(JsonValue answer);
// Calls in the order told; `salt` and `first` make ids for those that have none.
[[nodiscard]] std::vector<Part> callsIn(JsonValue said, std::int64_t salt, std::int64_t first);
// Tells the answers of one conversation apart, whose calls may be the same.
[[nodiscard]] std::int64_t saltOf(JsonValue answer);
[[nodiscard]] std::vector<Part> imagesIn(JsonValue said);
// The elements of "logprobs", which are those of Chat, without the brackets.
[[nodiscard]] QByteArray logprobsIn(JsonValue answer);

[[nodiscard]] std::optional<Usage> usageIn(JsonValue answer);
[[nodiscard]] Stop stopIn(JsonValue answer, bool calls);
// What only Ollama tells: durations, the context to go on with, the remote model …
[[nodiscard]] Native extrasIn(Form form, JsonValue answer);
[[nodiscard]] Native messageExtrasIn(Form form, JsonValue answer);

} // namespace tollgate::codecs::ollama
