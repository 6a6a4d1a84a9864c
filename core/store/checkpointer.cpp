// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/checkpointer.h"

#include "core/store/logging.h"

namespace tollgate::store {

Checkpointer::Checkpointer(Open open)
    : m_open(std::move(open))
{
}

Checkpointer::~Checkpointer()
{
    if (!m_thread)
        return;
    {
        const std::lock_guard guard(m_mutex);
        m_stopping = true;
    }
    m_changed.notify_all();
    m_thread->wait();
}

void Checkpointer::request()
{
    {
        const std::lock_guard guard(m_mutex);
        if (m_wanted)
            return;
        m_wanted = true;
    }
    m_changed.notify_all();
    if (m_thread)
        return;
    m_thread.reset(QThread::create([this] { loop(); }));
    m_thread->setObjectName(QStringLiteral("checkpoint"));
    m_thread->start();
}

void Checkpointer::drain()
{
    std::unique_lock guard(m_mutex);
    m_changed.wait(guard, [this] { return !m_wanted && !m_busy; });
}

void Checkpointer::loop()
{
    std::unique_lock guard(m_mutex);
    for (;;) {
        m_changed.wait(guard, [this] { return m_wanted || m_stopping; });
        if (m_stopping)
            break;
        m_wanted = false;
        m_busy = true;
        guard.unlock();
        checkpoint();
        guard.lock();
        m_busy = false;
        m_changed.notify_all();
    }
    guard.unlock();
    m_db.reset();
}

// What fails here is tried again with the next request, and SQLite's own limit is behind it.
void Checkpointer::checkpoint()
{
    if (!m_db) {
        auto db = m_open();
        if (!db) {
            qCWarning(lcStore) << "no connection for a checkpoint:" << db.error().code;
            return;
        }
        m_db = std::move(*db);
    }
    if (auto done = m_db->run("PRAGMA wal_checkpoint(PASSIVE)"); !done)
        qCWarning(lcStore) << "checkpoint failed:" << done.error().code;
}

} // namespace tollgate::store
