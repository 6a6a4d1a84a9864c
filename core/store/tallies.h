// SPDX-License-Identifier: GPL-3.0-or-later
// Beside the hourly sums: how long requests took and how they ended, as histograms by the hour, so
// that percentiles of a month are read without its rows. A bucket is a twelfth wider than the one
// before (eight to a doubling), which bounds the error of a percentile.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

enum class Tally {
    FirstToken, // microseconds to the first token, of requests that succeeded
    Total, // microseconds to the end, of requests that succeeded
    Throughput, // thousandths of an output token a second, of streams
    Outcome, // bucket: an Outcome
};

// Those that the sums do not tell: a plain success is none of them.
enum class Outcome { Retried, ErrorIn200, Left, Blocked, NoUsage };

struct Tallied
{
    Tally kind = Tally::FirstToken;
    int bucket = 0;
};
// What a request adds, each once. Pure.
[[nodiscard]] std::vector<Tallied> talliesOf(const RequestRow &row);

[[nodiscard]] int bucketOf(std::int64_t value);
// From the least value of the bucket to that of the next.
[[nodiscard]] double bucketStart(int bucket);

// Counts by bucket.
using Histogram = std::map<int, std::int64_t>;
[[nodiscard]] std::int64_t countIn(const Histogram &histogram);
// Between the ends of the bucket that holds it, as if its values lay evenly. `share` in 0 to 1.
// None of nothing.
[[nodiscard]] std::optional<std::int64_t> percentile(const Histogram &histogram, double share);

// For a migration: all of them from the log.
[[nodiscard]] Result<void> countTalliesAnew(Database &db);

} // namespace tollgate::store
