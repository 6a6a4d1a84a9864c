// SPDX-License-Identifier: GPL-3.0-or-later
// Where settings are on this machine; for this room alone.
#pragma once

#include "core/clients/clients.h"

namespace tollgate::clients {

// Empty where the client has no such file on this platform.
[[nodiscard]] QString placeOf(const RecipeFile &file, const Home &home);
[[nodiscard]] QString expanded(const QString &path, const Home &home); // "~/…" made absolute
[[nodiscard]] QString shortened(const QString &path, const Home &home); // and back, for people
// Where a variable is set, for people.
[[nodiscard]] QStringList settersOf(const QString &variable, const Home &home);

} // namespace tollgate::clients
