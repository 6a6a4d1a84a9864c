// SPDX-License-Identifier: GPL-3.0-or-later
// Cohere's second API: chat, embeddings and rankings in words of its own.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeCohere();

} // namespace tollgate::providers
