// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one command line: with the daemon of the profile if there is one, else by itself.
#pragma once

#include <QStringList>

namespace tollgate::app {

// The exit code: 0 done, 1 failed, 2 wrong usage. `arguments` without the program's name.
[[nodiscard]] int run(const QStringList &arguments);

} // namespace tollgate::app
