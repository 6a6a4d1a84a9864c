// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/dialect.h"

namespace tollgate::protocol {

QByteArray dialectName(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Chat:
        return QByteArrayLiteral("chat");
    case Dialect::Completions:
        return QByteArrayLiteral("completions");
    case Dialect::Embeddings:
        return QByteArrayLiteral("embeddings");
    case Dialect::Responses:
        return QByteArrayLiteral("responses");
    case Dialect::Messages:
        return QByteArrayLiteral("messages");
    case Dialect::Gemini:
        return QByteArrayLiteral("gemini");
    case Dialect::Ollama:
        return QByteArrayLiteral("ollama");
    case Dialect::Converse:
        return QByteArrayLiteral("converse");
    case Dialect::Cohere:
        return QByteArrayLiteral("cohere");
    }
    return {};
}

} // namespace tollgate::protocol
