// SPDX-License-Identifier: GPL-3.0-or-later
// The door to the codecs: one for each dialect that generates.
#pragma once

#include "core/conversation/codec.h"
#include "core/protocol/endpoint.h"

namespace tollgate::codecs {

// nullptr for a dialect that has none (embeddings).
[[nodiscard]] const conversation::Codec *codecOf(protocol::Dialect dialect);
// The one for what a client sends there: Ollama has two kinds of request.
[[nodiscard]] const conversation::Codec *codecOf(const protocol::Endpoint &endpoint);

} // namespace tollgate::codecs
