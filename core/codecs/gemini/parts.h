// SPDX-License-Identifier: GPL-3.0-or-later
// Gemini's parts and the canonical ones.
#pragma once

#include "core/codecs/gemini/wire.h"
#include "core/conversation/codec.h"
#include "core/conversation/dropped.h"

namespace tollgate::codecs::gemini {

// One part as it stands. A call without id gets an empty one: who reads knows its place. nullopt
// for a part that says nothing.
// A mark: the data was spelt in the alphabet of URLs.
inline constexpr QByteArrayView kUrlAlphabet = ".urlAlphabet";

[[nodiscard]] std::optional<conversation::Part> readPart(JsonValue part);
// Parts that continue the one before: text of the same kind behind text that nobody has signed.
[[nodiscard]] bool continues(const conversation::Part &before, const conversation::Part &next);

// inlineData or fileData into the object that is open. False where the source is another vendor's
// file id.
[[nodiscard]] bool writeMedia(JsonWriter &out, const conversation::Media &media,
                              const Native &native = {});
// Members of one answered part, object brackets included; nothing for what Gemini has no part for.
void writeAnswerPart(JsonWriter &out, const conversation::Part &part);
// The value of functionCall, its object left open.
void writeCall(JsonWriter &out, const conversation::ToolCall &call, bool withId);
// Reasoning text, with empty lines where paragraphs begin.
[[nodiscard]] QByteArray thoughtText(const conversation::Reasoning &reasoning);
// Whether a hosted call or result is one of Gemini's own.
[[nodiscard]] bool isGeminiHosted(QByteArrayView hostedType);

} // namespace tollgate::codecs::gemini
