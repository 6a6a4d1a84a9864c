// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of the dialect read: contents, parts and tool calls.
#pragma once

#include "core/base/result.h"
#include "core/codecs/chat/names.h"

namespace tollgate::codecs::chat {

// A content: text, an array of parts, or null.
[[nodiscard]] std::vector<Part> readContent(JsonValue content);
// A whole assistant message, of a history or an answer: reasoning, content, media, calls.
// `salt` makes the ids of calls that came without one differ from answer to answer.
[[nodiscard]] Message readAssistant(JsonValue message, QByteArrayView salt);
// Annotations as citations of the message's last text.
void addAnnotations(std::vector<Part> &parts, JsonValue annotations);
[[nodiscard]] Citation readAnnotation(JsonValue annotation);
// Gemini's signature of a call, by way of its OpenAI endpoint.
[[nodiscard]] std::optional<Sealed> readCallSeal(JsonValue call);

[[nodiscard]] Result<std::vector<Message>> readMessages(JsonValue messages);

} // namespace tollgate::codecs::chat
