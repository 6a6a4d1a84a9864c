// SPDX-License-Identifier: GPL-3.0-or-later
// Threads that only read. They start with the first read, so an idle daemon has none.
#pragma once

#include "core/store/store.h"

#include <QThread>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace tollgate::store {

class Readers
{
public:
    Readers(QString path, int threads, int busyTimeoutMs, std::function<void()> onDamage);
    // Cancels what runs, answers nothing more.
    ~Readers();
    Readers(const Readers &) = delete;
    Readers &operator=(const Readers &) = delete;

    void enqueue(std::unique_ptr<Store::Job> job, Cancellation cancellation);
    void drain();

private:
    struct Entry
    {
        std::unique_ptr<Store::Job> job;
        Cancellation cancellation;
    };

    void loop();
    void perform(Database &db, Entry entry);
    static void deliver(std::unique_ptr<Store::Job> job);

    const QString m_path;
    const std::size_t m_most;
    const int m_busyTimeoutMs;
    const std::function<void()> m_onDamage;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::deque<Entry> m_queue;
    std::vector<std::unique_ptr<QThread>> m_threads;
    std::size_t m_waiting = 0;
    std::size_t m_running = 0;
    bool m_stopping = false;
};

// Whether every page of the file is sound; reads all of it.
[[nodiscard]] Result<bool> checkWhole(Database &db);

} // namespace tollgate::store
