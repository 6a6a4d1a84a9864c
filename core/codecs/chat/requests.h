// SPDX-License-Identifier: GPL-3.0-or-later
// Requests of the dialect, both ways.
#pragma once

#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/names.h"

namespace tollgate::codecs::chat {

[[nodiscard]] Result<Request> readRequest(QByteArrayView body);
[[nodiscard]] Result<EncodedRequest> writeRequest(const Request &request, const Target &target);

// The members that Completions shares: model, stream, sampling, limits, user.
void readCommon(Request &request, JsonValue root);
// n, stop, sampling and penalties.
void writeSampling(JsonWriter &out, const Request &request, const Target &target, Dropped &dropped);

} // namespace tollgate::codecs::chat
