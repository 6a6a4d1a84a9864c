// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/pricelines.h"

namespace tollgate::admin {
namespace {

const ledger::Rates &ratesFor(const ledger::Price &price, std::int64_t totalInput)
{
    const ledger::Rates *rates = &price.rates;
    for (const ledger::Tier &tier : price.tiers) {
        if (totalInput > tier.aboveInputTokens)
            rates = &tier.rates;
    }
    return *rates;
}

PicoUsd orElse(PicoUsd own, PicoUsd other)
{
    return own.value >= 0 ? own : other;
}

// Pico to nano, for showing: what is so large that it does not fit was never charged.
NanoUsd costOf(std::int64_t quantity, PicoUsd price, std::int64_t perUnit)
{
    const double pico = double(quantity) * double(price.value) / double(perUnit);
    return NanoUsd{std::int64_t(pico / 1'000 + 0.5)};
}

} // namespace

std::vector<PriceLine> priceLines(const ledger::Price &price, const TokenCounts &usage,
                                  const UnitCounts &units)
{
    std::vector<PriceLine> lines;
    const auto add = [&](const char *kind, const char *unit, std::int64_t quantity, PicoUsd rate,
                         std::int64_t perUnit = 1) {
        if (quantity > 0 && rate.value >= 0)
            lines.push_back({kind, unit, quantity, rate, costOf(quantity, rate, perUnit)});
    };
    const ledger::Rates &rates = ratesFor(price, usage.totalInput());
    const PicoUsd write = orElse(rates.cacheWrite5m, rates.input);
    add("input", "token", usage.input, rates.input);
    add("cache_read", "token", usage.cacheRead, orElse(rates.cacheRead, rates.input));
    add("cache_write", "token", usage.cacheWrite5m, write);
    add("cache_write_1h", "token", usage.cacheWrite1h, orElse(rates.cacheWrite1h, write));
    add("output", "token", usage.output, rates.output);
    add("reasoning", "token", usage.reasoning, orElse(rates.reasoning, rates.output));
    add("audio_input", "token", usage.audioInput, orElse(rates.audioInput, rates.input));
    add("audio_output", "token", usage.audioOutput, orElse(rates.audioOutput, rates.output));
    add("image_input", "token", usage.imageInput, orElse(rates.imageInput, rates.input));
    add("image_output", "token", usage.imageOutput, orElse(rates.imageOutput, rates.output));
    add("image", "image", units.images, price.units.imageRate(units.imageClass));
    add("audio_input_time", "second", units.audioInputMs, price.units.audioInputSecond, 1'000);
    add("audio_output_time", "second", units.audioOutputMs, price.units.audioOutputSecond, 1'000);
    add("character", "character", units.characters, price.units.character);
    add("search", "search", units.searches, price.units.search);
    if (rates.perRequest.value > 0)
        add("request", "request", 1, rates.perRequest);
    return lines;
}

} // namespace tollgate::admin
