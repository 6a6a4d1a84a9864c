// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/accesstokens.h"

#include "core/base/mailbox.h"

#include <algorithm>
#include <utility>

namespace tollgate::providers {
namespace {

constexpr std::int64_t kUsPerS = 1'000'000;
constexpr std::int64_t kRenewAheadS = 300; // as Google's own libraries do
constexpr std::int64_t kMarginS = 30; // a request takes a while to arrive
constexpr std::int64_t kFailureUs = 5 * kUsPerS;
constexpr std::size_t kMostEntries = 256;

struct Call
{
    std::function<void(Result<void>)> done;
};

} // namespace

// Made, told and destroyed in the thread of its mailbox; told of by letters only.
class AccessTokens::Waiting final : public relay::Preparation
{
public:
    Waiting(AccessTokens &owner, QByteArray id, Mailbox &mailbox,
            std::function<void(Result<void>)> done)
        : m_owner(owner)
        , m_id(std::move(id))
        , m_mailbox(mailbox)
        , m_call(std::make_shared<Call>(Call{std::move(done)}))
    {
    }
    ~Waiting() override
    {
        m_call->done = {};
        const std::lock_guard lock(m_owner.m_mutex);
        if (const auto found = m_owner.m_entries.find(m_id); found != m_owner.m_entries.end())
            std::erase(found->second.waiting, this);
    }
    // With the owner's lock held, which keeps this and its mailbox alive.
    void tell(const Result<void> &result)
    {
        m_mailbox.post([call = m_call, result] {
            if (const auto done = std::exchange(call->done, {}))
                done(result);
        });
    }

private:
    AccessTokens &m_owner;
    const QByteArray m_id;
    Mailbox &m_mailbox;
    const std::shared_ptr<Call> m_call;
};

AccessTokens::AccessTokens(const Clock &clock)
    : m_clock(clock)
    , m_context(std::make_unique<QObject>())
{
    m_thread.setObjectName(QStringLiteral("tokens"));
    m_context->moveToThread(&m_thread);
}

AccessTokens::~AccessTokens()
{
    if (!m_thread.isRunning())
        return;
    QMetaObject::invokeMethod(
        m_context.get(),
        [this] {
            m_running.clear();
            m_client.reset();
        },
        Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

bool AccessTokens::holds(const Entry &entry) const
{
    return !entry.token.isEmpty() && m_clock.wallUs() < entry.endUs;
}

QByteArray AccessTokens::held(const QByteArray &id) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end() || !holds(found->second))
        return {};
    return found->second.token.reveal().toByteArray();
}

std::unique_ptr<relay::Preparation> AccessTokens::fetch(const QByteArray &id, const Ask &ask,
                                                        Mailbox &mailbox,
                                                        std::function<void(Result<void>)> done)
{
    const std::lock_guard lock(m_mutex);
    sweep();
    Entry &entry = m_entries[id];
    const bool lately
        = entry.failed && m_clock.monotonicUs() - entry.failedUs < kFailureUs && !entry.asking;
    if (holds(entry)) {
        if (m_clock.wallUs() >= entry.renewUs && !entry.asking && !lately)
            begin(id, entry, ask);
        return nullptr;
    }
    auto waiting = std::make_unique<Waiting>(*this, id, mailbox, std::move(done));
    if (lately) {
        waiting->tell(failure(*entry.failed));
        return waiting;
    }
    entry.waiting.push_back(waiting.get());
    if (!entry.asking)
        begin(id, entry, ask);
    return waiting;
}

void AccessTokens::forget(const QByteArray &id)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_entries.find(id); found != m_entries.end())
        found->second.token = {};
}

// Keys come and go; what none of them uses any more does not stay.
void AccessTokens::sweep()
{
    if (m_entries.size() < kMostEntries)
        return;
    std::erase_if(m_entries, [this](const auto &one) {
        return !one.second.asking && one.second.waiting.empty() && !holds(one.second);
    });
}

void AccessTokens::begin(const QByteArray &id, Entry &entry, const Ask &ask)
{
    entry.asking = true;
    if (!m_thread.isRunning())
        m_thread.start();
    QMetaObject::invokeMethod(
        m_context.get(), [this, id, ask] { this->ask(id, ask); }, Qt::QueuedConnection);
}

void AccessTokens::ask(const QByteArray &id, const Ask &ask)
{
    Result<upstream::Request> request = ask(m_clock.wallUs() / kUsPerS);
    if (!request) {
        settle(id, failure(std::move(request.error())));
        return;
    }
    if (!m_client)
        m_client = upstream::Client::create(m_clock);
    auto running = std::make_unique<Exchanging>();
    running->exchange = m_client->start(std::move(*request));
    upstream::Exchange &exchange = *running->exchange;
    m_running[id] = std::move(running);
    exchange.setWaker([this, id] { read(id); });
}

void AccessTokens::read(const QByteArray &id)
{
    const auto found = m_running.find(id);
    if (found == m_running.end())
        return;
    Exchanging &running = *found->second;
    upstream::Exchange &exchange = *running.exchange;
    running.body += exchange.take();
    if (!exchange.ended())
        return;
    Result<AccessToken> token = failure(ErrorKind::UpstreamFailed, QString(), "token_refused");
    if (exchange.failed()) {
        token.error().message = QStringLiteral("No access token could be fetched: %1")
                                    .arg(exchange.failed()->message);
    } else {
        token = readAccessToken(exchange.head()->status, running.body);
    }
    wipe(running.body);
    // Its own waker is running: it goes in a later turn.
    const std::shared_ptr<Exchanging> over = std::move(found->second);
    m_running.erase(found);
    QMetaObject::invokeMethod(
        m_context.get(), [over] {}, Qt::QueuedConnection);
    settle(id, std::move(token));
}

void AccessTokens::settle(const QByteArray &id, Result<AccessToken> token)
{
    const std::lock_guard lock(m_mutex);
    Entry &entry = m_entries[id];
    entry.asking = false;
    Result<void> told;
    if (token) {
        const std::int64_t now = m_clock.wallUs();
        entry.endUs = now + (token->lifeS - std::min(kMarginS, token->lifeS / 10)) * kUsPerS;
        entry.renewUs = now + (token->lifeS - std::min(kRenewAheadS, token->lifeS / 4)) * kUsPerS;
        entry.token = Secret(token->text);
        entry.failed.reset();
        wipe(token->text);
    } else {
        entry.failed = token.error();
        entry.failedUs = m_clock.monotonicUs();
        told = failure(std::move(token.error()));
    }
    for (Waiting *const waiting : std::exchange(entry.waiting, {}))
        waiting->tell(told);
}

} // namespace tollgate::providers
