// SPDX-License-Identifier: GPL-3.0-or-later
// The model list in a form that OpenAI and Anthropic clients both read (one object with the members
// of both), Gemini's form, and Ollama's.
#pragma once

#include "core/protocol/endpoint.h"

#include <QByteArrayList>

#include <vector>

namespace tollgate::protocol {

struct ModelInfo
{
    QByteArray id;
    QByteArray owner;
    std::int64_t createdS = 0; // seconds since 1970
    std::int64_t contextTokens = 0; // 0: unknown
    QByteArrayList capabilities; // as Ollama names them: completion, tools, vision …
};

[[nodiscard]] QByteArray modelList(Dialect dialect, const std::vector<ModelInfo> &models);
[[nodiscard]] QByteArray modelObject(Dialect dialect, const ModelInfo &model);

// Ollama's further answers. Nothing is loaded here, so that none of the models is running.
[[nodiscard]] QByteArray runningModels();
[[nodiscard]] QByteArray ollamaVersion();

} // namespace tollgate::protocol
