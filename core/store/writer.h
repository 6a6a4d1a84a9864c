// SPDX-License-Identifier: GPL-3.0-or-later
// The store thread: takes whatever is queued, does it in one transaction, commits, answers.
#pragma once

#include "core/store/checkpointer.h"
#include "core/store/store.h"

#include <QThread>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace tollgate::store {

class Writer
{
public:
    using Open = std::function<Result<std::unique_ptr<Database>>()>;

    // `open` makes the connection that writes, `openAgain` another for its checkpoints.
    Writer(Open open, Open openAgain);
    // Finishes what is queued and closes the connection.
    ~Writer();
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    [[nodiscard]] Result<void> start(); // waits until the connection is open
    void enqueue(std::unique_ptr<Store::Job> job, bool keep);
    void drain();
    void noteDamage();
    [[nodiscard]] Health health() const;

private:
    struct Entry
    {
        std::unique_ptr<Store::Job> job;
        bool keep = false;
    };
    using Group = std::vector<Entry>;
    using Time = std::chrono::steady_clock::time_point;

    void loop();
    [[nodiscard]] bool waitForWork(Group &group); // false: stop
    void lookOut() const;
    [[nodiscard]] Result<void> perform(Group &group);
    [[nodiscard]] Result<bool> performTogether(Group &group); // false: one must be undone
    [[nodiscard]] Result<void> performOneByOne(Group &group);
    [[nodiscard]] Result<void> inTransaction(const std::function<Result<void>()> &body);
    void takeBack();
    void answer(Group group);
    void refuse(Group group, const Error &error);
    void retryKept();
    void checkpoint();
    void emptyLog();
    void setWritable(const Error *error);

    Open m_open;
    Checkpointer m_checkpointer; // asked by the store thread only
    std::unique_ptr<QThread> m_thread;
    std::unique_ptr<Database> m_db; // store thread only
    std::deque<Entry> m_kept; // store thread only
    Time m_retryAt;
    std::chrono::milliseconds m_retryDelay{};
    std::uint64_t m_sinceCheckpoint = 0;
    std::size_t m_lastGroup = 0;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    Group m_queue;
    Health m_health;
    std::optional<Result<void>> m_started;
    std::atomic<bool> m_waiting = false; // something is in the queue, or we are to stop
    bool m_asleep = false; // only a sleeper needs to be woken
    bool m_busy = false;
    bool m_stopping = false;
};

} // namespace tollgate::store
