// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/worker.h"

#include <utility>

namespace tollgate::secrets {

void Worker::post(std::function<void()> work)
{
    {
        const std::lock_guard lock(m_mutex);
        m_work.push_back(std::move(work));
    }
    if (!m_thread.joinable())
        m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
    m_wake.notify_one();
}

void Worker::run(const std::stop_token &stop)
{
    while (true) {
        std::function<void()> work;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return !m_work.empty(); })
                || stop.stop_requested())
                return;
            work = std::move(m_work.front());
            m_work.pop_front();
        }
        work();
    }
}

} // namespace tollgate::secrets
