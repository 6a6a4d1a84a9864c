// SPDX-License-Identifier: GPL-3.0-or-later
// Anthropic's Messages API, at Anthropic and on Azure AI Foundry.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeAnthropic();
// Base URL https://RESOURCE.services.ai.azure.com/anthropic; a key, or an Entra token.
[[nodiscard]] std::unique_ptr<relay::Provider> makeAnthropicFoundry();

} // namespace tollgate::providers
