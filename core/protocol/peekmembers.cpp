// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/peekmembers.h"

#include <algorithm>
#include <array>

namespace tollgate::protocol {
namespace {

using enum Member;
constexpr std::array kChat{
    Known{"model", Model},
    Known{"stream", Stream},
    Known{"stream_options", StreamOptions},
    Known{"max_tokens", MaxOutput},
    Known{"max_completion_tokens", MaxOutput},
    Known{"n", Choices},
    Known{"prompt_cache_key", CacheKey, false},
    Known{"user", User, false},
    Known{"tools", Tools, false},
};
constexpr std::array kCompletions{
    Known{"model", Model},
    Known{"stream", Stream},
    Known{"stream_options", StreamOptions},
    Known{"max_tokens", MaxOutput},
    Known{"n", Choices},
    Known{"best_of", BestOf},
    Known{"prompt", Prompt},
    Known{"user", User, false},
};
constexpr std::array kResponses{
    Known{"model", Model},
    Known{"stream", Stream},
    Known{"max_output_tokens", MaxOutput},
    Known{"prompt_cache_key", CacheKey, false},
    Known{"user", User, false},
    Known{"tools", Tools, false},
};
constexpr std::array kMessages{
    Known{"model", Model},          Known{"stream", Stream},
    Known{"max_tokens", MaxOutput}, Known{"metadata", Metadata, false},
    Known{"tools", Tools, false},
};
constexpr std::array kEmbeddings{
    Known{"model", Model},
    Known{"user", User, false},
};
constexpr std::array kGemini{
    Known{"model", Model},
    Known{"generationConfig", GenerationConfig},
    Known{"generation_config", GenerationConfig},
    Known{"requests", Requests},
    Known{"tools", Tools, false},
};

constexpr std::array kOllama{
    Known{"model", Model},        Known{"stream", Stream},         Known{"options", Options},
    Known{"tools", Tools, false}, Known{"messages", Turns, false}, Known{"images", Pictures, false},
};

template <std::size_t N> const Known *lookUp(const std::array<Known, N> &table, QByteArrayView name)
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const Known &known) {
        return known.name.size() == name.size()
            && (known.guarded ? name.compare(known.name, Qt::CaseInsensitive) == 0
                              : name == known.name);
    });
    return found == table.end() ? nullptr : &*found;
}

} // namespace

const Known *lookUp(Dialect dialect, QByteArrayView name)
{
    switch (dialect) {
    case Dialect::Chat:
        return lookUp(kChat, name);
    case Dialect::Completions:
        return lookUp(kCompletions, name);
    case Dialect::Embeddings:
        return lookUp(kEmbeddings, name);
    case Dialect::Responses:
        return lookUp(kResponses, name);
    case Dialect::Messages:
        return lookUp(kMessages, name);
    case Dialect::Gemini:
        return lookUp(kGemini, name);
    case Dialect::Ollama:
        return lookUp(kOllama, name);
    case Dialect::Cohere: // rerank
        return lookUp(kEmbeddings, name);
    case Dialect::Converse:
        break;
    }
    return nullptr;
}

QByteArray usualModel(Operation operation)
{
    return operation == Operation::Moderate ? QByteArrayLiteral("omni-moderation-latest")
                                            : QByteArray();
}

} // namespace tollgate::protocol
