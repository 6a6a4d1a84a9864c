// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/ledger.h"

#include "core/ledger/account.h"
#include "core/store/store.h"

namespace tollgate::ledger {

using store::Database;

class Ledger::State
{
public:
    Memory memory;
};

Ledger::Ledger(store::Store &store, const Clock &clock)
    : m_store(store)
    , m_clock(clock)
    , m_state(std::make_shared<State>())
{
}

Ledger::~Ledger() = default;

OneShot<Result<Hold>> Ledger::reserve(HoldRequest request, Mailbox &replyTo)
{
    return m_store.write([state = m_state, request = std::move(request), now = m_clock.wallUs()](
                             Database &db) { return reserveIn(db, state->memory, request, now); },
                         replyTo);
}

OneShot<Result<NanoUsd>> Ledger::extend(std::int64_t attemptId, NanoUsd by, NanoUsd atLeast,
                                        Mailbox &replyTo)
{
    return m_store.write(
        [state = m_state, attemptId, by, atLeast](Database &db) {
            return extendIn(db, state->memory, attemptId, by, atLeast);
        },
        replyTo);
}

void Ledger::progress(std::int64_t attemptId, const TokenCounts &usage)
{
    m_store.post([attemptId, usage, now = m_clock.wallUs()](Database &db) {
        return store::noteProgress(db, attemptId, usage, now);
    });
}

OneShot<Result<void>> Ledger::settle(Settlement settlement, Mailbox &replyTo)
{
    return m_store.keep(
        [state = m_state, settlement = std::move(settlement),
         now = m_clock.wallUs()](Database &db) -> Result<void> {
            auto settled
                = settleIn(db, state->memory, settlement,
                           settlement.outcome == Outcome::Settled ? "settle" : "release", now);
            return settled ? Result<void>() : failure(settled.error());
        },
        replyTo);
}

OneShot<Result<void>> Ledger::finish(store::RequestRow request, std::optional<Settlement> last,
                                     Mailbox &replyTo, std::optional<KeyEnding> key)
{
    return m_store.keep(
        [state = m_state, request = std::move(request), last = std::move(last),
         key = std::move(key), now = m_clock.wallUs()](Database &db) {
            return finishIn(db, state->memory, request, last, now, key);
        },
        replyTo);
}

void Ledger::record(store::RequestRow request, std::optional<KeyEnding> key)
{
    m_store.keepPosted([state = m_state, request = std::move(request), key = std::move(key),
                        now = m_clock.wallUs()](Database &db) {
        return finishIn(db, state->memory, request, std::nullopt, now, key);
    });
}

} // namespace tollgate::ledger
