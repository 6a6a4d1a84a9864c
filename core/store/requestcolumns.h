// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of a logged request, and how a row of them is read; for the queries of this folder.
#pragma once

#include "core/store/database.h"
#include "core/store/requests.h"

namespace tollgate::store {

[[nodiscard]] const QString &requestColumns();
[[nodiscard]] LoggedRequest readRequest(const Row &row);
// In a LIKE pattern % and _ stand for anything; what the user typed stands for itself.
[[nodiscard]] QString escapedPattern(QString text);

} // namespace tollgate::store
