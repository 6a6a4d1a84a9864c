// SPDX-License-Identifier: GPL-3.0-or-later
// A channel's base URL as people paste it, and the vendor URL made from it. Pure.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::providers {

struct BaseUrl
{
    QByteArray origin; // "https://host" or "https://host:port"
    QByteArray path; // "" or "/v1", "/api/coding/paas/v4"; no slash at its end
    bool exact = false; // a whole endpoint was pasted: the path before it is taken as it stands
};

// Forgives slashes at the end, a doubled version ("/v1/v1") and a whole endpoint pasted
// ("…/v1/chat/completions", "…/models/M:generateContent"). Query and fragment are dropped.
[[nodiscard]] Result<BaseUrl> parseBaseUrl(QByteArrayView text);

// Whether a segment of the path is a version: v1, v4, v1beta.
[[nodiscard]] bool namesVersion(QByteArrayView path);
// Whether the last one is.
[[nodiscard]] bool endsInVersion(QByteArrayView path);

// The URL of an endpoint ("chat/completions"): the version is added where the base has none.
[[nodiscard]] QByteArray endpointUrl(const BaseUrl &base, QByteArrayView version,
                                     QByteArrayView endpoint);

// "https://host:port" in lower case, the port always named: what a key is bound to. Empty for what
// is no http URL.
[[nodiscard]] QByteArray originOf(QByteArrayView url);

// One path segment; '/' becomes %2F. "." and ".." are refused, they would name another place.
[[nodiscard]] Result<QByteArray> pathSegment(QByteArrayView text);

} // namespace tollgate::providers
