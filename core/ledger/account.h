// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger's own inside: reserve and settle as functions over a Database, run on the store thread
// within its transaction.
#pragma once

#include "core/ledger/ledger.h"
#include "core/store/attempts.h"
#include "core/store/budgets.h"

#include <QHash>

namespace tollgate::ledger {

// What was read of rows that cannot change behind our back; forgotten when the database's epoch
// moves. Balances are never remembered.
class Memory
{
public:
    void keepInStep(const store::Database &db);
    [[nodiscard]] Result<store::BudgetRow> budget(store::Database &db, std::int64_t id);
    // nullptr: the version does not exist.
    [[nodiscard]] Result<const Price *> price(store::Database &db, std::int64_t id);
    void remember(const store::OpenAttempt &attempt);
    [[nodiscard]] Result<std::optional<store::OpenAttempt>> attempt(store::Database &db,
                                                                    std::int64_t id);
    void forget(std::int64_t attemptId) { m_attempts.remove(attemptId); }

private:
    std::uint64_t m_epoch = 0;
    QHash<std::int64_t, store::BudgetRow> m_budgets;
    QHash<std::int64_t, Price> m_prices;
    QHash<std::int64_t, store::OpenAttempt> m_attempts;
};

// Upper bound of an attempt's price: fixed + output, rounded up. nullopt: too large to be counted.
[[nodiscard]] std::optional<NanoUsd> holdFor(NanoUsd fixed, PicoUsd perToken, std::int64_t tokens);
// How many tokens `available` pays beyond `fixed`.
[[nodiscard]] std::int64_t affordable(NanoUsd available, NanoUsd fixed, PicoUsd perToken);

[[nodiscard]] Result<Hold> reserveIn(store::Database &db, Memory &memory,
                                     const HoldRequest &request, std::int64_t nowUs);

[[nodiscard]] Result<NanoUsd> extendIn(store::Database &db, Memory &memory, std::int64_t attemptId,
                                       NanoUsd by, NanoUsd atLeast);

// Nothing was counted and nobody saw the end: the input part of the hold is the bill.
[[nodiscard]] bool isBilledByHold(const store::OpenAttempt &attempt);

struct Settled
{
    bool ended = false; // false: it had ended before, or waits for its outcome
    NanoUsd cost;
    NanoUsd charge;
    std::uint32_t flags = 0;
};
[[nodiscard]] Result<Settled> settleIn(store::Database &db, Memory &memory,
                                       const Settlement &settlement, const QByteArray &journalKind,
                                       std::int64_t nowUs);
[[nodiscard]] Result<void> finishIn(store::Database &db, Memory &memory, store::RequestRow request,
                                    const std::optional<Settlement> &last, std::int64_t nowUs,
                                    const std::optional<KeyEnding> &key = std::nullopt);

// How long an attempt waits for its outcome.
inline constexpr std::int64_t unknownForUs = 600'000'000;

// For a request with a key: the answer it was given before, or none where it may run; otherwise the
// error that says why not.
[[nodiscard]] Result<std::optional<store::StoredAnswer>>
earlierAnswer(store::Database &db, const HoldRequest &request, std::int64_t nowUs);
[[nodiscard]] Result<void> takeKey(store::Database &db, const HoldRequest &request,
                                   std::int64_t nowUs);
[[nodiscard]] Result<void> endKey(store::Database &db, const store::RequestRow &request,
                                  const KeyEnding &ending);

} // namespace tollgate::ledger
