// SPDX-License-Identifier: GPL-3.0-or-later
// From libcurl's result and how far the exchange had got to what we call it. A pure function.
#pragma once

#include "core/upstream/exchange.h"

#include <curl/curl.h>

#include <optional>

namespace tollgate::upstream {

enum class Stage { Connecting, Waiting, Body }; // Body: a whole response head has arrived

// nullopt: the answer is complete. `detail` is libcurl's own sentence.
[[nodiscard]] std::optional<Failure> explain(CURLcode code, Stage stage, const char *detail);
[[nodiscard]] Failure timedOut(FailureKind kind);

} // namespace tollgate::upstream
