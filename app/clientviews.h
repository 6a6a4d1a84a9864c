// SPDX-License-Identifier: GPL-3.0-or-later
// The answers about connected programs as text for people. Pure.
#pragma once

#include <QJsonObject>
#include <QString>

namespace tollgate::app {

[[nodiscard]] QString clientTable(const QJsonObject &answer);
[[nodiscard]] QString clientCard(const QJsonObject &answer);
[[nodiscard]] QString clientPreview(const QJsonObject &answer);
[[nodiscard]] QString clientStates(const QJsonObject &answer);
[[nodiscard]] QString clientReverted(const QJsonObject &answer);

} // namespace tollgate::app
