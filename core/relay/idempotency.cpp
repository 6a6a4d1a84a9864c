// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/idempotency.h"

#include "core/relay/relay.h"

#include <sodium.h>

#include <algorithm>

namespace tollgate::relay {
namespace {

constexpr char kHeader[] = "idempotency-key";
constexpr qsizetype kLongestKey = 255;

bool isKey(QByteArrayView text)
{
    return !text.isEmpty() && text.size() <= kLongestKey
        && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// The path says the endpoint and, in Gemini's dialect, the model. No path holds a line feed.
QByteArray hashOf(const http::Request &request)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (const QByteArrayView part :
         {QByteArrayView(request.head.path), QByteArrayView("\n"), QByteArrayView(request.body)})
        crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char *>(part.data()),
                                  static_cast<unsigned long long>(part.size()));
    QByteArray hash(crypto_hash_sha256_BYTES, Qt::Uninitialized);
    crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char *>(hash.data()));
    return hash;
}

// An answer of this request that was given to an earlier one.
http::Response replayed(const Call &call, store::StoredAnswer answer)
{
    http::Response response;
    response.status = answer.status;
    response.headers.append("content-type", std::move(answer.contentType));
    response.headers.append("x-request-id", call.row.id);
    if (call.endpoint.dialect == protocol::Dialect::Messages)
        response.headers.append("request-id", call.row.id);
    response.headers.append("idempotency-replayed", "true");
    response.body = std::move(answer.body);
    return response;
}

} // namespace

Result<std::optional<ledger::Idempotency>> idempotencyOf(const http::Request &request,
                                                         const protocol::Endpoint &endpoint)
{
    const QByteArray *key = request.head.headers.find(kHeader);
    if (!key || request.head.method != "POST"
        || (endpoint.operation != protocol::Operation::Generate
            && endpoint.operation != protocol::Operation::Embed))
        return std::nullopt;
    if (!isKey(*key) || request.head.headers.count(kHeader) > 1) {
        Error error{ErrorKind::InvalidRequest,
                    QStringLiteral("An idempotency key is 1 to 255 visible ASCII characters, sent "
                                   "once; a random UUID is a good one.")};
        error.code = "idempotency_key";
        error.param = kHeader;
        return failure(std::move(error));
    }
    return ledger::Idempotency{*key, hashOf(request)};
}

std::optional<ledger::KeyEnding> keyUnused(const Call &call)
{
    if (!call.idempotency)
        return std::nullopt;
    ledger::KeyEnding key;
    key.key = call.idempotency->key;
    return key;
}

std::optional<ledger::KeyEnding> keyAfter(const Call &call, const Ending &ending,
                                          ledger::Outcome outcome)
{
    // It may have been carried out: the same once more could do it twice.
    if (outcome == ledger::Outcome::Unknown)
        return std::nullopt;
    std::optional<ledger::KeyEnding> key = keyUnused(call);
    if (!key || ending.kind == Ending::Kind::Failed)
        return key;
    key->answered = true;
    if (ending.kind == Ending::Kind::Answered && !call.peek.stream)
        key->answer = store::packAnswer(ending.response.status,
                                        ending.response.headers.value("content-type"),
                                        ending.response.body);
    return key;
}

// One request record and no attempt: nothing is sent, nothing is charged.
void Relay::replay(Call &call, store::StoredAnswer answer) const
{
    if (call.stopped) {
        refuseCall(call, *call.stopped);
        return;
    }
    call.row.bytesOut = answer.body.size();
    closeRecord(call, answer.status, nullptr);
    if (call.capture)
        call.capture->told(answer.body);
    keepBodies(call);
    call.out->respond(replayed(call, std::move(answer)));
}

} // namespace tollgate::relay
