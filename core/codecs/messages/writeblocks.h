// SPDX-License-Identifier: GPL-3.0-or-later
// Parts, written as content blocks of the Messages dialect.
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

// The native name under which a tool result keeps content that parts cannot hold.
inline constexpr QByteArrayView kInnerContent = "tool_result.content";
// Gemini signs calls and texts; this dialect has no place for that. Such a seal rides in a thinking
// block without text, whose signature is the wrapped seal with an id: the call's, or this word for
// the part before.
inline constexpr QByteArrayView kSealOfPrevious = ":previous";

void writeText(JsonWriter &out, const Text &text, const Part &part);
// The citation as an element of a text's list; writes nothing where nothing can be said.
void writeCitation(JsonWriter &out, const Citation &citation);
[[nodiscard]] bool canCite(const Citation &citation);
void writeThinking(JsonWriter &out, QByteArrayView text, QByteArrayView signature);
void writeToolUse(JsonWriter &out, const ToolCall &call, const Part &part);
// InvalidRequest for media that no block can hold.
[[nodiscard]] Result<void> writeMedia(JsonWriter &out, const Media &media, const Part &part,
                                      bool keepMime);

// One block of a request, or none where nothing is left to say.
[[nodiscard]] Result<void> writeRequestPart(JsonWriter &out, const Part &part, Dialect source,
                                            Dropped &dropped);
// The signature that carries a reasoning's seal.
[[nodiscard]] QByteArray signatureOf(const Reasoning &reasoning);
[[nodiscard]] QByteArray carrierOf(const Sealed &seal, const QByteArray &id);

} // namespace tollgate::codecs::messages
