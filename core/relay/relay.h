// SPDX-License-Identifier: GPL-3.0-or-later
// The story of one request, from its bytes to its bill: authenticate, decide, reserve, send,
// stream, settle, record. One relay a gateway thread; a request never leaves its thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/mailbox.h"
#include "core/base/task.h"
#include "core/http/handler.h"
#include "core/ledger/ledger.h"
#include "core/protocol/answerfacts.h"
#include "core/relay/counters.h"
#include "core/relay/provider.h"
#include "core/relay/runningcall.h"
#include "core/relay/snapshot.h"
#include "core/store/bodies.h"

#include <QTimer>

#include <functional>
#include <memory>
#include <unordered_set>

namespace tollgate::relay {

struct Call;
struct Attempt;
struct Ending;
class UsualOutput;
class AnswerStream;

// What a relay works with. All of it outlives the relay; what threads share is thread-safe.
struct Services
{
    upstream::Client *client = nullptr; // this thread's
    Mailbox *mailbox = nullptr; // this thread's
    store::Store *store = nullptr;
    ledger::Ledger *ledger = nullptr;
    access::Meters *meters = nullptr;
    routing::Health *health = nullptr;
    const Providers *providers = nullptr;
    Counters *counters = nullptr;
    const Clock *clock = nullptr;
    std::function<QByteArray()> metricsPage; // Prometheus text; thread-safe
    // The bodies of a finished exchange, where the settings ask for them. Thread-safe, quick.
    std::function<void(const QByteArray &requestId, std::int64_t startedUs,
                       std::vector<store::KeptBody> bodies)>
        capture;
};

class Relay final : public http::Handler
{
public:
    explicit Relay(Services services);
    ~Relay() override; // no call may be running

    // Calls that are under way keep the snapshot they began with.
    void setSnapshot(std::shared_ptr<const Snapshot> snapshot);
    // Ends every running call with an error its client can read. The bill is settled as usual.
    void stopAll();
    [[nodiscard]] std::size_t running() const { return m_calls.size(); }
    // What screens show of them; in this thread, and only when somebody looks.
    [[nodiscard]] std::vector<RunningCall> runningCalls() const;
    // Its owner wants it to end: the client is told so, what was used is paid. False: it has ended.
    bool stop(const QByteArray &requestId);
    // Called each time the last running call has ended.
    void onIdle(std::function<void()> callback) { m_onIdle = std::move(callback); }

    [[nodiscard]] http::Admission admit(const http::RequestHead &head) override;
    void handle(http::Request request, std::shared_ptr<http::ResponseStream> out) override;
    [[nodiscard]] http::Response refuse(const QByteArray &path, const Error &error) override;

private:
    Task<void> serve(std::shared_ptr<Call> call);
    Task<void> serveKept(std::shared_ptr<Call> call); // files and batches

    // The steps of serve(), in their order.
    [[nodiscard]] Result<void> identify(Call &call) const;
    [[nodiscard]] bool answerLocally(Call &call) const;
    [[nodiscard]] Result<void> understand(Call &call) const;
    [[nodiscard]] Result<void> choose(Call &call) const;
    [[nodiscard]] bool answerLoading(Call &call) const;
    [[nodiscard]] bool answerCount(Call &call) const;
    [[nodiscard]] Result<void> translate(Call &call, Attempt &attempt) const;
    Task<Result<void>> fetchMedia(std::shared_ptr<Call> call, Attempt &attempt) const;
    [[nodiscard]] Result<void> translateBesides(Call &call, Attempt &attempt) const;
    [[nodiscard]] const Provider *providerFor(const routing::Candidate &candidate) const;
    Task<Result<void>> prepare(std::shared_ptr<Call> call, Attempt &attempt) const;
    [[nodiscard]] Result<ledger::HoldRequest> price(const Call &call, Attempt &attempt) const;
    [[nodiscard]] Result<QByteArray> bodyFor(Call &call, Attempt &attempt,
                                             const ledger::Hold &hold) const;
    [[nodiscard]] Result<void> send(Call &call, Attempt &attempt, const ledger::Hold &hold) const;
    Task<Ending> deliver(Call &call, Attempt &attempt) const;
    Task<Ending> deliverWhole(Call &call, Attempt &attempt) const;
    Task<Ending> deliverAsItIs(Call &call, Attempt &attempt) const;
    Task<Ending> deliverStream(Call &call, Attempt &attempt) const;
    Task<Ending> readRefusal(Call &call, Attempt &attempt) const;
    // False: what has come is not paid for, and the budget gives no more.
    Task<bool> stayWithinLease(Call &call, Attempt &attempt, const protocol::AnswerFacts &facts,
                               bool final, bool withheld) const;
    Task<bool> topUp(Call &call, Attempt &attempt, std::int64_t used) const;
    [[nodiscard]] Ending endCut(Call &call, Attempt &attempt, AnswerStream &answer) const;
    [[nodiscard]] Ending endStream(Call &call, Attempt &attempt, AnswerStream &answer,
                                   const Result<void> &cut, QByteArray passing) const;
    void beginStream(Call &call, Headers headers) const;
    void keepClientWaiting(Call &call) const;
    [[nodiscard]] ledger::Settlement bill(Call &call, Attempt &attempt, const Ending &ending) const;
    void conclude(Call &call, const Ending &ending) const;
    void keepBodies(Call &call) const;
    void replay(Call &call, store::StoredAnswer answer) const;

    void refuseCall(Call &call, const Error &error) const;
    void closeRecord(Call &call, int status, const Error *error) const;
    void end(const std::shared_ptr<Call> &call);
    void tick();

    Services m_services;
    std::shared_ptr<const Snapshot> m_snapshot;
    std::unordered_set<std::shared_ptr<Call>> m_calls;
    QTimer m_ticker;
    std::unique_ptr<UsualOutput> m_usual;
    std::function<void()> m_onIdle;
};

} // namespace tollgate::relay
