// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI's Chat Completions and the legacy Completions, as OpenAI and as the many compatible
// vendors write them.
#pragma once

#include "core/conversation/codec.h"

#include <span>

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &chatCodec();
// The same for channels whose model thinks aloud in its content: a leading <think>…</think> (or
// <thought>…</thought>) of an answer is read as reasoning.
[[nodiscard]] const conversation::Codec &chatThinkTagsCodec();
[[nodiscard]] const conversation::Codec &completionsCodec();

namespace chat {

// How a vendor is asked to reason, and in which members its dialect differs from OpenAI's. The name
// is Target::reasoningStyle; an empty one means OpenAI itself.
struct ReasoningStyle
{
    enum class Ask {
        Effort, // reasoning_effort
        Object, // reasoning: {effort | max_tokens, enabled, exclude}
        Thinking, // thinking: {type: enabled | disabled}
        Adaptive, // thinking: {type: adaptive | disabled}
        Switch, // enable_thinking, thinking_budget
        Template, // chat_template_kwargs: {enable_thinking}
        PromptMode, // prompt_mode: "reasoning"
        Google, // reasoning_effort, or extra_body.google.thinking_config for a budget
        Nothing, // cannot be asked
    };
    enum class Back {
        None, // the vendor does not take its reasoning back
        Content, // reasoning_content
        Details, // reasoning_details, unmodified
        Parts, // parts of type "thinking" in the content
    };
    QByteArrayView name;
    Ask ask = Ask::Effort;
    Back back = Back::None;
    bool effortToo = false; // beside the switch, where the model has efforts
    bool format = false; // reasoning_format: parsed | hidden
    bool split = false; // reasoning_split: reasoning apart from the content
    bool cacheControl = false; // takes cache_control on parts and tools
    bool sampling = false; // knows top_k, min_p and repetition_penalty
    bool customTools = false;
    bool allowedTools = false; // takes tool_choice {type: allowed_tools}
    QByteArrayView refuses; // members of OpenAI's that are answered with 400; space separated
    int hottest = 2; // the highest temperature that is taken
};

[[nodiscard]] std::span<const ReasoningStyle> reasoningStyles();
// The style by this name, or OpenAI's.
[[nodiscard]] const ReasoningStyle &reasoningStyle(QByteArrayView name);

} // namespace chat
} // namespace tollgate::codecs
