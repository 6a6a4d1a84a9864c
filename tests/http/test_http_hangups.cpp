// SPDX-License-Identifier: GPL-3.0-or-later
// Clients that leave at any moment, in any number, and a process out of descriptors.
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>
#include <QTimer>

#include <unistd.h>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

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
        QVERIFY(server.waitForConnections(0, 5000));
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
            QVERIFY(client.closedByPeer(1000));
        }
        QCOMPARE(server.handler().handled.load(), 20);
        QVERIFY(server.waitForConnections(0));
    }
};

QTEST_GUILESS_MAIN(TestHttpHangups)
#include "test_http_hangups.moc"
