// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/codecs.h"

#include "core/codecs/ollama/ollama.h"

namespace tollgate::codecs {

using protocol::Dialect;

const conversation::Codec *codecOf(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Ollama:
        return &ollamaCodec();
    default:
        return nullptr;
    }
}

const conversation::Codec *codecOf(const protocol::Endpoint &endpoint)
{
    return codecOf(endpoint.dialect);
}

} // namespace tollgate::codecs
