// SPDX-License-Identifier: GPL-3.0-or-later
// A look into a multipart/form-data body (RFC 7578): the same few members as of a JSON one, the
// files passed over. Pure.
#pragma once

#include "core/protocol/peek.h"

namespace tollgate::protocol {

[[nodiscard]] bool isForm(QByteArrayView contentType);

// InvalidRequest with `param` where the body is no such form, ends early, or names the model not
// once. Edits of the model go into the same bytes; the boundary stays.
[[nodiscard]] Result<Peek> peekForm(QByteArrayView contentType, QByteArrayView body);

} // namespace tollgate::protocol
