// SPDX-License-Identifier: GPL-3.0-or-later
// The list of models as Cohere and Ollama give it: {"models": [{"name": "…"}]}. Pure.
#pragma once

#include "core/base/result.h"

#include <QByteArrayList>

namespace tollgate::providers {

// UpstreamFailed where it is no such list.
[[nodiscard]] Result<QByteArrayList> namedModels(QByteArrayView body);

} // namespace tollgate::providers
