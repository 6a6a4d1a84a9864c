// SPDX-License-Identifier: GPL-3.0-or-later
// The editors by themselves, for editor.cpp alone.
#pragma once

#include "core/clients/editor.h"

namespace tollgate::clients {

[[nodiscard]] const Editor &jsonEditor();
[[nodiscard]] const Editor &tomlEditor();
[[nodiscard]] const Editor &yamlEditor();
[[nodiscard]] const Editor &dotenvEditor();

} // namespace tollgate::clients
