// SPDX-License-Identifier: GPL-3.0-or-later
// The vendor that is always there: model demo/echo streams the prompt back and costs nothing, so
// that the first request of a newcomer works before any key is pasted.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeDemo();

} // namespace tollgate::providers
