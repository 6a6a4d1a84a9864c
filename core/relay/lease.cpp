// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/lease.h"

#include "core/ledger/account.h"

#include <algorithm>
#include <limits>

namespace tollgate::relay {
namespace {

constexpr std::int64_t kFirst = 1'024; // tokens
constexpr std::int64_t kSmallestSlice = 1'024;
constexpr std::int64_t kSliceUs = 2'000'000; // at the pace of the stream
constexpr std::int64_t kThinkingPerSecond = 100; // tokens
constexpr std::int64_t kSecondUs = 1'000'000;

} // namespace

Lease::Lease(NanoUsd held, NanoUsd fixed, PicoUsd perToken, std::int64_t granted)
    : m_held(held)
    , m_fixed(fixed)
    , m_perToken(perToken)
    , m_granted(granted)
{
    m_covered = std::min(ledger::affordable(m_held, m_fixed, m_perToken), m_granted);
}

std::int64_t Lease::atMost(const protocol::AnswerFacts &seen, std::int64_t silentUs) const
{
    const std::int64_t told = seen.usage ? seen.usage->totalOutput() : 0;
    const std::int64_t thought = silentUs / kSecondUs * kThinkingPerSecond;
    return std::max(told, std::min(m_granted, std::int64_t(seen.outputBytes) + thought));
}

Lease::Slice Lease::next(std::int64_t used, std::int64_t sinceUs) const
{
    const std::int64_t pace = used * kSliceUs / std::max(sinceUs, kSecondUs);
    const std::int64_t base = std::max(used, m_covered);
    const std::int64_t target
        = std::max(used, std::min(m_granted, base + std::max(kSmallestSlice, pace)));
    const auto beyond = [&](std::int64_t tokens) {
        return NanoUsd{std::max<std::int64_t>(priceOf(tokens).value - m_held.value, 1)};
    };
    return {beyond(target), beyond(std::max(used, m_covered + 1))};
}

void Lease::grow(NanoUsd by)
{
    m_held.value += by.value;
    m_covered = std::min(ledger::affordable(m_held, m_fixed, m_perToken), m_granted);
}

NanoUsd Lease::priceOf(std::int64_t tokens) const
{
    return ledger::holdFor(m_fixed, m_perToken, tokens)
        .value_or(NanoUsd{std::numeric_limits<std::int64_t>::max()});
}

void UsualOutput::note(std::int64_t tokenId, const QByteArray &model, std::int64_t tokens)
{
    const auto key = std::pair(tokenId, model);
    auto found = m_windows.find(key);
    if (found == m_windows.end()) {
        if (m_windows.size() >= kPairs)
            m_windows.erase(m_windows.begin()); // any: it is learnt again in a few answers
        found = m_windows.insert(key, {});
    }
    Window &window = *found;
    window.samples[window.next]
        = static_cast<std::int32_t>(std::clamp<std::int64_t>(tokens, 0, 1'000'000'000));
    window.next = (window.next + 1) % kSamples;
    window.count = std::min(window.count + 1, kSamples);
}

std::int64_t UsualOutput::most(std::int64_t tokenId, const QByteArray &model) const
{
    const auto found = m_windows.constFind(std::pair(tokenId, model));
    if (found == m_windows.constEnd())
        return 0;
    auto samples = found->samples;
    const auto end = samples.begin() + static_cast<std::ptrdiff_t>(found->count);
    const auto at = samples.begin() + static_cast<std::ptrdiff_t>(found->count * 95 / 100);
    std::nth_element(samples.begin(), std::min(at, end - 1), end);
    return *std::min(at, end - 1);
}

std::int64_t firstLease(std::int64_t usual, std::int64_t minimum)
{
    // A usual answer stays below the mark at which more is asked for.
    return std::max({kFirst, minimum, usual / 4 * 5 + 8});
}

} // namespace tollgate::relay
