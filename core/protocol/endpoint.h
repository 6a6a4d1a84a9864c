// SPDX-License-Identifier: GPL-3.0-or-later
// Which path means what: the operation asked for and the dialect it is asked in.
#pragma once

#include "core/base/result.h"
#include "core/protocol/dialect.h"

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::protocol {

enum class Operation {
    Generate, // chat, completions, responses, messages, generateContent, api/chat, api/generate
    Embed, // embeddings, embedContent, batchEmbedContents, api/embed, api/embeddings
    CountTokens, // messages/count_tokens, countTokens, responses/input_tokens
    Compact, // responses/compact
    Image, // images/generations, images/edits, images/variations
    Speak, // audio/speech
    Transcribe, // audio/transcriptions, audio/translations
    Moderate,
    Rerank,
    Kept, // files and batches that a vendor keeps, see keptcall.h
    ListModels,
    GetModel,
    ShowModel, // Ollama's GetModel: a POST whose body names the model
    ListRunning, // Ollama's /api/ps
    Version, // Ollama's /api/version
    Greeting, // GET /: what clients of Ollama knock at
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
    QByteArray ollamaMethod; // "chat", "generate", "embed", "embeddings", "show"
    QByteArray path; // behind the version, of what goes on in its own dialect only: "rerank"
    bool form = false; // the body is multipart/form-data
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
