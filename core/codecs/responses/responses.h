// SPDX-License-Identifier: GPL-3.0-or-later
// The codec of OpenAI's Responses: /v1/responses, whole and streamed.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &responsesCodec();

} // namespace tollgate::codecs
