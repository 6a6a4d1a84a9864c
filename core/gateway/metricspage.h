// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway counts, as Prometheus text (exposition format 0.0.4). Pure.
#pragma once

#include "core/http/listener.h"
#include "core/relay/counters.h"
#include "core/store/store.h"

namespace tollgate::gateway {

[[nodiscard]] QByteArray metricsPage(const relay::Counters &counters, const http::Census &census,
                                     const store::Health &store, bool paused = false);

} // namespace tollgate::gateway
