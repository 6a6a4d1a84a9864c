// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/errors.h"

#include "core/base/jsonwriter.h"

namespace tollgate::protocol {
namespace {

// The words that each dialect has for a kind of error; the official SDKs choose their exception by
// the HTTP status, programs look at these.
struct Words
{
    const char *openAiType;
    const char *openAiCode; // nullptr: null, unless the error brings its own
    const char *anthropicType;
    const char *geminiStatus;
};

Words wordsFor(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Unauthenticated:
        return {"invalid_request_error", "invalid_api_key", "authentication_error",
                "UNAUTHENTICATED"};
    case ErrorKind::BudgetExhausted:
        return {"insufficient_quota", "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED"};
    case ErrorKind::Forbidden:
    case ErrorKind::Misdirected:
        return {"invalid_request_error", "permission_denied", "permission_error",
                "PERMISSION_DENIED"};
    case ErrorKind::NotFound:
        return {"invalid_request_error", nullptr, "not_found_error", "NOT_FOUND"};
    case ErrorKind::RequestTimeout:
        return {"invalid_request_error", "request_timeout", "timeout_error", "DEADLINE_EXCEEDED"};
    case ErrorKind::Conflict:
        return {"invalid_request_error", "conflict", "conflict_error", "ABORTED"};
    case ErrorKind::TooLarge:
        return {"invalid_request_error", "request_too_large", "request_too_large",
                "INVALID_ARGUMENT"};
    case ErrorKind::RateLimited:
        return {"requests", "rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED"};
    case ErrorKind::ClientGone:
        return {"invalid_request_error", "client_gone", "api_error", "CANCELLED"};
    case ErrorKind::MethodNotAllowed:
    case ErrorKind::NotImplemented:
        return {"invalid_request_error", nullptr, "invalid_request_error", "UNIMPLEMENTED"};
    case ErrorKind::Internal:
    case ErrorKind::UpstreamFailed:
        return {"server_error", nullptr, "api_error", "INTERNAL"};
    case ErrorKind::Unavailable:
        return {"server_error", "overloaded", "overloaded_error", "UNAVAILABLE"};
    case ErrorKind::UpstreamTimeout:
        return {"server_error", "timeout", "timeout_error", "DEADLINE_EXCEEDED"};
    case ErrorKind::InvalidRequest:
    case ErrorKind::UriTooLong:
    case ErrorKind::UnsupportedMedia:
    case ErrorKind::Unprocessable:
    case ErrorKind::UpgradeRefused:
    case ErrorKind::HeadersTooLarge:
    case ErrorKind::VersionUnsupported:
        break;
    }
    return {"invalid_request_error", nullptr, "invalid_request_error", "INVALID_ARGUMENT"};
}

QByteArray codeOf(const Error &error)
{
    const char *const usual = wordsFor(error.kind).openAiCode;
    return error.code.isEmpty() && usual ? QByteArray(usual) : error.code;
}

void stringOrNull(JsonWriter &json, QByteArrayView name, const QByteArray &value)
{
    json.key(name);
    if (value.isEmpty())
        json.null();
    else
        json.string(QByteArrayView(value));
}

void openAiError(JsonWriter &json, const Error &error)
{
    json.beginObject()
        .member("message", error.message)
        .member("type", wordsFor(error.kind).openAiType);
    stringOrNull(json, "param", error.param);
    stringOrNull(json, "code", codeOf(error));
    json.endObject();
}

QByteArray openAiBody(const Error &error)
{
    JsonWriter json;
    json.beginObject().key("error");
    openAiError(json, error);
    json.endObject();
    return json.take();
}

QByteArray anthropicBody(const Error &error, QByteArrayView requestId)
{
    JsonWriter json;
    json.beginObject().member("type", "error").key("error").beginObject();
    json.member("type", wordsFor(error.kind).anthropicType).member("message", error.message);
    json.endObject();
    if (!requestId.isEmpty())
        json.member("request_id", requestId);
    json.endObject();
    return json.take();
}

QByteArray geminiBody(const Error &error, QByteArrayView requestId)
{
    const QByteArray reason = error.code.isEmpty() ? slug(error.kind) : error.code;
    JsonWriter json;
    json.beginObject().key("error").beginObject();
    json.member("code", error.status())
        .member("message", error.message)
        .member("status", wordsFor(error.kind).geminiStatus);
    json.key("details").beginArray();
    json.beginObject()
        .member("@type", "type.googleapis.com/google.rpc.ErrorInfo")
        .member("reason", reason.toUpper())
        .member("domain", "tollgate")
        .endObject();
    if (error.retryAfterSeconds >= 0)
        json.beginObject()
            .member("@type", "type.googleapis.com/google.rpc.RetryInfo")
            .member("retryDelay", QByteArray::number(error.retryAfterSeconds) + 's')
            .endObject();
    if (!requestId.isEmpty())
        json.beginObject()
            .member("@type", "type.googleapis.com/google.rpc.RequestInfo")
            .member("requestId", requestId)
            .endObject();
    json.endArray().endObject().endObject();
    return json.take();
}

// OpenAI sends the error first and then the response that failed; the official SDK raises on the
// nested `error`, others read the flat members, and Codex waits for response.failed.
QByteArray responsesEvents(const Error &error, const AnswerFacts &soFar)
{
    const QByteArray code = codeOf(error);
    const QByteArray shown = code.isEmpty() ? QByteArrayLiteral("server_error") : code;
    JsonWriter json;
    json.beginObject()
        .member("type", "error")
        .member("sequence_number", soFar.sequence + 1)
        .member("code", shown)
        .member("message", error.message);
    stringOrNull(json, "param", error.param);
    json.key("error");
    openAiError(json, error);
    json.endObject();
    QByteArray out = "event: error\ndata: " + json.take() + "\n\n";

    json.beginObject()
        .member("type", "response.failed")
        .member("sequence_number", soFar.sequence + 2);
    json.key("response").beginObject();
    json.member("id", soFar.vendorId).member("object", "response").member("created_at", 0);
    json.member("status", "failed").member("model", soFar.servedModel);
    json.key("error").beginObject();
    json.member("code", shown).member("message", error.message).endObject();
    for (const char *name : {"incomplete_details", "instructions", "usage"})
        json.key(name).null();
    for (const char *name : {"output", "tools"})
        json.key(name).beginArray().endArray();
    json.key("metadata").beginObject().endObject();
    json.member("parallel_tool_calls", true).member("tool_choice", "auto");
    json.endObject().endObject();
    return out + "event: response.failed\ndata: " + json.take() + "\n\n";
}

QByteArray ollamaBody(const Error &error)
{
    JsonWriter json;
    json.beginObject().member("error", error.message).endObject();
    return json.take();
}

} // namespace

QByteArray errorBody(Dialect dialect, const Error &error, QByteArrayView requestId)
{
    switch (dialect) {
    case Dialect::Messages:
        return anthropicBody(error, requestId);
    case Dialect::Gemini:
        return geminiBody(error, requestId);
    case Dialect::Ollama:
        return ollamaBody(error);
    default:
        return openAiBody(error);
    }
}

QByteArray errorEvent(Dialect dialect, const Error &error, QByteArrayView requestId,
                      const AnswerFacts &soFar)
{
    switch (dialect) {
    case Dialect::Responses:
        return responsesEvents(error, soFar);
    case Dialect::Messages:
        return "event: error\ndata: " + anthropicBody(error, requestId) + "\n\n";
    case Dialect::Gemini:
        return "data: " + geminiBody(error, requestId) + "\r\n\r\n";
    case Dialect::Ollama:
        return ollamaBody(error) + '\n';
    default:
        return "data: " + openAiBody(error) + "\n\n";
    }
}

QByteArray keepAlive(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Messages:
        return QByteArrayLiteral("event: ping\ndata: {\"type\": \"ping\"}\n\n");
    case Dialect::Gemini:
    case Dialect::Ollama:
        return {};
    default:
        return QByteArrayLiteral(": ping\n\n");
    }
}

} // namespace tollgate::protocol
