// SPDX-License-Identifier: GPL-3.0-or-later
// Google's Gemini API (generativelanguage.googleapis.com and what answers like it).
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeGemini();

} // namespace tollgate::providers
