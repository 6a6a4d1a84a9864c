// SPDX-License-Identifier: GPL-3.0-or-later
// What every client relies on: methods, keep-alive, versions, bodies, the fields of every answer.
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

class TestHttpBasics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersAndKeepsTheConnection()
    {
        TestServer server;
        RawClient client(server.port());
        for (int i = 0; i < 3; ++i) {
            QVERIFY(client.send(server.request("POST", "/a?b=c", {}, "hello")));
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->status, 200);
            QCOMPARE(answer->body, "POST /a?b=c\nhello");
            QVERIFY(answer->header("connection").isEmpty());
        }
        QCOMPARE(server.census().accepted.load(), 1);
    }

    void everyAnswerCarriesTheSecurityFieldsAndAnId()
    {
        TestServer server;
        for (const QByteArray &request :
             {server.request("GET", "/x"), server.request("OPTIONS", "/x"),
              QByteArray("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
              QByteArray("nonsense\r\n\r\n")}) {
            RawClient client(server.port());
            client.send(request);
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->header("x-content-type-options"), "nosniff");
            QCOMPARE(answer->header("cache-control"), "no-store");
            QCOMPARE(answer->header("referrer-policy"), "no-referrer");
            QVERIFY(answer->header("content-security-policy").startsWith("default-src 'none'"));
            QVERIFY(answer->header("x-request-id").startsWith("req_"));
            QCOMPARE(answer->header("x-request-id").size(), 26);
            QVERIFY(answer->header("date").endsWith(" GMT"));
            QVERIFY(answer->header("server").isEmpty());
            QVERIFY(answer->header("set-cookie").isEmpty());
        }
    }

    void aHeadAnswerHasNoBody()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/stream"] = [](Request, const Out &out) {
                out->begin(200, {{"Content-Type", "text/plain"}});
                out->write("abc");
                out->end("def");
            };
        });
        RawClient client(server.port());
        client.send(server.request("HEAD", "/x") + server.request("GET", "/y"));
        auto answer = client.answer(5000, true);
        QVERIFY(answer);
        QCOMPARE(answer->header("content-length"), "8");
        answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "GET /y\n");
        client.send(server.request("HEAD", "/stream") + server.request("GET", "/z"));
        answer = client.answer(5000, true);
        QVERIFY(answer && answer->status == 200);
        answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "GET /z\n");
    }

    void http10ClosesUnlessAskedNotTo()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/stream"] = [](Request, const Out &out) {
                out->begin(200, {});
                out->write("abc");
                out->end("def");
            };
        });
        {
            RawClient client(server.port());
            client.send("GET /a HTTP/1.0\r\nHost: " + server.host() + "\r\n\r\n");
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->body, "GET /a\n");
            QCOMPARE(answer->header("connection"), "close");
            QVERIFY(client.closedByPeer());
        }
        {
            RawClient client(server.port());
            for (int i = 0; i < 2; ++i) {
                client.send("GET /a HTTP/1.0\r\nHost: " + server.host()
                            + "\r\nConnection: keep-alive\r\n\r\n");
                const auto answer = client.answer();
                QVERIFY(answer);
                QCOMPARE(answer->header("connection"), "keep-alive");
            }
        }
        {
            RawClient client(server.port());
            client.send("GET /stream HTTP/1.0\r\nHost: " + server.host()
                        + "\r\nConnection: keep-alive\r\n\r\n");
            const auto answer = client.answer();
            QVERIFY(answer);
            QVERIFY(!answer->chunked);
            QVERIFY(!answer->truncated);
            QCOMPARE(answer->body, "abcdef");
            QCOMPARE(answer->header("connection"), "close");
        }
    }

    void connectionCloseIsHonoured()
    {
        TestServer server;
        RawClient client(server.port());
        client.send(server.request("GET", "/a", "Connection: foo, Close\r\n"));
        const auto answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->header("connection"), "close");
        QVERIFY(client.closedByPeer());
    }

    void chunkedBodiesArrivePlain()
    {
        TestServer server;
        RawClient client(server.port());
        const QByteArray wire = server.request("POST", "/c", "Transfer-Encoding: chunked\r\n")
            + "5\r\nhello\r\n6;a=b;c=\"d;e\"\r\n world\r\n000\r\nTrailer: x\r\n\r\n";
        for (const char c : wire)
            client.send(QByteArray(1, c));
        auto answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "POST /c\nhello world");
        client.send(wire);
        answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "POST /c\nhello world");
    }

    void streamsAreChunked()
    {
        TestServer server({}, [](TestHandler &handler) {
            handler.paths["/stream"] = [](Request, const Out &out) {
                out->begin(200, {{"Content-Type", "text/event-stream"}});
                for (int i = 0; i < 100; ++i)
                    out->write("data: " + QByteArray::number(i) + "\n\n");
                out->end("data: [DONE]\n\n");
            };
        });
        RawClient client(server.port());
        client.send(server.request("GET", "/stream") + server.request("GET", "/next"));
        auto answer = client.answer();
        QVERIFY(answer);
        QVERIFY(answer->chunked);
        QVERIFY(answer->body.startsWith("data: 0\n\ndata: 1\n\n"));
        QVERIFY(answer->body.endsWith("data: 99\n\ndata: [DONE]\n\n"));
        answer = client.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "GET /next\n");
    }

    void optionsTellsTheMethodsAndNothingElse()
    {
        TestServer server;
        RawClient client(server.port());
        for (const QByteArray &path : {QByteArray("*"), QByteArray("/v1/anything")}) {
            client.send(server.request("OPTIONS", path));
            const auto answer = client.answer();
            QVERIFY(answer);
            QCOMPARE(answer->status, 204);
            QCOMPARE(answer->header("allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            QVERIFY(answer->header("content-length").isEmpty());
        }
        QCOMPARE(server.handler().handled.load(), 0);
    }

    void ipv6LoopbackWorksToo()
    {
        ListenerOptions options;
        options.address = QHostAddress(QHostAddress::LocalHostIPv6);
        TestServer server(options);
        if (server.error())
            QSKIP("this machine has no IPv6 loopback");
        ListenerOptions twin;
        twin.port = server.port();
        TestServer other(twin); // both loopbacks on one port
        QVERIFY(!other.error());
        RawClient six(server.port(), true);
        six.send("GET /six HTTP/1.1\r\nHost: [::1]:" + QByteArray::number(server.port())
                 + "\r\n\r\n");
        auto answer = six.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "GET /six\n");
        RawClient four(server.port());
        four.send(other.request("GET", "/four"));
        answer = four.answer();
        QVERIFY(answer);
        QCOMPARE(answer->body, "GET /four\n");
    }
};

QTEST_GUILESS_MAIN(TestHttpBasics)
#include "test_http_basics.moc"
