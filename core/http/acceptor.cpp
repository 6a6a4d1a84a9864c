// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/acceptor.h"

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace tollgate::http {
namespace {

// How long to let go when descriptors have run out.
constexpr int kRestMs = 100;

#ifdef Q_OS_UNIX
// Left for what the connections at hand need: sockets to providers, files of the store.
constexpr rlim_t kSpare = 32;
// A turn of the event loop belongs to others too.
constexpr int kPerTurn = 64;

bool isSpare(int descriptor)
{
    rlimit files{};
    return ::getrlimit(RLIMIT_NOFILE, &files) == 0
        && static_cast<rlim_t>(descriptor) + kSpare >= files.rlim_cur;
}

// Whether the next descriptor would leave the spare ones alone.
bool canOpen(int any)
{
    const int next = ::fcntl(any, F_DUPFD_CLOEXEC, 0);
    if (next < 0)
        return false;
    ::close(next);
    return !isSpare(next);
}
#endif

} // namespace

Acceptor::Acceptor(std::function<void(qintptr)> accepted)
    : m_accepted(std::move(accepted))
{
    m_again.setSingleShot(true);
    m_again.setInterval(kRestMs);
    QObject::connect(&m_again, &QTimer::timeout, &m_again, [this] { tryAgain(); });
}

Acceptor::~Acceptor()
{
    stop();
}

#ifdef Q_OS_UNIX

void Acceptor::start(AcceptServer &server)
{
    m_server = &server;
    // Qt's notifier of the first descriptor and ours stay out of each other's way.
    m_listening = ::fcntl(static_cast<int>(server.socketDescriptor()), F_DUPFD_CLOEXEC, 0);
    if (m_listening < 0)
        qFatal("No descriptor is left at start.");
    const int flags = ::fcntl(m_listening, F_GETFL);
    (void)::fcntl(m_listening, F_SETFL, flags | O_NONBLOCK);
    server.acceptNothing();
    m_ready = std::make_unique<QSocketNotifier>(m_listening, QSocketNotifier::Read);
    QObject::connect(m_ready.get(), &QSocketNotifier::activated, m_ready.get(), [this] { take(); });
}

void Acceptor::take()
{
    for (int i = 0; i < kPerTurn && m_listening >= 0; ++i) {
        const int fd = ::accept(m_listening, nullptr, nullptr);
        if (fd >= 0) {
            (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
            const bool last = isSpare(fd);
            m_accepted(fd);
            if (last)
                return rest();
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            return rest();
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        // Else the client has gone while it waited (ECONNABORTED and its like): on to the next.
    }
}

void Acceptor::rest()
{
    if (!m_ready)
        return;
    m_ready->setEnabled(false);
    m_again.start();
}

void Acceptor::tryAgain()
{
    if (!canOpen(m_listening))
        return m_again.start();
    m_ready->setEnabled(true);
}

void Acceptor::takeWaiting(int most)
{
    for (int i = 0; i < most; ++i) {
        const int fd = ::accept(m_listening, nullptr, nullptr);
        if (fd < 0)
            return;
        m_accepted(fd);
    }
}

void Acceptor::stop()
{
    m_again.stop();
    m_ready.reset();
    if (m_listening >= 0)
        ::close(std::exchange(m_listening, -1));
    m_server = nullptr;
}

#else

void Acceptor::start(AcceptServer &server)
{
    m_server = &server;
    QObject::connect(m_server, &QTcpServer::acceptError, &m_again, [this] { rest(); });
}

void Acceptor::take() { }

void Acceptor::rest()
{
    m_again.start();
}

void Acceptor::tryAgain()
{
    if (m_server && m_server->isListening())
        m_server->resumeAccepting();
}

void Acceptor::takeWaiting(int most)
{
    for (int i = 0; i < most && m_server->waitForNewConnection(0); ++i) { }
}

void Acceptor::stop()
{
    m_again.stop();
    if (m_server)
        QObject::disconnect(m_server, nullptr, &m_again, nullptr);
    m_server = nullptr;
}

#endif

} // namespace tollgate::http
