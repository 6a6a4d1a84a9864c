// SPDX-License-Identifier: GPL-3.0-or-later
// Without SQLite's own header pages are written as SQLite does it.
#include "core/store/walbatch.h"

namespace tollgate::store {

const char *walBatchVfs()
{
    return nullptr;
}

} // namespace tollgate::store
