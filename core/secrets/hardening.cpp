// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/hardening.h"

#include <QtGlobal>

#ifdef Q_OS_UNIX
#include <sys/resource.h>
#include <sys/stat.h>
#endif
#ifdef Q_OS_LINUX
#include <sys/prctl.h>
#endif
#ifdef Q_OS_MACOS
#include <sys/ptrace.h>
#include <sys/types.h>
#endif

namespace tollgate::secrets {
namespace {

bool makeFilesPrivate()
{
#ifdef Q_OS_UNIX
    ::umask(S_IRWXG | S_IRWXO);
    return true;
#else
    return false; // Windows: the profile folder's inherited access list does it
#endif
}

bool turnCoreDumpsOff()
{
#ifdef Q_OS_UNIX
    const rlimit none{0, 0};
    return ::setrlimit(RLIMIT_CORE, &none) == 0;
#else
    return false;
#endif
}

bool makeMemoryUnreadable()
{
#if defined(Q_OS_LINUX)
    return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#elif defined(Q_OS_MACOS)
    return ::ptrace(PT_DENY_ATTACH, 0, nullptr, 0) == 0;
#else
    return false;
#endif
}

} // namespace

Hardening harden(bool allowDebugging)
{
    Hardening done;
    done.filesPrivate = makeFilesPrivate();
    if (allowDebugging) {
        done.note = QStringLiteral("Debugging was allowed at start: core files may hold keys.");
        return done;
    }
    done.coreDumpsOff = turnCoreDumpsOff();
    if (qEnvironmentVariableIsSet("SNAP")) {
        done.note
            = QStringLiteral("Inside a Snap other programs of this user can read our memory.");
        return done;
    }
    done.memoryUnreadable = makeMemoryUnreadable();
    if (!done.coreDumpsOff || !done.memoryUnreadable)
        done.note = QStringLiteral("This system does not let Tollgate hide its memory.");
    return done;
}

} // namespace tollgate::secrets
