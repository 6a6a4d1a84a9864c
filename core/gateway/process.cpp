// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/process.h"

#include <QtGlobal>

#include <algorithm>

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
        const rlim_t before = files.rlim_cur;
        // Some systems refuse "unlimited" here, and some have a lower bound of their own.
        for (const rlim_t enough : {rlim_t(1'048'576), rlim_t(65'536), rlim_t(10'240)}) {
            files.rlim_cur = std::max(before, std::min(files.rlim_max, enough));
            if (setrlimit(RLIMIT_NOFILE, &files) == 0)
                break;
        }
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

int connectionsThatFit(int wanted)
{
#if defined(Q_OS_UNIX)
    constexpr rlim_t kOwn = 64; // database, listeners, event loops, the keychain
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0
        && files.rlim_cur < 2 * static_cast<rlim_t>(wanted) + kOwn)
        return files.rlim_cur > kOwn + 2 ? static_cast<int>((files.rlim_cur - kOwn) / 2) : 1;
#endif
    return wanted;
}

void giveBackMemory()
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

} // namespace tollgate::gateway
