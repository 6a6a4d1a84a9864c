// SPDX-License-Identifier: GPL-3.0-or-later
// Cohere's v2 chat, as a vendor's dialect only: no client speaks it here. decodeRequest() answers
// InvalidRequest, encodeResponse() nothing, and streamEncoder() gives one that writes nothing.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &cohereCodec();

} // namespace tollgate::codecs
