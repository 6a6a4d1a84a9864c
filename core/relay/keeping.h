// SPDX-License-Identifier: GPL-3.0-or-later
// One call about files and batches: asked of the key that keeps them, for the token that had them
// made. Internal to this room.
#pragma once

#include "core/base/task.h"
#include "core/protocol/keptcall.h"
#include "core/relay/call.h"
#include "core/relay/keptanswers.h"
#include "core/relay/relay.h"
#include "core/store/keptthings.h"

namespace tollgate::relay {

class Keeping
{
public:
    // Both outlive it. The call's endpoint and token are known.
    Keeping(const Services &services, Call &call);

    // Answers the client, or says what it is to be told. A refusal that the vendor worded itself
    // has been passed on; it is in told().
    Task<Result<void>> run();
    [[nodiscard]] int status() const { return m_status; }
    [[nodiscard]] const std::optional<Error> &told() const { return m_told; }

private:
    struct Said
    {
        int status = 0;
        Headers headers;
        QByteArray body;
        [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
    };
    // What to send where something is made.
    struct Making
    {
        std::vector<protocol::BatchModel> models; // named in its body
        std::vector<routing::Candidate> candidates;
    };

    Task<Result<void>> create();
    Task<Result<void>> list();
    Task<Result<void>> about(); // show, cancel, delete
    Task<Result<void>> content();

    [[nodiscard]] Result<Making> readMaking() const;
    [[nodiscard]] Result<std::vector<protocol::BatchModel>> modelsNamed() const;
    [[nodiscard]] Result<std::vector<routing::Candidate>>
    candidatesFor(const std::vector<protocol::BatchModel> &models) const;
    // The one key that keeps it.
    [[nodiscard]] Result<routing::Candidate> keeperOf(const store::KeptThing &thing) const;
    Task<Result<store::KeptThing>> find(QByteArray id);
    [[nodiscard]] Error notFound(const QByteArray &id) const;

    [[nodiscard]] Result<void> begin(const routing::Candidate &candidate, const QByteArray &method,
                                     const QByteArray &path, const QByteArray &body);
    Task<Result<Said>> ask(const routing::Candidate &candidate, QByteArray method, QByteArray path,
                           QByteArray body);
    Task<Result<void>> pass(ResultTally *tally);
    [[nodiscard]] Result<void> refusal(const routing::Candidate &candidate, const Said &said);
    void answer(const Said &said);

    // Remembers what the vendor showed, and settles what a batch cost once it says so.
    Task<Result<void>> remember(store::KeptThing thing, QByteArray shown);
    Task<void> settle(const store::KeptThing &thing, std::vector<BatchUse> uses);
    Task<void> settleOne(const store::KeptThing &thing, BatchUse use);
    [[nodiscard]] QByteArray origin() const;

    const Services &m_services;
    Call &m_call;
    protocol::KeptCall m_what;
    Attempt m_attempt; // under way
    routing::AttemptFailure m_failure;
    int m_retryAfter = -1;
    int m_status = 200;
    std::optional<Error> m_told;
};

} // namespace tollgate::relay
