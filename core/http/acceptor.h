// SPDX-License-Identifier: GPL-3.0-or-later
// Takes connections off a listening socket. On Unix it asks the kernel itself: QTcpServer keeps the
// first error of its socket, so that it never learns that descriptors have run out, and asks again
// at once for as long as a client waits.
#pragma once

#include "core/http/qtserver.h"

#include <QSocketNotifier>
#include <QTimer>

#include <functional>
#include <memory>

namespace tollgate::http {

class Acceptor
{
public:
    explicit Acceptor(std::function<void(qintptr)> accepted);
    ~Acceptor();
    Acceptor(const Acceptor &) = delete;
    Acceptor &operator=(const Acceptor &) = delete;

    // `server` is listening, and outlives this or stop().
    void start(AcceptServer &server);
    // At most `most` of those whom the kernel has let in already, descriptors or not.
    void takeWaiting(int most);
    void stop();

private:
    void tryAgain();
    // Takes who waits; without descriptors it rests until tryAgain().
    void take();
    void rest();

    std::function<void(qintptr)> m_accepted;
    AcceptServer *m_server = nullptr;
    QTimer m_again;
    std::unique_ptr<QSocketNotifier> m_ready;
    int m_listening = -1; // a second descriptor of the listening socket
};

} // namespace tollgate::http
