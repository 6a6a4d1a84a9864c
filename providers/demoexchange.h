// SPDX-License-Identifier: GPL-3.0-or-later
// An exchange with nobody: the demo's answer, paced by the event loop like one from the network.
#pragma once

#include "core/protocol/endpoint.h"
#include "core/upstream/exchange.h"

#include <QTimer>

#include <vector>

namespace tollgate::providers {

class DemoExchange final : public upstream::Exchange
{
public:
    // Takes the first step in the next turn of the event loop.
    DemoExchange(upstream::Head head, std::vector<QByteArray> pieces, int paceMs);

    [[nodiscard]] const upstream::Head *head() const override;
    [[nodiscard]] QByteArray take() override;
    [[nodiscard]] bool ended() const override { return m_ended; }
    [[nodiscard]] const std::optional<upstream::Failure> &failed() const override
    {
        return m_failed;
    }
    [[nodiscard]] bool sent() const override { return m_timing.sentUs != 0; }
    [[nodiscard]] const upstream::Timing &timing() const override { return m_timing; }
    void setWaker(std::function<void()> waker) override { m_waker = std::move(waker); }
    void cancel() override;

private:
    void step();
    void end();

    upstream::Head m_head;
    std::vector<QByteArray> m_pieces;
    std::size_t m_next = 0;
    QByteArray m_buffer;
    upstream::Timing m_timing;
    std::optional<upstream::Failure> m_failed;
    std::function<void()> m_waker;
    QTimer m_timer;
    int m_paceMs;
    bool m_begun = false;
    bool m_ended = false;
};

} // namespace tollgate::providers
