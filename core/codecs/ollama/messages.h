// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of /api/chat, read and written.
#pragma once

#include "core/codecs/ollama/wire.h"

namespace tollgate::codecs::ollama {

[[nodiscard]] Result<std::vector<Message>> readMessages(JsonValue messages);
// Pictures stand before the words, as Ollama's templates put them. Takes base64 with or without
// line breaks, and data URLs.
[[nodiscard]] Result<void> readImages(JsonValue images, const QByteArray &param,
                                      std::vector<Part> &parts);
[[nodiscard]] Result<void> writeMessages(JsonWriter &out, const std::vector<Message> &messages,
                                         Dropped &dropped);

// What a message says, without its calls and results.
struct Said
{
    QByteArray content;
    QByteArray thinking;
    QByteArrayList images;
};
// Adds a part. InvalidRequest for media of the user's that Ollama cannot take.
[[nodiscard]] Result<void> say(Said &said, const Part &part, Role role, Dropped &dropped);
// Any arguments as a JSON object; what is none becomes {"_raw": "…"}.
[[nodiscard]] QByteArray argumentsObject(const QByteArray &arguments);
// The text with an empty line where a further paragraph begins.
[[nodiscard]] QByteArray withParagraphs(const Reasoning &reasoning);

} // namespace tollgate::codecs::ollama
