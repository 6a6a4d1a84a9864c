// SPDX-License-Identifier: GPL-3.0-or-later
// What a model costs: immutable price versions, and the pure arithmetic from counts to money.
#pragma once

#include "core/base/money.h"
#include "core/base/result.h"
#include "core/base/tokencounts.h"
#include "core/base/unitcounts.h"

#include <QByteArray>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tollgate::ledger {

// Pico-USD a token (a request for perRequest). -1: the vendor names none; the arithmetic then falls
// back as its comment says.
struct Rates
{
    PicoUsd input;
    PicoUsd output;
    PicoUsd cacheRead{-1}; // else input
    PicoUsd cacheWrite5m{-1}; // else input
    PicoUsd cacheWrite1h{-1}; // else cacheWrite5m
    PicoUsd reasoning{-1}; // else output
    PicoUsd audioInput{-1}; // else input
    PicoUsd audioOutput{-1}; // else output
    PicoUsd imageInput{-1}; // else input
    PicoUsd imageOutput{-1}; // else output
    PicoUsd perRequest;
    bool operator==(const Rates &) const = default;
};

// Pico-USD a unit that is no token. -1: the vendor does not bill by it.
struct UnitRates
{
    PicoUsd image{-1}; // where the request asks for no class
    PicoUsd audioInputSecond{-1};
    PicoUsd audioOutputSecond{-1};
    PicoUsd character{-1};
    PicoUsd search{-1};
    // By quality and size, as UnitCounts::imageClass spells them; sorted.
    std::vector<std::pair<QByteArray, PicoUsd>> imageClasses;

    [[nodiscard]] bool any() const;
    // A picture of this class. What it does not say is what vendors take for granted: standard
    // quality, 1024x1024. One that is not on the list costs as much as the dearest that is. -1:
    // pictures are not billed by the piece.
    [[nodiscard]] PicoUsd imageRate(QByteArrayView imageClass) const;
    bool operator==(const UnitRates &) const = default;
};

struct Tier
{
    std::int64_t aboveInputTokens = 0; // applies to everything once totalInput() exceeds this
    Rates rates;
    bool operator==(const Tier &) const = default;
};

struct Price
{
    std::int64_t id = 0; // version: never changes its meaning once used
    QByteArray provider; // empty: any
    QByteArray model;
    std::int64_t validFromUs = 0;
    Rates rates;
    std::vector<Tier> tiers; // ascending
    UnitRates units;
    std::int64_t maxOutputTokens = 0; // 0: unknown
    QByteArray source; // "catalogue 2026-07-24", "user"
};

// Exact cost, rounded up once. Internal on overflow; never negative.
[[nodiscard]] Result<NanoUsd> costOf(const Price &price, const TokenCounts &usage,
                                     const UnitCounts &units = {});

// The same, and whether the exact amount had a fraction of a nano-USD that was rounded up.
struct ExactCost
{
    NanoUsd amount;
    bool rounded = false;
};
[[nodiscard]] Result<ExactCost> exactCostOf(const Price &price, const TokenCounts &usage,
                                            const UnitCounts &units = {});

// Of the units alone, in pico-USD. Internal where it cannot be counted.
[[nodiscard]] Result<PicoUsd> unitCostOf(const UnitRates &rates, const UnitCounts &units);

// Every price known at one moment; immutable, shared between threads.
class PriceBook
{
public:
    PriceBook() = default;
    explicit PriceBook(std::vector<Price> prices);
    // The version in force for this provider and model (provider's own row before the general one,
    // exact name before a dated or prefixed variant). nullptr: unpriced.
    [[nodiscard]] const Price *find(QByteArrayView provider, QByteArrayView model,
                                    std::int64_t atUs) const;
    [[nodiscard]] const std::vector<Price> &all() const { return m_prices; }

private:
    std::vector<Price> m_prices; // sorted by model, provider, validFromUs
};

} // namespace tollgate::ledger
