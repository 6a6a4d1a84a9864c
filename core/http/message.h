// SPDX-License-Identifier: GPL-3.0-or-later
// Requests and responses as values.
#pragma once

#include "core/base/headers.h"

#include <QByteArray>
#include <QHostAddress>

#include <cstdint>

namespace tollgate::http {

struct Peer
{
    QHostAddress address; // the TCP peer; an IPv4 address mapped into IPv6 is given as IPv4
    quint16 port = 0;
    bool tls = false;
};

// A request line and header section that passed every framing check.
struct RequestHead
{
    QByteArray method;
    QByteArray target; // as sent, origin-form (an absolute-form one has been reduced to it)
    QByteArray path; // before '?', not percent-decoded
    QByteArray query; // after '?', without it
    Headers headers;
    Peer peer;
    int minorVersion = 1; // HTTP/1.x
    std::int64_t bodyLength = 0; // -1: chunked
    std::int64_t startedUs = 0; // Clock::monotonicUs() at the first byte of the request
};

struct Request
{
    RequestHead head;
    QByteArray body; // decoded: not chunked, not compressed
    std::int64_t completedUs = 0; // monotonic, at the last byte of the body
};

struct Response
{
    int status = 200;
    Headers headers; // Content-Length, Connection and the security headers are added by the stream
    QByteArray body;
};

} // namespace tollgate::http
