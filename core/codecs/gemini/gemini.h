// SPDX-License-Identifier: GPL-3.0-or-later
// Gemini's generateContent and streamGenerateContent, as a client's dialect and as a vendor's.
// Model and stream stand in the path: decodeRequest() leaves them to its caller.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &geminiCodec();

} // namespace tollgate::codecs
