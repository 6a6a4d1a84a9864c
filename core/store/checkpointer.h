// SPDX-License-Identifier: GPL-3.0-or-later
// Copies the log into the database's file while the store thread goes on: a checkpoint waits for
// the disk several times, and requests would wait with it.
#pragma once

#include "core/store/database.h"

#include <QThread>

#include <condition_variable>
#include <functional>
#include <mutex>

namespace tollgate::store {

class Checkpointer
{
public:
    using Open = std::function<Result<std::unique_ptr<Database>>()>;

    // Opens a connection of its own when first asked for something.
    explicit Checkpointer(Open open);
    // Finishes what is under way and closes the connection.
    ~Checkpointer();
    Checkpointer(const Checkpointer &) = delete;
    Checkpointer &operator=(const Checkpointer &) = delete;

    void request(); // soon; asking again before it begins asks once
    void drain(); // waits until nothing is asked for

private:
    void loop();
    void checkpoint();

    Open m_open;
    std::unique_ptr<QThread> m_thread; // with the first request
    std::unique_ptr<Database> m_db; // its thread only
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_wanted = false;
    bool m_busy = false;
    bool m_stopping = false;
};

} // namespace tollgate::store
