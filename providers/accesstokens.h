// SPDX-License-Identifier: GPL-3.0-or-later
// Access tokens that a key is exchanged for, kept until shortly before they expire. One exchange at
// a time for a key, in a thread of its own, so that signing and waiting are nowhere near a gateway
// thread. Thread-safe.
#pragma once

#include "core/base/clock.h"
#include "core/relay/provider.h"
#include "providers/serviceaccount.h"

#include <QThread>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace tollgate::providers {

class AccessTokens
{
public:
    // Runs in the thread of exchanges.
    using Ask = std::function<Result<upstream::Request>(std::int64_t nowS)>;

    explicit AccessTokens(const Clock &clock = Clock::system());
    ~AccessTokens(); // nobody may be waiting
    AccessTokens(const AccessTokens &) = delete;
    AccessTokens &operator=(const AccessTokens &) = delete;

    // Empty where there is none that still holds.
    [[nodiscard]] QByteArray held(const QByteArray &id) const;
    // nullptr: one is held; it is renewed in the background where it is about to expire. A failure
    // is remembered for a few seconds, so that a broken key is not tried with each request.
    [[nodiscard]] std::unique_ptr<relay::Preparation> fetch(const QByteArray &id, const Ask &ask,
                                                            Mailbox &mailbox,
                                                            std::function<void(Result<void>)> done);
    // The vendor refuses it before its time.
    void forget(const QByteArray &id);

private:
    class Waiting;
    struct Entry
    {
        Secret token;
        std::int64_t renewUs = 0; // wall time, since a suspended machine's other clock stands
        std::int64_t endUs = 0;
        bool asking = false;
        std::optional<Error> failed;
        std::int64_t failedUs = 0; // monotonic
        std::vector<Waiting *> waiting;
    };
    struct Exchanging
    {
        std::unique_ptr<upstream::Exchange> exchange;
        QByteArray body;
    };

    [[nodiscard]] bool holds(const Entry &entry) const;
    void begin(const QByteArray &id, Entry &entry, const Ask &ask); // with the lock held
    void sweep(); // with the lock held
    // In the thread of exchanges.
    void ask(const QByteArray &id, const Ask &ask);
    void read(const QByteArray &id);
    void settle(const QByteArray &id, Result<AccessToken> token);

    const Clock &m_clock;
    mutable std::mutex m_mutex;
    std::unordered_map<QByteArray, Entry> m_entries;
    QThread m_thread;
    std::unique_ptr<QObject> m_context; // lives in the thread
    std::unique_ptr<upstream::Client> m_client; // the thread's, like the next
    std::map<QByteArray, std::unique_ptr<Exchanging>> m_running;
};

} // namespace tollgate::providers
