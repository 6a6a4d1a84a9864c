// SPDX-License-Identifier: GPL-3.0-or-later
// Ollama's own dialect, for clients and for vendors: /api/chat and /api/generate, answered with one
// object or with lines of JSON. Facts: Ollama's docs/api.md and openapi.yaml.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &ollamaCodec(); // /api/chat
// A request is one turn: system, prompt, images. What it alone knows (suffix, template, raw,
// context) stays native.
[[nodiscard]] const conversation::Codec &ollamaGenerateCodec(); // /api/generate

// Whether the request only asks to load the model or to free its memory: a chat without messages, a
// generation without a prompt. Such a request is answered here and bought nowhere.
[[nodiscard]] bool asksOllamaToLoad(bool generate, const conversation::Request &request);
// That answer: one object, also where a stream was asked for.
[[nodiscard]] QByteArray ollamaLoadAnswer(bool generate, const conversation::Request &request,
                                          const conversation::AnswerContext &context);

// The client's 400 where the request wants what only Ollama's own generation does (a suffix, a raw
// prompt) and leaving it out would ask for something else. To be asked before it is put into
// another dialect.
[[nodiscard]] std::optional<Error> onlyOllamas(const conversation::Request &request);

} // namespace tollgate::codecs
