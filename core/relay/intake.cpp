// SPDX-License-Identifier: GPL-3.0-or-later
// The first steps: what is asked, by whom, and whether its body is wanted.
#include "core/base/random.h"
#include "core/codecs/ollama/ollama.h"
#include "core/protocol/errors.h"
#include "core/relay/answers.h"
#include "core/relay/call.h"
#include "core/relay/idempotency.h"
#include "core/relay/relay.h"
#include "core/relay/translation.h"

namespace tollgate::relay {
namespace {

using protocol::dialectName;
using protocol::Operation;

QByteArray operationName(Operation operation)
{
    switch (operation) {
    case Operation::Generate:
        return "generate";
    case Operation::Embed:
        return "embed";
    case Operation::CountTokens:
        return "count_tokens";
    case Operation::Compact:
        return "compact";
    case Operation::Image:
        return "image";
    case Operation::Speak:
        return "speak";
    case Operation::Transcribe:
        return "transcribe";
    case Operation::Moderate:
        return "moderate";
    case Operation::Rerank:
        return "rerank";
    case Operation::Kept:
        return "kept";
    case Operation::ListModels:
        return "list_models";
    case Operation::GetModel:
    case Operation::ShowModel:
        return "get_model";
    case Operation::ListRunning:
        return "list_running";
    case Operation::Version:
        return "version";
    case Operation::Greeting:
        return "greeting";
    case Operation::Health:
        return "health";
    case Operation::Metrics:
        return "metrics";
    case Operation::ResponsesSocket:
        return "responses_socket";
    }
    return {};
}

Result<protocol::Endpoint> endpointOf(const http::RequestHead &head)
{
    const QByteArray *upgrade = head.headers.find("upgrade");
    auto endpoint = protocol::findEndpoint(head.method, head.path, head.query,
                                           upgrade && sameName(*upgrade, "websocket"));
    // Both vendors have /v1/files; only Anthropic's clients send a version.
    if (endpoint && endpoint->operation == Operation::Kept
        && head.headers.contains("anthropic-version"))
        endpoint->dialect = protocol::Dialect::Messages;
    return endpoint;
}

bool isOpen(const protocol::Endpoint &endpoint)
{
    return endpoint.operation == Operation::Health || endpoint.operation == Operation::Greeting
        || endpoint.operation == Operation::ResponsesSocket;
}

Error upgradeRefused()
{
    return {ErrorKind::UpgradeRefused,
            QStringLiteral("WebSockets are not offered here; send a POST to /v1/responses.")};
}

// One decision for every carrier and every endpoint.
Result<const store::TokenRow *> tokenOf(const http::RequestHead &head,
                                        const protocol::Endpoint &endpoint,
                                        const Snapshot &snapshot, access::Meters &meters,
                                        std::int64_t nowUs)
{
    const QHostAddress client
        = access::clientAddress(head.peer.address, head.headers, snapshot.settings.trustedProxies);
    const Result<QByteArray> credential = access::findCredential(
        head.headers, head.query, endpoint.dialect == protocol::Dialect::Gemini);
    if (!credential)
        return failure(credential.error());
    const auto token = access::authenticate(*snapshot.tokens, *credential, client, nowUs);
    if (!token) {
        if (!meters.mayTryToLogIn(client)) {
            Error error{ErrorKind::RateLimited,
                        QStringLiteral("Too many failed log-ins from this address; wait a moment "
                                       "and check the token.")};
            error.retryAfterSeconds = 1;
            return failure(std::move(error));
        }
        meters.loginFailed(client);
        return failure(token.error());
    }
    const bool wantsMetrics = endpoint.operation == Operation::Metrics;
    if ((*token)->metrics != wantsMetrics) {
        return failure(ErrorKind::Forbidden,
                       wantsMetrics
                           ? QStringLiteral("This token may not read metrics; make one with "
                                            "\u201ctollgated token add NAME --metrics\u201d.")
                           : QStringLiteral("This token may read metrics and nothing else."));
    }
    return *token;
}

} // namespace

http::Admission Relay::admit(const http::RequestHead &head)
{
    http::Admission admission;
    admission.bodyLimit = m_snapshot->settings.bodyLimit;
    const Result<protocol::Endpoint> endpoint = endpointOf(head);
    Result<void> welcome;
    if (!endpoint)
        welcome = failure(endpoint.error());
    else if (endpoint->operation == Operation::ResponsesSocket)
        welcome = failure(upgradeRefused());
    else if (!isOpen(*endpoint)) {
        if (const auto token
            = tokenOf(head, *endpoint, *m_snapshot, *m_services.meters, m_services.clock->wallUs());
            !token)
            welcome = failure(token.error());
    }
    if (endpoint && endpoint->operation == Operation::Kept && endpoint->path == "files")
        admission.bodyLimit = std::max(admission.bodyLimit, m_snapshot->settings.uploadLimit);
    if (welcome)
        return admission;

    const protocol::Dialect dialect
        = endpoint ? endpoint->dialect : protocol::dialectOfPath(head.path);
    store::RequestRow row;
    const std::int64_t tookUs = m_services.clock->monotonicUs() - head.startedUs;
    row.startedUs = m_services.clock->wallUs() - tookUs;
    row.id = orderedId("req_", row.startedUs);
    row.dialect = dialectName(dialect);
    row.operation = endpoint ? operationName(endpoint->operation) : QByteArray();
    row.status = welcome.error().status();
    row.error = slug(welcome.error().kind);
    row.errorText = welcome.error().message;
    row.clientIp = head.peer.address.toString().toUtf8();
    row.userAgent = head.headers.value("user-agent").left(256);
    row.endUs = tookUs;
    admission.refusal = errorResponse(dialect, welcome.error(), row.id);
    m_services.counters->requests.fetch_add(1, std::memory_order_relaxed);
    m_services.counters->byClass[static_cast<std::size_t>(row.status / 100)].fetch_add(
        1, std::memory_order_relaxed);
    m_services.ledger->record(std::move(row));
    return admission;
}

http::Response Relay::refuse(const QByteArray &path, const Error &error)
{
    return errorResponse(protocol::dialectOfPath(path), error, randomId("req_"));
}

Result<void> Relay::identify(Call &call) const
{
    const http::RequestHead &head = call.request.head;
    call.row.dialect = dialectName(protocol::dialectOfPath(head.path));
    call.endpoint.dialect = protocol::dialectOfPath(head.path);
    call.row.userAgent = head.headers.value("user-agent").left(256);
    call.row.clientIp = access::clientAddress(head.peer.address, head.headers,
                                              call.snapshot->settings.trustedProxies)
                            .toString()
                            .toUtf8();
    Result<protocol::Endpoint> endpoint = endpointOf(head);
    if (!endpoint)
        return failure(endpoint.error());
    call.endpoint = std::move(*endpoint);
    call.row.dialect = dialectName(call.endpoint.dialect);
    call.row.operation = operationName(call.endpoint.operation);
    if (call.endpoint.operation == Operation::ResponsesSocket)
        return failure(upgradeRefused());
    if (isOpen(call.endpoint))
        return {};
    const auto token = tokenOf(head, call.endpoint, *call.snapshot, *m_services.meters,
                               m_services.clock->wallUs());
    if (!token)
        return failure(token.error());
    call.token = *token;
    call.row.tokenId = call.token->id;
    call.row.authUs = m_services.clock->monotonicUs() - call.startedUs;
    return {};
}

bool Relay::answerLocally(Call &call) const
{
    switch (call.endpoint.operation) {
    case Operation::Health: {
        // Constant, so that it tells nobody anything; not recorded, so that probes do not fill the
        // log.
        http::Response response = jsonResponse("{\"status\":\"ok\"}", call.row.id);
        call.row.status = response.status;
        call.out->respond(std::move(response));
        return true;
    }
    case Operation::Greeting: {
        // As open and as constant as the above: Ollama's clients ask this before anything else.
        http::Response response;
        response.headers.append("content-type", "text/plain; charset=utf-8");
        response.body = "Ollama is running";
        call.row.status = response.status;
        call.out->respond(std::move(response));
        return true;
    }
    case Operation::Metrics: {
        http::Response response;
        response.headers.append("content-type", "text/plain; version=0.0.4; charset=utf-8");
        response.headers.append("x-request-id", call.row.id);
        response.body = m_services.metricsPage ? m_services.metricsPage() : QByteArray();
        call.row.status = response.status;
        call.out->respond(std::move(response));
        return true;
    }
    case Operation::ListModels:
    case Operation::GetModel:
    case Operation::ShowModel:
    case Operation::ListRunning:
    case Operation::Version: {
        Result<QByteArray> models
            = modelsAnswer(call.endpoint, call.request.body, *call.snapshot, *call.token);
        if (models) {
            call.out->respond(jsonResponse(std::move(*models), call.row.id));
            closeRecord(call, 200, nullptr);
        } else {
            refuseCall(call, models.error());
        }
        m_services.ledger->record(call.row);
        return true;
    }
    case Operation::Generate:
    case Operation::Embed:
    case Operation::CountTokens:
    case Operation::Compact:
    case Operation::Image:
    case Operation::Speak:
    case Operation::Transcribe:
    case Operation::Moderate:
    case Operation::Rerank:
    case Operation::Kept:
    case Operation::ResponsesSocket:
        return false;
    }
    return false;
}

// Ollama's clients load a model before they use it, and free its memory afterwards: a request that
// says nothing. A vendor of another dialect would refuse it, and has nothing to load.
bool Relay::answerLoading(Call &call) const
{
    if (call.endpoint.dialect != protocol::Dialect::Ollama
        || call.endpoint.operation != Operation::Generate)
        return false;
    const auto &first = call.plan.candidates.front();
    const Provider *const provider = providerFor(first);
    if (!provider || provider->speaks(Operation::Generate, protocol::Dialect::Ollama))
        return false;
    auto read
        = readConversation(call.endpoint, call.request.body, call.row.model, call.peek.stream);
    if (!read)
        return false; // told where the request is put into another dialect
    call.conversation = std::move(*read);
    const bool generate = call.endpoint.ollamaMethod == "generate";
    if (!codecs::asksOllamaToLoad(generate, *call.conversation))
        return false;
    conversation::AnswerContext context;
    context.requestId = call.row.id;
    context.model = call.row.model;
    context.nowS = call.row.startedUs / 1'000'000;
    call.out->respond(
        jsonResponse(codecs::ollamaLoadAnswer(generate, *call.conversation, context), call.row.id));
    closeRecord(call, 200, nullptr);
    m_services.ledger->record(call.row, keyUnused(call));
    return true;
}

} // namespace tollgate::relay
