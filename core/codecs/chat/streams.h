// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/conversation/codec.h"

#include <memory>

namespace tollgate::codecs::chat {

// Reads the chunks of a chat completion; with `thinkTags` a leading <think> of the content too.
[[nodiscard]] std::unique_ptr<conversation::StreamDecoder> streamDecoder(bool thinkTags);
[[nodiscard]] std::unique_ptr<conversation::StreamEncoder>
streamEncoder(const conversation::AnswerContext &context);

} // namespace tollgate::codecs::chat
