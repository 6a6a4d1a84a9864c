// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/routing.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

namespace tollgate::routing {
namespace {

constexpr int kHeaviest = 1'000'000; // keeps the sum of a tier's weights within 32 bits

using Cooldown = std::function<std::int64_t(std::int64_t keyId)>;
using Draw = std::function<std::uint32_t(std::uint32_t)>;

struct Option
{
    std::size_t key = 0;
    std::int64_t coolingUs = 0;
};

// A channel that serves, with its usable keys in the order to try.
struct Contender
{
    std::shared_ptr<const Channel> channel;
    std::vector<Option> ready;
    std::vector<Option> cooling;
    std::uint32_t weight = 0;
};

// Numbers that are fixed for one conversation and one channel or key, and unrelated between them
// (splitmix64's finaliser over SipHash of the conversation, with a fixed key: a restart changes
// nothing).
class Rendezvous
{
public:
    explicit Rendezvous(const QByteArray &affinity)
    {
        constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey{};
        static_assert(crypto_shorthash_BYTES == sizeof m_seed);
        crypto_shorthash(reinterpret_cast<unsigned char *>(&m_seed),
                         reinterpret_cast<const unsigned char *>(affinity.constData()),
                         static_cast<unsigned long long>(affinity.size()), kKey.data());
    }
    // In (0, 1).
    [[nodiscard]] double number(std::int64_t id, std::uint64_t salt) const
    {
        std::uint64_t x = m_seed ^ (static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15U + salt);
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
        x = (x ^ x >> 27) * 0x94d049bb133111ebU;
        x ^= x >> 31;
        return (static_cast<double>(x >> 11) + 0.5) * 0x1.0p-53;
    }
    // Highest first gives a weighted draw without replacement: the logarithmic method of weighted
    // rendezvous hashing (draft-ietf-bess-weighted-hrw).
    [[nodiscard]] double score(std::int64_t id, std::uint64_t salt, double weight) const
    {
        return weight / -std::log(number(id, salt));
    }

private:
    std::uint64_t m_seed = 0;
};

constexpr std::uint64_t kChannelSalt = 1;
constexpr std::uint64_t kKeySalt = 2;

std::pair<Cause, QByteArray> explain(KeyReadiness readiness)
{
    switch (readiness) {
    case KeyReadiness::Locked:
        return {Cause::KeyLocked, QByteArrayLiteral("the key is locked")};
    case KeyReadiness::Denied:
        return {Cause::KeyDenied, QByteArrayLiteral("access to the key was denied")};
    case KeyReadiness::Unavailable:
        return {Cause::KeysUnavailable, QByteArrayLiteral("the key store is not available")};
    case KeyReadiness::Absent:
    case KeyReadiness::Ready:
        break;
    }
    return {Cause::KeyAbsent, QByteArrayLiteral("the key is missing")};
}

// Why the channel is left out, or nullopt. Keys are looked at by usableKeys().
std::optional<std::pair<Cause, QByteArray>> objection(const Channel &channel,
                                                      const Question &question)
{
    if (!question.anyModel && !channel.serves(question.model))
        return {{Cause::OtherModel, QByteArrayLiteral("does not serve this model")}};
    if (!channel.row.enabled)
        return {{Cause::Disabled, QByteArrayLiteral("disabled")}};
    if (channel.row.pausedUntilUs > question.nowUs)
        return {{Cause::Paused, QByteArrayLiteral("paused")}};
    if (channel.speaks && !channel.speaks(question.operation, question.dialect))
        return {{Cause::OtherDialect, QByteArrayLiteral("does not speak this dialect")}};
    const auto enabled = [](const ChannelKey &key) { return key.row.enabled; };
    if (std::none_of(channel.keys.begin(), channel.keys.end(), enabled))
        return {{Cause::NoKey, QByteArrayLiteral("has no enabled key")}};
    for (const ChannelKey &key : channel.keys) {
        if (key.row.enabled && key.readiness == KeyReadiness::Ready)
            return std::nullopt;
    }
    return explain(std::find_if(channel.keys.begin(), channel.keys.end(), enabled)->readiness);
}

// The indices of the usable keys in the order to try them.
std::vector<std::size_t> usableKeys(const Channel &channel,
                                    const std::optional<Rendezvous> &session, const Draw &draw)
{
    std::vector<std::size_t> keys;
    for (std::size_t i = 0; i < channel.keys.size(); ++i) {
        if (channel.keys[i].row.enabled && channel.keys[i].readiness == KeyReadiness::Ready)
            keys.push_back(i);
    }
    if (keys.size() < 2)
        return keys;
    if (session) {
        std::sort(keys.begin(), keys.end(), [&](std::size_t a, std::size_t b) {
            return session->number(channel.keys[a].row.id, kKeySalt)
                > session->number(channel.keys[b].row.id, kKeySalt);
        });
    } else {
        const std::uint32_t first = draw(static_cast<std::uint32_t>(keys.size()));
        std::rotate(keys.begin(), keys.begin() + first, keys.end());
    }
    return keys;
}

void orderBySession(std::vector<Contender> &tier, const Rendezvous &session)
{
    // Weight 0 loses against every positive weight and is ordered by the same hash.
    std::stable_sort(tier.begin(), tier.end(), [&](const Contender &a, const Contender &b) {
        if ((a.weight == 0) != (b.weight == 0))
            return b.weight == 0;
        const auto score = [&](const Contender &each) {
            return session.score(each.channel->row.id, kChannelSalt, std::max(each.weight, 1U));
        };
        return score(a) > score(b);
    });
}

void orderByDraw(std::vector<Contender> &tier, const Draw &draw)
{
    const auto weighted = std::stable_partition(tier.begin(), tier.end(),
                                                [](const Contender &c) { return c.weight > 0; });
    std::uint32_t total
        = std::accumulate(tier.begin(), weighted, 0U,
                          [](std::uint32_t sum, const Contender &c) { return sum + c.weight; });
    for (auto place = tier.begin(); weighted - place > 1; ++place) {
        std::uint32_t ticket = draw(total);
        auto winner = place;
        while (ticket >= winner->weight)
            ticket -= (winner++)->weight;
        total -= winner->weight;
        std::iter_swap(place, winner);
    }
    for (auto place = weighted; tier.end() - place > 1; ++place)
        std::iter_swap(place, place + draw(static_cast<std::uint32_t>(tier.end() - place)));
}

QByteArray reasonFor(const Contender &contender, const Option &option, std::uint32_t tierWeight,
                     bool session)
{
    QByteArray reason = "priority " + QByteArray::number(contender.channel->row.priority)
        + ", weight " + QByteArray::number(contender.weight) + " of "
        + QByteArray::number(tierWeight);
    if (contender.channel->keys.size() > 1) {
        reason += ", key " + QByteArray::number(option.key + 1) + " of "
            + QByteArray::number(contender.channel->keys.size());
    }
    if (session)
        reason += ", kept for this conversation";
    if (option.coolingUs > 0) {
        reason += ", a last resort: cooling down for "
            + QByteArray::number((option.coolingUs + 999'999) / 1'000'000) + " s";
    }
    return reason;
}

Candidate candidateOf(const Contender &contender, const Option &option, const Question &question,
                      std::uint32_t tierWeight)
{
    return {contender.channel, option.key, contender.channel->vendorModel(question.model),
            reasonFor(contender, option, tierWeight, !question.affinity.isEmpty()),
            option.coolingUs};
}

std::vector<Contender> contenders(const ChannelTable &table, const Question &question,
                                  const std::optional<Rendezvous> &session,
                                  const Cooldown &cooldownUs, const Draw &draw,
                                  std::vector<Exclusion> &excluded)
{
    std::vector<Contender> found;
    for (const auto &channel : table.channels) {
        if (auto reason = objection(*channel, question)) {
            excluded.push_back(
                {channel->row.id, std::move(reason->second), reason->first, channel->row.name});
            continue;
        }
        Contender contender;
        contender.channel = channel;
        contender.weight
            = static_cast<std::uint32_t>(std::clamp(channel->row.weight, 0, kHeaviest));
        for (const std::size_t key : usableKeys(*channel, session, draw)) {
            const std::int64_t cooling
                = std::max<std::int64_t>(cooldownUs(channel->keys[key].row.id), 0);
            (cooling > 0 ? contender.cooling : contender.ready).push_back({key, cooling});
        }
        found.push_back(std::move(contender));
    }
    return found;
}

} // namespace

Plan plan(const ChannelTable &table, const Question &question, const Cooldown &cooldownUs,
          const Draw &draw)
{
    Plan result;
    std::optional<Rendezvous> session;
    if (!question.affinity.isEmpty())
        session.emplace(question.affinity);
    std::vector<Contender> all
        = contenders(table, question, session, cooldownUs, draw, result.excluded);
    std::stable_sort(all.begin(), all.end(), [](const Contender &a, const Contender &b) {
        return a.channel->row.priority > b.channel->row.priority;
    });

    std::vector<Candidate> lastResorts;
    for (auto begin = all.begin(); begin != all.end();) {
        const auto end = std::find_if(begin, all.end(), [&](const Contender &each) {
            return each.channel->row.priority != begin->channel->row.priority;
        });
        std::vector<Contender> tier;
        std::uint32_t weight = 0;
        for (auto each = begin; each != end; ++each) {
            for (const Option &option : each->cooling)
                lastResorts.push_back(candidateOf(*each, option, question, each->weight));
            if (!each->ready.empty()) {
                weight += each->weight;
                tier.push_back(std::move(*each));
            }
        }
        if (session)
            orderBySession(tier, *session);
        else
            orderByDraw(tier, draw);
        for (const Contender &each : tier) {
            for (const Option &option : each.ready)
                result.candidates.push_back(candidateOf(each, option, question, weight));
        }
        begin = end;
    }
    std::stable_sort(
        lastResorts.begin(), lastResorts.end(),
        [](const Candidate &a, const Candidate &b) { return a.coolingUs < b.coolingUs; });
    std::move(lastResorts.begin(), lastResorts.end(), std::back_inserter(result.candidates));
    return result;
}

} // namespace tollgate::routing
