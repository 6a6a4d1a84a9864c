// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLoggingCategory>

namespace tollgate::store {

Q_DECLARE_LOGGING_CATEGORY(lcStore)

} // namespace tollgate::store
