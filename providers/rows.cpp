// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/rows.h"

#include <array>

namespace tollgate::providers {
namespace {

constexpr std::array kRows{
    Row{"openai", "OpenAI", "https://api.openai.com/v1", "v1",
        CompletionTokens | Completions | Embeddings | Responses},
    Row{"deepseek", "DeepSeek", "https://api.deepseek.com/v1", "v1", Responses},
    Row{"mistral", "Mistral", "https://api.mistral.ai/v1", "v1", NoIncludeUsage | Embeddings},
    Row{"groq", "Groq", "https://api.groq.com/openai/v1", "v1", CompletionTokens | Responses},
    Row{"xai", "xAI", "https://api.x.ai/v1", "v1", CompletionTokens | Responses},
    Row{"openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "v1",
        Completions | Embeddings | Responses | Messages},
    Row{"ollama", "Ollama", "http://localhost:11434/v1", "v1",
        NoKey | Completions | Embeddings | Responses},
    Row{"lmstudio", "LM Studio", "http://localhost:1234/v1", "v1",
        NoKey | Completions | Embeddings | Responses | Messages},
    Row{"vllm", "vLLM", "http://localhost:8000/v1", "v1",
        NoKey | Completions | Embeddings | Responses},
    Row{"openai-compatible", "OpenAI-compatible server", "", "v1",
        NoKey | Completions | Embeddings | Responses},
};

} // namespace

std::span<const Row> openAiRows()
{
    return kRows;
}

} // namespace tollgate::providers
