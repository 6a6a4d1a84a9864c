// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/readers.h"

#include "core/store/logging.h"

namespace tollgate::store {

Readers::Readers(QString path, int threads, int busyTimeoutMs, std::function<void()> onDamage)
    : m_path(std::move(path))
    , m_most(std::size_t(threads))
    , m_busyTimeoutMs(busyTimeoutMs)
    , m_onDamage(std::move(onDamage))
{
}

Readers::~Readers()
{
    {
        const std::lock_guard guard(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    for (const auto &thread : m_threads)
        thread->wait();
}

void Readers::enqueue(std::unique_ptr<Store::Job> job, Cancellation cancellation)
{
    {
        const std::lock_guard guard(m_mutex);
        m_queue.push_back({std::move(job), std::move(cancellation)});
        if (m_waiting < m_queue.size() && m_threads.size() < m_most) {
            m_threads.emplace_back(QThread::create([this] { loop(); }));
            m_threads.back()->setObjectName(QStringLiteral("store-reader"));
            m_threads.back()->start();
        }
    }
    m_wake.notify_one();
}

void Readers::drain()
{
    std::unique_lock guard(m_mutex);
    m_idle.wait(guard, [this] { return m_queue.empty() && m_running == 0; });
}

void Readers::loop()
{
    Result<std::unique_ptr<Database>> db
        = failure(ErrorKind::Unavailable, QStringLiteral("The database is not open yet."));
    std::unique_lock guard(m_mutex);
    for (;;) {
        ++m_waiting;
        m_wake.wait(guard, [this] { return !m_queue.empty() || m_stopping; });
        --m_waiting;
        if (m_queue.empty())
            return;
        Entry entry = std::move(m_queue.front());
        m_queue.pop_front();
        ++m_running;
        guard.unlock();
        if (!db)
            db = Database::open(m_path, Database::Mode::ReadOnly, m_busyTimeoutMs);
        if (db) {
            perform(**db, std::move(entry));
        } else {
            entry.job->fail(db.error());
            deliver(std::move(entry.job));
        }
        guard.lock();
        --m_running;
        if (m_queue.empty() && m_running == 0)
            m_idle.notify_all();
    }
}

// One snapshot a job: everything it reads is of the same commit.
void Readers::perform(Database &db, Entry entry)
{
    db.clearBroken();
    db.setCancellation(entry.cancellation);
    auto begun = db.run("BEGIN");
    if (begun)
        std::ignore = entry.job->run(db);
    else
        entry.job->fail(begun.error());
    db.setCancellation({});
    if (begun) {
        if (auto ended = db.run("COMMIT"); !ended)
            std::ignore = db.run("ROLLBACK");
    }
    if (const Error *error = entry.job->error(); error && error->code == "database_damaged")
        m_onDamage();
    deliver(std::move(entry.job));
}

void Readers::deliver(std::unique_ptr<Store::Job> job)
{
    Mailbox *mailbox = job->replyTo();
    if (mailbox == nullptr) {
        job->deliver();
        return;
    }
    const std::shared_ptr<Store::Job> shared = std::move(job);
    mailbox->post([shared] { shared->deliver(); });
}

Result<bool> checkWhole(Database &db)
{
    QString verdict;
    auto done = db.each("PRAGMA quick_check(1)", [&](const Row &row) { verdict = row.string(0); });
    if (!done)
        return failure(done.error());
    return verdict == QLatin1String("ok");
}

} // namespace tollgate::store
