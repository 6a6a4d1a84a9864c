// SPDX-License-Identifier: GPL-3.0-or-later
// The ten token counters as neighbouring columns, in the order of TokenCounts.
#pragma once

#include "core/base/tokencounts.h"
#include "core/store/database.h"

namespace tollgate::store {

[[nodiscard]] inline TokenCounts readCounts(const Row &row, int from)
{
    return {row.integer(from),     row.integer(from + 1), row.integer(from + 2),
            row.integer(from + 3), row.integer(from + 4), row.integer(from + 5),
            row.integer(from + 6), row.integer(from + 7), row.integer(from + 8),
            row.integer(from + 9)};
}

inline void addCounts(TokenCounts &sum, const TokenCounts &more)
{
    sum.input += more.input;
    sum.cacheRead += more.cacheRead;
    sum.cacheWrite5m += more.cacheWrite5m;
    sum.cacheWrite1h += more.cacheWrite1h;
    sum.output += more.output;
    sum.reasoning += more.reasoning;
    sum.audioInput += more.audioInput;
    sum.audioOutput += more.audioOutput;
    sum.imageInput += more.imageInput;
    sum.imageOutput += more.imageOutput;
}

} // namespace tollgate::store
