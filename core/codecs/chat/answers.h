// SPDX-License-Identifier: GPL-3.0-or-later
// Whole answers of the dialect, both ways.
#pragma once

#include "core/codecs/chat/names.h"
#include "core/conversation/codec.h"

namespace tollgate::codecs::chat {

[[nodiscard]] Result<Response> readAnswer(QByteArrayView body, bool thinkTags);
[[nodiscard]] QByteArray writeAnswer(const Response &response, const AnswerContext &context);

// An error told inside an answer or a chunk, in any of the vendors' forms.
[[nodiscard]] std::optional<Error> errorIn(JsonValue completion);
[[nodiscard]] Error unreadable();
[[nodiscard]] Error cutShort();

// Members of a choice and of a completion that have their own place.
void keepChoiceNatives(Native &bag, JsonValue choice);
void keepAnswerNatives(Native &bag, JsonValue completion);
// vLLM and SGLang name the sequence that stopped the answer.
void readStopSequence(Stop &stop, JsonValue choice);

// Whether the client asked with the deprecated "functions" and must be answered alike.
[[nodiscard]] bool asksForFunctionCall(const AnswerContext &context);
// The call as the client's request knows its tool: custom tools come back as such.
[[nodiscard]] ToolCall callForClient(const ToolCall &call, const AnswerContext &context);
// Citations of the message's texts as annotations, in an open array; counts code points on.
void writeAnnotation(JsonWriter &out, const Citation &citation, std::int64_t offset);
[[nodiscard]] QByteArray idOf(const QByteArray &vendors, const AnswerContext &context);

} // namespace tollgate::codecs::chat
