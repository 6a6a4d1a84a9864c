// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/demoexchange.h"

#include "core/base/clock.h"

#include <utility>

namespace tollgate::providers {
namespace {

constexpr qsizetype kBufferLimit = 256 * 1024; // what any exchange holds at most

} // namespace

DemoExchange::DemoExchange(upstream::Head head, std::vector<QByteArray> pieces, int paceMs)
    : m_head(std::move(head))
    , m_pieces(std::move(pieces))
    , m_paceMs(paceMs)
{
    m_timing.startedUs = Clock::system().monotonicUs();
    m_timing.connectedUs = m_timing.startedUs;
    m_timer.setSingleShot(true);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { step(); });
    m_timer.start(0);
}

const upstream::Head *DemoExchange::head() const
{
    return m_begun ? &m_head : nullptr;
}

QByteArray DemoExchange::take()
{
    if (!m_ended && !m_timer.isActive() && m_buffer.size() >= kBufferLimit)
        m_timer.start(m_paceMs);
    return std::exchange(m_buffer, {});
}

void DemoExchange::cancel()
{
    if (m_ended)
        return;
    m_failed = upstream::Failure{upstream::FailureKind::Cancelled,
                                 QStringLiteral("The request was cancelled.")};
    m_timer.start(0);
}

void DemoExchange::end()
{
    m_ended = true;
    m_timing.endedUs = Clock::system().monotonicUs();
}

void DemoExchange::step()
{
    if (m_failed) {
        end();
    } else if (!m_begun) {
        m_begun = true;
        m_timing.sentUs = m_timing.firstByteUs = Clock::system().monotonicUs();
    }
    if (!m_ended && m_next < m_pieces.size())
        m_buffer.append(m_pieces[m_next++]);
    if (!m_ended && m_next == m_pieces.size())
        end();
    if (!m_ended && m_buffer.size() < kBufferLimit)
        m_timer.start(m_paceMs);
    // Last, and from a copy: the waker may destroy this exchange.
    if (const auto waker = m_waker)
        waker();
}

} // namespace tollgate::providers
