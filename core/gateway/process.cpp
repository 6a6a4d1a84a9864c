// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/process.h"

#include <QtGlobal>

#if defined(Q_OS_UNIX)
#include <sys/resource.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace tollgate::gateway {

void prepareProcess()
{
#if defined(Q_OS_UNIX)
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        constexpr rlim_t kEnough = 65'536; // some systems refuse "unlimited" here
        files.rlim_cur = files.rlim_max < kEnough ? files.rlim_max : kEnough;
        setrlimit(RLIMIT_NOFILE, &files);
    }
#endif
#if defined(__GLIBC__)
    // Arenas that are trimmed at each free cost a system call or two a request.
    constexpr int kKeep = 16 * 1024 * 1024;
    mallopt(M_TRIM_THRESHOLD, kKeep);
    mallopt(M_TOP_PAD, 256 * 1024);
    mallopt(M_ARENA_MAX, 4);
#endif
}

void giveBackMemory()
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

} // namespace tollgate::gateway
