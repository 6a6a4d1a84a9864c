// SPDX-License-Identifier: GPL-3.0-or-later
// The way back to one client for one request: a whole response in one send, or a head, pieces and
// an end. Written straight to the socket; outlives a client that hangs up (writes then go nowhere).
// Lives in the listener's thread. Dropping the last reference before the end cuts the connection.
#pragma once

#include "core/http/message.h"

#include <functional>

namespace tollgate::http {

class ResponseStream
{
public:
    ResponseStream() = default;
    virtual ~ResponseStream() = default;
    ResponseStream(const ResponseStream &) = delete;
    ResponseStream &operator=(const ResponseStream &) = delete;

    // The whole answer in one send. A HEAD request gets the head only.
    virtual void respond(Response response) = 0;

    // Starts an answer of unknown length: chunked, or delimited by close towards HTTP/1.0.
    virtual void begin(int status, Headers headers) = 0;
    // One piece, sent at once. Only between begin() and end().
    virtual void write(QByteArrayView bytes) = 0;
    // The last piece and the clean end in one send.
    virtual void end(QByteArrayView last = {}) = 0;
    // Cuts the connection so that the client sees a truncated answer, never a finished one.
    virtual void abort() = 0;

    [[nodiscard]] virtual bool begun() const = 0;
    [[nodiscard]] virtual bool finished() const = 0;
    // The client has closed its side for good (RST, or FIN on a socket we can no longer write to).
    [[nodiscard]] virtual bool gone() const = 0;
    // Bytes accepted by write() that the kernel has not taken yet.
    [[nodiscard]] virtual qsizetype pending() const = 0;

    // At most one callback each, run from the event loop, never from inside a call above.
    // onGone: once, when gone() becomes true before finished().
    virtual void onGone(std::function<void()> callback) = 0;
    // onDrained: each time pending() falls below the low-water mark (256 KiB).
    virtual void onDrained(std::function<void()> callback) = 0;
};

} // namespace tollgate::http
