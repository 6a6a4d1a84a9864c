// SPDX-License-Identifier: GPL-3.0-or-later
// What a channel's model takes, out of what its vendor takes and what the catalogue knows of the
// model. Pure.
#pragma once

#include "core/conversation/codec.h"
#include "core/ledger/modeltraits.h"

namespace tollgate::relay {

// Adds the model's traits to the vendor's target. What either of them refuses is refused; where the
// vendor named a limit or efforts, those stay. `asked`: some models take no temperature while they
// reason.
void fitToModel(conversation::Target &target, const ledger::ModelTraits &traits,
                const conversation::ReasoningSpec &asked);

} // namespace tollgate::relay
