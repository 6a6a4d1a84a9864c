// SPDX-License-Identifier: GPL-3.0-or-later
// The halves of the codec, for cohere.cpp.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs::cohere {

[[nodiscard]] Result<conversation::EncodedRequest>
writeRequest(const conversation::Request &request, const conversation::Target &target);
[[nodiscard]] Result<conversation::Response> readResponse(QByteArrayView body);
[[nodiscard]] std::unique_ptr<conversation::StreamDecoder> makeStreamReader();

// Shared by whole answers and streams.
[[nodiscard]] conversation::Stop stopOf(const QByteArray &finishReason, bool calls);
[[nodiscard]] std::optional<conversation::Usage> usageOf(conversation::JsonValue usage);
[[nodiscard]] conversation::Citation citationOf(conversation::JsonValue citation);
// Whether it stands in the answer's text, not in its plan or thinking.
[[nodiscard]] bool citesText(conversation::JsonValue citation);
// Calls without arguments come with "null" or nothing.
[[nodiscard]] QByteArray argumentsOf(const QByteArray &told);
[[nodiscard]] Error vendorError(conversation::JsonValue root);

} // namespace tollgate::codecs::cohere
