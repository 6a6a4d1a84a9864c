// SPDX-License-Identifier: GPL-3.0-or-later
// The wall against web pages: Host and Origin, before any routing and on every path and method.
#include "core/http/siteguard.h"
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

class TestHttpSite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hostTable_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<int>("loopback"); // status on a loopback listener with port 4180
        QTest::addColumn<int>("lan"); // on 192.168.7.5
        const auto row = [](const QByteArray &host, int loopback, int lan) {
            QTest::newRow(host.isEmpty() ? "(empty)" : host.constData()) << host << loopback << lan;
        };
        row("127.0.0.1:4180", 200, 200);
        row("localhost:4180", 200, 200);
        row("LOCALHOST:4180", 200, 200);
        row("[::1]:4180", 200, 200);
        row("192.168.7.5:4180", 403, 200);
        row("gate.example:4180", 200, 200);
        row("Gate.Example", 200, 200);
        row("front.example:8443", 200, 200);
        row("gate.example:4181", 403, 403);
        row("front.example", 403, 403);
        row("front.example:4180", 403, 403);
        for (const char *foreign : {"127.0.0.1",
                                    "localhost",
                                    "[::1]",
                                    "127.0.0.1:80",
                                    "localhost:4181",
                                    "localhost.:4180",
                                    "localhost.evil:4180",
                                    "evil.localhost:4180",
                                    "evil.example:4180",
                                    "127.0.0.1.evil.example:4180",
                                    "127.1:4180",
                                    "2130706433:4180",
                                    "0x7f.1:4180",
                                    "0.0.0.0:4180",
                                    "[::]:4180",
                                    "[0:0:0:0:0:0:0:1]:4180",
                                    "[::ffff:127.0.0.1]:4180",
                                    "127.0.0.2:4180",
                                    "192.168.7.6:4180",
                                    "rebind.example",
                                    "localhost:04180",
                                    "%6cocalhost:4180"})
            row(foreign, 403, 403);
        for (const char *malformed : {"",
                                      ":4180",
                                      "localhost:",
                                      "localhost:x",
                                      "localhost:99999",
                                      "localhost:4180:4180",
                                      "user@localhost:4180",
                                      "localhost:4180/path",
                                      "local host:4180",
                                      "[::1%25lo]:4180",
                                      "[::1",
                                      "::1:4180",
                                      "[]:4180",
                                      "[localhost]:4180",
                                      "localhost:4180, evil",
                                      "http://localhost:4180",
                                      "localhost:+4180",
                                      "localhost:-1",
                                      "\xc3\xa9:4180",
                                      "local\thost"})
            row(malformed, 400, 400);
    }

    void hostTable()
    {
        QFETCH(QByteArray, host);
        QFETCH(int, loopback);
        QFETCH(int, lan);
        const QByteArrayList extra{"gate.example", "FRONT.example:8443"};
        const auto status = [&](const QHostAddress &bound) {
            const SiteGuard guard(bound, 4180, false, extra, {});
            switch (guard.host(host, bound)) {
            case SiteGuard::HostVerdict::Ours:
                return 200;
            case SiteGuard::HostVerdict::Malformed:
                return 400;
            case SiteGuard::HostVerdict::Foreign:
                return 403;
            }
            return 0;
        };
        QCOMPARE(status(QHostAddress(QStringLiteral("127.0.0.1"))), loopback);
        QCOMPARE(status(QHostAddress(QStringLiteral("192.168.7.5"))), lan);
    }

    void boundToEveryAddressTheReachedOneCounts()
    {
        const SiteGuard guard(QHostAddress(QHostAddress::Any), 4180, false, {}, {});
        const QHostAddress local(QStringLiteral("10.1.2.3"));
        QVERIFY(guard.host("10.1.2.3:4180", local) == SiteGuard::HostVerdict::Ours);
        QVERIFY(guard.host("10.1.2.4:4180", local) == SiteGuard::HostVerdict::Foreign);
        QVERIFY(guard.host("0.0.0.0:4180", local) == SiteGuard::HostVerdict::Foreign);
        const QHostAddress six(QStringLiteral("fd00::5"));
        QVERIFY(guard.host("[fd00::5]:4180", six) == SiteGuard::HostVerdict::Ours);
    }

    void theDefaultPortMayBeLeftOut()
    {
        const QHostAddress local(QHostAddress::LocalHost);
        QVERIFY(SiteGuard(local, 80, false, {}, {}).host("localhost", local)
                == SiteGuard::HostVerdict::Ours);
        QVERIFY(SiteGuard(local, 443, true, {}, {}).host("localhost", local)
                == SiteGuard::HostVerdict::Ours);
        QVERIFY(SiteGuard(local, 80, true, {}, {}).host("localhost", local)
                == SiteGuard::HostVerdict::Foreign);
    }

    void foreignHostsNeverReachTheHandler()
    {
        TestServer server;
        const QByteArray port = QByteArray::number(server.port());
        const auto status = [&](const QByteArray &head) {
            RawClient client(server.port());
            client.send(head);
            const auto answer = client.answer();
            return answer && client.closedByPeer() ? answer->status : 0;
        };
        QCOMPARE(status("GET / HTTP/1.1\r\n\r\n"), 400);
        QCOMPARE(status("GET / HTTP/1.0\r\n\r\n"), 400);
        QCOMPARE(status("GET / HTTP/1.1\r\nHost: " + server.host() + "\r\nHost: " + server.host()
                        + "\r\n\r\n"),
                 400);
        QCOMPARE(status("GET / HTTP/1.1\r\nHost: evil.example:" + port + "\r\n\r\n"), 403);
        QCOMPARE(status("OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403);
        QCOMPARE(status("GET http://evil.example/ HTTP/1.1\r\nHost: " + server.host() + "\r\n\r\n"),
                 400);
        QCOMPARE(status("GET http://" + server.host() + "/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                 403);
        QCOMPARE(server.handler().admitted.load(), 0);
        RawClient client(server.port());
        client.send("GET HTTP://" + server.host() + "/a?b HTTP/1.1\r\nHost: " + server.host()
                    + "\r\n\r\n");
        const auto answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "GET /a?b\n");
        QCOMPARE(server.census().refused.load(), 7);
    }

    void originMatrix()
    {
        for (const bool listing : {false, true}) {
            ListenerOptions options;
            if (listing)
                options.allowedOrigins = {"https://app.example"};
            TestServer server(options);
            const QList<std::pair<QByteArray, bool>> origins{
                {"null", false},
                {"http://" + server.host(), false},
                {"https://app.example", listing},
                {"https://app.example:444", false},
                {"https://app.example.evil", false},
                {"http://app.example", false},
                {"HTTPS://APP.EXAMPLE", false},
                {"https://localhost.evil", false},
                {"", false},
                {"*", false},
            };
            for (const auto &[origin, allowed] : origins) {
                for (const char *method :
                     {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PREFLIGHT"}) {
                    const bool preflight = QByteArray(method) == "PREFLIGHT";
                    QByteArray extra = "Origin: " + origin + "\r\n";
                    if (preflight) {
                        extra += "Access-Control-Request-Method: POST\r\n"
                                 "Access-Control-Request-Headers: authorization, content-type\r\n";
                    }
                    RawClient client(server.port());
                    client.send(server.request(preflight ? "OPTIONS" : method, "/v1/any", extra));
                    const auto answer = client.answer(5000, QByteArray(method) == "HEAD");
                    QVERIFY(answer);
                    const bool options204 = preflight || QByteArray(method) == "OPTIONS";
                    QCOMPARE(answer->status, !allowed ? 403 : options204 ? 204 : 200);
                    QCOMPARE(answer->header("access-control-expose-headers"),
                             allowed && !preflight ? QByteArray(
                                 "x-request-id, request-id, retry-after, idempotency-replayed")
                                                   : QByteArray());
                    QCOMPARE(answer->header("access-control-allow-origin"),
                             allowed ? origin : QByteArray());
                    QCOMPARE(answer->header("access-control-allow-headers"),
                             allowed && preflight ? "authorization, content-type" : QByteArray());
                    QVERIFY(answer->header("access-control-allow-credentials").isEmpty());
                    QVERIFY(answer->header("access-control-allow-private-network").isEmpty());
                    QVERIFY(!answer->raw.contains('*'));
                    QCOMPARE(answer->header("vary"), listing ? "Origin" : QByteArray());
                }
            }
            RawClient client(server.port());
            client.send(server.request("GET", "/plain"));
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->status, 200);
            QVERIFY(!answer->raw.toLower().contains("access-control"));
            QCOMPARE(answer->header("vary"), listing ? "Origin" : QByteArray());
        }
    }

    void twoOriginsAreRefused()
    {
        ListenerOptions options;
        options.allowedOrigins = {"https://app.example"};
        TestServer server(options);
        RawClient client(server.port());
        client.send(server.request("GET", "/", "Origin: https://app.example\r\nOrigin: null\r\n"));
        QCOMPARE(client.answer()->status, 400);
    }

    void aWebSocketUpgradePassesTheSameGuard()
    {
        TestServer server;
        const QByteArray upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n";
        RawClient page(server.port());
        page.send(
            server.request("GET", "/v1/responses", upgrade + "Origin: https://evil.example\r\n"));
        QCOMPARE(page.answer()->status, 403);
        RawClient tool(server.port());
        tool.send(server.request("GET", "/v1/responses", upgrade));
        QCOMPARE(tool.answer()->status, 200); // the handler's business
    }

    void handlersCannotOpenTheWall()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/open"] = [](Request, const Out &out) {
                Response response;
                response.headers = {{"Access-Control-Allow-Origin", "*"},
                                    {"access-control-allow-credentials", "true"},
                                    {"Server", "Tollgate/1.2.3"},
                                    {"Cache-Control", "public"},
                                    {"Content-Length", "5"},
                                    {"Transfer-Encoding", "chunked"},
                                    {"Connection", "keep-alive"},
                                    {"x-request-id", "req_mine"}};
                response.body = "ok";
                out->respond(response);
            };
        });
        RawClient client(server.port());
        client.send(server.request("GET", "/open"));
        const auto answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "ok");
        QCOMPARE(answer->headerCount("content-length"), 1);
        QCOMPARE(answer->headerCount("transfer-encoding"), 0);
        QCOMPARE(answer->headerCount("server"), 0);
        QCOMPARE(answer->header("cache-control"), "no-store");
        QCOMPARE(answer->header("x-request-id"), "req_mine");
        QCOMPARE(answer->headerCount("x-request-id"), 1);
        QVERIFY(!answer->raw.toLower().contains("access-control"));
    }

    void noByteOfAHeaderCanBreakOutOfItsLine()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/inject"] = [](Request request, const Out &out) {
                const auto byte = static_cast<char>(request.head.query.toInt());
                Response response;
                response.headers = {{"x-value", "a" + QByteArray(1, byte) + "b"},
                                    {"x-na" + QByteArray(1, byte) + "me", "c"},
                                    {"x-last", "d"}};
                out->respond(response);
            };
        });
        RawClient client(server.port());
        for (int c = 0; c < 256; ++c) {
            const QByteArray byte(1, static_cast<char>(c));
            client.send(server.request("GET", "/inject?" + QByteArray::number(c)));
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->header("x-last"), "d");
            QCOMPARE(answer->header("x-value"),
                     isHeaderValue(byte) ? "a" + byte + "b" : QByteArray());
            QCOMPARE(answer->header(("x-na" + byte + "me").toLower()),
                     isHeaderName(byte) ? "c" : QByteArray());
            // Nothing beyond the fields that are always there.
            const qsizetype own = 1 + (isHeaderValue(byte) ? 1 : 0) + (isHeaderName(byte) ? 1 : 0);
            QCOMPARE(answer->headers.size(), own + 7);
        }
    }
};

QTEST_GUILESS_MAIN(TestHttpSite)
#include "test_http_site.moc"
