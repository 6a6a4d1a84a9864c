// SPDX-License-Identifier: GPL-3.0-or-later
// The demo's answer in each dialect, whole and as the events of a stream, complete enough for the
// vendors' own SDKs. Pure.
#pragma once

#include "core/protocol/endpoint.h"

#include <cstdint>
#include <vector>

namespace tollgate::providers {

struct DemoAnswer
{
    std::vector<QByteArray> words; // the text in the pieces in which it is streamed
    QByteArray id; // random part of the ids
    std::int64_t createdS = 0;
    std::int64_t inputTokens = 0;
    std::int64_t outputTokens = 0;
    bool cut = false; // by the client's limit
    bool includeUsage = false; // Chat and Completions streams

    [[nodiscard]] QByteArray text() const;
};

// Answers `body`. What cannot be answered (no text) is answered with words that say so.
[[nodiscard]] DemoAnswer echo(const protocol::Endpoint &endpoint, QByteArrayView body,
                              QByteArray id, std::int64_t createdS);

[[nodiscard]] QByteArray demoBody(const protocol::Endpoint &endpoint, const DemoAnswer &answer);
// The pieces of a stream's body in their order; each is one event (or array element) or more.
[[nodiscard]] std::vector<QByteArray> demoEvents(const protocol::Endpoint &endpoint,
                                                 const DemoAnswer &answer);

} // namespace tollgate::providers
