// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches what a request names by URL before it goes to a vendor that fetches nothing.
#include "core/relay/call.h"
#include "core/relay/media.h"
#include "core/relay/relay.h"

#include <list>

namespace tollgate::relay {
namespace {

constexpr int kTurnMs = 20; // how often a full house is looked at again

Error refused(QString message, QByteArray code)
{
    Error error{ErrorKind::InvalidRequest, std::move(message), std::move(code)};
    error.param = "messages";
    return error;
}

// One of the few files that this process fetches at a time.
class Place
{
public:
    // False: all are taken.
    [[nodiscard]] bool take(std::atomic<std::int64_t> &taken, int most)
    {
        if (taken.fetch_add(1, std::memory_order_relaxed) >= most) {
            taken.fetch_sub(1, std::memory_order_relaxed);
            return false;
        }
        m_taken = &taken;
        return true;
    }
    Place() = default;
    ~Place()
    {
        if (m_taken)
            m_taken->fetch_sub(1, std::memory_order_relaxed);
    }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

private:
    std::atomic<std::int64_t> *m_taken = nullptr;
};

struct Under
{
    std::size_t index = 0; // into what is wanted
    Place place;
    std::unique_ptr<upstream::FileFetch> fetch;
};

upstream::FileRules rulesOf(const RelaySettings &settings, int leftMs)
{
    upstream::FileRules rules;
    rules.largest = settings.media.largest;
    rules.totalMs = leftMs;
    rules.redirects = settings.media.redirects;
    rules.localHosts = settings.media.localHosts;
    rules.caFile = settings.caFile;
    return rules;
}

Error busy(const char *what)
{
    Error error{ErrorKind::Unavailable,
                QStringLiteral("Too many files are being fetched for other requests: %1. Try again "
                               "in a moment, or send the files themselves.")
                    .arg(QString::fromUtf8(what)),
                "media_busy"};
    error.retryAfterSeconds = 2;
    return error;
}

} // namespace

Task<Result<void>> Relay::fetchMedia(std::shared_ptr<Call> call, Attempt &attempt) const
{
    const RelaySettings &settings = call->snapshot->settings;
    const std::vector<MediaUrl> wanted = call->media.missing(attempt.media);
    if (wanted.size() + call->media.size() > std::size_t(settings.media.most)) {
        co_return failure(
            refused(QStringLiteral("The request names %1 files by URL; at most %2 are fetched for "
                                   "a provider that fetches none. Send the files themselves.")
                        .arg(wanted.size() + call->media.size())
                        .arg(settings.media.most),
                    "media_count"));
    }
    const std::int64_t untilUs
        = m_services.clock->monotonicUs() + std::int64_t(settings.media.totalMs) * 1'000;
    const auto wake = [weak = std::weak_ptr(call)] {
        if (const auto waiting = weak.lock())
            waiting->wakeup.fire();
    };
    QTimer turn;
    QObject::connect(&turn, &QTimer::timeout, &turn, wake);
    std::list<Under> running;
    std::int64_t done = 0; // bytes on the shelf from here
    for (std::size_t next = 0; next < wanted.size() || !running.empty();) {
        const std::int64_t leftMs = (untilUs - m_services.clock->monotonicUs()) / 1'000;
        while (next < wanted.size() && leftMs > 0) {
            Under &under = running.emplace_back();
            if (!under.place.take(m_services.counters->fetching, settings.media.concurrency)) {
                running.pop_back();
                break;
            }
            under.index = next++;
            under.fetch = std::make_unique<upstream::FileFetch>(
                *m_services.client, wanted[under.index].url, rulesOf(settings, int(leftMs)), wake,
                *m_services.clock);
        }
        if (running.empty() && leftMs <= 0)
            co_return failure(busy("no turn came in time"));
        next < wanted.size() ? turn.start(kTurnMs) : turn.stop();
        co_await call->wakeup;
        if (call->stopped)
            co_return failure(*call->stopped);

        std::int64_t arrived = done;
        for (const Under &under : running)
            arrived += under.fetch->received();
        if (!call->media.make(arrived, m_services.counters->mediaBytes, settings.media.memory))
            co_return failure(busy("together they are too large"));
        for (auto it = running.begin(); it != running.end();) {
            if (!it->fetch->ended()) {
                ++it;
                continue;
            }
            done += it->fetch->received();
            const MediaUrl &one = wanted[it->index];
            auto file = it->fetch->take();
            auto media = file ? mediaFrom(one.kind, *file, settings.media.types)
                              : Result<FetchedMedia>(failure(file.error()));
            if (!media) {
                Error error = refused(
                    QStringLiteral("The provider fetches no files, and %1 of the request cannot be "
                                   "fetched for it: %2.")
                        .arg(describePart(wanted, it->index), media.error().message),
                    media.error().code);
                call->media.put(one.url, failure(error));
                co_return failure(std::move(error));
            }
            call->media.put(one.url, std::move(media));
            it = running.erase(it);
        }
    }
    co_return translate(*call, attempt);
}

} // namespace tollgate::relay
