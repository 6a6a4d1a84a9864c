// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/headerpolicy.h"

#include <QByteArrayList>

#include <algorithm>
#include <array>

namespace tollgate::protocol {
namespace {

// A trailing '*' stands for any rest.
bool matches(QByteArrayView name, QByteArrayView pattern)
{
    if (!pattern.endsWith('*'))
        return sameName(name, pattern);
    const qsizetype stem = pattern.size() - 1;
    return name.size() >= stem && sameName(name.first(stem), pattern.first(stem));
}

template <std::size_t N>
bool isIn(QByteArrayView name, const std::array<QByteArrayView, N> &patterns)
{
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](QByteArrayView pattern) { return matches(name, pattern); });
}

// A client's idempotency key is not among these: it is unique among that client's requests, not
// among all that share the channel's account.
constexpr std::array<QByteArrayView, 10> kOpenAi{
    "openai-beta",     "x-client-request-id", "session-id", "session_id",   "thread-id",
    "conversation_id", "x-codex-*",           "originator", "x-session-id", "x-session-affinity",
};
constexpr std::array<QByteArrayView, 4> kAnthropic{
    "anthropic-beta",
    "anthropic-version",
    "x-app",
    "x-claude-code-session-id",
};
constexpr std::array<QByteArrayView, 2> kGemini{"x-goog-api-client", "x-server-timeout"};

constexpr std::array<QByteArrayView, 16> kToClient{
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "x-ratelimit-*",
    "anthropic-ratelimit-*",
    "anthropic-priority-*",
    "anthropic-fast-*",
    "openai-processing-ms",
    "openai-version",
    "openai-model",
    "x-reasoning-included",
    "x-models-etag",
    "x-codex-*",
    "server-timing",
    "warning",
    "x-envoy-upstream-service-time",
};
constexpr std::array<QByteArrayView, 5> kRequestIds{"x-request-id", "request-id", "apim-request-id",
                                                    "x-ms-request-id", "x-goog-request-id"};

constexpr std::array<QByteArrayView, 26> kNotExtra{
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "cookie",
    "cookie2",
    "forwarded",
    "x-forwarded-*",
    "via",
    "x-real-ip",
    "http2-settings",
    "x-amz-*",
};

// RFC 9110 7.6.1: what Connection lists is for the next hop only.
bool isListedInConnection(const Headers &fields, QByteArrayView name)
{
    for (const Header &field : fields) {
        if (!sameName(field.name, "connection"))
            continue;
        const QByteArrayList listed = field.value.split(',');
        if (std::any_of(listed.begin(), listed.end(),
                        [&](const QByteArray &option) { return sameName(option.trimmed(), name); }))
            return true;
    }
    return false;
}

template <std::size_t N>
void pass(Headers &to, const Headers &from, const std::array<QByteArrayView, N> &patterns)
{
    for (const Header &field : from) {
        if (isIn(field.name, patterns) && isHeaderName(field.name) && isHeaderValue(field.value)
            && !isListedInConnection(from, field.name))
            to.append(field.name, field.value);
    }
}

} // namespace

Headers vendorHeadersFrom(const Headers &client, Dialect dialect)
{
    Headers out;
    switch (dialect) {
    case Dialect::Messages:
        pass(out, client, kAnthropic);
        break;
    case Dialect::Gemini:
        pass(out, client, kGemini);
        break;
    default:
        pass(out, client, kOpenAi);
    }
    return out;
}

Headers clientHeadersFrom(const Headers &vendor)
{
    Headers out;
    pass(out, vendor, kToClient);
    for (const Header &field : vendor) {
        if (isIn(field.name, kRequestIds) && isHeaderValue(field.value)) {
            out.append(QByteArrayLiteral("x-upstream-request-id"), field.value);
            break;
        }
    }
    return out;
}

bool isAllowedExtra(QByteArrayView name)
{
    return isHeaderName(name) && !isIn(name, kNotExtra);
}

} // namespace tollgate::protocol
