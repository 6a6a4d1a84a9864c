// SPDX-License-Identifier: GPL-3.0-or-later
// What the catalogue that is compiled in knows about a model besides its price.
#pragma once

#include "core/ledger/catalogue.h"

namespace tollgate::ledger {

// Found as prices are: the provider's own row before a general one, the exact name before a dated
// or prefixed variant. nullptr: not known. The catalogue is read at the first call.
[[nodiscard]] const CatalogueEntry *modelFacts(QByteArrayView provider, QByteArrayView model);

} // namespace tollgate::ledger
