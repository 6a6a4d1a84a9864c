// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/failedlogins.h"

#include "core/access/addresses.h"

#include <cstring>

namespace tollgate::access {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kMinuteUs = 60 * kSecondUs;
constexpr quint64 kGlobalPerSecond = 100;
constexpr quint64 kCountMask = 0xffffffff;

} // namespace

std::size_t FailedLogins::Hash::operator()(const Source &source) const noexcept
{
    return qHashMulti(0, source.high, source.low);
}

FailedLogins::Source FailedLogins::sourceOf(const QHostAddress &address)
{
    const QHostAddress plain = normalised(address);
    if (plain.protocol() == QAbstractSocket::IPv4Protocol)
        return {1, plain.toIPv4Address()};
    Source source;
    const Q_IPV6ADDR six = plain.toIPv6Address();
    std::memcpy(&source.high, six.c, sizeof source.high);
    return source;
}

bool FailedLogins::mayTry(const History &history, std::int64_t nowUs)
{
    if (history.count < kFreely)
        return true;
    const std::int64_t oldest = history.timesUs[static_cast<std::size_t>(history.next)];
    return nowUs - oldest >= kMinuteUs || nowUs - history.latestUs() >= kSecondUs;
}

bool FailedLogins::globallyFree(std::int64_t nowUs) const
{
    const quint64 packed = m_second.load(std::memory_order_relaxed);
    return packed >> 32 != (static_cast<quint64>(nowUs / kSecondUs) & kCountMask)
        || (packed & kCountMask) < kGlobalPerSecond;
}

bool FailedLogins::mayTry(const QHostAddress &address, std::int64_t nowUs)
{
    if (!globallyFree(nowUs))
        return false;
    const Source source = sourceOf(address);
    Shard &shard = m_shards[Hash()(source) % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.histories.find(source);
    if (found != shard.histories.end())
        return mayTry(found->second, nowUs);
    return shard.histories.size() < kMostPerShard || mayTry(shard.others, nowUs);
}

FailedLogins::History &FailedLogins::historyFor(Shard &shard, const Source &source,
                                                std::int64_t nowUs)
{
    const auto found = shard.histories.find(source);
    if (found != shard.histories.end())
        return found->second;
    if (shard.histories.size() >= kMostPerShard && nowUs - shard.sweptUs >= kSecondUs) {
        shard.sweptUs = nowUs;
        std::erase_if(shard.histories, [&](const auto &entry) {
            return nowUs - entry.second.latestUs() >= kMinuteUs;
        });
    }
    if (shard.histories.size() >= kMostPerShard)
        return shard.others;
    return shard.histories[source];
}

void FailedLogins::add(const QHostAddress &address, std::int64_t nowUs)
{
    const quint64 second = static_cast<quint64>(nowUs / kSecondUs) & kCountMask;
    quint64 packed = m_second.load(std::memory_order_relaxed);
    quint64 counted = 0;
    do {
        counted = packed >> 32 == second ? packed + 1 : (second << 32 | 1);
    } while (!m_second.compare_exchange_weak(packed, counted, std::memory_order_relaxed));

    const Source source = sourceOf(address);
    Shard &shard = m_shards[Hash()(source) % kShards];
    const std::lock_guard lock(shard.mutex);
    History &history = historyFor(shard, source, nowUs);
    history.timesUs[static_cast<std::size_t>(history.next)] = nowUs;
    history.next = (history.next + 1) % kFreely;
    history.count = std::min(history.count + 1, kFreely);
}

std::size_t FailedLogins::addresses() const
{
    std::size_t count = 0;
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        count += shard.histories.size();
    }
    return count;
}

} // namespace tollgate::access
