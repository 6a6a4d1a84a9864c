// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/ending.h"

#include "core/protocol/headerpolicy.h"
#include "core/store/redact.h"

namespace tollgate::relay {
Error badAnswer(const Attempt &attempt, const QString &what, const char *code)
{
    Error error{ErrorKind::UpstreamFailed,
                QStringLiteral("Channel \u201c%1\u201d %2").arg(attempt.channelName(), what)};
    error.code = code;
    return error;
}

// A vendor, or a reseller in between, may quote the key it was given; that is for nobody's eyes.
QByteArray withoutKey(const Attempt &attempt, QByteArray said)
{
    const auto &keys = attempt.candidate->channel->keys;
    const Secret *secret = keys.empty() ? nullptr : keys[attempt.candidate->key].secret.get();
    if (secret && secret->reveal().size() >= kShortestKey)
        said.replace(secret->reveal(), "[redacted]");
    return store::redactSecrets(said);
}

// Nothing came back, or not an HTTP success.
Ending failedEnding(const Call &call, const Attempt &attempt, Error error)
{
    error.message = QString::fromUtf8(withoutKey(attempt, error.message.toUtf8()));
    error.code = withoutKey(attempt, error.code);
    error.param = withoutKey(attempt, error.param);
    Ending ending;
    const upstream::Exchange &exchange = *attempt.exchange;
    ending.failure.anyContentSent = call.contentSent;
    ending.failure.requestSent = exchange.sent();
    ending.failure.answered = exchange.head() != nullptr;
    ending.failure.status = exchange.head() ? exchange.head()->status : 0;
    ending.failure.refusedInBody
        = ending.failure.status >= 200 && ending.failure.status < 300 && !exchange.failed();
    ending.failure.timedOut = error.kind == ErrorKind::UpstreamTimeout;
    ending.unknown = ending.failure.requestSent && !ending.failure.answered && !call.stopped;
    ending.error = call.stopped ? *call.stopped : std::move(error);
    return ending;
}

Headers answerHeaders(const Call &call, const Attempt &attempt)
{
    // What a vendor's fields say is for clients of its own dialect.
    Headers headers;
    if (!attempt.translation)
        headers = protocol::clientHeadersFrom(attempt.exchange->head()->headers);
    headers.set("x-request-id", call.row.id);
    if (call.endpoint.dialect == protocol::Dialect::Messages)
        headers.set("request-id", call.row.id); // where Anthropic's SDKs look for it
    if (!attempt.translation) {
        headers.set("content-type", attempt.exchange->head()->headers.value("content-type"));
        return headers;
    }
    headers.set("content-type", "application/json");
    conversation::Dropped dropped = attempt.translation->dropped();
    dropped.add(attempt.untold);
    if (!dropped.empty())
        headers.set("x-tollgate-dropped", dropped.header());
    return headers;
}

} // namespace tollgate::relay
