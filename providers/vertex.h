// SPDX-License-Identifier: GPL-3.0-or-later
// Google Vertex AI: Gemini, Claude, and what its OpenAI-compatible endpoint serves. A channel names
// its project and location; its key is a service account's file, or an API key (express mode).
#pragma once

#include "core/base/clock.h"
#include "core/relay/provider.h"

#include <memory>

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeVertex(const Clock &clock = Clock::system());

} // namespace tollgate::providers
