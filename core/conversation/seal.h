// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed bytes on their way through a dialect that is not their owner's: wrapped with the owner's
// name, so that they come back whole from a client that returns what it got, and are never shown to
// a vendor that did not make them. A bare value belongs to the dialect it stands in.
#pragma once

#include "core/conversation/message.h"

namespace tollgate::conversation {

// What to write in a place where `home` would stand bare: home's own bytes as they are, another's
// as "tollgate.<owner>.<base64url id>.<base64url data>".
[[nodiscard]] QByteArray wrapSeal(const Sealed &sealed, Sealed::Owner home);
// The reverse. Bytes without our prefix are home's; damaged ones are nobody's: nullopt.
[[nodiscard]] std::optional<Sealed> unwrapSeal(QByteArrayView bytes, Sealed::Owner home);

} // namespace tollgate::conversation
