// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/epolldispatcher.h"
#include "core/base/timerqueue.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>
#include <QTimer>

#ifdef __linux__
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include <atomic>
#include <thread>

using namespace tollgate;

namespace {

// Only what hangs takes longer, however busy the machine is.
constexpr int kPatienceMs = 30'000;

constexpr std::int64_t kMs = 1'000'000;

struct Pair
{
    Pair()
    {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
            qFatal("socketpair");
    }
    ~Pair()
    {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Pair(const Pair &) = delete;
    Pair &operator=(const Pair &) = delete;
    void poke() const
    {
        if (::write(ends[1], "x", 1) != 1)
            qFatal("write");
    }
    void drain() const
    {
        char bytes[64];
        while (::read(ends[0], bytes, sizeof bytes) > 0) { }
    }
    int ends[2]{};
};

double cpuSeconds()
{
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](timeval t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace

class TestEpollDispatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void timersKeepTheirInterval_data();
    void timersKeepTheirInterval();
    void zeroTimersRunOnceATurnAndLetOthersIn();
    void timersMayStopThemselvesAndEachOther();
    void timerIsNotFiredAgainInsideItsOwnHandler();
    void remainingTimeAndListing();
    void wakesUpForAnotherThread();
    void noWakeUpIsLost();
    void postedEventsAreSentInOrder();
    void socketNotifiersFireByKind();
    void notifierDisabledByAnotherHandlerStaysSilent();
    void descriptorReusedInTheSameTurnIsTheNewOne();
    void notifiersThatToggleWithinATurnStillWork();
    void hangUpIsReported();
    void excludedSocketsWait();
    void excludedTimersWait();
    void nestedLoopsReturnToTheirCallers();
    void deferredDeleteDoesNotSpin();
    void idleLoopUsesNoProcessor();
    void interruptEndsTheWait();
    void interruptBetweenTwoTurnsIsNotLost();
    void tcpEchoOnAThreadOfItsOwn();
    void threeThousandIdleConnectionsDoNotSlowTheBusyOnes();
    void coarseTimersShareAWakeUp();
    void missedPeriodsAreNotMadeUpFor();
};

void TestEpollDispatcher::initTestCase()
{
    QVERIFY(QAbstractEventDispatcher::instance());
    QVERIFY(QByteArray(QAbstractEventDispatcher::instance()->metaObject()->className())
            == "QAbstractEventDispatcher"); // ours has no meta object of its own; Qt's have
}

void TestEpollDispatcher::timersKeepTheirInterval_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("interval");
    QTest::newRow("precise") << int(Qt::PreciseTimer) << 30;
    QTest::newRow("coarse") << int(Qt::CoarseTimer) << 100;
    QTest::newRow("coarse, short") << int(Qt::CoarseTimer) << 10;
    QTest::newRow("very coarse") << int(Qt::VeryCoarseTimer) << 900;
}

void TestEpollDispatcher::timersKeepTheirInterval()
{
    QFETCH(int, type);
    QFETCH(int, interval);
    const int wanted = type == Qt::VeryCoarseTimer ? 1 : 5;
    QTimer timer;
    timer.setTimerType(static_cast<Qt::TimerType>(type));
    int fired = 0;
    QEventLoop loop;
    connect(&timer, &QTimer::timeout, &loop, [&] {
        if (++fired == wanted)
            loop.quit();
    });
    QElapsedTimer elapsed;
    elapsed.start();
    timer.start(interval);
    loop.exec();
    const double expected = type == Qt::VeryCoarseTimer ? 1000 : double(interval) * wanted;
    const double slack = type == Qt::VeryCoarseTimer ? 510 : expected * 0.06;
    const auto took = double(elapsed.nsecsElapsed()) / 1e6;
    QVERIFY2(took >= expected - slack, qPrintable(QString::number(took)));
    QVERIFY2(took <= expected + slack + kPatienceMs, qPrintable(QString::number(took)));
}

void TestEpollDispatcher::zeroTimersRunOnceATurnAndLetOthersIn()
{
    int zero = 0;
    int posted = 0;
    const Pair pair;
    QSocketNotifier notifier(pair.ends[0], QSocketNotifier::Read);
    int activated = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { ++zero; });
    connect(&notifier, &QSocketNotifier::activated, this, [&] { ++activated; });
    timer.start(0);
    pair.poke();
    for (int i = 1; i <= 10; ++i) {
        QMetaObject::invokeMethod(
            this, [&] { ++posted; }, Qt::QueuedConnection);
        QCoreApplication::processEvents();
        QCOMPARE(zero, i);
        QCOMPARE(posted, i);
        QCOMPARE(activated, i);
    }
}

void TestEpollDispatcher::timersMayStopThemselvesAndEachOther()
{
    auto first = std::make_unique<QTimer>();
    auto second = std::make_unique<QTimer>();
    int fired = 0;
    connect(first.get(), &QTimer::timeout, this, [&] {
        ++fired;
        second.reset();
        first->stop();
    });
    connect(second.get(), &QTimer::timeout, this, [&] {
        ++fired;
        first.reset();
        second->stop();
    });
    first->start(5);
    second->start(5);
    QTest::qWait(60);
    QCOMPARE(fired, 1);
}

void TestEpollDispatcher::timerIsNotFiredAgainInsideItsOwnHandler()
{
    QTimer timer;
    int depth = 0;
    int deepest = 0;
    int fired = 0;
    connect(&timer, &QTimer::timeout, this, [&] {
        deepest = std::max(deepest, ++depth);
        if (++fired <= 3) {
            QEventLoop loop;
            QTimer::singleShot(20, &loop, [&] { loop.quit(); });
            loop.exec();
        }
        --depth;
    });
    timer.start(2);
    QVERIFY(QTest::qWaitFor([&] { return fired > 5; }, kPatienceMs));
    QCOMPARE(deepest, 1);
}

void TestEpollDispatcher::remainingTimeAndListing()
{
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    constexpr int interval = 120'000;
    timer.start(interval);
    const int left = timer.remainingTime();
    QVERIFY(left > interval - kPatienceMs && left <= interval);
    auto *dispatcher = QAbstractEventDispatcher::instance();
    const auto timers = dispatcher->registeredTimers(&timer);
    QCOMPARE(timers.size(), 1);
    QCOMPARE(timers.first().interval, interval);
    QCOMPARE(timers.first().timerType, Qt::PreciseTimer);
    QVERIFY(dispatcher->unregisterTimers(&timer));
    QVERIFY(dispatcher->registeredTimers(&timer).isEmpty());
    QCOMPARE(dispatcher->remainingTime(timers.first().timerId), -1);
}

void TestEpollDispatcher::wakesUpForAnotherThread()
{
    QEventLoop loop;
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        QMetaObject::invokeMethod(
            &loop, [&] { loop.quit(); }, Qt::QueuedConnection);
    });
    QElapsedTimer timer;
    timer.start();
    loop.exec();
    other.join();
    QVERIFY(timer.elapsed() >= 25);
}

void TestEpollDispatcher::noWakeUpIsLost()
{
    constexpr int kRounds = 20'000;
    std::atomic<int> answered{0};
    std::atomic<bool> slow{false};
    QEventLoop loop;
    std::thread other([&] {
        for (int i = 0; i < kRounds && !slow; ++i) {
            QMetaObject::invokeMethod(
                &loop,
                [&, i] {
                    answered = i + 1;
                    if (i + 1 == kRounds)
                        loop.quit();
                },
                Qt::QueuedConnection);
            QElapsedTimer timer;
            timer.start();
            while (answered != i + 1 && !slow) {
                slow = timer.elapsed() > kPatienceMs;
                std::this_thread::yield();
            }
        }
    });
    QTimer::singleShot(60'000, &loop, [&] { loop.quit(); });
    loop.exec();
    slow = slow || answered != kRounds;
    other.join();
    QCOMPARE(answered.load(), kRounds);
}

void TestEpollDispatcher::postedEventsAreSentInOrder()
{
    QList<int> order;
    for (int i = 0; i < 100; ++i)
        QMetaObject::invokeMethod(
            this, [&, i] { order.append(i); }, Qt::QueuedConnection);
    QCoreApplication::processEvents();
    QCOMPARE(order.size(), 100);
    QVERIFY(std::is_sorted(order.cbegin(), order.cend()));
}

void TestEpollDispatcher::socketNotifiersFireByKind()
{
    const Pair pair;
    QSocketNotifier read(pair.ends[0], QSocketNotifier::Read);
    QSocketNotifier write(pair.ends[0], QSocketNotifier::Write);
    int reads = 0;
    int writes = 0;
    connect(&read, &QSocketNotifier::activated, this, [&] {
        ++reads;
        pair.drain();
    });
    connect(&write, &QSocketNotifier::activated, this, [&] { ++writes; });
    QCoreApplication::processEvents();
    QCOMPARE(reads, 0);
    QCOMPARE(writes, 1);
    write.setEnabled(false);
    pair.poke();
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
    QCOMPARE(reads, 1);
    QCOMPARE(writes, 1);
    write.setEnabled(true);
    QCoreApplication::processEvents();
    QCOMPARE(writes, 2);
}

void TestEpollDispatcher::notifierDisabledByAnotherHandlerStaysSilent()
{
    const Pair a;
    const Pair b;
    QSocketNotifier first(a.ends[0], QSocketNotifier::Read);
    QSocketNotifier second(b.ends[0], QSocketNotifier::Read);
    int fired = 0;
    const auto onlyOne = [&] {
        ++fired;
        first.setEnabled(false);
        second.setEnabled(false);
    };
    connect(&first, &QSocketNotifier::activated, this, onlyOne);
    connect(&second, &QSocketNotifier::activated, this, onlyOne);
    a.poke();
    b.poke();
    for (int i = 0; i < 5; ++i)
        QCoreApplication::processEvents();
    QCOMPARE(fired, 1);
}

void TestEpollDispatcher::descriptorReusedInTheSameTurnIsTheNewOne()
{
    for (int round = 0; round < 50; ++round) {
        auto pair = std::make_unique<Pair>();
        const int number = pair->ends[0];
        auto notifier = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
        QCoreApplication::processEvents();
        notifier.reset();
        pair.reset();
        pair = std::make_unique<Pair>();
        QCOMPARE(pair->ends[0], number);
        QSocketNotifier again(number, QSocketNotifier::Read);
        int fired = 0;
        connect(&again, &QSocketNotifier::activated, this, [&] {
            ++fired;
            pair->drain();
        });
        QCoreApplication::processEvents();
        QCOMPARE(fired, 0);
        pair->poke();
        QCoreApplication::processEvents();
        QCOMPARE(fired, 1);
    }
}

void TestEpollDispatcher::notifiersThatToggleWithinATurnStillWork()
{
    const Pair pair;
    QSocketNotifier read(pair.ends[0], QSocketNotifier::Read);
    QSocketNotifier write(pair.ends[0], QSocketNotifier::Write);
    int fired = 0;
    connect(&read, &QSocketNotifier::activated, this, [&] {
        ++fired;
        pair.drain();
    });
    for (int i = 0; i < 20; ++i) {
        write.setEnabled(true);
        write.setEnabled(false);
        read.setEnabled(false);
        read.setEnabled(true);
        pair.poke();
        QCoreApplication::processEvents();
        QCOMPARE(fired, i + 1);
    }
}

void TestEpollDispatcher::hangUpIsReported()
{
    Pair pair;
    QSocketNotifier read(pair.ends[0], QSocketNotifier::Read);
    int fired = 0;
    connect(&read, &QSocketNotifier::activated, this, [&] {
        ++fired;
        read.setEnabled(false);
    });
    ::shutdown(pair.ends[1], SHUT_RDWR);
    QVERIFY(QTest::qWaitFor([&] { return fired == 1; }, kPatienceMs));
}

void TestEpollDispatcher::excludedSocketsWait()
{
    const Pair pair;
    QSocketNotifier read(pair.ends[0], QSocketNotifier::Read);
    int fired = 0;
    connect(&read, &QSocketNotifier::activated, this, [&] {
        ++fired;
        pair.drain();
    });
    pair.poke();
    QCoreApplication::processEvents(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(fired, 0);
    QTimer::singleShot(20, this, [] {});
    QCoreApplication::processEvents(QEventLoop::ExcludeSocketNotifiers
                                    | QEventLoop::WaitForMoreEvents);
    QCOMPARE(fired, 0);
    QCoreApplication::processEvents();
    QCOMPARE(fired, 1);
}

void TestEpollDispatcher::excludedTimersWait()
{
    int fired = 0;
    QTimer::singleShot(0, Qt::PreciseTimer, this, [] {});
    QCoreApplication::processEvents();
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { ++fired; });
    timer.start(1);
    QThread::msleep(10);
    QCoreApplication::processEvents(QEventLoop::X11ExcludeTimers);
    QCOMPARE(fired, 0);
    QCoreApplication::processEvents();
    QCOMPARE(fired, 1);
}

void TestEpollDispatcher::nestedLoopsReturnToTheirCallers()
{
    QString order;
    QEventLoop outer;
    QTimer::singleShot(0, &outer, [&] {
        order += u'a';
        QEventLoop inner;
        QTimer::singleShot(20, &inner, [&] {
            order += u'b';
            inner.quit();
        });
        inner.exec();
        order += u'c';
        QTimer::singleShot(20, &outer, [&] {
            order += u'd';
            outer.quit();
        });
    });
    outer.exec();
    QCOMPARE(order, QStringLiteral("abcd"));
}

void TestEpollDispatcher::deferredDeleteDoesNotSpin()
{
    // A deferred delete that belongs to an outer loop stays posted while an inner one runs.
    auto *object = new QObject;
    bool gone = false;
    connect(object, &QObject::destroyed, this, [&] { gone = true; });
    double spent = 0;
    QEventLoop outer;
    QTimer::singleShot(0, &outer, [&] {
        object->deleteLater();
        QEventLoop inner;
        QTimer::singleShot(100, &inner, [&] { inner.quit(); });
        const double before = cpuSeconds();
        inner.exec();
        spent = cpuSeconds() - before;
        QTimer::singleShot(10, &outer, [&] { outer.quit(); });
    });
    outer.exec();
    QVERIFY(gone);
    QVERIFY2(spent < 0.05, qPrintable(QString::number(spent)));
}

void TestEpollDispatcher::idleLoopUsesNoProcessor()
{
    QEventLoop loop;
    int turns = 0;
    connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::awake, &loop,
            [&] { ++turns; });
    QTimer::singleShot(300, &loop, [&] { loop.quit(); });
    loop.exec();
    QVERIFY2(turns < 10, qPrintable(QString::number(turns)));
}

void TestEpollDispatcher::interruptEndsTheWait()
{
    auto *dispatcher = QAbstractEventDispatcher::instance();
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        dispatcher->interrupt();
    });
    QTimer safety;
    safety.setSingleShot(true);
    safety.start(kPatienceMs);
    dispatcher->processEvents(QEventLoop::WaitForMoreEvents);
    other.join();
    QVERIFY(safety.isActive());
}

// QThread::quit() may come when the loop has looked at its exit flag and not yet gone to sleep.
void TestEpollDispatcher::interruptBetweenTwoTurnsIsNotLost()
{
    QAbstractEventDispatcher *dispatcher = QAbstractEventDispatcher::instance();
    QCoreApplication::sendPostedEvents();
    QTimer safety;
    safety.setSingleShot(true);
    safety.start(kPatienceMs);
    dispatcher->interrupt();
    dispatcher->processEvents(QEventLoop::WaitForMoreEvents);
    QVERIFY(safety.isActive());
}

void TestEpollDispatcher::tcpEchoOnAThreadOfItsOwn()
{
    QThread thread;
    thread.setEventDispatcher(makeGatewayDispatcher().release());
    std::atomic<int> port{0};
    auto *server = new QTcpServer;
    server->moveToThread(&thread);
    connect(&thread, &QThread::started, server, [server, &port] {
        connect(server, &QTcpServer::newConnection, server, [server] {
            QTcpSocket *socket = server->nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket,
                    [socket] { socket->write(socket->readAll()); });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        });
        server->listen(QHostAddress::LocalHost);
        port = server->serverPort();
    });
    connect(&thread, &QThread::finished, server, &QObject::deleteLater);
    thread.start();
    QVERIFY(QTest::qWaitFor([&] { return port != 0; }));
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, static_cast<quint16>(port));
    QVERIFY(client.waitForConnected());
    const QByteArray sent(2'000'000, 'e');
    client.write(sent);
    QByteArray received;
    QVERIFY(QTest::qWaitFor([&] { return (received += client.readAll()).size() == sent.size(); }));
    QCOMPARE(received, sent);
    client.close();
    thread.quit();
    QVERIFY(thread.wait(kPatienceMs));
}

void TestEpollDispatcher::threeThousandIdleConnectionsDoNotSlowTheBusyOnes()
{
    constexpr int kIdle = 3000;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2 * kIdle + 200)
        QSKIP("This machine allows too few open files.");
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    std::vector<std::unique_ptr<QTcpSocket>> clients;
    std::vector<QTcpSocket *> accepted;
    const auto open = [&](int count) {
        for (int i = 0; i < count; ++i) {
            clients.push_back(std::make_unique<QTcpSocket>());
            clients.back()->connectToHost(QHostAddress::LocalHost, server.serverPort());
            if (!clients.back()->waitForConnected() || !server.waitForNewConnection(kPatienceMs))
                return false;
            accepted.push_back(server.nextPendingConnection());
        }
        return true;
    };
    QVERIFY(open(1));
    QTcpSocket *near = clients[0].get();
    QTcpSocket *far = accepted[0];
    int rounds = 0;
    connect(far, &QTcpSocket::readyRead, this, [&] { far->write(far->readAll()); });
    connect(near, &QTcpSocket::readyRead, this, [&] {
        near->readAll();
        ++rounds;
        near->write("ping");
    });
    const auto rate = [&] { // per processor second: other programs run here too
        rounds = 0;
        QEventLoop loop;
        QTimer::singleShot(300, &loop, [&] { loop.quit(); });
        const double before = cpuSeconds();
        loop.exec();
        return rounds / (cpuSeconds() - before);
    };
    near->write("ping");
    rate();
    double without = 0;
    for (int i = 0; i < 3; ++i)
        without = std::max(without, rate());
    QVERIFY(open(kIdle));
    rate();
    double with = 0;
    for (int i = 0; i < 3; ++i)
        with = std::max(with, rate());
    qInfo("%.0f round trips a processor second alone, %.0f beside %d idle connections (%.2f)",
          without, with, kIdle, with / without);
    // Looking at each of them every turn would leave less than a tenth.
    QVERIFY(with > 0.3 * without);
}

void TestEpollDispatcher::coarseTimersShareAWakeUp()
{
    TimerQueue queue;
    QObject object;
    for (int i = 1; i <= 100; ++i)
        queue.add({i, 1000, Qt::CoarseTimer, &object}, i * kMs / 10);
    int wakeUps = 0;
    int fired = 0;
    for (std::int64_t now = 0; fired < 100 && wakeUps < 1000; ++wakeUps) {
        now = queue.nextDueNs();
        QVERIFY(now >= 950 * kMs && now <= 1060 * kMs);
        fired += queue.fire(now, [](const TimerQueue::Timer &) {});
    }
    QVERIFY2(wakeUps <= 2, qPrintable(QString::number(wakeUps)));
}

void TestEpollDispatcher::missedPeriodsAreNotMadeUpFor()
{
    TimerQueue queue;
    QObject object;
    queue.add({7, 10, Qt::PreciseTimer, &object}, 0);
    int fired = 0;
    const auto count = [&](const TimerQueue::Timer &timer) {
        QCOMPARE(timer.id, 7);
        ++fired;
    };
    QCOMPARE(queue.fire(9 * kMs, count), 0);
    QCOMPARE(queue.fire(10 * kMs, count), 1);
    QCOMPARE(queue.nextDueNs(), 20 * kMs);
    QCOMPARE(queue.fire(1000 * kMs, count), 1);
    QCOMPARE(queue.nextDueNs(), 1010 * kMs);
    QCOMPARE(queue.remainingMs(7, 1004 * kMs), 6);
    QVERIFY(queue.remove(7));
    QVERIFY(!queue.remove(7));
    QCOMPARE(queue.nextDueNs(), TimerQueue::kNever);
}

int main(int argc, char **argv)
{
    if (auto dispatcher = makeGatewayDispatcher())
        QCoreApplication::setEventDispatcher(dispatcher.release());
    QCoreApplication app(argc, argv);
    TestEpollDispatcher test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_epolldispatcher.moc"
