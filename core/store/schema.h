// SPDX-License-Identifier: GPL-3.0-or-later
// The tables, and the steps from one version of them to the next.
#pragma once

#include "core/base/result.h"

#include <span>

namespace tollgate::store {

class Database;

struct Migration
{
    int version; // the file's after it
    Result<void> (*apply)(Database &db);
};

// "Tgte": tells our files from other SQLite files.
inline constexpr int applicationId = 0x54677465;

[[nodiscard]] std::span<const Migration> migrations();
[[nodiscard]] int newestSchema();
[[nodiscard]] Result<int> schemaVersion(Database &db);
// All steps that are missing, in one transaction: the file is of the old version or of the new one,
// never between.
[[nodiscard]] Result<void> migrate(Database &db, std::span<const Migration> steps);

} // namespace tollgate::store
