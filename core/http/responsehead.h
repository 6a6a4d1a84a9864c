// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a response head. Framing, security, CORS and connection fields are decided here and
// nowhere else; a handler's own versions of them are dropped, and so is any field that could
// smuggle a line.
#pragma once

#include "core/http/message.h"

#include <QByteArrayView>

namespace tollgate::http {

inline constexpr QByteArrayView kServedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

enum class Framing {
    None, // 204, 304: no body and no length
    Length, // Content-Length
    Chunked, // Transfer-Encoding: chunked
    UntilClose, // HTTP/1.0
};

struct HeadOptions
{
    Framing framing = Framing::Length;
    qsizetype length = 0;
    int minorVersion = 1; // of the request
    bool keepAlive = true;
    QByteArrayView date;
    QByteArrayView origin; // a listed Origin of the request; else empty
    bool varyOrigin = false; // answers differ by Origin here
    bool preflight = false; // with `origin`: say what a cross-origin request may use
    QByteArrayView allowHeaders;
};

[[nodiscard]] QByteArray responseHead(int status, const Headers &headers,
                                      const HeadOptions &options);
[[nodiscard]] bool statusHasBody(int status);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
[[nodiscard]] QByteArray httpDate(std::int64_t wallUs);

} // namespace tollgate::http
