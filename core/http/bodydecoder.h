// SPDX-License-Identifier: GPL-3.0-or-later
// Undoes gzip and deflate while a request body arrives, never producing more than its limit.
#pragma once

#include "core/http/headparser.h"

#include <memory>

namespace tollgate::http {

class BodyDecoder
{
public:
    enum class Outcome { Ok, TooLarge, Malformed };

    explicit BodyDecoder(Coding coding); // Gzip or Deflate
    ~BodyDecoder();
    BodyDecoder(const BodyDecoder &) = delete;
    BodyDecoder &operator=(const BodyDecoder &) = delete;

    // Appends to `out` at most until it holds `limit` bytes.
    [[nodiscard]] Outcome append(QByteArrayView encoded, QByteArray &out, std::int64_t limit);
    // Whether the compressed stream has reached its own end.
    [[nodiscard]] bool complete() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace tollgate::http
