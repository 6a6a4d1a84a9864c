// SPDX-License-Identifier: GPL-3.0-or-later
// A store with tokens and prices, and the steps of an attempt without an event loop.
#pragma once

#include "core/ledger/account.h"
#include "core/ledger/invariants.h"
#include "core/ledger/pricestore.h"
#include "core/store/requests.h"
#include "core/store/tokens.h"
#include "tests/store/profile_for_tests.h"

#include <memory>

namespace tollgate::test {

inline constexpr std::int64_t dayUs = 86'400'000'000;
inline constexpr std::int64_t startUs = 1'795'305'600'000'000; // 2026-11-22 00:00 UTC

class Books
{
public:
    // The first price costs one nano-USD a token of input.
    explicit Books(store::Store &s)
        : m_store(s)
    {
        addPrice(1'000, 0);
    }

    store::TokenRow addToken(const QString &name, std::optional<NanoUsd> budget,
                             store::BudgetWindow window = store::BudgetWindow::Total,
                             std::int64_t nowUs = startUs)
    {
        store::TokenRow row;
        row.name = name;
        row.digest = name.toUtf8().leftJustified(32, '.');
        row.budget = budget;
        row.budgetWindow = window;
        auto added = m_store.writeNow(
            [row, nowUs](store::Database &db) { return store::addToken(db, row, nowUs); });
        return added ? *added : store::TokenRow();
    }
    ledger::Price addPrice(std::int64_t inputPico, std::int64_t outputPico,
                           const ledger::UnitRates &units = {})
    {
        ledger::Price price;
        price.provider = "vendor";
        price.model = "model-" + QByteArray::number(qlonglong(inputPico));
        price.rates.input = PicoUsd{inputPico};
        price.rates.output = PicoUsd{outputPico};
        price.units = units;
        auto stored = m_store.writeNow(
            [price](store::Database &db) { return ledger::storePrices(db, {price}); });
        return stored ? stored->front() : ledger::Price();
    }
    Result<ledger::Hold> reserve(const ledger::HoldRequest &request, std::int64_t nowUs = startUs)
    {
        return m_store.writeNow([memory = m_memory, request, nowUs](store::Database &db) {
            return ledger::reserveIn(db, *memory, request, nowUs);
        });
    }
    Result<NanoUsd> extend(std::int64_t attemptId, std::int64_t byNano, std::int64_t atLeast = 1)
    {
        return m_store.writeNow(
            [memory = m_memory, attemptId, byNano, atLeast](store::Database &db) {
                return ledger::extendIn(db, *memory, attemptId, NanoUsd{byNano}, NanoUsd{atLeast});
            });
    }
    Result<void> finish(const store::RequestRow &row, const std::optional<ledger::Settlement> &last,
                        std::int64_t nowUs = startUs,
                        const std::optional<ledger::KeyEnding> &key = std::nullopt)
    {
        return m_store.writeNow([memory = m_memory, row, last, nowUs, key](store::Database &db) {
            return ledger::finishIn(db, *memory, row, last, nowUs, key);
        });
    }
    Result<ledger::Settled> settle(const ledger::Settlement &settlement,
                                   std::int64_t nowUs = startUs)
    {
        return m_store.writeNow([memory = m_memory, settlement, nowUs](store::Database &db) {
            return ledger::settleIn(db, *memory, settlement, "settle", nowUs);
        });
    }
    std::optional<store::BudgetState> state(std::int64_t budgetId, std::int64_t nowUs = startUs)
    {
        auto states = m_store.readNow(
            [nowUs](store::Database &db) { return store::budgetStates(db, nowUs); });
        if (states) {
            for (const store::BudgetState &state : *states) {
                if (state.budget.id == budgetId)
                    return state;
            }
        }
        return std::nullopt;
    }
    // Empty when all hold; else the first violation in words.
    QString violations(ledger::Scope scope = ledger::Scope::Full, std::int64_t nowUs = startUs)
    {
        auto found = m_store.readNow([scope, nowUs](store::Database &db) {
            return ledger::checkInvariants(db, scope, nowUs);
        });
        if (!found)
            return found.error().message;
        return found->empty() ? QString()
                              : QString::fromLatin1(found->front().invariant) + QLatin1String(": ")
                + found->front().detail;
    }
    store::Store &store() { return m_store; }

private:
    store::Store &m_store;
    std::shared_ptr<ledger::Memory> m_memory = std::make_shared<ledger::Memory>();
};

inline ledger::HoldRequest holdOf(const store::TokenRow &token, const QByteArray &requestId,
                                  std::int64_t fixedNano, int number = 1)
{
    ledger::HoldRequest request;
    request.attempt.requestId = requestId;
    request.attempt.number = number;
    request.attempt.channelId = 1;
    request.attempt.priceId = 1;
    request.attempt.model = "model";
    request.attempt.startedUs = startUs;
    request.tokenId = token.id;
    if (token.budgetId != 0)
        request.budgetIds = {token.budgetId};
    request.fixed = NanoUsd{fixedNano};
    return request;
}

inline ledger::Settlement settlementOf(const ledger::Hold &hold, std::int64_t costNano)
{
    ledger::Settlement settlement;
    settlement.outcome = ledger::Outcome::Settled;
    settlement.attempt.id = hold.attemptId;
    settlement.attempt.usage.input = costNano;
    settlement.attempt.charge = NanoUsd{costNano};
    settlement.attempt.status = 200;
    return settlement;
}

inline store::RequestRow requestOf(const store::TokenRow &token, const QByteArray &id,
                                   int attempts = 1)
{
    store::RequestRow row;
    row.id = id;
    row.startedUs = startUs;
    row.tokenId = token.id;
    row.model = "model";
    row.status = 200;
    row.attempts = attempts;
    row.channelId = attempts > 0 ? 1 : 0;
    return row;
}

} // namespace tollgate::test
