// SPDX-License-Identifier: GPL-3.0-or-later
// Facts: each vendor's API reference on reasoning, and recorded traffic.
#include "core/codecs/chat/chat.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::chat {
namespace {

using Ask = ReasoningStyle::Ask;
using Back = ReasoningStyle::Back;

constexpr std::array kStyles{
    ReasoningStyle{.name = "openai", .customTools = true, .allowedTools = true},
    ReasoningStyle{.name = "openrouter",
                   .ask = Ask::Object,
                   .back = Back::Details,
                   .cacheControl = true,
                   .sampling = true},
    ReasoningStyle{.name = "deepseek",
                   .ask = Ask::Thinking,
                   .back = Back::Content,
                   .effortToo = true,
                   .refuses = "seed top_k"},
    ReasoningStyle{.name = "moonshot",
                   .ask = Ask::Thinking,
                   .back = Back::Content,
                   .effortToo = true,
                   .hottest = 1},
    ReasoningStyle{.name = "zhipu",
                   .ask = Ask::Thinking,
                   .back = Back::Content,
                   .effortToo = true,
                   .hottest = 1},
    ReasoningStyle{.name = "minimax", .ask = Ask::Adaptive, .back = Back::Details, .split = true},
    ReasoningStyle{.name = "qwen",
                   .ask = Ask::Switch,
                   .back = Back::Content,
                   .cacheControl = true,
                   .sampling = true},
    ReasoningStyle{.name = "xai"},
    ReasoningStyle{.name = "groq", .format = true, .refuses = "logit_bias"},
    ReasoningStyle{
        .name = "mistral", .ask = Ask::PromptMode, .back = Back::Parts, .effortToo = true},
    ReasoningStyle{.name = "cerebras",
                   .sampling = true,
                   .refuses = "presence_penalty frequency_penalty logit_bias"},
    ReasoningStyle{.name = "snowflake", .ask = Ask::Object, .back = Back::Details},
    ReasoningStyle{.name = "vllm", .ask = Ask::Template, .back = Back::Content, .sampling = true},
    ReasoningStyle{
        .name = "llamacpp", .ask = Ask::Template, .back = Back::Content, .sampling = true},
    ReasoningStyle{.name = "ollama", .sampling = true},
    ReasoningStyle{.name = "gemini", .ask = Ask::Google},
    ReasoningStyle{.name = "compatible", .sampling = true},
    ReasoningStyle{.name = "none", .ask = Ask::Nothing, .sampling = true},
};

} // namespace

std::span<const ReasoningStyle> reasoningStyles()
{
    return kStyles;
}

const ReasoningStyle &reasoningStyle(QByteArrayView name)
{
    const auto at
        = std::find_if(kStyles.begin(), kStyles.end(),
                       [name](const ReasoningStyle &style) { return style.name == name; });
    return at == kStyles.end() ? kStyles.front() : *at;
}

} // namespace tollgate::codecs::chat
