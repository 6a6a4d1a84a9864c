// SPDX-License-Identifier: GPL-3.0-or-later
// The answer of a management call as text for people, or as JSON. Pure.
#pragma once

#include "app/commandline.h"

#include <QJsonObject>

namespace tollgate::app {

// Ends with a line end, or is empty. `log` and --json give one object a line.
[[nodiscard]] QString render(const Invocation &invocation, const QJsonObject &answer);
// One request of "log --follow".
[[nodiscard]] QString renderRequest(const Invocation &invocation, const QJsonObject &request);

// Whether an answer that arrived still means that something is wrong: exit 1.
[[nodiscard]] bool saysFailed(const Invocation &invocation, const QJsonObject &answer);

[[nodiscard]] QString jsonLine(const QJsonObject &object);

} // namespace tollgate::app
