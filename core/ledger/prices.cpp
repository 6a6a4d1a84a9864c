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

bool isPlausible(const UnitCounts &u)
{
    constexpr std::int64_t most = 1'000'000'000'000;
    const std::int64_t all[]
        = {u.images, u.audioInputMs, u.audioOutputMs, u.characters, u.searches};
    return std::all_of(std::begin(all), std::end(all),
                       [](std::int64_t n) { return n >= 0 && n <= most; });
}

tl::unexpected<Error> overflow()
{
    return failure(ErrorKind::Internal,
                   QStringLiteral("The cost of the request is too large to be counted."),
                   "cost_overflow");
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

bool UnitRates::any() const
{
    return *this != UnitRates();
}

PicoUsd UnitRates::imageRate(QByteArrayView imageClass) const
{
    const auto listed = [&](const QByteArray &name) {
        const auto found = std::find_if(imageClasses.begin(), imageClasses.end(),
                                        [&](const auto &rate) { return rate.first == name; });
        return found == imageClasses.end() ? PicoUsd{-1} : found->second;
    };
    const QByteArray said = imageClass.toByteArray();
    if (said.isEmpty() && image.value >= 0)
        return image;
    const qsizetype slash = said.indexOf('/');
    const bool sizeOnly = slash < 0 && !said.isEmpty() && said[0] >= '0' && said[0] <= '9';
    QByteArray quality = slash >= 0 ? said.left(slash) : sizeOnly ? QByteArray() : said;
    QByteArray size = slash >= 0 ? said.mid(slash + 1) : sizeOnly ? said : QByteArray();
    if (quality.isEmpty())
        quality = "standard";
    if (size.isEmpty())
        size = "1024x1024";
    for (const QByteArray &name : {said, quality + '/' + size, size}) {
        if (const PicoUsd rate = listed(name); rate.value >= 0)
            return rate;
    }
    PicoUsd dearest = image;
    for (const auto &[name, rate] : imageClasses)
        dearest = std::max(dearest, rate);
    return dearest;
}

Result<PicoUsd> unitCostOf(const UnitRates &rates, const UnitCounts &units)
{
    if (!isPlausible(units))
        return failure(ErrorKind::Internal, QStringLiteral("The counts make no sense."),
                       "bad_usage");
    const auto product = [](std::int64_t count, PicoUsd rate) {
        return checkedMultiply(count, std::max<std::int64_t>(rate.value, 0));
    };
    const auto heard = product(units.audioInputMs, rates.audioInputSecond);
    const auto spoken = product(units.audioOutputMs, rates.audioOutputSecond);
    const auto milliseconds = heard && spoken ? checkedAdd(*heard, *spoken) : std::nullopt;
    if (!milliseconds)
        return overflow();
    std::int64_t total = *milliseconds / 1000 + (*milliseconds % 1000 != 0 ? 1 : 0);
    for (const auto &part :
         {product(units.images, rates.imageRate(units.imageClass)),
          product(units.characters, rates.character), product(units.searches, rates.search)}) {
        const auto sum = part ? checkedAdd(total, *part) : std::nullopt;
        if (!sum)
            return overflow();
        total = *sum;
    }
    return PicoUsd{total};
}

Result<ExactCost> exactCostOf(const Price &price, const TokenCounts &u, const UnitCounts &units)
{
    if (!isPlausible(u))
        return failure(ErrorKind::Internal, QStringLiteral("The token counts make no sense."),
                       "bad_usage");
    const auto byUnits = unitCostOf(price.units, units);
    if (!byUnits)
        return failure(byUnits.error());
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
    std::int64_t total = byUnits->value;
    for (const auto &[count, rate] : parts) {
        const auto part = rate.value < 0 ? std::nullopt : checkedMultiply(count, rate.value);
        const auto sum = part ? checkedAdd(total, *part) : std::nullopt;
        if (!sum)
            return overflow();
        total = *sum;
    }
    const auto rounded = roundUp(PicoUsd{total});
    if (!rounded)
        return failure(ErrorKind::Internal, QStringLiteral("The cost of the request is negative."),
                       "cost_overflow");
    return ExactCost{*rounded, total % 1000 != 0};
}

Result<NanoUsd> costOf(const Price &price, const TokenCounts &usage, const UnitCounts &units)
{
    auto cost = exactCostOf(price, usage, units);
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
