// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway's side of the money: hold before a request is sent, settle once when it is over, and
// write the request's record in the same transaction. Calls return at once; the work is done by the
// store thread in group commits and the answer arrives through the caller's mailbox.
#pragma once

#include "core/base/clock.h"
#include "core/base/mailbox.h"
#include "core/base/result.h"
#include "core/base/task.h"
#include "core/ledger/prices.h"
#include "core/store/idempotency.h"
#include "core/store/rows.h"

#include <memory>
#include <optional>
#include <vector>

namespace tollgate::store {
class Store;
}

namespace tollgate::ledger {

// A key under which its client asks for one thing at most once, and the SHA-256 of that thing.
struct Idempotency
{
    QByteArray key;
    QByteArray requestHash;
};

// What becomes of a request's key when the request ends. Where an outcome is unknown nothing does:
// the key stays taken until the sweep has settled the attempt.
struct KeyEnding
{
    QByteArray key;
    bool answered = false; // the client got an answer or a part of one; else the key is free again
    std::optional<store::PackedAnswer> answer; // for whoever asks the same again
};

// What an attempt may cost at most. Output is paid a token, so that a budget which cannot afford
// all of it can afford some: the ledger grants what fits.
struct HoldRequest
{
    // requestId, number, channel, key, model, reason, priceId, startedUs; and in usage the input as
    // counted before sending, which is what is billed when nothing else becomes known.
    store::AttemptRow attempt;
    std::int64_t tokenId = 0;
    std::vector<std::int64_t> budgetIds; // every budget that the caller stands under; may be empty
    NanoUsd fixed; // input upper bound and per-request fees
    PicoUsd perOutputToken;
    std::int64_t outputTokens = 0; // wanted (times the number of choices)
    std::int64_t minimumOutputTokens = 0; // fewer than this is no use: BudgetExhausted
    // A lease: so many of the tokens that are granted are held at first; extend() holds more as
    // they are used. 0: all of them.
    std::int64_t leasedTokens = 0;
    std::optional<Idempotency> idempotency;
};

struct Hold
{
    std::int64_t attemptId = 0;
    NanoUsd amount;
    std::int64_t outputTokens = 0; // granted; less than wanted means: lower the request's maximum
    // The key's request was answered before: nothing is held, there is no attempt, this is sent.
    std::optional<store::StoredAnswer> replay;
};

enum class Outcome { Settled, Released, Unknown };

struct Settlement
{
    Outcome outcome = Outcome::Released;
    // id, usage, charge, flags, status, error, timings. The cost is computed by the ledger from the
    // usage and the price that the hold named; the charge is cut to it and to what was held.
    store::AttemptRow attempt;
};

class Ledger
{
public:
    explicit Ledger(store::Store &store, const Clock &clock = Clock::system());
    ~Ledger();

    // Every call is thread-safe. Durable when it arrives: the attempt is in state Sent, its hold
    // inside every budget. BudgetExhausted names the budget; Unavailable when the store cannot
    // write (fail closed). A key that another request has is a Conflict (idempotency_running,
    // idempotency_finished) or Unprocessable (idempotency_mismatch).
    [[nodiscard]] OneShot<Result<Hold>> reserve(HoldRequest request, Mailbox &replyTo);
    // Holds up to `by` more for a running attempt in every budget it stands under, and says how
    // much; less than `atLeast` is none: BudgetExhausted. Conflict: the attempt has ended.
    [[nodiscard]] OneShot<Result<NanoUsd>> extend(std::int64_t attemptId, NanoUsd by,
                                                  NanoUsd atLeast, Mailbox &replyTo);
    // High-water mark of a running stream, for the sweep after a crash. Best effort.
    void progress(std::int64_t attemptId, const TokenCounts &usage);
    // Ends one attempt of a request that goes on (failover).
    [[nodiscard]] OneShot<Result<void>> settle(Settlement settlement, Mailbox &replyTo);
    // Ends the request: its last attempt, if any, and its record, in one transaction; the record's
    // cost, charge and number of attempts are filled in from the attempts. While the disk
    // refuses, settlements and records stay in memory and are written later: Unavailable with code
    // "kept". Settling twice has one effect.
    [[nodiscard]] OneShot<Result<void>> finish(store::RequestRow request,
                                               std::optional<Settlement> last, Mailbox &replyTo,
                                               std::optional<KeyEnding> key = std::nullopt);
    // The same where nobody waits (refusals before any attempt).
    void record(store::RequestRow request, std::optional<KeyEnding> key = std::nullopt);

private:
    class State; // lives on the store thread

    store::Store &m_store;
    const Clock &m_clock;
    std::shared_ptr<State> m_state;
};

} // namespace tollgate::ledger
