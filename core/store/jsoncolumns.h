// SPDX-License-Identifier: GPL-3.0-or-later
// Lists and pairs that a column holds as JSON text.
#pragma once

#include "core/base/headers.h"

#include <QByteArray>
#include <QByteArrayList>

#include <utility>
#include <vector>

namespace tollgate::store {

using Pairs = std::vector<std::pair<QByteArray, QByteArray>>;

[[nodiscard]] QByteArray listToJson(const QByteArrayList &list);
[[nodiscard]] QByteArrayList listFromJson(const QByteArray &json);
[[nodiscard]] QByteArray pairsToJson(const Pairs &pairs);
[[nodiscard]] Pairs pairsFromJson(const QByteArray &json);
[[nodiscard]] QByteArray headersToJson(const Headers &headers);
[[nodiscard]] Headers headersFromJson(const QByteArray &json);

} // namespace tollgate::store
