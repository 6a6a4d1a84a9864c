// SPDX-License-Identifier: GPL-3.0-or-later
// What the screens ask of the log beyond what it held at first; a step of the schema.
#pragma once

#include "core/base/result.h"

namespace tollgate::store {

class Database;

[[nodiscard]] Result<void> keepWhatTheLogShows(Database &db);

} // namespace tollgate::store
