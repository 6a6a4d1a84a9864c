// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon: the gateway, the management socket, and the wishes of the system.
#pragma once

#include "app/commandline.h"
#include "core/admin/profile.h"

namespace tollgate::app {

// Returns the process's exit code, after everything has been settled.
[[nodiscard]] Result<int> serve(const Invocation &invocation, const admin::Profile &profile);

} // namespace tollgate::app
