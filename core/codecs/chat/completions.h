// SPDX-License-Identifier: GPL-3.0-or-later
// The legacy /v1/completions: one prompt in, text out.
#pragma once

#include "core/conversation/codec.h"

namespace tollgate::codecs::completions {

using namespace conversation;

[[nodiscard]] Result<Request> readRequest(QByteArrayView body);
[[nodiscard]] Result<EncodedRequest> writeRequest(const Request &request, const Target &target);
[[nodiscard]] Result<Response> readAnswer(QByteArrayView body);
[[nodiscard]] QByteArray writeAnswer(const Response &response, const AnswerContext &context);
[[nodiscard]] std::unique_ptr<StreamDecoder> streamDecoder();
[[nodiscard]] std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &context);

// The prompt to repeat before the answer, where the client asked for that.
[[nodiscard]] QByteArray echoOf(const AnswerContext &context);
// Chat's log probabilities in the four parallel arrays of this dialect; empty where there are none.
// `offset`: code points before the first token, counted on.
[[nodiscard]] QByteArray parallelLogprobs(QByteArrayView content, std::int64_t &offset);
// The reverse: elements as Chat has them, without brackets.
[[nodiscard]] QByteArray listedLogprobs(JsonValue logprobs);

} // namespace tollgate::codecs::completions
