// SPDX-License-Identifier: GPL-3.0-or-later
// A unified diff of the lines that change and no others, with everything secret taken out: it is
// made to be shown.
#pragma once

#include <QByteArray>
#include <QString>

namespace tollgate::clients {

[[nodiscard]] QString unifiedDiff(const QString &name, const QByteArray &before,
                                  const QByteArray &after, const QByteArray &token);

} // namespace tollgate::clients
