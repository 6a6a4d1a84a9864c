// SPDX-License-Identifier: GPL-3.0-or-later
// Names of request fields that come with nearly every request, shared instead of copied.
#pragma once

#include <QByteArray>

namespace tollgate::http {

// The shared lower-case name, or a copy of `name` as it was sent.
[[nodiscard]] QByteArray internedName(QByteArrayView name);

} // namespace tollgate::http
