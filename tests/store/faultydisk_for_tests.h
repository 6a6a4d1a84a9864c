// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that fails when told to: the system calls with which SQLite changes files are taken over
// by the test program. Linux only; elsewhere available() is false. Include it in one source file.
#pragma once

#include <QtGlobal>

#include <atomic>
#include <cerrno>
#include <cstring>

#if defined(Q_OS_LINUX) && defined(__GLIBC__)
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tollgate::test {

enum class Calls { Writes, All };

class FaultyDisk
{
public:
    [[nodiscard]] static constexpr bool available()
    {
#if defined(Q_OS_LINUX) && defined(__GLIBC__)
        return true;
#else
        return false;
#endif
    }
    // The nth call (from 1) that changes a database file fails with `error`, and those after it
    // until `times` have (0: until heal()).
    static void failAt(int nth, int error, Calls calls, int times = 0)
    {
        s_seen = 0;
        s_failed = 0;
        s_nth = nth;
        s_times = times;
        s_error = error;
        s_all = calls == Calls::All;
        s_armed = true;
    }
    // How many calls failed.
    static int heal()
    {
        s_armed = false;
        return s_failed;
    }
    // For the calls below: whether this one fails.
    [[nodiscard]] static bool strikes(const char *path, bool write)
    {
        if (std::strstr(path, "tollgate.db") == nullptr || (!write && !s_all))
            return false;
        const int seen = ++s_seen;
        const int nth = s_nth;
        if (seen < nth || (s_times != 0 && seen >= nth + s_times))
            return false;
        ++s_failed;
        errno = s_error;
        return true;
    }
#if defined(Q_OS_LINUX) && defined(__GLIBC__)
    [[nodiscard]] static bool strikes(int descriptor, bool write)
    {
        if (!s_armed)
            return false;
        char link[40];
        char path[4096] = {};
        std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        return ::readlink(link, path, sizeof path - 1) > 0 && strikes(path, write);
    }
#endif
    [[nodiscard]] static bool isArmed() { return s_armed; }

private:
    static inline std::atomic<bool> s_armed = false;
    static inline std::atomic<bool> s_all = false;
    static inline std::atomic<int> s_nth = 0;
    static inline std::atomic<int> s_times = 0;
    static inline std::atomic<int> s_error = 0;
    static inline std::atomic<int> s_seen = 0;
    static inline std::atomic<int> s_failed = 0;
};

} // namespace tollgate::test

#if defined(Q_OS_LINUX) && defined(__GLIBC__)

// A program's own definitions go before those of the C library, for the libraries it loads too.
extern "C" {

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset)
{
    if (tollgate::test::FaultyDisk::strikes(descriptor, true))
        return -1;
    return ::syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}

int fdatasync(int descriptor)
{
    if (tollgate::test::FaultyDisk::strikes(descriptor, false))
        return -1;
    return ::fcntl(descriptor, F_GETFD) < 0 ? -1 : 0; // tests need not outlive the machine
}

int ftruncate64(int descriptor, off64_t length) noexcept
{
    if (tollgate::test::FaultyDisk::strikes(descriptor, false))
        return -1;
    return int(::syscall(SYS_ftruncate, descriptor, length));
}

int unlink(const char *path) noexcept
{
    if (tollgate::test::FaultyDisk::isArmed() && tollgate::test::FaultyDisk::strikes(path, false))
        return -1;
    return int(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

} // extern "C"

#endif
