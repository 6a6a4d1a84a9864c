// SPDX-License-Identifier: GPL-3.0-or-later
// Anthropic Messages: what Claude's clients speak and what Anthropic, Vertex and Foundry take.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &messagesCodec();

} // namespace tollgate::codecs
