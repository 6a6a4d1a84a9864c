// SPDX-License-Identifier: GPL-3.0-or-later
// Random identifiers from the operating system's generator. Thread-safe.
#pragma once

#include <QByteArray>

#include <cstdint>

namespace tollgate {

// `bytes` random bytes.
[[nodiscard]] QByteArray randomBytes(qsizetype bytes);
// 128 random bits as 22 characters of [0-9A-Za-z], behind a prefix: "req_3fJ…".
[[nodiscard]] QByteArray randomId(QByteArrayView prefix);
// The same length, but beginning with the time: one made in a later millisecond sorts after. An
// index on such ids grows at its end, where one on random ids rewrites a page anywhere for every
// row. Still 83 random bits; never for secrets.
[[nodiscard]] QByteArray orderedId(QByteArrayView prefix, std::int64_t wallUs);
// 0 <= result < bound; fast, not for secrets. bound >= 1.
[[nodiscard]] std::uint32_t randomBelow(std::uint32_t bound);

} // namespace tollgate
