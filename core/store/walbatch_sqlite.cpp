// SPDX-License-Identifier: GPL-3.0-or-later
// The format of the log: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. Frames are
// appended, each a header of 24 bytes and a page; the header of the last one of a commit names the
// size of the database, all others zero. Nobody looks for a frame before the shared index says that
// it is there, and SQLite says so only when the write of the commit's last frame has returned:
// until then the frames may as well stand in memory. A failure is reported by that last write.
#include "core/store/walbatch.h"

#include <sqlite3.h>

#include <cstring>
#include <new>
#include <vector>

namespace tollgate::store {
namespace {

constexpr int kHeader = 24;
// What the platform's file systems certainly write at once: more is cut by some (os_unix.c takes
// the lower 17 bits of a size).
constexpr std::size_t kMost = std::size_t(96) << 10;
const char *const kName = "tollgate-wal-batch";

struct LogFile
{
    sqlite3_file base; // first: SQLite sees only this
    sqlite3_file *real;
    std::vector<char> *waiting; // what follows the frames in the file, from `at`
    sqlite3_int64 at;
    bool last; // the header of a commit's last frame is among it
};

LogFile &logOf(sqlite3_file *file)
{
    return *reinterpret_cast<LogFile *>(file);
}

int handOver(LogFile &log)
{
    if (log.waiting->empty())
        return SQLITE_OK;
    const int result = log.real->pMethods->xWrite(log.real, log.waiting->data(),
                                                  static_cast<int>(log.waiting->size()), log.at);
    log.waiting->clear();
    log.last = false;
    return result;
}

bool endsCommit(const void *header)
{
    constexpr char none[4] = {};
    return std::memcmp(static_cast<const char *>(header) + 4, none, sizeof none) != 0;
}

int write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    LogFile &log = logOf(file);
    const auto end = log.at + static_cast<sqlite3_int64>(log.waiting->size());
    if (!log.waiting->empty() && offset != end) {
        if (const int result = handOver(log); result != SQLITE_OK)
            return result;
    }
    const bool header = size == kHeader && offset > 0;
    if (log.waiting->size() + static_cast<std::size_t>(size) > kMost) {
        if (const int result = handOver(log); result != SQLITE_OK)
            return result;
    }
    if (log.waiting->empty()) {
        if (!header)
            return log.real->pMethods->xWrite(log.real, data, size, offset);
        log.at = offset;
    }
    const char *bytes = static_cast<const char *>(data);
    log.waiting->insert(log.waiting->end(), bytes, bytes + size);
    if (header) {
        log.last = endsCommit(data);
        return SQLITE_OK;
    }
    return log.last ? handOver(log) : SQLITE_OK;
}

int close(sqlite3_file *file)
{
    LogFile &log = logOf(file);
    const int written = handOver(log);
    const int closed = log.real->pMethods->xClose(log.real);
    delete log.waiting;
    return closed == SQLITE_OK ? written : closed;
}

int read(sqlite3_file *file, void *into, int size, sqlite3_int64 offset)
{
    LogFile &log = logOf(file);
    const int result = handOver(log);
    return result == SQLITE_OK ? log.real->pMethods->xRead(log.real, into, size, offset) : result;
}

int truncate(sqlite3_file *file, sqlite3_int64 size)
{
    LogFile &log = logOf(file);
    const int result = handOver(log);
    return result == SQLITE_OK ? log.real->pMethods->xTruncate(log.real, size) : result;
}

int sync(sqlite3_file *file, int flags)
{
    LogFile &log = logOf(file);
    const int result = handOver(log);
    return result == SQLITE_OK ? log.real->pMethods->xSync(log.real, flags) : result;
}

int fileSize(sqlite3_file *file, sqlite3_int64 *size)
{
    LogFile &log = logOf(file);
    const int result = handOver(log);
    return result == SQLITE_OK ? log.real->pMethods->xFileSize(log.real, size) : result;
}

int lock(sqlite3_file *file, int level)
{
    return logOf(file).real->pMethods->xLock(logOf(file).real, level);
}

int unlock(sqlite3_file *file, int level)
{
    return logOf(file).real->pMethods->xUnlock(logOf(file).real, level);
}

int checkReservedLock(sqlite3_file *file, int *result)
{
    return logOf(file).real->pMethods->xCheckReservedLock(logOf(file).real, result);
}

int fileControl(sqlite3_file *file, int operation, void *argument)
{
    return logOf(file).real->pMethods->xFileControl(logOf(file).real, operation, argument);
}

int sectorSize(sqlite3_file *file)
{
    return logOf(file).real->pMethods->xSectorSize(logOf(file).real);
}

int deviceCharacteristics(sqlite3_file *file)
{
    return logOf(file).real->pMethods->xDeviceCharacteristics(logOf(file).real);
}

// Version 1: a log is neither shared memory nor mapped.
const sqlite3_io_methods methods = {
    1,
    close,
    read,
    write,
    truncate,
    sync,
    fileSize,
    lock,
    unlock,
    checkReservedLock,
    fileControl,
    sectorSize,
    deviceCharacteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

sqlite3_vfs *platform()
{
    static sqlite3_vfs *const vfs = sqlite3_vfs_find(nullptr);
    return vfs;
}

int open(sqlite3_vfs *, const char *name, sqlite3_file *file, int flags, int *outFlags)
{
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return platform()->xOpen(platform(), name, file, flags, outFlags);
    LogFile &log = logOf(file);
    log.base.pMethods = nullptr;
    log.waiting = new (std::nothrow) std::vector<char>;
    if (log.waiting == nullptr)
        return SQLITE_NOMEM;
    log.real = reinterpret_cast<sqlite3_file *>(&log + 1);
    log.at = 0;
    log.last = false;
    const int result = platform()->xOpen(platform(), name, log.real, flags, outFlags);
    if (result != SQLITE_OK) {
        delete log.waiting;
        return result;
    }
    log.base.pMethods = &methods;
    return SQLITE_OK;
}

bool enroll()
{
    if (platform() == nullptr)
        return false;
    // Everything but opening is the platform's own, found through the same data of its own.
    static sqlite3_vfs batching = *platform();
    batching.szOsFile += static_cast<int>(sizeof(LogFile));
    batching.pNext = nullptr;
    batching.zName = kName;
    batching.xOpen = open;
    return sqlite3_vfs_register(&batching, 0) == SQLITE_OK;
}

} // namespace

const char *walBatchVfs()
{
    static const bool enrolled = enroll();
    return enrolled ? kName : nullptr;
}

} // namespace tollgate::store
