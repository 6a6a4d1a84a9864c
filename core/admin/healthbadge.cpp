// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/healthbadge.h"

#include <algorithm>
#include <array>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kWindowUs = 900'000'000; // 15 minutes
constexpr int kEnoughForSpeed = 10;
constexpr int kRunOfFailures = 3;
constexpr int kSuccessesToMend = 10;
constexpr double kDegradedShare = 0.02;
constexpr double kFailingShare = 0.20;

struct Name
{
    HealthWord word;
    const char *slug;
    const char *title;
};
constexpr std::array kNames{
    Name{HealthWord::Off, "off", "Off"},
    Name{HealthWord::Paused, "paused", "Paused"},
    Name{HealthWord::Untested, "untested", "Untested"},
    Name{HealthWord::Healthy, "healthy", "Healthy"},
    Name{HealthWord::Slow, "slow", "Slow"},
    Name{HealthWord::Degraded, "degraded", "Degraded"},
    Name{HealthWord::CoolingDown, "cooling_down", "Cooling down"},
    Name{HealthWord::Failing, "failing", "Failing"},
    Name{HealthWord::RateLimited, "rate_limited", "Rate-limited"},
};

const Name &nameOf(HealthWord word)
{
    return *std::find_if(kNames.begin(), kNames.end(),
                         [word](const Name &name) { return name.word == word; });
}

// The last 15 minutes of attempts that say something.
struct Lately
{
    int good = 0;
    int bad = 0;
    int run = 0; // failures in a row, up to now
    std::int64_t runSinceUs = 0;
    int runStatus = 0; // of the newest
    Outcome newest = Outcome::Silent;
    std::int64_t newestUs = 0;
    std::vector<std::int64_t> firstTokens;
    [[nodiscard]] double share() const { return good + bad == 0 ? 0 : double(bad) / (good + bad); }
};

Lately lookBack(const HealthFacts &facts)
{
    Lately lately;
    bool inRun = true;
    for (const store::RecentAttempt &attempt : facts.recent) {
        if (attempt.startedUs < facts.nowUs - kWindowUs)
            break;
        const Outcome outcome = outcomeOf(attempt);
        if (outcome == Outcome::Silent)
            continue;
        if (lately.newest == Outcome::Silent) {
            lately.newest = outcome;
            lately.newestUs = attempt.startedUs;
        }
        if (outcome == Outcome::Good) {
            inRun = false;
            ++lately.good;
            if (attempt.firstTokenUs >= 0)
                lately.firstTokens.push_back(attempt.firstTokenUs);
            continue;
        }
        ++lately.bad;
        if (inRun) {
            ++lately.run;
            lately.runSinceUs = attempt.startedUs;
            if (lately.runStatus == 0)
                lately.runStatus = attempt.status;
        }
    }
    return lately;
}

QString inARow(const Lately &lately)
{
    const QString what
        = lately.runStatus > 0 ? QString::number(lately.runStatus) : QStringLiteral("no answer");
    return lately.run > 1 ? QStringLiteral("%1 failures in a row (%2)").arg(lately.run).arg(what)
                          : QStringLiteral("The last request failed (%1)").arg(what);
}

QString shareText(const Lately &lately)
{
    return QStringLiteral("%1 of %2 requests failed in the last 15 minutes")
        .arg(lately.bad)
        .arg(lately.good + lately.bad);
}

bool isCooling(const KeyFacts &key)
{
    return key.health.cooldownUs > 0;
}

// Every usable key rests: what that means for the channel. The first that is ready again counts.
std::optional<HealthBadge> restingBadge(const HealthFacts &facts, const Lately &lately)
{
    const KeyFacts *soonest = nullptr;
    for (const KeyFacts &key : facts.keys) {
        if (!key.usable)
            continue;
        if (!isCooling(key))
            return std::nullopt;
        if (!soonest || key.health.cooldownUs < soonest->health.cooldownUs)
            soonest = &key;
    }
    if (!soonest)
        return std::nullopt;
    HealthBadge badge;
    badge.sinceUs = lately.runSinceUs;
    badge.untilUs = facts.nowUs + soonest->health.cooldownUs;
    switch (soonest->health.condition) {
    case routing::KeyCondition::RateLimited:
        badge.word = HealthWord::RateLimited;
        badge.reason = QStringLiteral("The provider asked to wait (429)");
        break;
    case routing::KeyCondition::Rejected:
        badge.word = HealthWord::Failing;
        badge.reason = QStringLiteral("The provider refused the key");
        break;
    default:
        badge.word = HealthWord::CoolingDown;
        badge.reason = lately.run > 0 ? inARow(lately)
                                      : QStringLiteral("Too many failures; trying again soon");
        break;
    }
    return badge;
}

QString secondsText(std::int64_t us)
{
    return QStringLiteral("%1 s").arg(double(us) / 1e6, 0, 'f', 1);
}

} // namespace

Outcome outcomeOf(const store::RecentAttempt &attempt)
{
    if (!attempt.ended)
        return Outcome::Silent;
    if (attempt.status == 401 || attempt.status == 403)
        return Outcome::Refused;
    if (attempt.status == 402)
        return Outcome::Unpaid;
    if (attempt.status == 429)
        return Outcome::Limited;
    if (attempt.error.isEmpty())
        return attempt.status >= 200 && attempt.status < 400 ? Outcome::Good : Outcome::Silent;
    if (attempt.error == "client_gone" || (attempt.status >= 400 && attempt.status < 500))
        return Outcome::Silent;
    return Outcome::Broken;
}

HealthBadge healthBadge(const HealthFacts &facts)
{
    const auto badge
        = [](HealthWord word, QString reason, std::int64_t sinceUs = 0, std::int64_t untilUs = 0) {
              return HealthBadge{word, std::move(reason), sinceUs, untilUs};
          };
    if (!facts.enabled)
        return badge(HealthWord::Off, QStringLiteral("Switched off"));
    if (facts.pausedUntilUs > facts.nowUs) {
        const bool open = facts.pausedUntilUs == store::kUntilResumed;
        return badge(HealthWord::Paused,
                     open ? QStringLiteral("Paused until you resume it") : QStringLiteral("Paused"),
                     0, open ? 0 : facts.pausedUntilUs);
    }
    const auto usable = std::count_if(facts.keys.begin(), facts.keys.end(),
                                      [](const auto &k) { return k.usable; });
    if (usable == 0) {
        return badge(HealthWord::Failing,
                     facts.keys.empty() ? QStringLiteral("It has no key")
                                        : facts.keys.front().trouble);
    }
    const Lately lately = lookBack(facts);
    if (auto resting = restingBadge(facts, lately))
        return *resting;
    if (lately.newest == Outcome::Refused || lately.newest == Outcome::Unpaid) {
        return badge(HealthWord::Failing,
                     lately.newest == Outcome::Refused
                         ? QStringLiteral("The provider refused the key")
                         : QStringLiteral("The provider wants payment (402)"),
                     lately.runSinceUs);
    }
    if (lately.bad > 0 && lately.newest != Outcome::Good && lately.share() > kFailingShare)
        return badge(HealthWord::Failing, inARow(lately), lately.runSinceUs);
    const bool mended
        = lately.run == 0 && lately.good >= kSuccessesToMend && lately.share() <= kDegradedShare;
    if (lately.run >= kRunOfFailures || (lately.share() >= kDegradedShare && !mended))
        return badge(HealthWord::Degraded, shareText(lately));
    if (static_cast<int>(lately.firstTokens.size()) >= kEnoughForSpeed) {
        const std::int64_t p95 = percentile(lately.firstTokens, 95);
        if (p95 > facts.slowUs) {
            return badge(
                HealthWord::Slow,
                QStringLiteral("One first token in twenty takes over %1").arg(secondsText(p95)));
        }
    }
    if (facts.lastUsedUs == 0 && facts.recent.empty())
        return badge(HealthWord::Untested, QStringLiteral("Not used yet"));
    return badge(HealthWord::Healthy,
                 lately.good > 0
                     ? QStringLiteral("%1 requests in the last 15 minutes, none of concern")
                           .arg(lately.good + lately.bad)
                     : QStringLiteral("Nothing is known against it"));
}

QString healthSlug(HealthWord word)
{
    return QString::fromLatin1(nameOf(word).slug);
}

QString healthTitle(HealthWord word)
{
    return QString::fromLatin1(nameOf(word).title);
}

std::int64_t percentile(std::vector<std::int64_t> times, int percent)
{
    if (times.empty())
        return -1;
    const auto rank = (times.size() - 1) * static_cast<std::size_t>(percent) / 100;
    const auto place = times.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(times.begin(), place, times.end());
    return *place;
}

} // namespace tollgate::admin
