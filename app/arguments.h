// SPDX-License-Identifier: GPL-3.0-or-later
// From a parsed command line to the members of the management call. Pure.
#pragma once

#include "app/commandline.h"

#include <QJsonObject>

namespace tollgate::app {

[[nodiscard]] Result<QJsonObject> argumentsOf(const Invocation &invocation);

// What the command still needs from standard input: "key", "passphrase", or nothing.
[[nodiscard]] QString secretField(const Invocation &invocation);

} // namespace tollgate::app
