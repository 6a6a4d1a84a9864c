// SPDX-License-Identifier: GPL-3.0-or-later
// What a client's dialect cannot say of an answer, one row a loss with its reason. Two answers are
// the same for that client when these rows are all that tells them apart.
#pragma once

#include "core/conversation/response.h"

#include <span>

namespace tollgate::test {

using Pair = unsigned; // a set of dialects, one bit each

[[nodiscard]] constexpr Pair only(protocol::Dialect dialect)
{
    return 1U << unsigned(dialect);
}
constexpr Pair kAny = ~0U;

struct Loss
{
    const char *name;
    const char *reason;
    Pair upstreams;
    Pair clients;
    void (*apply)(conversation::Response &answer);
};

[[nodiscard]] std::span<const Loss> losses();

// Empty where the client can tell the vendor's answer from what it got; `used` counts by row where
// a loss made the difference.
[[nodiscard]] QString differs(conversation::Response vendors, conversation::Response clients,
                              protocol::Dialect upstream, protocol::Dialect client,
                              std::vector<int> &used);

} // namespace tollgate::test
