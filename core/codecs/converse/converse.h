// SPDX-License-Identifier: GPL-3.0-or-later
// Amazon Bedrock's Converse, which clients do not speak: requests are written, answers read. Asked
// for the reverse the codec says InvalidRequest, writes no body, and an encoder that writes
// nothing. The stream decoder takes the binary messages' type (":event-type", ":exception-type")
// and payload. Members that no other dialect knows (guardrails, performance, prompt variables)
// travel as the request's native ones of Dialect::Converse.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs {

[[nodiscard]] const conversation::Codec &converseCodec();

} // namespace tollgate::codecs
