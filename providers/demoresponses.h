// SPDX-License-Identifier: GPL-3.0-or-later
// The demo's answer in the Responses dialect, which has the longest grammar of all. Pure.
#pragma once

#include "providers/demoanswer.h"

namespace tollgate::providers {

[[nodiscard]] QByteArray demoResponse(const DemoAnswer &answer);
[[nodiscard]] std::vector<QByteArray> demoResponseEvents(const DemoAnswer &answer);

} // namespace tollgate::providers
