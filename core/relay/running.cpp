// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/running.h"

#include "core/base/jsonwriter.h"
#include "core/relay/relay.h"

namespace tollgate::relay {
namespace {

constexpr qsizetype kBytesPerToken = 4; // for a figure that moves while one watches
constexpr int kMostTold = 16;

Phase phaseOf(const Call &call)
{
    if (!call.exchange)
        return call.row.firstTokenUs >= 0 ? Phase::Settling : Phase::Routing;
    if (call.row.firstTokenUs >= 0)
        return Phase::Streaming;
    return call.exchange->sent() ? Phase::Waiting : Phase::Sending;
}

} // namespace

RunningCall shown(const Call &call, std::int64_t monotonicUs)
{
    RunningCall out;
    out.row = call.row;
    out.phase = phaseOf(call);
    out.elapsedUs = monotonicUs - call.startedUs;
    if (call.facts)
        out.outputTokens = (call.facts->outputBytes + kBytesPerToken - 1) / kBytesPerToken;
    return out;
}

QByteArray leftOut(const routing::Plan &plan)
{
    if (plan.candidates.size() < 2 && plan.excluded.empty())
        return {};
    JsonWriter json;
    int told = 0;
    json.beginArray();
    const auto tell = [&](std::int64_t id, QByteArrayView reason, int candidate) {
        if (told++ >= kMostTold)
            return;
        json.beginArray();
        json.number(id);
        json.string(reason);
        json.number(std::int64_t(candidate));
        json.endArray();
    };
    for (const routing::Exclusion &one : plan.excluded) {
        if (one.cause != routing::Cause::OtherModel)
            tell(one.channelId, one.reason, 0);
    }
    for (const routing::Candidate &one : plan.candidates)
        tell(one.channel->row.id, one.reason, 1);
    json.endArray();
    return told > 1 ? json.take() : QByteArray();
}

std::vector<RunningCall> Relay::runningCalls() const
{
    const std::int64_t now = m_services.clock->monotonicUs();
    std::vector<RunningCall> list;
    list.reserve(m_calls.size());
    for (const auto &call : m_calls)
        list.push_back(shown(*call, now));
    return list;
}

bool Relay::stop(const QByteArray &requestId)
{
    for (const auto &call : m_calls) {
        if (call->row.id != requestId)
            continue;
        // No status that client libraries try again on.
        const std::shared_ptr<Call> kept = call;
        kept->stop({ErrorKind::Forbidden,
                    QStringLiteral("This request was stopped by the owner of this Tollgate."),
                    "stopped_by_owner"});
        return true;
    }
    return false;
}

} // namespace tollgate::relay
