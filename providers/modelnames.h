// SPDX-License-Identifier: GPL-3.0-or-later
// A vendor's model list, in any of the known shapes.
#pragma once

#include "core/base/result.h"

#include <QByteArrayList>
#include <QByteArrayView>

namespace tollgate::providers {

// The names under "data" ("id") or "models" ("name", without "models/"), or of a bare array;
// sorted.
[[nodiscard]] Result<QByteArrayList> readModelNames(QByteArrayView body);

} // namespace tollgate::providers
