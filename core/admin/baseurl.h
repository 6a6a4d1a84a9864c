// SPDX-License-Identifier: GPL-3.0-or-later
// What a channel's base URL may be, and where its key may be sent. Pure.
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

namespace tollgate::admin {

// The URL as it is stored: https, or http where `local`; a host, perhaps a port and a path; no
// user, no query, no fragment; no trailing slash. A host that is plainly private needs `local`.
[[nodiscard]] Result<QByteArray> checkBaseUrl(const QString &text, bool local);
// The host is this machine by its spelling: localhost, 127.0.0.0/8, ::1.
[[nodiscard]] bool isLoopbackUrl(const QString &text);
// http, socks5 or socks5h with host and port and no password; empty is none.
[[nodiscard]] Result<QByteArray> checkProxy(const QString &text);
// What was forgiven in a URL as it was pasted, or will surprise: a doubled path, a whole endpoint,
// plain text across a network. One sentence each.
[[nodiscard]] QStringList baseUrlWarnings(const QByteArray &typed, bool needsKey);

} // namespace tollgate::admin
