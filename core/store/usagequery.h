// SPDX-License-Identifier: GPL-3.0-or-later
// What was used, in buckets of time and by up to two properties. From the hourly sums wherever they
// know enough; else from the log, newest first, until the time given is up. Both give the same
// figures: an hour that a bucket's edge cuts is read from the log in either case.
#pragma once

#include "core/store/logquery.h"
#include "core/store/rollups.h"
#include "core/store/tallies.h"

#include <array>
#include <map>
#include <tuple>
#include <vector>

namespace tollgate::store {

enum class UsageDimension { None, Model, Token, Channel, Served, Client, Dialect, Error, Session };

struct UsageAsk
{
    LogExpression filter;
    std::vector<std::int64_t> edges; // ascending; a bucket between each two
    UsageDimension by = UsageDimension::None;
    UsageDimension thenBy = UsageDimension::None;
    bool durations = false; // histograms, too
    std::int64_t nowUs = 0;
    int milliseconds = 2'000; // for reading the log
};

struct UsageCell
{
    Totals totals;
    std::array<std::int64_t, 5> outcomes{}; // by Outcome
    std::array<Histogram, 3> durations; // FirstToken, Total, Throughput
    [[nodiscard]] std::int64_t count(Outcome what) const
    {
        return outcomes[static_cast<std::size_t>(what)];
    }
    void add(const UsageCell &more);
};

// Bucket, then the two keys: ids of tokens and channels in digits, else the text itself.
using UsagePlace = std::tuple<int, QByteArray, QByteArray>;

struct UsageAnswer
{
    std::map<UsagePlace, UsageCell> cells;
    bool fromSums = false;
    bool complete = true;
    std::int64_t coveredSinceUs = 0; // what is older was not looked at
};

[[nodiscard]] Result<UsageAnswer> usageOver(Database &db, const UsageAsk &ask);

} // namespace tollgate::store
