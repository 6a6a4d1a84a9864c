// SPDX-License-Identifier: GPL-3.0-or-later
// generateContent answers, whole and streamed: both are read and written by the same steps, since a
// stream is a row of whole answers that each tell a bit more.
#pragma once

#include "core/codecs/gemini/wire.h"
#include "core/conversation/codec.h"

namespace tollgate::codecs::gemini {

[[nodiscard]] std::unique_ptr<conversation::StreamDecoder> makeStreamReader();
[[nodiscard]] Result<conversation::Response> readResponse(QByteArrayView body);

[[nodiscard]] std::unique_ptr<conversation::StreamEncoder>
makeStreamWriter(const conversation::AnswerContext &context);
[[nodiscard]] QByteArray writeResponse(const conversation::Response &response,
                                       const conversation::AnswerContext &context);

// usageMetadata: the vendor's own where it was Gemini, else made of the counts.
void writeUsage(JsonWriter &out, const conversation::Usage &usage);

} // namespace tollgate::codecs::gemini
