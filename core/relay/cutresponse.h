// SPDX-License-Identifier: GPL-3.0-or-later
// The last event of a Responses stream that we stop, with all that its client was told so far: who
// reads only that event must find the partial answer in it. Pure; internal to this room.
#pragma once

#include "core/relay/answerstream.h"

namespace tollgate::relay {

// `told`: the vendor's events as they were passed on.
[[nodiscard]] QByteArray cutResponse(QByteArrayView told, const AnswerStream::Cut &cut,
                                     std::int64_t sequence);

} // namespace tollgate::relay
