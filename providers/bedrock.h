// SPDX-License-Identifier: GPL-3.0-or-later
// Amazon Bedrock's Converse API, for every model that it serves. A channel's key is a Bedrock API
// key or "ACCESS_KEY_ID:SECRET[:SESSION_TOKEN]"; its region is that of the base URL, or the option
// {"region": "eu-central-1"}.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

[[nodiscard]] std::unique_ptr<relay::Provider> makeBedrock();

} // namespace tollgate::providers
