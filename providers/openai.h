// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI, and every vendor that copied its API: one class, a row of data each.
#pragma once

#include "core/relay/provider.h"
#include "providers/rows.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeOpenAi(const Row &row);

} // namespace tollgate::providers
