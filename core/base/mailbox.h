// SPDX-License-Identifier: GPL-3.0-or-later
// Work handed from any thread to the thread that owns the mailbox. One wake-up empties the box, so
// a batch of results (a group commit, say) costs its receiver one event.
#pragma once

#include <QObject>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace tollgate {

class Mailbox final : public QObject
{
public:
    using Letter = std::function<void()>;
    // Runs in the owner's thread, in order of posting. The owner is the thread it was made in.
    Mailbox();
    ~Mailbox() override;

    // Thread-safe. Letters still inside when the box dies are dropped unread.
    void post(Letter letter);

protected:
    bool event(QEvent *event) override;

private:
    std::mutex m_mutex;
    std::vector<Letter> m_letters;
    bool m_woken = false;
};

} // namespace tollgate
