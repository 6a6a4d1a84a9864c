// SPDX-License-Identifier: GPL-3.0-or-later
// The wire formats that the canonical conversation is read from and written to.
#pragma once

#include <QByteArray>

namespace tollgate::protocol {

enum class Wire {
    Chat, // OpenAI /v1/chat/completions
    Responses, // OpenAI /v1/responses
    Messages, // Anthropic /v1/messages
    Gemini, // generateContent
    Completions, // OpenAI /v1/completions
    Ollama, // /api/chat, /api/generate
    Converse, // Amazon Bedrock
    Cohere, // v2/chat
};

[[nodiscard]] QByteArray wireName(Wire wire);

} // namespace tollgate::protocol
