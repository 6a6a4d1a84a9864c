// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens of a request's input counted here, where no vendor counts them: a guess, and marked as
// one. Pure.
#pragma once

#include "core/protocol/endpoint.h"

namespace tollgate::relay {

// Of all that a model would read of this body: a token is about four letters of Latin, one
// character of Chinese, Japanese or Korean.
[[nodiscard]] std::int64_t countedHere(QByteArrayView body);
// The answer in the words of the dialect that was asked.
[[nodiscard]] QByteArray countAnswer(protocol::Dialect dialect, std::int64_t tokens);

} // namespace tollgate::relay
