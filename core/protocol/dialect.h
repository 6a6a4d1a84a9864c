// SPDX-License-Identifier: GPL-3.0-or-later
// The dialects: wire formats that clients speak to the gateway, and the gateway to vendors.
#pragma once

#include <QByteArray>

namespace tollgate::protocol {

enum class Dialect {
    Chat, // OpenAI /v1/chat/completions
    Completions, // OpenAI /v1/completions
    Embeddings, // OpenAI /v1/embeddings
    Responses, // OpenAI /v1/responses
    Messages, // Anthropic /v1/messages
    Gemini, // generateContent and its kin
    Ollama, // /api/chat, /api/generate and their kin
    Converse, // Amazon Bedrock; vendors only
    Cohere, // v2/chat; vendors only
};

// A stable lower-case word for records and settings: "chat", "messages" …
[[nodiscard]] QByteArray dialectName(Dialect dialect);

} // namespace tollgate::protocol
