// SPDX-License-Identifier: GPL-3.0-or-later
// What the listener asks of the house: may this head send its body, and what is the answer.
#pragma once

#include "core/base/error.h"
#include "core/http/message.h"
#include "core/http/responsestream.h"

#include <memory>
#include <optional>

namespace tollgate::http {

struct Admission
{
    std::optional<Response> refusal; // answered at once, body unread, connection closed
    std::int64_t bodyLimit = 32 << 20; // bytes after decoding
};

class Handler
{
public:
    Handler() = default;
    virtual ~Handler() = default;
    Handler(const Handler &) = delete;
    Handler &operator=(const Handler &) = delete;

    // After the head, before the body and before "100 Continue". Host and Origin were checked.
    [[nodiscard]] virtual Admission admit(const RequestHead &head) = 0;
    // A complete request. The next one of its connection waits until `out` has finished.
    virtual void handle(Request request, std::shared_ptr<ResponseStream> out) = 0;
    // The body of a refusal that the listener itself makes (framing, limits, Host, Origin). `path`
    // may be empty where the request line was unreadable.
    [[nodiscard]] virtual Response refuse(const QByteArray &path, const Error &error) = 0;
};

} // namespace tollgate::http
