// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace tollgate::store {

// The text with everything that looks like a credential cut to its prefix: client tokens (tg-…),
// vendor keys (sk-…, AIza…, gsk_…, xai-…, hf_…, AKIA…) and what follows "Bearer". Valid JSON stays
// valid.
[[nodiscard]] QByteArray redactSecrets(QByteArrayView text);

} // namespace tollgate::store
