// SPDX-License-Identifier: GPL-3.0-or-later
// Time cut into local hours, days, weeks and months: a day has 23 or 25 hours where its zone says
// so, and a week begins on Monday. Pure.
#pragma once

#include <QTimeZone>

#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::admin {

enum class BucketSize { Hour, Day, Week, Month };

[[nodiscard]] std::optional<BucketSize> bucketNamed(QStringView name);
[[nodiscard]] QString bucketName(BucketSize size);
// What suits a span: about thirty to a hundred buckets of it.
[[nodiscard]] BucketSize suitableBucket(std::int64_t sinceUs, std::int64_t untilUs);

// The ends of the buckets that cover the span, the first at its beginning and the last at its end;
// empty if there would be more than `most`.
[[nodiscard]] std::vector<std::int64_t> bucketEdges(std::int64_t sinceUs, std::int64_t untilUs,
                                                    BucketSize size, const QTimeZone &zone,
                                                    int most = 2'000);
// Where the bucket begins that holds this moment.
[[nodiscard]] std::int64_t bucketBeginning(std::int64_t us, BucketSize size, const QTimeZone &zone);

} // namespace tollgate::admin
