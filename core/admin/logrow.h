// SPDX-License-Identifier: GPL-3.0-or-later
// One row of the log as screens show it: the same members wherever a request is listed, finished or
// not.
#pragma once

#include "core/relay/runningcall.h"
#include "core/store/logquery.h"

#include <QJsonObject>

namespace tollgate::admin {

[[nodiscard]] QString stateName(store::LogState state);
[[nodiscard]] QString phaseName(relay::Phase phase);
// {id, name}; null for nobody.
[[nodiscard]] QJsonValue named(std::int64_t id, const QHash<std::int64_t, QString> &names);
[[nodiscard]] QString attemptStateName(store::AttemptState state);
// -1 (did not happen) becomes null.
[[nodiscard]] QJsonValue durationJson(std::int64_t us);

[[nodiscard]] QJsonObject logRow(const store::RequestRow &row, const store::LogNames &names,
                                 const store::RequestNote &note);
[[nodiscard]] QJsonObject logRow(const relay::RunningCall &call, const store::LogNames &names);

} // namespace tollgate::admin
