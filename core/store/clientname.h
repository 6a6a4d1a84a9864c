// SPDX-License-Identifier: GPL-3.0-or-later
// Which program asked, from what it calls itself: a stable lower-case word to filter and group by.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::store {

// "claude-code", "codex", "curl" …; the product's own name where nobody here knows it, empty where
// there is none. Pure.
[[nodiscard]] QByteArray clientName(QByteArrayView userAgent);

} // namespace tollgate::store
