// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/codecs.h"

#include "core/codecs/chat/chat.h"
#include "core/codecs/cohere/cohere.h"
#include "core/codecs/converse/converse.h"
#include "core/codecs/gemini/gemini.h"
#include "core/codecs/messages/messages.h"
#include "core/codecs/ollama/ollama.h"
#include "core/codecs/responses/responses.h"

namespace tollgate::codecs {

using protocol::Dialect;

const conversation::Codec *codecOf(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Chat:
        return &chatCodec();
    case Dialect::Completions:
        return &completionsCodec();
    case Dialect::Responses:
        return &responsesCodec();
    case Dialect::Messages:
        return &messagesCodec();
    case Dialect::Gemini:
        return &geminiCodec();
    case Dialect::Ollama:
        return &ollamaCodec();
    case Dialect::Converse:
        return &converseCodec();
    case Dialect::Cohere:
        return &cohereCodec();
    case Dialect::Embeddings:
        break;
    }
    return nullptr;
}

const conversation::Codec *codecOf(const protocol::Endpoint &endpoint)
{
    if (endpoint.dialect == Dialect::Ollama && endpoint.ollamaMethod == "generate")
        return &ollamaGenerateCodec();
    return codecOf(endpoint.dialect);
}

} // namespace tollgate::codecs
