// SPDX-License-Identifier: GPL-3.0-or-later
// Servers on one's own machine or network.
#include "providers/rows.h"

#include <array>

namespace tollgate::providers {
namespace {

constexpr std::array kRows{
    Row{.id = "ollama",
        .name = "Ollama",
        .baseUrl = "http://localhost:11434/v1",
        .speaks = Completions | Embeddings | Responses,
        .quirks = NoKey | NoImageUrls | NoRequiredChoice,
        .reasoning = "ollama",
        .initials = "Ol",
        .colour = 0x44403C,
        .keysPage = "https://ollama.com/settings/keys"},
    Row{.id = "ollama-cloud",
        .name = "Ollama Cloud",
        .baseUrl = "https://ollama.com/v1",
        .speaks = Completions | Embeddings | Responses,
        .quirks = NoImageUrls | NoRequiredChoice | NoJsonSchema,
        .reasoning = "ollama",
        .initials = "OC",
        .colour = 0x44403C,
        .models = "glm-5.2 kimi-k2.7-code deepseek-v4-flash",
        .environment = "OLLAMA_API_KEY",
        .keysPage = "https://ollama.com/settings/keys"},
    Row{.id = "lmstudio",
        .name = "LM Studio",
        .baseUrl = "http://localhost:1234/v1",
        .speaks = Completions | Embeddings | Responses | Messages,
        .quirks = NoKey | NoImageUrls | ThinkTags,
        .reasoning = "compatible",
        .initials = "LM",
        .colour = 0x5B21B6},
    Row{.id = "vllm",
        .name = "vLLM",
        .baseUrl = "http://localhost:8000/v1",
        .speaks = Completions | Embeddings | Responses | Rerank,
        .quirks = NoKey | ThinkTags,
        .reasoning = "vllm",
        .initials = "vL",
        .colour = 0x1D4ED8},
    Row{.id = "llamacpp",
        .name = "llama.cpp",
        .baseUrl = "http://localhost:8080/v1",
        .speaks = Completions | Embeddings | Rerank,
        .quirks = NoKey | NoImageUrls | ThinkTags,
        .reasoning = "llamacpp",
        .initials = "L+",
        .colour = 0xA16207},
    Row{.id = "localai",
        .name = "LocalAI",
        .baseUrl = "http://localhost:8080/v1",
        .speaks = Completions | Embeddings | Images | Speech | Transcriptions | Rerank,
        .quirks = NoKey,
        .reasoning = "compatible",
        .initials = "LA",
        .colour = 0x0F766E},
    Row{.id = "jan",
        .name = "Jan",
        .baseUrl = "http://localhost:1337/v1",
        .speaks = Embeddings,
        .quirks = NoKey | NoImageUrls,
        .reasoning = "compatible",
        .initials = "Ja",
        .colour = 0x374151},
    Row{.id = "openai-compatible",
        .name = "OpenAI-compatible server",
        .speaks = Completions | Embeddings | Responses | Images | Speech | Transcriptions
            | Moderations | Rerank | Keeps,
        .quirks = NoKey | ThinkTags,
        .reasoning = "compatible",
        .initials = "<>",
        .colour = 0x475569},
};

} // namespace

std::span<const Row> localRows()
{
    return kRows;
}

} // namespace tollgate::providers
