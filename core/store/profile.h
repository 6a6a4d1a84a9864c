// SPDX-License-Identifier: GPL-3.0-or-later
// The folder of a profile: its lock, and the look at the database file before it is used.
#pragma once

#include "core/base/result.h"

#include <QString>

#include <cstdint>
#include <memory>

namespace tollgate::store {

struct LockOwner
{
    std::int64_t pid = 0;
    std::int64_t startedUs = 0;
};

// One program a profile. On Unix the kernel holds the lock and drops it with the process, so it is
// never stale; who holds it stands in the file.
class ProfileLock
{
public:
    // profile_in_use (with the owner's process number in the sentence) or profile_unusable.
    [[nodiscard]] static Result<std::unique_ptr<ProfileLock>> take(const QString &profile);
    ~ProfileLock();
    ProfileLock(const ProfileLock &) = delete;
    ProfileLock &operator=(const ProfileLock &) = delete;

private:
    struct Handle;
    explicit ProfileLock(std::unique_ptr<Handle> handle);
    std::unique_ptr<Handle> m_handle;
};

[[nodiscard]] QString databaseFile(const QString &profile);
// Makes the folder (0700).
[[nodiscard]] Result<void> prepareProfile(const QString &profile);

enum class FileState { Missing, Usable };

// Looks at the file without changing it: is it there, is it ours, whole, and not from a newer
// program? `thorough` reads every page (PRAGMA quick_check).
[[nodiscard]] Result<FileState> inspectDatabase(const QString &path, bool thorough);

} // namespace tollgate::store
