// SPDX-License-Identifier: GPL-3.0-or-later
// Who is asking, and may they: tokens, expiry, model and address rules, rates. Decisions are pure
// functions over an immutable table; the counters that threads share are in Meters.
#pragma once

#include "core/access/addresses.h"
#include "core/access/meters.h"
#include "core/access/token.h"
#include "core/base/headers.h"
#include "core/base/result.h"
#include "core/store/rows.h"

#include <QHash>
#include <QHostAddress>
#include <QMultiHash>

#include <vector>

namespace tollgate::access {

// Finds the one credential of a request in any carrier: Authorization: Bearer, x-api-key,
// x-goog-api-key, api-key, and ?key= where `allowQuery` (Gemini routes). Two different ones are an
// InvalidRequest; none is Unauthenticated. Empty carriers do not count. The result is the token's
// text, not yet checked for anything.
[[nodiscard]] Result<QByteArray> findCredential(const Headers &headers, QByteArrayView query,
                                                bool allowQuery);

// All tokens at one moment; immutable, shared between threads.
class TokenTable
{
public:
    TokenTable() = default;
    explicit TokenTable(std::vector<store::TokenRow> tokens);
    TokenTable(TokenTable &&) noexcept = default;
    TokenTable &operator=(TokenTable &&) noexcept = default;
    TokenTable(const TokenTable &) = delete;
    TokenTable &operator=(const TokenTable &) = delete;

    // Rows live as long as the table.
    // Also by a digest from before a rotation while that is still good.
    [[nodiscard]] const store::TokenRow *find(const QByteArray &digest, std::int64_t nowUs) const;
    [[nodiscard]] const store::TokenRow *findById(std::int64_t id) const;
    [[nodiscard]] bool isEmpty() const { return m_tokens.empty(); }
    // Whether the row's address rule lets this client in. `row` is one of this table's.
    [[nodiscard]] bool admits(const store::TokenRow &row, const QHostAddress &client) const;

private:
    std::vector<store::TokenRow> m_tokens;
    std::vector<AddressRanges> m_ranges; // of the token at the same index
    QMultiHash<quint64, std::size_t> m_byDigest; // first eight bytes of the digest
    QHash<std::int64_t, std::size_t> m_byId;
};

// State, expiry and address. Unknown, malformed and revoked are the same 401; a disabled or expired
// token has proved itself by its digest and is told so.
[[nodiscard]] Result<const store::TokenRow *> authenticate(const TokenTable &table,
                                                           QByteArrayView credential,
                                                           const QHostAddress &client,
                                                           std::int64_t nowUs);

// For requests under way: whether the token, by the newest table, would still be let in. Looks at
// the row of today, so a revocation or a nearer expiry reaches streams that began before it.
[[nodiscard]] Result<void> stillValid(const TokenTable &table, std::int64_t tokenId,
                                      std::int64_t nowUs);

// An empty list allows all; a trailing '*' matches any rest.
[[nodiscard]] bool modelAllowed(const store::TokenRow &token, QByteArrayView model);

} // namespace tollgate::access
