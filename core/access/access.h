// SPDX-License-Identifier: GPL-3.0-or-later
// Who is asking, and may they: tokens, expiry, model and address rules, rates. Decisions are pure
// functions over an immutable table; the counters that threads share are in Meters.
#pragma once

#include "core/base/clock.h"
#include "core/base/headers.h"
#include "core/base/result.h"
#include "core/store/rows.h"

#include <QHash>
#include <QHostAddress>

#include <memory>
#include <vector>

namespace tollgate::access {

// Finds the one credential of a request in any carrier: Authorization: Bearer, x-api-key,
// x-goog-api-key, api-key, and ?key= where `allowQuery` (Gemini routes). Two different ones are an
// InvalidRequest; none is Unauthenticated. The result is the token's text.
[[nodiscard]] Result<QByteArray> findCredential(const Headers &headers, QByteArrayView query,
                                                bool allowQuery);

struct NewToken
{
    QByteArray text;   // "tg-…", shown once
    QByteArray digest; // SHA-256
    QByteArray prefix;
};
[[nodiscard]] NewToken makeToken();
// Right prefix, alphabet, length and checksum: cheap, before any table is looked at.
[[nodiscard]] bool looksLikeToken(QByteArrayView text);
[[nodiscard]] QByteArray digestOf(QByteArrayView token);

// All tokens at one moment; immutable, shared between threads.
class TokenTable
{
public:
    TokenTable() = default;
    explicit TokenTable(std::vector<store::TokenRow> tokens);
    [[nodiscard]] const store::TokenRow *find(const QByteArray &digest) const;
    [[nodiscard]] bool isEmpty() const { return m_byDigest.isEmpty(); }

private:
    std::vector<store::TokenRow> m_tokens;
    QHash<QByteArray, std::size_t> m_byDigest;
};

// The client's address: the TCP peer, or what a trusted proxy says of it.
[[nodiscard]] QHostAddress clientAddress(const QHostAddress &peer, const Headers &headers,
                                         const QByteArrayList &trustedProxies);
[[nodiscard]] bool inRanges(const QHostAddress &address, const QByteArrayList &ranges);
[[nodiscard]] bool modelAllowed(const store::TokenRow &token, QByteArrayView model);

// State, expiry and address. Unknown, malformed and revoked are the same 401.
[[nodiscard]] Result<const store::TokenRow *> authenticate(const TokenTable &table,
                                                           QByteArrayView credential,
                                                           const QHostAddress &client,
                                                           std::int64_t nowUs);

// Requests and tokens a minute, concurrency, and failed log-ins by address. Shared by all gateway
// threads; every call is thread-safe.
class Meters
{
public:
    explicit Meters(const Clock &clock = Clock::system());
    ~Meters();

    // A place among the token's running requests; gives it back when destroyed. `estimate` tokens
    // are booked against tokens/min and corrected by settle().
    class Place
    {
    public:
        Place() = default;
        Place(Place &&) noexcept;
        Place &operator=(Place &&) noexcept;
        ~Place();
        void settle(std::int64_t tokensUsed);

    private:
        friend class Meters;
        struct State;
        std::unique_ptr<State> m_state;
    };

    // RateLimited with retryAfterSeconds when a limit of the token is reached.
    [[nodiscard]] Result<Place> admit(const store::TokenRow &token, std::int64_t estimate);
    // Failed log-ins: ten a minute from one address, then one a second. False: answer 429.
    [[nodiscard]] bool mayTryToLogIn(const QHostAddress &address);
    void loginFailed(const QHostAddress &address);

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace tollgate::access
