// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/epolldispatcher.h"

#include <QAbstractEventDispatcher>

#ifdef __linux__

#include "core/base/timerqueue.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QThread>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace tollgate {
namespace {

constexpr int kBatch = 256; // ready descriptors taken at once; the others are next
constexpr std::int64_t kNsPerMs = 1'000'000;

constexpr std::array<std::uint32_t, 3> kInterest{EPOLLIN, EPOLLOUT, EPOLLPRI}; // by Type
constexpr std::uint32_t kTrouble = EPOLLHUP | EPOLLERR; // wakes every kind, as poll() does

std::int64_t nowNs()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

int openEpoll()
{
    const int descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0)
        qFatal("epoll_create1: %s", std::strerror(errno));
    return descriptor;
}

int openEventFd()
{
    const int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0)
        qFatal("eventfd: %s", std::strerror(errno));
    return descriptor;
}

class EpollDispatcher final : public QAbstractEventDispatcher
{
public:
    EpollDispatcher();
    ~EpollDispatcher() override;

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;

    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;

    void registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int id) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int id) override;

    void wakeUp() override;
    void interrupt() override;

private:
    struct Entry
    {
        std::array<QSocketNotifier *, 3> notifiers{};
        std::uint32_t registered = 0; // what epoll was told
        std::uint32_t generation = 0; // a new one each time the descriptor is taken up
        bool dirty = false;
        [[nodiscard]] std::uint32_t wanted() const;
    };
    using Ready = std::array<epoll_event, kBatch>;

    void apply(int descriptor);
    void applyChanges();
    int wait(Ready &ready, bool sockets, int timeoutMs);
    [[nodiscard]] int timeoutMs(bool mayWait, bool timers) const;
    int activate(const Ready &ready, int count);
    int activateOne(int descriptor, std::uint32_t generation, std::uint32_t events);
    int fireTimers();

    // Awake: no wake-up needed. Asleep: about to wait, or waiting. Woken: there is something to do
    // that the coming sendPostedEvents() will see. Only a sleeper costs a write to the eventfd.
    enum State : int { Awake, Asleep, Woken };

    const int m_epoll = openEpoll();
    const int m_wakeFd = openEventFd();
    std::vector<Entry> m_entries; // by descriptor
    std::vector<int> m_dirty; // their interest changed since epoll was told
    TimerQueue m_timers;
    std::uint32_t m_generation = 0;
    std::atomic<int> m_state{Awake};
    std::atomic<bool> m_interrupted{false};
};

std::uint32_t EpollDispatcher::Entry::wanted() const
{
    std::uint32_t mask = 0;
    for (std::size_t type = 0; type < notifiers.size(); ++type)
        mask |= notifiers[type] ? kInterest[type] : 0;
    return mask;
}

EpollDispatcher::EpollDispatcher()
{
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET; // each write is told once: nothing needs to be read back
    event.data.u64 = static_cast<std::uint32_t>(m_wakeFd);
    if (epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wakeFd, &event) < 0)
        qFatal("epoll_ctl: %s", std::strerror(errno));
}

EpollDispatcher::~EpollDispatcher()
{
    ::close(m_epoll);
    ::close(m_wakeFd);
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    Q_ASSERT(notifier->thread() == thread() && QThread::currentThread() == thread());
    const auto descriptor = static_cast<std::size_t>(notifier->socket());
    if (descriptor >= m_entries.size())
        m_entries.resize(descriptor + 1);
    Entry &entry = m_entries[descriptor];
    if (entry.wanted() == 0)
        entry.generation = ++m_generation;
    QSocketNotifier *&place = entry.notifiers.at(static_cast<std::size_t>(notifier->type()));
    if (place)
        qWarning("Two socket notifiers of one kind for descriptor %d",
                 static_cast<int>(descriptor));
    place = notifier;
    if (!std::exchange(entry.dirty, true))
        m_dirty.push_back(static_cast<int>(descriptor));
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const auto descriptor = static_cast<std::size_t>(notifier->socket());
    if (descriptor >= m_entries.size())
        return;
    Entry &entry = m_entries[descriptor];
    QSocketNotifier *&place = entry.notifiers.at(static_cast<std::size_t>(notifier->type()));
    if (place != notifier)
        return;
    place = nullptr;
    if (entry.wanted() == 0) {
        // At once: the descriptor is closed next, and its number may come back as another file.
        if (entry.registered != 0)
            epoll_ctl(m_epoll, EPOLL_CTL_DEL, static_cast<int>(descriptor), nullptr);
        entry.registered = 0;
    } else if (!std::exchange(entry.dirty, true)) {
        m_dirty.push_back(static_cast<int>(descriptor));
    }
}

void EpollDispatcher::apply(int descriptor)
{
    Entry &entry = m_entries[static_cast<std::size_t>(descriptor)];
    entry.dirty = false;
    const std::uint32_t wanted = entry.wanted();
    if (wanted == entry.registered)
        return;
    epoll_event event{};
    event.events = wanted;
    event.data.u64 = static_cast<std::uint32_t>(descriptor)
        | static_cast<std::uint64_t>(entry.generation) << 32;
    int result
        = epoll_ctl(m_epoll, entry.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
    if (result < 0 && (errno == ENOENT || errno == EEXIST))
        result = epoll_ctl(m_epoll, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor,
                           &event);
    if (result < 0)
        qWarning("Descriptor %d cannot be watched: %s", descriptor, std::strerror(errno));
    entry.registered = result < 0 ? 0 : wanted;
}

// Notifiers that go on and off within one turn cost no system call.
void EpollDispatcher::applyChanges()
{
    for (const int descriptor : m_dirty)
        apply(descriptor);
    m_dirty.clear();
}

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    // A loop that was told to exit between two turns must not sleep through it: no posted event
    // tells.
    const bool interrupted = m_interrupted.exchange(false);
    m_state = Awake; // before posted events are sent: whoever posts after this finds us awake
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();
    if (m_interrupted)
        return false;

    const bool sockets = !flags.testFlag(QEventLoop::ExcludeSocketNotifiers);
    const bool timers = !flags.testFlag(QEventLoop::X11ExcludeTimers);
    bool mayWait
        = !interrupted && flags.testFlag(QEventLoop::WaitForMoreEvents) && m_state == Awake;
    if (mayWait) {
        Q_EMIT aboutToBlock();
        int expected = Awake;
        mayWait = m_state.compare_exchange_strong(expected, Asleep);
    }
    if (m_interrupted)
        return false;
    Ready ready;
    const int count = wait(ready, sockets, timeoutMs(mayWait, timers));
    int expected = Asleep;
    m_state.compare_exchange_strong(expected, Awake);

    int handled = activate(ready, count);
    if (timers)
        handled += fireTimers();
    return handled > 0;
}

int EpollDispatcher::timeoutMs(bool mayWait, bool timers) const
{
    if (!mayWait)
        return 0;
    const std::int64_t due = timers ? m_timers.nextDueNs() : TimerQueue::kNever;
    if (due == TimerQueue::kNever)
        return -1;
    constexpr std::int64_t kLongestMs = 3'600'000;
    const std::int64_t left = std::max<std::int64_t>(0, due - nowNs());
    return static_cast<int>(std::min(kLongestMs, (left + kNsPerMs - 1) / kNsPerMs));
}

int EpollDispatcher::wait(Ready &ready, bool sockets, int timeoutMs)
{
    if (!sockets) {
        pollfd wake{m_wakeFd, POLLIN, 0};
        if (::poll(&wake, 1, timeoutMs) <= 0)
            return 0;
        std::uint64_t wakeUps = 0; // poll() tells it until it is read
        [[maybe_unused]] const ssize_t read = ::read(m_wakeFd, &wakeUps, sizeof wakeUps);
        ready[0].events = EPOLLIN;
        ready[0].data.u64 = static_cast<std::uint32_t>(m_wakeFd);
        return 1;
    }
    applyChanges();
    const int count = epoll_wait(m_epoll, ready.data(), kBatch, timeoutMs);
    if (count < 0 && errno != EINTR)
        qFatal("epoll_wait: %s", std::strerror(errno));
    return std::max(count, 0);
}

int EpollDispatcher::activate(const Ready &ready, int count)
{
    int handled = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = ready[static_cast<std::size_t>(i)];
        const auto descriptor = static_cast<int>(event.data.u64 & 0xffffffffU);
        if (descriptor == m_wakeFd) {
            ++handled;
            continue;
        }
        handled += activateOne(descriptor, static_cast<std::uint32_t>(event.data.u64 >> 32),
                               event.events);
    }
    return handled;
}

// A handler may unregister, close and reuse any descriptor, so the entry is looked up each time.
int EpollDispatcher::activateOne(int descriptor, std::uint32_t generation, std::uint32_t events)
{
    int handled = 0;
    for (std::size_t type = 0; type < kInterest.size(); ++type) {
        const Entry &entry = m_entries[static_cast<std::size_t>(descriptor)];
        if (entry.generation != generation)
            break;
        QSocketNotifier *notifier = entry.notifiers[type];
        if (!notifier || !(events & (kInterest[type] | kTrouble)))
            continue;
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(notifier, &event);
        ++handled;
    }
    return handled;
}

int EpollDispatcher::fireTimers()
{
    if (m_timers.nextDueNs() == TimerQueue::kNever)
        return 0;
    return m_timers.fire(nowNs(), [](const TimerQueue::Timer &timer) {
        QTimerEvent event(timer.id);
        QCoreApplication::sendEvent(timer.object, &event);
    });
}

void EpollDispatcher::registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object)
{
    Q_ASSERT(id > 0 && interval >= 0 && object && QThread::currentThread() == thread());
    m_timers.add({id, interval, type, object}, nowNs());
}

bool EpollDispatcher::unregisterTimer(int id)
{
    return m_timers.remove(id);
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    return m_timers.removeAllOf(object);
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    QList<TimerInfo> timers;
    for (const TimerQueue::Timer &timer : m_timers.of(object))
        timers.append(TimerInfo(timer.id, static_cast<int>(timer.intervalMs), timer.type));
    return timers;
}

int EpollDispatcher::remainingTime(int id)
{
    return static_cast<int>(m_timers.remainingMs(id, nowNs()));
}

void EpollDispatcher::wakeUp()
{
    if (m_state.exchange(Woken) != Asleep)
        return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_wakeFd, &one, sizeof one);
}

void EpollDispatcher::interrupt()
{
    m_interrupted = true;
    wakeUp();
}

} // namespace

std::unique_ptr<QAbstractEventDispatcher> makeGatewayDispatcher()
{
    return std::make_unique<EpollDispatcher>();
}

} // namespace tollgate

#else

namespace tollgate {

std::unique_ptr<QAbstractEventDispatcher> makeGatewayDispatcher()
{
    return nullptr;
}

} // namespace tollgate

#endif
