// SPDX-License-Identifier: GPL-3.0-or-later
// Anthropic's Messages API.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeAnthropic();

} // namespace tollgate::providers
