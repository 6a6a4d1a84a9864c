// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/peer.h"

#ifdef Q_OS_UNIX
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#endif

namespace tollgate::admin {

#if defined(Q_OS_LINUX)

PeerOwner peerOwner(qintptr socketDescriptor)
{
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(static_cast<int>(socketDescriptor), SOL_SOCKET, SO_PEERCRED, &credentials, &size)
            != 0
        || size != sizeof credentials)
        return PeerOwner::Unknown;
    return credentials.uid == geteuid() ? PeerOwner::Us : PeerOwner::Other;
}

#elif defined(Q_OS_UNIX)

PeerOwner peerOwner(qintptr socketDescriptor)
{
    uid_t user = 0;
    gid_t group = 0;
    if (getpeereid(static_cast<int>(socketDescriptor), &user, &group) != 0)
        return PeerOwner::Unknown;
    return user == geteuid() ? PeerOwner::Us : PeerOwner::Other;
}

#else

PeerOwner peerOwner(qintptr)
{
    return PeerOwner::Unknown;
}

#endif

QString thisUser()
{
#ifdef Q_OS_UNIX
    return QStringLiteral("uid %1").arg(geteuid());
#else
    return qEnvironmentVariable("USERNAME", QStringLiteral("this user"));
#endif
}

} // namespace tollgate::admin
