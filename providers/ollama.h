// SPDX-License-Identifier: GPL-3.0-or-later
// Ollama's own API: what its OpenAI-compatible one leaves out (context sizes, raw prompts, models
// kept loaded) stays as it is asked for.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeOllama();

} // namespace tollgate::providers
