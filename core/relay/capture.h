// SPDX-License-Identifier: GPL-3.0-or-later
// What an exchange looked like on both sides, gathered for those who want bodies kept; a call of
// everybody else has none of these. Internal to this room.
#pragma once

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/store/bodies.h"

#include <memory>
#include <vector>

namespace tollgate::relay {

constexpr qsizetype kShortestKey = 8; // what is shorter is a placeholder, and may be a word

class Capture
{
public:
    Capture(const Clock &clock, std::int64_t startedUs)
        : m_clock(clock)
        , m_startedUs(startedUs)
    {
    }

    // To the client, a piece as it goes out.
    void told(QByteArrayView bytes);
    // Never to be kept, should the provider quote it.
    void hide(std::shared_ptr<const Secret> key);
    // To the provider, if it is not what the client sent.
    void asked(int attempt, const QByteArray &body, const QByteArray &clientBody);
    // From the provider, a piece as it comes.
    void answered(int attempt, QByteArrayView bytes);

    [[nodiscard]] std::vector<store::KeptBody> take(const QByteArray &clientBody);

private:
    const Clock &m_clock;
    const std::int64_t m_startedUs;
    QByteArray m_told;
    QByteArray m_times; // of its pieces: "offset in microseconds, length" a line
    std::vector<store::KeptBody> m_attempts;
    std::vector<std::shared_ptr<const Secret>> m_keys;
};

} // namespace tollgate::relay
