// SPDX-License-Identifier: GPL-3.0-or-later
// Clients that leave at any moment, in any number, and a process out of descriptors.
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QAbstractEventDispatcher>
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>
#include <QTimer>

#include <sys/resource.h>
#include <unistd.h>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

namespace {

// Every descriptor that this process may still open, but for those given up again.
class Hoard
{
public:
    explicit Hoard(rlim_t limit)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        rlimit tight = m_before;
        tight.rlim_cur = limit;
        ::setrlimit(RLIMIT_NOFILE, &tight);
    }
    ~Hoard()
    {
        release();
        ::setrlimit(RLIMIT_NOFILE, &m_before);
    }
    Hoard(const Hoard &) = delete;
    Hoard &operator=(const Hoard &) = delete;

    void fill()
    {
        for (int fd = ::dup(0); fd >= 0; fd = ::dup(0))
            m_held.push_back(fd);
    }
    void release()
    {
        for (const int fd : m_held)
            ::close(fd);
        m_held.clear();
    }

private:
    rlimit m_before{};
    std::vector<int> m_held;
};

} // namespace

class TestHttpHangups : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void athousandRandomDisconnectsLeaveNothingBehind()
    {
        std::atomic<int> streams{0};
        std::atomic<int> gone{0};
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/stream"] = [&](Request, const Out &out) {
                ++streams;
                out->onGone([&] { ++gone; });
                out->begin(200, {});
                auto *timer = new QTimer;
                QObject::connect(timer, &QTimer::timeout, timer,
                                 [&streams, out, timer, n = 0]() mutable {
                                     out->write(QByteArray(2000, 's'));
                                     if (!out->gone() && ++n < 50)
                                         return;
                                     out->end();
                                     --streams;
                                     timer->deleteLater();
                                 });
                timer->start(1);
            };
        });
        auto *random = QRandomGenerator::global();
        const QByteArray wire = server.request("POST", "/stream", {}, QByteArray(300, 'b'));
        for (int i = 0; i < 1000; ++i) {
            RawClient client(server.port());
            // Some leave inside the request, some inside the answer.
            const auto cut = static_cast<qsizetype>(random->bounded(quint32(wire.size()) * 2));
            client.send(wire.first(std::min(cut, wire.size())));
            if (cut >= wire.size())
                (void)client.readSome(1 + cut * 7, 30);
            if (random->bounded(2))
                client.reset();
            else
                client.close();
        }
        QVERIFY(server.waitForConnections(0));
        QVERIFY(eventually([&] { return streams == 0; }));
        QCOMPARE(server.census().connections.load(), 0);
        QVERIFY(gone > 100);
        RawClient client(server.port());
        client.send(server.request("GET", "/alive"));
        QVERIFY(client.answer());
    }

    void aListenerMayDieUnderItsStreams()
    {
        Keep keep;
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/hold"] = [&](Request, const Out &out) {
                out->begin(200, {});
                keep.streams.push_back(out);
            };
        });
        RawClient client(server.port());
        client.send(server.request("GET", "/hold"));
        QVERIFY(eventually([&] { return server.handler().handled == 1; }));
        server.closeListener();
        server.run([&] {
            QVERIFY(keep.streams.front()->gone());
            keep.streams.front()->write("x");
            keep.streams.front()->end();
            keep.streams.clear();
        });
    }

    void abortFromInsideTheHandlerIsSafe()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/abort"] = [](Request, const Out &out) { out->abort(); };
        });
        for (int i = 0; i < 20; ++i) {
            RawClient client(server.port());
            client.send(server.request("GET", "/abort") + server.request("GET", "/never"));
            QVERIFY(client.closedByPeer());
        }
        QCOMPARE(server.handler().handled.load(), 20);
        QVERIFY(server.waitForConnections(0));
    }

    void withoutDescriptorsAcceptingRestsAndComesBack()
    {
        TestServer server;
        RawClient first(server.port());
        first.send(server.request("GET", "/first"));
        QVERIFY(first.answer());

        std::atomic<int> turns{0};
        Hoard hoard(256);
        RawClient waiting;
        QMetaObject::Connection counting;
        server.run([&] {
            // Accepted by the kernel while the listener is busy here, so the last descriptor is
            // gone before it looks.
            waiting = RawClient(server.port());
            hoard.fill();
            auto *loop = QAbstractEventDispatcher::instance();
            counting
                = QObject::connect(loop, &QAbstractEventDispatcher::awake, loop, [&] { ++turns; });
        });
        QVERIFY(waiting.isOpen());
        QTest::qSleep(300);
        const int turned = turns;
        server.run([&] { QObject::disconnect(counting); });
        QVERIFY2(turned < 30, QByteArray::number(turned).constData());
        // Who is in already is served meanwhile, which makes Qt resume its own accepting.
        first.send(server.request("GET", "/still"));
        QVERIFY(first.answer());

        hoard.release();
        waiting.send(server.request("GET", "/again"));
        QVERIFY(waiting.answer(1000));
    }

    void theLastDescriptorsAreLeftForWhatIsUnderWay()
    {
        TestServer server;
        Hoard hoard(256);
        std::vector<RawClient> clients;
        server.run([&] {
            for (int i = 0; i < 130; ++i)
                clients.emplace_back(server.port());
        });
        // As many accepted as leave the spare ones alone, and no more.
        QVERIFY(eventually([&] { return server.openConnections() > 40; }));
        QTest::qSleep(150);
        const int taken = server.openConnections();
        QVERIFY2(taken < 115, QByteArray::number(taken).constData());
        std::vector<int> spare;
        for (int fd = ::dup(0); fd >= 0; fd = ::dup(0))
            spare.push_back(fd);
        for (const int fd : spare)
            ::close(fd);
        QVERIFY2(spare.size() >= 25, QByteArray::number(qlonglong(spare.size())).constData());
        for (std::size_t i = 0; i < 60; ++i)
            clients[i].close();
        clients.back().send(server.request("GET", "/late"));
        QVERIFY(clients.back().answer(1500));
    }
};

QTEST_GUILESS_MAIN(TestHttpHangups)
#include "test_http_hangups.moc"
