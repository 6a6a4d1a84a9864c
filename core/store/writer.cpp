// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/writer.h"

#include "core/store/logging.h"
#include "core/store/rollups.h"

#include <thread>
#include <unordered_map>

namespace tollgate::store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t largestGroup = 1024;
constexpr std::size_t mostKept = 10'000;
constexpr auto firstRetry = 250ms;
constexpr auto longestRetry = 5000ms;
// Operations after which the log is copied into the file: when nobody waits, or in any case.
constexpr std::uint64_t idleCheckpoint = 500;
constexpr std::uint64_t busyCheckpoint = 4'000;
// How long to look out for the next operation before going to sleep, and after groups of which size
// at most. A lone client's request comes back within that time, and being woken costs it as much;
// where many are under way there is nearly always something to do.
constexpr auto lookout = 60us;
constexpr std::size_t loneGroup = 2;

} // namespace

Writer::Writer(Open open, Open openAgain)
    : m_open(std::move(open))
    , m_checkpointer(std::move(openAgain))
{
}

Writer::~Writer()
{
    if (!m_thread)
        return;
    {
        const std::lock_guard guard(m_mutex);
        m_stopping = true;
        m_waiting = true;
    }
    m_wake.notify_all();
    m_thread->wait();
}

Result<void> Writer::start()
{
    m_thread.reset(QThread::create([this] { loop(); }));
    m_thread->setObjectName(QStringLiteral("store"));
    m_thread->start();
    std::unique_lock guard(m_mutex);
    m_idle.wait(guard, [this] { return m_started.has_value(); });
    return *m_started;
}

void Writer::enqueue(std::unique_ptr<Store::Job> job, bool keep)
{
    bool wake = false;
    {
        const std::lock_guard guard(m_mutex);
        m_queue.push_back({std::move(job), keep});
        m_waiting.store(true, std::memory_order_relaxed);
        wake = std::exchange(m_asleep, false);
    }
    if (wake)
        m_wake.notify_one();
}

void Writer::drain()
{
    std::unique_lock guard(m_mutex);
    m_idle.wait(guard, [this] { return m_queue.empty() && !m_busy; });
}

void Writer::noteDamage()
{
    const std::lock_guard guard(m_mutex);
    if (!m_health.damaged)
        qCCritical(lcStore) << "the database file is damaged; restore a backup";
    m_health.damaged = true;
}

Health Writer::health() const
{
    const std::lock_guard guard(m_mutex);
    return m_health;
}

void Writer::loop()
{
    auto db = m_open();
    {
        const std::lock_guard guard(m_mutex);
        if (db) {
            m_db = std::move(*db);
            m_started.emplace();
        } else {
            m_started.emplace(failure(db.error()));
        }
    }
    m_idle.notify_all();
    if (!m_db)
        return;

    Group group;
    while (waitForWork(group)) {
        if (group.empty()) {
            if (m_kept.empty())
                checkpoint();
            else
                retryKept();
            continue;
        }
        const std::size_t size = group.size();
        m_lastGroup = size;
        auto done = perform(group);
        if (done)
            answer(std::move(group));
        else
            refuse(std::move(group), done.error());
        group.clear();
        m_sinceCheckpoint += size;
        if (done && !m_kept.empty())
            retryKept();
        if (m_sinceCheckpoint >= busyCheckpoint)
            checkpoint();
    }
    retryKept();
    if (!m_kept.empty())
        qCCritical(lcStore) << m_kept.size()
                            << "settlements could not be written; they will be settled from their "
                               "last known state at the next start";
    emptyLog();
    m_kept.clear();
    m_db.reset();
}

// Gives the processor to whoever wants it, again and again.
void Writer::lookOut() const
{
    const auto until = std::chrono::steady_clock::now() + lookout;
    while (!m_waiting.load(std::memory_order_relaxed) && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
}

bool Writer::waitForWork(Group &group)
{
    if (m_lastGroup > 0 && m_lastGroup <= loneGroup)
        lookOut();
    m_lastGroup = 0;
    std::unique_lock guard(m_mutex);
    if (m_queue.empty()) {
        m_busy = false;
        m_idle.notify_all();
    }
    const auto hasWork = [this] { return !m_queue.empty() || m_stopping; };
    m_asleep = m_queue.empty();
    if (!m_kept.empty()) {
        m_wake.wait_until(guard, m_retryAt, hasWork);
    } else if (m_sinceCheckpoint >= idleCheckpoint) {
        // A short pause first: bursts come in waves, and a checkpoint syncs the disk.
        m_wake.wait_for(guard, 50ms, hasWork);
    } else {
        m_wake.wait(guard, hasWork);
    }
    m_asleep = false;
    if (m_queue.empty())
        return !m_stopping;
    m_busy = true;
    if (m_queue.size() <= largestGroup) {
        group.swap(m_queue);
        m_waiting.store(m_stopping, std::memory_order_relaxed);
    } else {
        const auto end = m_queue.begin() + std::ptrdiff_t(largestGroup);
        group.assign(std::make_move_iterator(m_queue.begin()), std::make_move_iterator(end));
        m_queue.erase(m_queue.begin(), end);
    }
    return true;
}

Result<void> Writer::perform(Group &group)
{
    m_db->clearBroken();
    auto together = performTogether(group);
    Result<void> done;
    if (!together)
        done = failure(together.error());
    else if (!*together)
        done = performOneByOne(group);
    setWritable(done ? nullptr : &done.error());
    if (done) {
        const std::lock_guard guard(m_mutex);
        ++m_health.commits;
        m_health.operations += group.size();
    }
    return done;
}

Result<void> Writer::inTransaction(const std::function<Result<void>()> &body)
{
    if (auto begun = m_db->run("BEGIN IMMEDIATE"); !begun)
        return failure(begun.error());
    Result<void> done = body();
    if (done) {
        if (auto committed = m_db->run("COMMIT"); !committed)
            done = failure(committed.error());
    }
    if (!done)
        takeBack();
    return done;
}

// Undoes the running transaction, which SQLite may have undone by itself after a hard error.
void Writer::takeBack()
{
    m_db->rollups().discard();
    m_db->nextEpoch();
    auto undone = m_db->run("ROLLBACK");
    if (!undone)
        qCDebug(lcStore) << "the transaction had ended already";
}

// The usual way: one after the other without savepoints. Operations look before they write, so one
// that fails has nearly always written nothing.
Result<bool> Writer::performTogether(Group &group)
{
    bool undo = false;
    auto done = inTransaction([&]() -> Result<void> {
        for (Entry &entry : group) {
            m_db->clearDirty();
            const bool succeeded = entry.job->run(*m_db);
            if (m_db->isBroken())
                return failure(m_db->lastError());
            if (!succeeded && m_db->isDirty()) {
                undo = true;
                return failure(ErrorKind::Internal, QString());
            }
        }
        return m_db->rollups().flush(*m_db);
    });
    if (undo)
        return false;
    if (!done)
        return failure(done.error());
    return true;
}

Result<void> Writer::performOneByOne(Group &group)
{
    return inTransaction([&]() -> Result<void> {
        for (Entry &entry : group) {
            if (auto saved = m_db->run("SAVEPOINT operation"); !saved)
                return failure(saved.error());
            bool succeeded = entry.job->run(*m_db);
            if (succeeded) {
                if (auto flushed = m_db->rollups().flush(*m_db); !flushed) {
                    entry.job->fail(flushed.error());
                    succeeded = false;
                }
            }
            if (m_db->isBroken())
                return failure(m_db->lastError());
            if (!succeeded) {
                m_db->rollups().discard();
                m_db->nextEpoch();
                if (auto undone = m_db->run("ROLLBACK TO operation"); !undone)
                    return failure(undone.error());
            }
            if (auto released = m_db->run("RELEASE operation"); !released)
                return failure(released.error());
        }
        return {};
    });
}

// One letter a mailbox, however many answers it holds.
void Writer::answer(Group group)
{
    using Jobs = std::vector<std::unique_ptr<Store::Job>>;
    std::unordered_map<Mailbox *, std::shared_ptr<Jobs>> byMailbox;
    for (Entry &entry : group) {
        if (entry.job->replyTo() == nullptr) {
            if (const Error *error = entry.job->error(); error != nullptr && entry.keep)
                qCWarning(lcStore) << "a settlement failed:" << error->code << error->message;
            entry.job->deliver();
            continue;
        }
        auto &jobs = byMailbox[entry.job->replyTo()];
        if (!jobs)
            jobs = std::make_shared<Jobs>();
        jobs->push_back(std::move(entry.job));
    }
    for (auto &[mailbox, jobs] : byMailbox)
        mailbox->post([jobs = std::move(jobs)] {
            for (auto &job : *jobs)
                job->deliver();
        });
}

void Writer::refuse(Group group, const Error &error)
{
    Group lost;
    for (Entry &entry : group) {
        if (!entry.keep) {
            entry.job->fail(error);
            lost.push_back(std::move(entry));
            continue;
        }
        if (m_kept.size() >= mostKept) {
            qCCritical(lcStore)
                << "too many settlements wait for the disk; one is left to the sweep";
            entry.job->fail(error);
            lost.push_back(std::move(entry));
            continue;
        }
        Error kept = error;
        kept.code = "kept";
        Mailbox *mailbox = entry.job->replyTo();
        if (auto tell = entry.job->answerNow(kept); mailbox != nullptr && tell)
            mailbox->post(std::move(tell));
        m_kept.push_back(std::move(entry));
    }
    answer(std::move(lost));
    if (!m_kept.empty()) {
        m_retryDelay
            = std::clamp<std::chrono::milliseconds>(m_retryDelay * 2, firstRetry, longestRetry);
        m_retryAt = std::chrono::steady_clock::now() + m_retryDelay;
    }
    const std::lock_guard guard(m_mutex);
    m_health.keptWrites = m_kept.size();
}

void Writer::retryKept()
{
    while (!m_kept.empty()) {
        Group group;
        while (!m_kept.empty() && group.size() < largestGroup) {
            group.push_back(std::move(m_kept.front()));
            m_kept.pop_front();
        }
        auto done = perform(group);
        if (!done) {
            for (auto entry = group.rbegin(); entry != group.rend(); ++entry)
                m_kept.push_front(std::move(*entry));
            m_retryDelay
                = std::clamp<std::chrono::milliseconds>(m_retryDelay * 2, firstRetry, longestRetry);
            m_retryAt = std::chrono::steady_clock::now() + m_retryDelay;
            break;
        }
        m_retryDelay = {};
        // Their askers were told long ago.
        for (const Entry &entry : group) {
            if (const Error *error = entry.job->error(); error != nullptr)
                qCWarning(lcStore) << "a late settlement failed:" << error->code << error->message;
        }
    }
    const std::lock_guard guard(m_mutex);
    m_health.keptWrites = m_kept.size();
}

void Writer::checkpoint()
{
    m_sinceCheckpoint = 0;
    m_checkpointer.request();
}

void Writer::emptyLog()
{
    m_checkpointer.drain();
    if (auto done = m_db->run("PRAGMA wal_checkpoint(TRUNCATE)"); !done)
        qCWarning(lcStore) << "checkpoint failed:" << done.error().code;
}

void Writer::setWritable(const Error *error)
{
    const std::lock_guard guard(m_mutex);
    if (error == nullptr) {
        if (!m_health.writable)
            qCInfo(lcStore) << "the database can be written again";
        m_health.writable = true;
        m_health.error = {};
        return;
    }
    if (m_health.writable)
        qCWarning(lcStore) << "the database cannot be written:" << error->code;
    m_health.writable = false;
    m_health.error = *error;
    if (error->code == "database_damaged")
        m_health.damaged = true;
}

} // namespace tollgate::store
