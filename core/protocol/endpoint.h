// SPDX-License-Identifier: GPL-3.0-or-later
// Which path means what: the operation asked for and the dialect it is asked in.
#pragma once

#include "core/base/result.h"
#include "core/protocol/dialect.h"

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::protocol {

enum class Operation {
    Generate, // chat, completions, responses, messages, generateContent
    Embed, // embeddings, embedContent, batchEmbedContents
    CountTokens,
    ListModels,
    GetModel,
    Health, // /healthz
    Metrics, // /metrics
    ResponsesSocket // a WebSocket upgrade on /v1/responses: 426
};

struct Endpoint
{
    Operation operation = Operation::Generate;
    Dialect dialect = Dialect::Chat;
    QByteArray model; // from the path (Gemini, GetModel), percent-decoded
    QByteArray geminiMethod; // "generateContent", "streamGenerateContent", …; Gemini only
    QByteArray geminiVersion; // "v1beta" or "v1", Gemini only
    bool stream = false; // the path itself asks for a stream
    bool sse = true; // Gemini: alt=sse; otherwise its stream is one JSON array
};

// With and without /v1, a doubled /v1/v1 forgiven, trailing slash ignored. NotFound, or
// MethodNotAllowed with `allow`. `upgrade`: the request carries "Upgrade: websocket".
[[nodiscard]] Result<Endpoint> findEndpoint(QByteArrayView method, QByteArrayView path,
                                            QByteArrayView query, bool upgrade);

// The dialect whose error shape suits a path that is no endpoint.
[[nodiscard]] Dialect dialectOfPath(QByteArrayView path);

} // namespace tollgate::protocol
