// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/headernames.h"

#include "core/http/syntax.h"

#include <array>
#include <vector>

namespace tollgate::http {
namespace {

constexpr qsizetype kLongest = 32;

using Buckets = std::array<std::vector<QByteArray>, kLongest + 1>;

const Buckets &buckets()
{
    static const Buckets table = [] {
        Buckets made;
        for (const char *name : {"accept",
                                 "accept-encoding",
                                 "accept-language",
                                 "anthropic-beta",
                                 "anthropic-version",
                                 "anthropic-dangerous-direct-browser-access",
                                 "api-key",
                                 "authorization",
                                 "cache-control",
                                 "connection",
                                 "content-encoding",
                                 "content-length",
                                 "content-type",
                                 "cookie",
                                 "expect",
                                 "forwarded",
                                 "host",
                                 "idempotency-key",
                                 "openai-beta",
                                 "openai-organization",
                                 "openai-project",
                                 "origin",
                                 "referer",
                                 "sec-fetch-mode",
                                 "traceparent",
                                 "tracestate",
                                 "transfer-encoding",
                                 "upgrade",
                                 "user-agent",
                                 "via",
                                 "x-api-key",
                                 "x-app",
                                 "x-forwarded-for",
                                 "x-goog-api-client",
                                 "x-goog-api-key",
                                 "x-request-id",
                                 "x-stainless-arch",
                                 "x-stainless-lang",
                                 "x-stainless-os",
                                 "x-stainless-package-version",
                                 "x-stainless-retry-count",
                                 "x-stainless-runtime",
                                 "x-stainless-runtime-version",
                                 "x-stainless-timeout"}) {
            const QByteArray text(name);
            if (text.size() <= kLongest)
                made.at(static_cast<std::size_t>(text.size())).push_back(text);
        }
        return made;
    }();
    return table;
}

} // namespace

QByteArray internedName(QByteArrayView name)
{
    if (name.size() <= kLongest) {
        for (const QByteArray &known : buckets()[static_cast<std::size_t>(name.size())]) {
            if (syntax::same(name, known))
                return known;
        }
    }
    return name.toByteArray();
}

} // namespace tollgate::http
