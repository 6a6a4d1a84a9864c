// SPDX-License-Identifier: GPL-3.0-or-later
// The rows behind settings.h.
#pragma once

#include "core/admin/settings.h"

namespace tollgate::admin {

[[nodiscard]] std::span<const SettingSpec> settingTable();

} // namespace tollgate::admin
