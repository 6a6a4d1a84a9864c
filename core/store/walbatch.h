// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite writes each page of a commit into its log with two calls to the system, and a commit of a
// request touches up to twenty pages. The file system below hands a commit over in one.
#pragma once

namespace tollgate::store {

// The name under which SQLite knows it, registered at the first call; nullptr: not on this system.
// Where Qt carries a SQLite of its own, that one does not know the name and refuses to open.
[[nodiscard]] const char *walBatchVfs();

} // namespace tollgate::store
