// SPDX-License-Identifier: GPL-3.0-or-later
// A token's text, where its owner may see it again: in the keychain or vault, never in the
// database.
#pragma once

#include "core/admin/desk.h"
#include "core/admin/fields.h"

namespace tollgate::admin {

// Reads recoverable and key_store ("keychain" or "vault"). None: shown once.
[[nodiscard]] store::KeySource readKeeping(Fields &fields);
// Puts the text where row.keptIn says, under a new reference that the row gets.
[[nodiscard]] OneShot<Result<void>> keepTokenText(Desk &desk, store::TokenRow &row,
                                                  const QByteArray &text);
void forgetTokenText(Desk &desk, const store::TokenRow &row);
[[nodiscard]] OneShot<secrets::Lookup> findTokenText(Desk &desk, const store::TokenRow &row);

// This machine's midnight before `nowUs`.
[[nodiscard]] std::int64_t startOfDay(std::int64_t nowUs);

} // namespace tollgate::admin
