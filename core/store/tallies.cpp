// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/tallies.h"

#include "core/store/counters.h"
#include "core/store/database.h"
#include "core/store/logquery.h"
#include "core/store/rollups.h"

#include <algorithm>
#include <cmath>

namespace tollgate::store {
namespace {

constexpr double perDoubling = 8;
constexpr double least = 1000; // below a millisecond nobody looks closely
constexpr int highestBucket = 400;
constexpr std::int64_t fewestTokens = 10; // fewer say nothing of a speed
constexpr std::int64_t shortestUs = 20'000;

} // namespace

int bucketOf(std::int64_t value)
{
    if (double(value) < least)
        return 0;
    const int bucket = 1 + int(std::floor(perDoubling * std::log2(double(value) / least)));
    return std::min(bucket, highestBucket);
}

double bucketStart(int bucket)
{
    return bucket <= 0 ? 0 : least * std::exp2((bucket - 1) / perDoubling);
}

std::int64_t countIn(const Histogram &histogram)
{
    std::int64_t count = 0;
    for (const auto &[bucket, n] : histogram)
        count += n;
    return count;
}

std::optional<std::int64_t> percentile(const Histogram &histogram, double share)
{
    const std::int64_t count = countIn(histogram);
    if (count == 0)
        return std::nullopt;
    const double wanted = std::clamp(share, 0.0, 1.0) * double(count);
    double before = 0;
    for (const auto &[bucket, n] : histogram) {
        if (before + double(n) >= wanted) {
            const double start = bucketStart(bucket);
            const double inside = n > 0 ? (wanted - before) / double(n) : 0;
            return std::int64_t(start + (bucketStart(bucket + 1) - start) * inside);
        }
        before += double(n);
    }
    return std::int64_t(bucketStart(histogram.rbegin()->first + 1));
}

std::vector<Tallied> talliesOf(const RequestRow &row)
{
    std::vector<Tallied> list;
    const auto outcome = [&](Outcome what) {
        list.push_back({Tally::Outcome, static_cast<int>(what)});
    };
    switch (logState(row)) {
    case LogState::Ok:
    case LogState::Replay:
    case LogState::Running:
        break;
    case LogState::Retried:
        outcome(Outcome::Retried);
        break;
    case LogState::ErrorIn200:
        outcome(Outcome::ErrorIn200);
        return list;
    case LogState::Left:
        outcome(Outcome::Left);
        return list;
    case LogState::Blocked:
        outcome(Outcome::Blocked);
        return list;
    case LogState::Failed:
        return list;
    }
    if (row.usage.total() == 0 && row.units.empty())
        outcome(Outcome::NoUsage);
    if (row.firstTokenUs >= 0)
        list.push_back({Tally::FirstToken, bucketOf(row.firstTokenUs)});
    if (row.endUs >= 0)
        list.push_back({Tally::Total, bucketOf(row.endUs)});
    const std::int64_t lasted = row.endUs - row.firstTokenUs;
    const std::int64_t output = row.usage.totalOutput();
    if (row.stream && row.firstTokenUs >= 0 && output >= fewestTokens && lasted >= shortestUs)
        list.push_back({Tally::Throughput, bucketOf(output * 1'000'000 / lasted * 1000)});
    return list;
}

Result<void> countTalliesAnew(Database &db)
{
    RollupBuffer &sums = db.rollups();
    auto done = db.each("SELECT started_us, token_id, channel_id, model, status, error, attempts, "
                        "client, stream, end_us, first_token_us, input, cache_read, "
                        "cache_write_5m, cache_write_1h, output, reasoning, audio_input, "
                        "audio_output, image_input, image_output FROM requests",
                        [&](const Row &row) {
                            RequestRow request;
                            request.startedUs = row.integer(0);
                            request.tokenId = row.integer(1);
                            request.channelId = row.integer(2);
                            request.model = row.text(3);
                            request.status = row.number(4);
                            request.error = row.text(5);
                            request.attempts = row.number(6);
                            request.client = row.text(7);
                            request.stream = row.boolean(8);
                            request.endUs = row.integer(9);
                            request.firstTokenUs = row.integer(10);
                            request.usage = readCounts(row, 11);
                            sums.tally(rollupKey(request), talliesOf(request));
                        });
    if (!done)
        return done;
    return sums.flush(db);
}

} // namespace tollgate::store
