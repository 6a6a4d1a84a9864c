// SPDX-License-Identifier: GPL-3.0-or-later
// Azure OpenAI: the v1 API, and the dated API in which the deployment stands in the path.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeAzure();

} // namespace tollgate::providers
