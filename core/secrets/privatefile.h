// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of the room: files that only their owner may read.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

namespace tollgate::secrets {

// The whole file; refuses more than `largest` bytes.
[[nodiscard]] Result<QByteArray> readFile(const QString &path, qsizetype largest);
// All or nothing, on the disk when it returns, mode 0600.
[[nodiscard]] Result<void> replacePrivateFile(const QString &path, const QByteArray &bytes);

} // namespace tollgate::secrets
