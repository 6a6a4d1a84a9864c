// SPDX-License-Identifier: GPL-3.0-or-later
// How far the money reaches that is held for a stream, and how much to ask for next. A stream on a
// budget begins with what answers of its token and model usually come to, and holds more as it
// grows (accounting rules: ARCHITECTURE.md, "Money").
#pragma once

#include "core/base/error.h"
#include "core/base/money.h"
#include "core/protocol/answerfacts.h"

#include <QByteArray>
#include <QHash>

#include <array>
#include <optional>
#include <utility>

namespace tollgate::relay {

class Lease
{
public:
    Lease() = default; // nothing to watch
    // `granted`: the most tokens that the provider was told to write.
    Lease(NanoUsd held, NanoUsd fixed, PicoUsd perToken, std::int64_t granted);

    // False: all that may come is paid for.
    [[nodiscard]] bool partial() const { return m_covered < m_granted; }
    [[nodiscard]] bool covers(std::int64_t tokens) const { return tokens <= m_covered; }
    [[nodiscard]] bool runsLow(std::int64_t tokens) const { return tokens > m_covered / 5 * 4; }
    // The most tokens that what was seen can have cost: a token is a byte of text at least, and a
    // provider that has not begun to speak may be thinking.
    [[nodiscard]] std::int64_t atMost(const protocol::AnswerFacts &seen,
                                      std::int64_t silentUs) const;

    struct Slice
    {
        NanoUsd by;
        NanoUsd atLeast; // so that what was used is paid for
    };
    // `sinceUs`: since the first token, for the pace.
    [[nodiscard]] Slice next(std::int64_t used, std::int64_t sinceUs) const;
    void grow(NanoUsd by);

    // The budget gave no more; asked again only where the stream has to end otherwise.
    std::optional<Error> refused;

private:
    [[nodiscard]] NanoUsd priceOf(std::int64_t tokens) const;

    NanoUsd m_held;
    NanoUsd m_fixed;
    PicoUsd m_perToken;
    std::int64_t m_granted = 0;
    std::int64_t m_covered = 0;
};

// What answers to one token from one model have come to of late: in memory only, of bounded size.
class UsualOutput
{
public:
    void note(std::int64_t tokenId, const QByteArray &model, std::int64_t tokens);
    // The 95th percentile; 0 where nothing is known.
    [[nodiscard]] std::int64_t most(std::int64_t tokenId, const QByteArray &model) const;

private:
    static constexpr std::size_t kSamples = 32;
    static constexpr qsizetype kPairs = 1'024;
    struct Window
    {
        std::array<std::int32_t, kSamples> samples{};
        std::size_t next = 0;
        std::size_t count = 0;
    };
    QHash<std::pair<std::int64_t, QByteArray>, Window> m_windows;
};

// Tokens to hold for at first.
[[nodiscard]] std::int64_t firstLease(std::int64_t usual, std::int64_t minimum);

} // namespace tollgate::relay
