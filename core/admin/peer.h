// SPDX-License-Identifier: GPL-3.0-or-later
// Who is at the other end of a local socket. The only file of the room that asks the system.
#pragma once

#include <QString>
#include <QtGlobal>

namespace tollgate::admin {

enum class PeerOwner { Us, Other, Unknown };

// Whether the process at the other end runs as this user. Unknown where the system cannot tell; the
// socket's own permissions must then do.
[[nodiscard]] PeerOwner peerOwner(qintptr socketDescriptor);

// "uid 1000", for the audit trail.
[[nodiscard]] QString thisUser();

} // namespace tollgate::admin
