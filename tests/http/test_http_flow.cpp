// SPDX-License-Identifier: GPL-3.0-or-later
// What happens between a connection's requests, and when a client waits, hurries, stops reading or
// leaves.
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QElapsedTimer>
#include <QTest>
#include <QTimer>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

namespace {

// A stream of `count` events, one every `everyMs`.
void stream(const Out &out, int count, int everyMs)
{
    out->begin(200, {{"Content-Type", "text/event-stream"}});
    auto *timer = new QTimer;
    QObject::connect(timer, &QTimer::timeout, timer, [=, n = 0]() mutable {
        if (out->gone() || n == count) {
            out->end();
            timer->deleteLater();
            return;
        }
        out->write("data: " + QByteArray::number(n++) + "\n\n");
    });
    timer->start(everyMs);
}

} // namespace

class TestHttpFlow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pipelinedRequestsAreAnsweredInOrder()
    {
        std::atomic<int> inFlight{0};
        std::atomic<int> most{0};
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/stream"] = [&](Request, const Out &out) {
                most = std::max(most.load(), ++inFlight);
                stream(out, 10, 5);
                out->onGone([] {});
            };
            handler.paths["/late"] = [&](Request request, const Out &out) {
                QTimer::singleShot(1, [=] {
                    Response response;
                    response.body = request.head.query;
                    out->respond(response);
                });
            };
        });
        QByteArray all = server.request("GET", "/stream");
        for (int i = 0; i < 99; ++i)
            all += server.request("POST", i % 2 ? "/late?" + QByteArray::number(i) : "/now", {},
                                  "x");
        RawClient client(server.port());
        client.send(all);
        auto answer = client.answer();
        QVERIFY(answer);
        QVERIFY(answer->body.endsWith("data: 9\n\n"));
        for (int i = 0; i < 99; ++i) {
            answer = client.answer();
            QVERIFY2(answer, QByteArray::number(i).constData());
            QCOMPARE(answer->body, i % 2 ? QByteArray::number(i) : QByteArray("POST /now\nx"));
        }
        QCOMPARE(most.load(), 1);
        QCOMPARE(server.handler().handled.load(), 100);
    }

    void aFloodBehindARunningAnswerIsNotRead()
    {
        Keep keep;
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/hold"] = [&](Request, const Out &out) { keep.streams.push_back(out); };
        });
        RawClient client(server.port());
        client.send(server.request("GET", "/hold"));
        QVERIFY(eventually([&] { return server.handler().handled == 1; }));
        // More than the kernel's buffers would fit only if the gate went on reading.
        std::atomic<qint64> sent{0};
        std::thread flood([&] {
            const QByteArray block(64 * 1024, 'x');
            for (int i = 0; i < 1000 && client.send(block); ++i)
                sent += block.size();
        });
        qint64 before = -1;
        QVERIFY(eventually([&] {
            QTest::qWait(300);
            return std::exchange(before, sent.load()) == sent;
        }));
        QVERIFY(before < 30 * 1024 * 1024);
        server.run([&] { keep.streams.clear(); });
        server.closeListener();
        flood.join();
    }

    void aHalfClosedClientGetsItsWholeAnswer()
    {
        std::atomic<bool> gone{false};
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/stream"] = [&](Request, const Out &out) {
                out->onGone([&] { gone = true; });
                stream(out, 30, 20);
            };
            handler.paths["/slow"] = [&](Request, const Out &out) {
                out->onGone([&] { gone = true; });
                QTimer::singleShot(400, [=] {
                    Response response;
                    response.body = "late";
                    out->respond(response);
                });
            };
            handler.paths["/big"] = [](Request, const Out &out) {
                Response response;
                response.body = QByteArray(8 << 20, 'b');
                out->respond(response);
            };
        });
        {
            RawClient client(server.port());
            client.send(server.request("POST", "/x", {}, "body"));
            client.shutdownWrite();
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->body, "POST /x\nbody");
            QVERIFY(client.closedByPeer());
        }
        {
            RawClient client(server.port());
            client.send(server.request("GET", "/stream"));
            client.shutdownWrite();
            const auto answer = client.answer();
            QVERIFY(answer);
            QVERIFY(!answer->truncated);
            QCOMPARE(answer->body.count("data: "), 30);
        }
        {
            RawClient client(server.port());
            client.send(server.request("GET", "/slow"));
            client.shutdownWrite();
            auto answer = client.answer();
            QVERIFY(answer);
            if (answer->status == 100) // asked whether it still listens
                answer = client.answer();
            QCOMPARE(answer->body, "late");
        }
        {
            RawClient client(server.port());
            client.send(server.request("GET", "/big") + server.request("GET", "/after"));
            client.shutdownWrite();
            auto answer = client.answer();
            QCOMPARE(answer->body.size(), 8 << 20);
            answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->body, "GET /after\n");
            QVERIFY(client.closedByPeer());
        }
        QVERIFY(!gone);
    }

    void aClientThatLeavesIsNoticed_data()
    {
        QTest::addColumn<bool>("streaming");
        QTest::addColumn<bool>("reset");
        QTest::newRow("waiting, FIN") << false << false;
        QTest::newRow("waiting, RST") << false << true;
        QTest::newRow("silent stream, FIN") << true << false;
        QTest::newRow("silent stream, RST") << true << true;
    }

    void aClientThatLeavesIsNoticed()
    {
        QFETCH(bool, streaming);
        QFETCH(bool, reset);
        std::atomic<int> gone{0};
        std::atomic<bool> inside{false};
        Keep keep;
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/hold"] = [&](Request, const Out &out) {
                inside = true;
                out->onGone([&] {
                    QVERIFY(!inside);
                    ++gone;
                });
                if (streaming) {
                    out->begin(200, {});
                    out->write("first");
                }
                keep.streams.push_back(out);
                inside = false;
            };
        });
        RawClient client(server.port());
        client.send(server.request("GET", "/hold"));
        if (streaming)
            QVERIFY(client.readSome(50, kPatienceMs).startsWith("HTTP/1.1 200"));
        QVERIFY(eventually([&] { return server.handler().handled == 1; }));
        if (reset)
            client.reset();
        else
            client.close();
        QVERIFY(eventually([&] { return gone == 1; }));
        QVERIFY(server.waitForConnections(0));
        server.run([&] {
            // The stream outlives its client; what is written goes nowhere.
            QVERIFY(keep.streams.front()->gone());
            if (streaming) {
                keep.streams.front()->write("more");
                keep.streams.front()->end("end");
            } else {
                keep.streams.front()->respond({});
            }
            QVERIFY(keep.streams.front()->finished());
            keep.streams.clear();
        });
        QCOMPARE(gone.load(), 1);
    }

    void droppingAStreamUnfinishedTruncatesTheAnswer()
    {
        TestServer server({}, [&](TestHandler &handler) {
            handler.paths["/drop"] = [](Request, const Out &out) {
                out->begin(200, {});
                out->write("half");
            };
            handler.paths["/never"] = [](Request, const Out &) {};
        });
        RawClient client(server.port());
        client.send(server.request("GET", "/drop"));
        const auto answer = client.answer();
        QVERIFY(answer);
        QVERIFY(answer->truncated);
        QCOMPARE(answer->body, "half");
        RawClient old(server.port());
        old.send("GET /drop HTTP/1.0\r\nHost: " + server.host() + "\r\n\r\n");
        const QByteArray got = old.readAll(kPatienceMs);
        QVERIFY(old.wasReset());
        RawClient none(server.port());
        none.send(server.request("GET", "/never"));
        QVERIFY(none.closedByPeer());
    }

    void continueIsSentOnlyWhenTheBodyIsWanted()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.admission = [](const RequestHead &head) {
                Admission admission;
                admission.bodyLimit = 100;
                if (head.path == "/denied") {
                    admission.refusal = Response{};
                    admission.refusal->status = 401;
                }
                return admission;
            };
        });
        const auto expect
            = [&](const QByteArray &path, const QByteArray &expectation, const QByteArray &length) {
                  return "POST " + path + " HTTP/1.1\r\nHost: " + server.host()
                      + "\r\nExpect: " + expectation + "\r\n" + length + "\r\n\r\n";
              };
        {
            RawClient client(server.port());
            client.send(expect("/ok", "100-Continue", "Content-Length: 5"));
            auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->status, 100);
            client.send("hello");
            answer = client.answer();
            QCOMPARE(answer->body, "POST /ok\nhello");
            // Once the body is there, nobody waits for leave.
            client.send(expect("/ok", "100-continue", "Content-Length: 5") + "hello");
            QCOMPARE(client.answer()->status, 200);
        }
        const auto status = [&](const QByteArray &head) {
            RawClient client(server.port());
            client.send(head);
            const auto answer = client.answer();
            return answer && client.closedByPeer() ? answer->status : 0;
        };
        QCOMPARE(status(expect("/denied", "100-continue", "Content-Length: 5")), 401);
        QCOMPARE(status(expect("/ok", "100-continue", "Content-Length: 101")), 413);
        QCOMPARE(status(expect("/ok", "a-pony", "Content-Length: 5")), 417);
        QCOMPARE(status(expect("/ok", "100-continue", "Content-Length: 5\r\nContent-Encoding: br")),
                 415);
    }

    void bodiesAreLimitedAtTheirCap()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.admission = [](const RequestHead &) { return Admission{std::nullopt, 1000}; };
        });
        for (const bool over : {false, true}) {
            const QByteArray body(over ? 1001 : 1000, 'x');
            RawClient counted(server.port());
            counted.send(server.request("POST", "/", {}, body));
            QCOMPARE(counted.answer()->status, over ? 413 : 200);
            RawClient chunked(server.port());
            chunked.send(server.request("POST", "/", "Transfer-Encoding: chunked\r\n")
                         + QByteArray::number(body.size(), 16) + "\r\n" + body + "\r\n0\r\n\r\n");
            QCOMPARE(chunked.answer()->status, over ? 413 : 200);
        }
    }

    void anEarlyRefusalIsReadableWhileTheBodyStillComes()
    {
        ListenerOptions options;
        options.limits.lingerMs = 2000;
        TestServer server(options, [](TestHandler &handler) {
            handler.admission = [](const RequestHead &) { return Admission{std::nullopt, 1000}; };
        });
        RawClient client(server.port());
        client.send(server.request("POST", "/", "Content-Length: 20000000\r\n"));
        for (int i = 0; i < 100; ++i)
            client.send(QByteArray(64 * 1024, 'x'));
        const auto answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->status, 413);
        QVERIFY(server.waitForConnections(0)); // though the client stays
    }

    void slowClientsAreCutOff()
    {
        ListenerOptions options;
        options.limits.headerTimeoutMs = 1000; // time enough for the one who means to ask
        options.limits.bodyIdleTimeoutMs = 200;
        options.limits.keepAliveMs = 200;
        options.limits.lingerMs = 100;
        TestServer server(options);
        const auto closedAfter = [&](RawClient &client, int status) {
            const auto answer = client.answer();
            const bool right = status == 0 ? !answer : answer && answer->status == status;
            return right && client.closedByPeer();
        };
        RawClient silent(server.port());
        QVERIFY(closedAfter(silent, 0));
        RawClient head(server.port());
        head.send("GET / HTTP/1.1\r\nHo");
        QVERIFY(closedAfter(head, 408));
        RawClient body(server.port());
        body.send(server.request("POST", "/", "Content-Length: 50\r\n") + "abc");
        QVERIFY(closedAfter(body, 408));
        RawClient idle(server.port());
        idle.send(server.request("GET", "/"));
        const auto good = idle.answer();
        QVERIFY(good);
        QCOMPARE(good->status, 200);
        QVERIFY(closedAfter(idle, 0));
        // Slowloris: always another byte, never a head.
        RawClient loris(server.port());
        loris.send("GET / HTTP/1.1\r\nx: ");
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < kPatienceMs && loris.send("x"))
            QTest::qSleep(20);
        QVERIFY(timer.elapsed() < kPatienceMs);
        QVERIFY(server.waitForConnections(0));
    }

    void aBodyMustKeepUpAMinimumRate()
    {
        ListenerOptions options;
        options.limits.bodyGraceMs = 500;
        options.limits.bodyMinimumRate = 2'000;
        options.limits.lingerMs = 100;
        TestServer server(options);
        RawClient slow(server.port());
        slow.send(server.request("POST", "/", "Content-Length: 100000\r\n"));
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < kPatienceMs && slow.send("x"))
            QTest::qSleep(10);
        QVERIFY(timer.elapsed() < kPatienceMs);
        RawClient fast(server.port());
        fast.send(server.request("POST", "/", "Content-Length: 20000\r\n"));
        for (int i = 0; i < 40; ++i) {
            fast.send(QByteArray(500, 'x'));
            QTest::qSleep(15); // some 30 KB a second, for longer than the grace
        }
        const auto answer = fast.answer();
        QVERIFY(answer);
        QCOMPARE(answer->status, 200);
    }

    void aConnectionServesSoManyRequests()
    {
        ListenerOptions options;
        options.limits.requestsPerConnection = 3;
        TestServer server(options);
        RawClient client(server.port());
        for (int i = 1; i <= 3; ++i) {
            client.send(server.request("GET", "/"));
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->header("connection"), i == 3 ? "close" : QByteArray());
        }
        QVERIFY(client.closedByPeer());
    }

    void aSlowReaderIsFeltAndInTheEndCut()
    {
        std::atomic<qsizetype> pending{0};
        std::atomic<int> drained{0};
        std::atomic<bool> gone{false};
        Keep keep;
        ListenerOptions options;
        options.limits.outputStallMs = 500;
        TestServer server(options, [&](TestHandler &handler) {
            handler.paths["/flood"] = [&](Request, const Out &out) {
                out->begin(200, {});
                out->onDrained([&] { ++drained; });
                out->onGone([&] { gone = true; });
                while (out->pending() < 8 << 20)
                    out->write(QByteArray(256 * 1024, 'f'));
                pending = out->pending();
                keep.streams.push_back(out);
            };
        });
        {
            RawClient client(server.port(), false, 16 * 1024);
            client.send(server.request("GET", "/flood"));
            QVERIFY(eventually([&] { return pending > 0; }));
            QVERIFY(pending >= 8 << 20);
            QCOMPARE(drained.load(), 0);
            while (drained == 0)
                QVERIFY(!client.readSome(1 << 20, kPatienceMs).isEmpty());
            QCOMPARE(drained.load(), 1);
            server.run([&] {
                QVERIFY(keep.streams.back()->pending() < 256 * 1024);
                keep.streams.back()->end();
            });
            QVERIFY(!gone);
        }
        RawClient stuck(server.port(), false, 16 * 1024);
        stuck.send(server.request("GET", "/flood"));
        QVERIFY(eventually([&] { return gone.load(); }));
        QVERIFY(server.waitForConnections(0));
        server.run([&] { keep.streams.clear(); });
    }

    void drainingFinishesWhatRunsAndClosesTheRest()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/stream"] = [](Request, const Out &out) { stream(out, 10, 20); };
        });
        RawClient idle(server.port());
        idle.send(server.request("GET", "/"));
        QVERIFY(idle.answer());
        RawClient running(server.port());
        running.send(server.request("GET", "/stream"));
        RawClient sending(server.port());
        sending.send(server.request("POST", "/", "Content-Length: 4\r\n") + "ab");
        QVERIFY(eventually([&] { return server.handler().handled == 2; }));
        QVERIFY(eventually([&] { return server.handler().admitted == 3; })); // its head was read
        QVERIFY(server.waitForConnections(3));
        server.drain();
        QVERIFY(idle.closedByPeer());
        RawClient late(server.port());
        QVERIFY(!late.isOpen());
        sending.send("cd");
        auto answer = sending.answer();
        QVERIFY(answer);
        QCOMPARE(answer->header("connection"), "close");
        answer = running.answer();
        QVERIFY(answer && !answer->truncated);
        QVERIFY(answer->body.endsWith("data: 9\n\n"));
        QVERIFY(running.closedByPeer());
        sending.close();
        running.close();
        QVERIFY(server.waitForConnections(0));
    }

    void connectionsAreCounted()
    {
        ListenerOptions options;
        options.limits.connections = 3;
        TestServer server(options);
        std::vector<RawClient> clients;
        for (int i = 0; i < 3; ++i) {
            clients.emplace_back(server.port());
            clients.back().send(server.request("GET", "/"));
            QVERIFY(clients.back().answer());
        }
        RawClient fourth(server.port());
        const QByteArray got = fourth.readAll(kPatienceMs);
        QVERIFY(got.isEmpty() || got.startsWith("HTTP/1.1 503"));
        clients.pop_back();
        QVERIFY(server.waitForConnections(2));
        RawClient again(server.port());
        again.send(server.request("GET", "/"));
        QCOMPARE(again.answer()->status, 200);
    }

    void eachAddressHasItsShareButLoopbackHasNone()
    {
        Census census;
        Limits limits;
        limits.connections = 100;
        limits.connectionsPerAddress = 2;
        const QHostAddress one(QStringLiteral("192.168.1.1"));
        const QHostAddress two(QStringLiteral("192.168.1.2"));
        QVERIFY(census.enter(one, limits));
        QVERIFY(census.enter(one, limits));
        QVERIFY(!census.enter(one, limits));
        QVERIFY(census.enter(two, limits));
        census.leave(one);
        QVERIFY(census.enter(one, limits));
        for (int i = 0; i < 50; ++i)
            QVERIFY(census.enter(QHostAddress(QHostAddress::LocalHost), limits));
        QCOMPARE(census.connections.load(), 53);
    }

    void aPortThatSomebodyHasIsReported()
    {
        TestServer first;
        ListenerOptions options;
        options.port = first.port();
        TestServer second(options);
        QVERIFY(second.error());
        QCOMPARE(second.error()->code, "address_in_use");
        options.reusePort = true;
        TestServer third(options);
        QVERIFY(third.error());
        QCOMPARE(third.error()->code, "address_in_use");
    }

    void threadsMayShareAPortButStrangersMayNot()
    {
#ifndef Q_OS_LINUX
        QSKIP("ports are shared on Linux only");
#endif
        Census census;
        ListenerOptions options;
        options.reusePort = true;
        TestServer first(options, {}, &census);
        QVERIFY(!first.error());
        options.port = first.port();
        TestServer second(options, {}, &census);
        QVERIFY(!second.error());
        Census stranger; // as another process would
        TestServer third(options, {}, &stranger);
        QVERIFY(third.error());
        QCOMPARE(third.error()->code, "address_in_use");
        for (int i = 0; i < 64; ++i) {
            RawClient client(first.port());
            client.send(first.request("GET", "/"));
            QVERIFY(client.answer());
        }
        QVERIFY(first.handler().handled > 0);
        QVERIFY(second.handler().handled > 0);
        QCOMPARE(census.accepted.load(), 64);
    }
};

QTEST_GUILESS_MAIN(TestHttpFlow)
#include "test_http_flow.moc"
