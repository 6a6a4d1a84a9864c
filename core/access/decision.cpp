// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/access.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace tollgate::access {
namespace {

constexpr qsizetype kDigestBytes = crypto_hash_sha256_BYTES;

quint64 bucketOf(const QByteArray &digest)
{
    quint64 head = 0;
    std::memcpy(&head, digest.constData(), sizeof head);
    return head;
}

bool sameDigest(const QByteArray &a, const QByteArray &b)
{
    return a.size() == kDigestBytes && b.size() == kDigestBytes
        && sodium_memcmp(a.constData(), b.constData(), kDigestBytes) == 0;
}

tl::unexpected<Error> unknownToken()
{
    return failure(
        ErrorKind::Unauthenticated,
        QStringLiteral("This token is not valid here; check that it was copied whole and "
                       "has not been revoked."),
        "invalid_api_key");
}

Result<void> checkState(const store::TokenRow *row, std::int64_t nowUs)
{
    if (!row || row->state == store::TokenState::Revoked)
        return unknownToken();
    if (row->state == store::TokenState::Disabled) {
        return failure(ErrorKind::Unauthenticated,
                       QStringLiteral("This token is disabled; ask its owner to enable it."),
                       "token_disabled");
    }
    if (row->expiresUs > 0 && nowUs >= row->expiresUs) {
        return failure(ErrorKind::Unauthenticated,
                       QStringLiteral("This token has expired; ask its owner for a new one."),
                       "token_expired");
    }
    return {};
}

} // namespace

TokenTable::TokenTable(std::vector<store::TokenRow> tokens)
    : m_tokens(std::move(tokens))
{
    m_ranges.reserve(m_tokens.size());
    m_byDigest.reserve(static_cast<qsizetype>(m_tokens.size()));
    m_byId.reserve(static_cast<qsizetype>(m_tokens.size()));
    for (std::size_t i = 0; i < m_tokens.size(); ++i) {
        m_ranges.emplace_back(m_tokens[i].ipRanges);
        m_byId.insert(m_tokens[i].id, i);
        if (m_tokens[i].digest.size() == kDigestBytes)
            m_byDigest.insert(bucketOf(m_tokens[i].digest), i);
        for (const auto &[digest, untilUs] : m_tokens[i].earlier) {
            if (digest.size() == kDigestBytes)
                m_byDigest.insert(bucketOf(digest), i);
        }
    }
}

const store::TokenRow *TokenTable::find(const QByteArray &digest, std::int64_t nowUs) const
{
    if (digest.size() != kDigestBytes)
        return nullptr;
    const auto [begin, end] = m_byDigest.equal_range(bucketOf(digest));
    for (auto at = begin; at != end; ++at) {
        const store::TokenRow &row = m_tokens[*at];
        if (sameDigest(row.digest, digest))
            return &row;
        for (const auto &[earlier, untilUs] : row.earlier) {
            if (nowUs < untilUs && sameDigest(earlier, digest))
                return &row;
        }
    }
    return nullptr;
}

const store::TokenRow *TokenTable::findById(std::int64_t id) const
{
    const auto at = m_byId.constFind(id);
    return at == m_byId.cend() ? nullptr : &m_tokens[*at];
}

bool TokenTable::admits(const store::TokenRow &row, const QHostAddress &client) const
{
    const AddressRanges &ranges = m_ranges[static_cast<std::size_t>(&row - m_tokens.data())];
    return ranges.isEmpty() || ranges.contains(client);
}

Result<const store::TokenRow *> authenticate(const TokenTable &table, QByteArrayView credential,
                                             const QHostAddress &client, std::int64_t nowUs)
{
    // A malformed credential is hashed and looked up like a well-formed one, over as many bytes, so
    // that the time of the answer does not tell them apart.
    static const QByteArray kStandIn(52, '0');
    const bool plausible = looksLikeToken(credential);
    const QByteArray digest = digestOf(plausible ? credential : QByteArrayView(kStandIn));
    const store::TokenRow *row = table.find(digest, nowUs);
    if (!plausible)
        row = nullptr;
    if (const Result<void> state = checkState(row, nowUs); !state)
        return failure(state.error());
    if (!table.admits(*row, client)) {
        return failure(
            ErrorKind::Forbidden,
            QStringLiteral("This token may not be used from your address; ask its owner to "
                           "allow it."),
            "address_not_allowed");
    }
    return row;
}

Result<void> stillValid(const TokenTable &table, std::int64_t tokenId, std::int64_t nowUs)
{
    return checkState(table.findById(tokenId), nowUs);
}

bool modelAllowed(const store::TokenRow &token, QByteArrayView model)
{
    return token.models.isEmpty()
        || std::any_of(token.models.begin(), token.models.end(), [&](QByteArrayView rule) {
               return rule.endsWith('*') ? model.startsWith(rule.chopped(1)) : model == rule;
           });
}

} // namespace tollgate::access
