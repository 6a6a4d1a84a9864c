// SPDX-License-Identifier: GPL-3.0-or-later
// One request to a provider and its answer as it arrives. Belongs to one gateway thread.
#pragma once

#include "core/base/headers.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace tollgate::upstream {

// Milliseconds; 0 means no limit.
struct Timeouts
{
    int connectMs = 10'000; // name, TCP and TLS
    int firstByteMs = 300'000; // from the last byte of the request handed over to the status line
    int idleMs = 120'000; // between bytes of the body, while we are willing to read
    int totalMs = 3'600'000;
};

struct Request
{
    QByteArray method = "POST";
    QByteArray
        url; // absolute; its scheme, host and port come from the channel, never from a client
    // Complete but for Host, Content-Length and Expect (ours, dropped if given). Accept-Encoding is
    // "identity" unless given; what comes back is decoded either way. Wiped after use.
    Headers headers;
    QByteArray body;
    Timeouts timeouts;
    QByteArray proxy; // "http://…", "socks5h://…"; empty: none, whatever the environment says
    bool local = false; // private and loopback addresses allowed: the admin marked the channel so
    bool file = false; // what a request points at, fetched without a key: plain http will do
    bool http2 = true; // over TLS only
    QByteArray caFile; // extra trust anchors (PEM file); empty: the system's
    std::int64_t bodyLimit = 256 << 20; // bytes of the answer, after decompression
};

enum class FailureKind {
    Denied, // a URL, header or address that this request may not use; nothing was sent
    Resolve,
    Connect,
    ConnectTimeout,
    Tls,
    Dropped, // the connection died before a whole response head; sent() tells how far it got
    FirstByteTimeout,
    IdleTimeout,
    TotalTimeout,
    Truncated, // ended before its declared or chunked end
    TooLarge,
    Decode, // bad or unknown compression, or a bomb
    Protocol, // not HTTP, or malformed
    Cancelled,
};

struct Failure
{
    FailureKind kind = FailureKind::Protocol;
    QString message; // one plain sentence without URL query or key
};

struct Timing // monotonic microseconds, 0 where it did not happen
{
    std::int64_t startedUs = 0;
    std::int64_t resolvedUs = 0; // of a new connection, as libcurl tells it: the name is known
    std::int64_t reachedUs = 0; // of a new connection: TCP stands, TLS not yet
    std::int64_t connectedUs = 0; // equals startedUs on a reused connection
    std::int64_t sentUs = 0; // last byte of the request handed to the kernel
    std::int64_t firstByteUs = 0; // status line of the final response
    std::int64_t endedUs = 0;
    bool reused = false;
};

struct Head
{
    int status = 0;
    Headers headers;
};

class Exchange
{
public:
    Exchange() = default;
    // Cancels what is under way. Allowed inside its own waker.
    virtual ~Exchange() = default;
    Exchange(const Exchange &) = delete;
    Exchange &operator=(const Exchange &) = delete;

    // The final (non-1xx) response head, once it has arrived.
    [[nodiscard]] virtual const Head *head() const = 0;
    // Everything of the body that has arrived since the last call. Taking makes room: an exchange
    // buffers at most 256 KiB and then stops reading from the provider.
    [[nodiscard]] virtual QByteArray take() = 0;
    // No more will come: the answer is complete, or failed() says why not. Data may still wait.
    [[nodiscard]] virtual bool ended() const = 0;
    [[nodiscard]] virtual const std::optional<Failure> &failed() const = 0;
    // Whether any byte of the request has left: once true, a resend could be a second generation.
    [[nodiscard]] virtual bool sent() const = 0;
    [[nodiscard]] virtual const Timing &timing() const = 0;

    // Called from the event loop each time head(), take() or ended() may have changed; never from
    // inside a call above. What changed before there was a waker wakes the first one set. One at a
    // time; empty to unset.
    virtual void setWaker(std::function<void()> waker) = 0;
    // Ends as Cancelled; the connection is closed before this returns.
    virtual void cancel() = 0;
};

} // namespace tollgate::upstream
