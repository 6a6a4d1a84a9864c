// SPDX-License-Identifier: GPL-3.0-or-later
// Client tokens (their digests) with their one budget each.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <vector>

namespace tollgate::store {

class Database;

// By name; revoked ones last.
[[nodiscard]] Result<std::vector<TokenRow>> tokens(Database &db);
[[nodiscard]] Result<TokenRow> token(Database &db, std::int64_t id); // or NotFound
[[nodiscard]] Result<TokenRow> tokenNamed(Database &db,
                                          const QString &name); // not revoked; or NotFound
// Makes the budget too, if row.budget has one. Conflict if the name is taken.
[[nodiscard]] Result<TokenRow> addToken(Database &db, TokenRow row, std::int64_t nowUs);
// Everything but digest, prefix, creation and last use; a budget of another size keeps what was
// spent, one of another window starts afresh. Conflict with code "version" when row.version is not
// the stored one. A revoked token stays revoked.
[[nodiscard]] Result<TokenRow> updateToken(Database &db, const TokenRow &row, std::int64_t nowUs);
[[nodiscard]] Result<TokenRow> setTokenState(Database &db, std::int64_t id, TokenState state);
// The row's digest, prefix and place of its text take over; the digest before stays good until
// `graceUntilUs`.
[[nodiscard]] Result<TokenRow> rotateToken(Database &db, const TokenRow &row,
                                           std::int64_t graceUntilUs, std::int64_t nowUs);
// Into the trash: revoked, and yet can be restored, active again, until it is forgotten.
[[nodiscard]] Result<TokenRow> removeToken(Database &db, std::int64_t id, std::int64_t nowUs);
[[nodiscard]] Result<TokenRow> restoreToken(Database &db, std::int64_t id);
// Out of the trash for ever; its row stays, revoked, so that the log keeps its name.
[[nodiscard]] Result<void> forgetToken(Database &db, std::int64_t id);

} // namespace tollgate::store
