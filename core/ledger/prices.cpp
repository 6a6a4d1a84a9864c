// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/prices.h"

#include <algorithm>
#include <tuple>

namespace tollgate::ledger {
namespace {

PicoUsd either(PicoUsd own, PicoUsd fallback)
{
    return own.value >= 0 ? own : fallback;
}

const Rates &ratesFor(const Price &price, const TokenCounts &usage)
{
    const Rates *rates = &price.rates;
    for (const Tier &tier : price.tiers) {
        if (usage.totalInput() > tier.aboveInputTokens)
            rates = &tier.rates;
    }
    return *rates;
}

bool isPlausible(const TokenCounts &u)
{
    // Far above any real request, and small enough that sums of counters cannot wrap.
    constexpr std::int64_t most = 1'000'000'000'000;
    const std::int64_t all[]
        = {u.input,     u.cacheRead,  u.cacheWrite5m, u.cacheWrite1h, u.output,
           u.reasoning, u.audioInput, u.audioOutput,  u.imageInput,   u.imageOutput};
    return std::all_of(std::begin(all), std::end(all),
                       [](std::int64_t n) { return n >= 0 && n <= most; });
}

auto order(const Price &p)
{
    return std::tie(p.model, p.provider, p.validFromUs);
}

// "gpt-4o-2024-08-06", "claude-x-20250514", "model@20250101", "name-latest": the name without what
// pins a release.
QByteArrayView withoutRelease(QByteArrayView model)
{
    const auto isDigits = [](QByteArrayView text) {
        return !text.isEmpty()
            && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (model.endsWith("-latest"))
        return model.chopped(7);
    if (model.size() > 9 && isDigits(model.last(8))
        && (model.at(model.size() - 9) == '-' || model.at(model.size() - 9) == '@'))
        return model.chopped(9);
    if (model.size() > 11) {
        const QByteArrayView tail = model.last(11); // -YYYY-MM-DD
        if (tail.at(0) == '-' && tail.at(5) == '-' && tail.at(8) == '-'
            && isDigits(tail.sliced(1, 4)) && isDigits(tail.sliced(6, 2))
            && isDigits(tail.sliced(9, 2)))
            return model.chopped(11);
    }
    return model;
}

// "models/gemini-x", "vendor/name": the name without what stands before the last slash.
QByteArrayView withoutPath(QByteArrayView model)
{
    const qsizetype slash = model.lastIndexOf('/');
    return slash < 0 ? model : model.sliced(slash + 1);
}

const Price *inForce(const std::vector<Price> &prices, QByteArrayView provider,
                     QByteArrayView model, std::int64_t atUs)
{
    // The last version that is not younger than atUs, among those of this model and provider.
    const auto after = std::upper_bound(
        prices.begin(), prices.end(), atUs, [&](std::int64_t at, const Price &p) {
            const int byModel = QByteArrayView(p.model).compare(model);
            if (byModel != 0)
                return byModel > 0;
            const int byProvider = QByteArrayView(p.provider).compare(provider);
            if (byProvider != 0)
                return byProvider > 0;
            return at < p.validFromUs;
        });
    if (after == prices.begin())
        return nullptr;
    const Price &found = *std::prev(after);
    return found.model == model && found.provider == provider ? &found : nullptr;
}

// A price of one release stands for a name without release: the newest one's.
const Price *newestRelease(const std::vector<Price> &prices, QByteArrayView provider,
                           QByteArrayView model, std::int64_t atUs)
{
    auto at = std::lower_bound(prices.begin(), prices.end(), model,
                               [](const Price &p, QByteArrayView name) {
                                   return QByteArrayView(p.model).compare(name) < 0;
                               });
    const Price *newest = nullptr;
    for (; at != prices.end() && at->model.startsWith(model); ++at) {
        if (at->provider == provider && at->validFromUs <= atUs && at->model != model
            && withoutRelease(at->model) == model)
            newest = &*at; // sorted by name, so by date
    }
    return newest;
}

} // namespace

Result<ExactCost> exactCostOf(const Price &price, const TokenCounts &u)
{
    if (!isPlausible(u))
        return failure(ErrorKind::Internal, QStringLiteral("The token counts make no sense."),
                       "bad_usage");
    const Rates &r = ratesFor(price, u);
    const PicoUsd write5m = either(r.cacheWrite5m, r.input);
    const std::pair<std::int64_t, PicoUsd> parts[] = {
        {u.input, r.input},
        {u.output, r.output},
        {u.cacheRead, either(r.cacheRead, r.input)},
        {u.cacheWrite5m, write5m},
        {u.cacheWrite1h, either(r.cacheWrite1h, write5m)},
        {u.reasoning, either(r.reasoning, r.output)},
        {u.audioInput, either(r.audioInput, r.input)},
        {u.audioOutput, either(r.audioOutput, r.output)},
        {u.imageInput, either(r.imageInput, r.input)},
        {u.imageOutput, either(r.imageOutput, r.output)},
        {1, r.perRequest},
    };
    std::int64_t total = 0;
    for (const auto &[count, rate] : parts) {
        const auto part = rate.value < 0 ? std::nullopt : checkedMultiply(count, rate.value);
        const auto sum = part ? checkedAdd(total, *part) : std::nullopt;
        if (!sum)
            return failure(ErrorKind::Internal,
                           QStringLiteral("The cost of the request is too large to be counted."),
                           "cost_overflow");
        total = *sum;
    }
    const auto rounded = roundUp(PicoUsd{total});
    if (!rounded)
        return failure(ErrorKind::Internal, QStringLiteral("The cost of the request is negative."),
                       "cost_overflow");
    return ExactCost{*rounded, total % 1000 != 0};
}

Result<NanoUsd> costOf(const Price &price, const TokenCounts &usage)
{
    auto cost = exactCostOf(price, usage);
    if (!cost)
        return failure(cost.error());
    return cost->amount;
}

PriceBook::PriceBook(std::vector<Price> prices)
    : m_prices(std::move(prices))
{
    std::stable_sort(m_prices.begin(), m_prices.end(),
                     [](const Price &a, const Price &b) { return order(a) < order(b); });
}

const Price *PriceBook::find(QByteArrayView provider, QByteArrayView model, std::int64_t atUs) const
{
    const QByteArrayView bare = withoutPath(model);
    const QByteArrayView names[] = {model, withoutRelease(model), bare, withoutRelease(bare)};
    for (const QByteArrayView name : names) {
        for (const QByteArrayView owner : {provider, QByteArrayView("")}) {
            if (const Price *price = inForce(m_prices, owner, name, atUs))
                return price;
        }
    }
    for (const QByteArrayView name : {names[1], names[3]}) {
        for (const QByteArrayView owner : {provider, QByteArrayView("")}) {
            if (const Price *price = newestRelease(m_prices, owner, name, atUs))
                return price;
        }
    }
    return nullptr;
}

} // namespace tollgate::ledger
