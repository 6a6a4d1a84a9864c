// SPDX-License-Identifier: GPL-3.0-or-later
// A look into a multipart/form-data body (RFC 7578): the same few members as of a JSON one, the
// files passed over. Pure.
#pragma once

#include "core/protocol/peek.h"

#include <functional>

namespace tollgate::protocol {

[[nodiscard]] bool isForm(QByteArrayView contentType);

// Each part in its order, by its name and where its value stands in the body; the first refusal of
// `visit` ends it. InvalidRequest where the body is no such form or ends early.
using VisitPart = std::function<Result<void>(const QByteArray &name, Span value)>;
[[nodiscard]] Result<void> eachPart(QByteArrayView contentType, QByteArrayView body,
                                    const VisitPart &visit);

// InvalidRequest with `param` where the body is no such form, ends early, or names the model not
// once. Edits of the model go into the same bytes; the boundary stays.
[[nodiscard]] Result<Peek> peekForm(QByteArrayView contentType, QByteArrayView body);

} // namespace tollgate::protocol
