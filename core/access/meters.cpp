// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/meters.h"

#include "core/access/failedlogins.h"
#include "core/access/slidingwindow.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace tollgate::access {
namespace {

constexpr std::size_t kShards = 16;
constexpr std::size_t kSweepFrom = 64; // meters in a shard below which idle ones are left alone
constexpr std::int64_t kSecondUs = 1'000'000;

struct Meter
{
    SlidingWindow requests;
    SlidingWindow tokens;
    int running = 0;
};

struct Shard
{
    std::mutex mutex;
    std::unordered_map<std::int64_t, Meter> meters;
    std::int64_t sweptUs = 0;

    // Meters of tokens that have fallen silent hold nothing worth keeping.
    void sweep(std::int64_t nowUs)
    {
        if (meters.size() < kSweepFrom || nowUs - sweptUs < SlidingWindow::kLengthUs)
            return;
        sweptUs = nowUs;
        std::erase_if(meters, [&](const auto &entry) {
            const Meter &meter = entry.second;
            return meter.running == 0 && meter.requests.isOver(nowUs) && meter.tokens.isOver(nowUs);
        });
    }
};

int secondsUp(std::int64_t us)
{
    return static_cast<int>(std::clamp<std::int64_t>((us + kSecondUs - 1) / kSecondUs, 1, 60));
}

tl::unexpected<Error> limited(const QString &message, QByteArray code, int retryAfterSeconds)
{
    Error error;
    error.kind = ErrorKind::RateLimited;
    error.message = message;
    error.code = std::move(code);
    error.retryAfterSeconds = retryAfterSeconds;
    return failure(std::move(error));
}

Result<void> checkLimits(Meter &meter, const store::TokenRow &token, std::int64_t estimate,
                         std::int64_t nowUs)
{
    if (token.concurrency > 0 && meter.running >= token.concurrency) {
        return limited(
            QStringLiteral("This token may run %1 requests at once and does; wait for one "
                           "to end.")
                .arg(token.concurrency),
            "concurrency_limit", 1);
    }
    if (token.requestsPerMinute > 0) {
        const std::int64_t wait = meter.requests.waitUs(nowUs, token.requestsPerMinute - 1);
        if (wait > 0) {
            return limited(QStringLiteral("This token may send %1 requests a minute and has; try "
                                          "again in %2 s.")
                               .arg(token.requestsPerMinute)
                               .arg(secondsUp(wait)),
                           "requests_per_minute", secondsUp(wait));
        }
    }
    if (token.tokensPerMinute > 0) {
        const std::int64_t room = std::max<std::int64_t>(token.tokensPerMinute - estimate, 0);
        const std::int64_t wait = meter.tokens.waitUs(nowUs, room);
        if (wait > 0) {
            return limited(QStringLiteral("This token may use %1 tokens a minute and this request "
                                          "would exceed them; try again in %2 s.")
                               .arg(token.tokensPerMinute)
                               .arg(secondsUp(wait)),
                           "tokens_per_minute", secondsUp(wait));
        }
    }
    return {};
}

} // namespace

struct Meters::Shared
{
    explicit Shared(const Clock &c)
        : clock(c)
    {
    }

    Shard &shardOf(std::int64_t tokenId)
    {
        return shards[static_cast<std::uint64_t>(tokenId) % kShards];
    }

    const Clock &clock;
    std::array<Shard, kShards> shards;
    FailedLogins logins;
};

struct Meters::Place::State
{
    std::shared_ptr<Shared> shared;
    std::int64_t tokenId = 0;
    std::int64_t bookedUs = 0;
    std::int64_t booked = -1; // tokens; -1: none are counted, or settled

    ~State()
    {
        Shard &shard = shared->shardOf(tokenId);
        const std::lock_guard lock(shard.mutex);
        --shard.meters[tokenId].running;
    }
};

Meters::Place::Place() = default;
Meters::Place::Place(Place &&) noexcept = default;
Meters::Place &Meters::Place::operator=(Place &&) noexcept = default;
Meters::Place::~Place() = default;
Meters::Place::Place(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}

void Meters::Place::settle(std::int64_t tokensUsed)
{
    if (!m_state || m_state->booked < 0)
        return;
    const std::int64_t booked = std::exchange(m_state->booked, -1);
    const std::int64_t nowUs = m_state->shared->clock.monotonicUs();
    Shard &shard = m_state->shared->shardOf(m_state->tokenId);
    const std::lock_guard lock(shard.mutex);
    SlidingWindow &tokens = shard.meters[m_state->tokenId].tokens;
    if (tokensUsed < booked)
        tokens.takeBack(m_state->bookedUs, booked - std::max<std::int64_t>(tokensUsed, 0));
    else if (tokensUsed > booked)
        tokens.add(nowUs, tokensUsed - booked);
}

Meters::Meters(const Clock &clock)
    : m_shared(std::make_shared<Shared>(clock))
{
}

Meters::~Meters() = default;

Result<Meters::Place> Meters::admit(const store::TokenRow &token, std::int64_t estimate)
{
    if (token.requestsPerMinute <= 0 && token.tokensPerMinute <= 0 && token.concurrency <= 0)
        return Place();
    estimate = std::max<std::int64_t>(estimate, 0);
    const std::int64_t nowUs = m_shared->clock.monotonicUs();
    Shard &shard = m_shared->shardOf(token.id);
    const std::lock_guard lock(shard.mutex);
    shard.sweep(nowUs);
    Meter &meter = shard.meters[token.id];
    if (const Result<void> checked = checkLimits(meter, token, estimate, nowUs); !checked)
        return failure(checked.error());

    auto state = std::make_unique<Place::State>();
    ++meter.running;
    state->shared = m_shared;
    state->tokenId = token.id;
    if (token.requestsPerMinute > 0)
        meter.requests.add(nowUs, 1);
    if (token.tokensPerMinute > 0) {
        meter.tokens.add(nowUs, estimate);
        state->bookedUs = nowUs;
        state->booked = estimate;
    }
    return Place(std::move(state));
}

bool Meters::mayTryToLogIn(const QHostAddress &address)
{
    return m_shared->logins.mayTry(address, m_shared->clock.monotonicUs());
}

void Meters::loginFailed(const QHostAddress &address)
{
    m_shared->logins.add(address, m_shared->clock.monotonicUs());
}

} // namespace tollgate::access
