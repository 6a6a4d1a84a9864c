// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which a provider can fail has one name, and a truncated answer is never a success.
#include "tests/upstream/fetch.h"
#include "tests/upstream/scriptserver.h"

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

ScriptServer::Script once(const QByteArray &bytes, bool reset = false)
{
    return [=](Connection &connection) {
        if (!connection.readRequest())
            return;
        connection.write(bytes);
        if (reset) {
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
            connection.reset();
        }
    };
}

QByteArray ok(const QByteArray &fields, const QByteArray &body)
{
    return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
}

} // namespace

class TestFailures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void badAnswers_data();
    void badAnswers();
    void refusedConnection();
    void unknownName();
    void urlsAndHeadersThatMayNotBeSent_data();
    void urlsAndHeadersThatMayNotBeSent();
    void namesThatLeadToDeniedAddressesAreNotDialled();
    void bodyLimitCountsDecodedBytes();
    void connectTimeout();
    void firstByteTimeout();
    void idleTimeout();
    void idleLimitIsBetweenBytesNotOverall();
    void totalTimeout();
    void slowUploadIsNotASlowFirstByte();
    void interimStormEnds();
    void brokenConnectionIsNotReused();
    void bodyAfterNoContentIsNobodysAnswer();
    void killedUpstreamEndsTwoHundredStreams();
    void messagesNameNoQueryAndNoKey();
};

void TestFailures::badAnswers_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("reset");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &answer, FailureKind kind,
                        const QByteArray &body = {}, bool reset = false) {
        QTest::newRow(name) << answer << reset << static_cast<int>(kind) << body;
    };
    const QByteArray chunked = "Transfer-Encoding: chunked\r\n";
    using enum FailureKind;
    row("short length", ok("Content-Length: 10\r\n", "abc"), Truncated, "abc");
    row("short length, reset", ok("Content-Length: 10\r\n", "abc"), Truncated, "abc", true);
    row("no body at all", ok("Content-Length: 10\r\n", ""), Truncated);
    row("chunked without an end", ok(chunked, chunk("abc")), Truncated, "abc");
    row("chunked, reset", ok(chunked, chunk("abc")), Truncated, "abc", true);
    row("half a chunk", ok(chunked, "5\r\nabc"), Truncated, "abc");
    row("half a chunk size", ok(chunked, chunk("abc") + "5"), Truncated, "abc");
    row("last chunk without its line end", ok(chunked, chunk("abc") + "0\r\n"), Truncated, "abc");
    row("close-delimited, reset", ok("", "abc"), Truncated, "abc", true);
    row("bad chunk size", ok(chunked, chunk("abc") + "zz\r\nabc"), Truncated, "abc");
    row("two lengths", ok("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), Protocol);
    row("a list of lengths", ok("Content-Length: 3, 3\r\n", "abc"), Protocol);
    row("negative length", ok("Content-Length: -3\r\n", "abc"), Protocol);
    row("signed length", ok("Content-Length: +3\r\n", "abc"), Protocol);
    row("length beyond 64 bits", ok("Content-Length: 99999999999999999999\r\n", "a"), Protocol);
    row("length and chunked", ok("Content-Length: 3\r\n" + chunked, chunk("abc")), Protocol);
    row("chunked and length", ok(chunked + "Content-Length: 3\r\n", chunk("abc")), Protocol);
    row("no HTTP", "hello, this is a mail server\r\n", Protocol);
    row("HTTP/0.9", "<html>hi</html>", Protocol);
    row("status of two digits", "HTTP/1.1 20 OK\r\n\r\n", Protocol);
    row("status 999", "HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n", Protocol);
    row("status 000", "HTTP/1.1 000 Hm\r\nContent-Length: 0\r\n\r\n", Protocol);
    row("switching protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Protocol);
    row("header without a colon", ok("Content-Length 3\r\n", "abc"), Protocol);
    row("header with a blank before its colon", ok("Content-Length : 3\r\n", "abc"), Protocol);
    row("folded header", ok("X-A: 1\r\n 2\r\nContent-Length: 3\r\n", "abc"), Protocol);
    row("NUL in a header", ok(QByteArray("X-A: a\0b\r\nContent-Length: 3\r\n", 28), "abc"),
        Protocol);
    row("control character in a header",
        ok("X-A: a\x01"
           "b\r\nContent-Length: 3\r\n",
           "abc"),
        Protocol);
    row("120 KB of headers", ok("X-A: " + QByteArray(120'000, 'a') + "\r\n", "abc"), Protocol);
    QByteArray many;
    for (int i = 0; i < 6000; ++i)
        many += "X-Filler-" + QByteArray::number(i) + ": abcdef\r\n";
    row("many headers", ok(many, "abc"), Protocol);
    row("endless trailers", ok(chunked, chunk("abc") + "0\r\n" + many + "\r\n"), Protocol, "abc");
    row("broken gzip", ok("Content-Encoding: gzip\r\nContent-Length: 9\r\n", "not gzip!"), Decode);
    row("unknown encoding", ok("Content-Encoding: rot13\r\nContent-Length: 3\r\n", "abc"), Decode);
    row("broken zstd", ok("Content-Encoding: zstd\r\nContent-Length: 9\r\n", "not zstd!"), Decode);
    row("broken brotli", ok("Content-Encoding: br\r\nContent-Length: 9\r\n", "not brotl"), Decode);
    row("nothing", "", Dropped);
    row("nothing, reset", "", Dropped, {}, true);
}

void TestFailures::badAnswers()
{
    QFETCH(QByteArray, answer);
    QFETCH(bool, reset);
    QFETCH(int, kind);
    QFETCH(QByteArray, body);
    ScriptServer server(once(answer, reset));
    const auto client = Client::create();
    const Fetched seen = fetch(*client, post(server.url()));
    QVERIFY(seen.ended);
    QVERIFY2(seen.failure, "taken for a whole answer");
    QVERIFY2(static_cast<int>(seen.failure->kind) == kind,
             qPrintable(QString::number(static_cast<int>(seen.failure->kind)) + u' '
                        + seen.failure->message));
    QVERIFY(seen.failure->message.endsWith(u'.'));
    QCOMPARE(seen.body, body);
    QVERIFY(seen.sent);
    QCOMPARE(server.requests(), 1);
    QCOMPARE(client->running(), 0);
}

void TestFailures::refusedConnection()
{
    QByteArray url;
    {
        const ScriptServer gone(always(""));
        url = gone.url();
    }
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(url));
    QVERIFY(answer.failedAs(FailureKind::Connect));
    QVERIFY(!answer.sent);
    QCOMPARE(answer.timing.connectedUs, 0);
}

void TestFailures::unknownName()
{
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post("https://no-such-host.invalid/v1"), 20'000);
    QVERIFY(answer.failedAs(FailureKind::Resolve));
    QVERIFY(!answer.sent);
}

void TestFailures::urlsAndHeadersThatMayNotBeSent_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<bool>("local");
    QTest::addColumn<QByteArray>("header");
    const auto url = [](const char *name, const char *text, bool local) {
        QTest::newRow(name) << QByteArray(text) << local << QByteArray("v");
    };
    url("file", "file:///etc/passwd", true);
    url("gopher", "gopher://127.0.0.1:6379/_x", true);
    url("no scheme", "127.0.0.1/x", true);
    url("user info", "http://user:pw@127.0.0.1/", true);
    url("plain http to the world", "http://api.example.com/", false);
    url("loopback", "https://127.0.0.1/", false);
    url("private", "https://10.1.2.3/", false);
    url("metadata even where local", "http://169.254.169.254/latest/", true);
    url("database port", "https://api.example.com:5432/", false);
    url("fragment", "https://api.example.com/#x", false);
    QTest::newRow("line end in a header")
        << QByteArray("http://127.0.0.1:1/") << true << QByteArray("v\r\nX-Evil: 1");
    QTest::newRow("NUL in a header")
        << QByteArray("http://127.0.0.1:1/") << true << QByteArray("v\0w", 3);
}

void TestFailures::urlsAndHeadersThatMayNotBeSent()
{
    QFETCH(QByteArray, url);
    QFETCH(bool, local);
    QFETCH(QByteArray, header);
    Request request = post(url);
    request.local = local;
    request.headers.append("X-Header", header);
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::Denied));
    QVERIFY(!answer.sent);
}

void TestFailures::namesThatLeadToDeniedAddressesAreNotDialled()
{
    ScriptServer server(always(okResponse("{}")));
    Request request = post("https://localhost:" + QByteArray::number(server.port()) + "/");
    request.local = false;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::Denied));
    QCOMPARE(server.connections(), 0);
}

void TestFailures::bodyLimitCountsDecodedBytes()
{
    ScriptServer server([](Connection &connection) {
        const QByteArray body(5000, 'x');
        while (const auto request = connection.readRequest()) {
            if (request->contains("/length"))
                connection.write(okResponse(body));
            else
                connection.write(ok("Transfer-Encoding: chunked\r\n", chunk(body) + "0\r\n\r\n"));
        }
    });
    const auto client = Client::create();
    for (const char *path : {"/length", "/chunked"}) {
        for (const int limit : {4999, 5000}) {
            Request request = post(server.url(path));
            request.bodyLimit = limit;
            const Fetched answer = fetch(*client, std::move(request));
            QCOMPARE(answer.failedAs(FailureKind::TooLarge), limit < 5000);
            QCOMPARE(answer.complete(), limit >= 5000);
        }
    }
}

void TestFailures::connectTimeout()
{
    // A listener whose queue is full answers no SYN; TLS to a silent peer never finishes.
    ScriptServer silent([](Connection &connection) { connection.waitClosed(5000); });
    Request request = post("https://127.0.0.1:" + QByteArray::number(silent.port()) + "/");
    request.timeouts.connectMs = 150;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::ConnectTimeout));
    QVERIFY(!answer.sent);
    const std::int64_t tookUs = answer.timing.endedUs - answer.timing.startedUs;
    QVERIFY(tookUs >= 150'000 && tookUs < 400'000);
}

void TestFailures::firstByteTimeout()
{
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.waitClosed(5000);
    });
    Request request = post(server.url());
    request.timeouts.firstByteMs = 150;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::FirstByteTimeout));
    QVERIFY(answer.sent);
    const std::int64_t tookUs = answer.timing.endedUs - answer.timing.sentUs;
    QVERIFY(tookUs >= 150'000 && tookUs < 400'000);
}

void TestFailures::idleTimeout()
{
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.write(ok("Transfer-Encoding: chunked\r\n", chunk("abc")));
        connection.waitClosed(5000);
    });
    Request request = post(server.url());
    request.timeouts.idleMs = 150;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::IdleTimeout));
    QCOMPARE(answer.body, QByteArray("abc"));
    const std::int64_t tookUs = answer.timing.endedUs - answer.timing.firstByteUs;
    QVERIFY(tookUs >= 150'000 && tookUs < 400'000);
}

void TestFailures::idleLimitIsBetweenBytesNotOverall()
{
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.write(ok("Transfer-Encoding: chunked\r\n", ""));
        for (int i = 0; i < 10; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(60));
            connection.write(chunk("x"));
        }
        connection.write(chunk(""));
        connection.waitClosed(1000);
    });
    Request request = post(server.url());
    request.timeouts.idleMs = 200;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.complete());
    QCOMPARE(answer.body, QByteArray(10, 'x'));
}

void TestFailures::totalTimeout()
{
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.write(ok("Transfer-Encoding: chunked\r\n", ""));
        while (connection.write(chunk("x")))
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
    Request request = post(server.url());
    request.timeouts.totalMs = 300;
    request.timeouts.idleMs = 100;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::TotalTimeout));
    const std::int64_t tookUs = answer.timing.endedUs - answer.timing.startedUs;
    QVERIFY(tookUs >= 300'000 && tookUs < 600'000);
}

void TestFailures::slowUploadIsNotASlowFirstByte()
{
    ScriptServer server([](Connection &connection) {
        qsizetype size = 0;
        while (size < (12 << 20)) {
            const QByteArray bytes = connection.read();
            if (bytes.isEmpty())
                return;
            size += bytes.size();
            std::this_thread::sleep_for(std::chrono::milliseconds(12));
        }
        connection.write(okResponse("{}"));
        connection.waitClosed(1000);
    });
    Request request = post(server.url(), QByteArray(12 << 20, 'x'));
    // Longer than the kernel's buffers take to drain, shorter than the whole upload.
    request.timeouts.firstByteMs = 1'500;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.complete());
    QVERIFY(answer.timing.sentUs - answer.timing.connectedUs > 250'000);
}

void TestFailures::interimStormEnds()
{
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        for (int i = 0; i < 10'000; ++i) {
            if (!connection.write("HTTP/1.1 100 Continue\r\n\r\n"))
                return;
        }
        connection.write(okResponse("{}"));
        connection.waitClosed(1000);
    });
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(server.url()));
    QVERIFY(answer.failedAs(FailureKind::Protocol));
}

void TestFailures::brokenConnectionIsNotReused()
{
    const std::vector<QByteArray> broken{
        ok("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"),
        ok("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", chunk("abc") + chunk("")),
        ok("X-A: " + QByteArray(120'000, 'a') + "\r\nContent-Length: 0\r\n", ""),
        ok("Content-Encoding: gzip\r\nContent-Length: 9\r\n", "not gzip!"),
        // More than was declared: the rest would be read as the next answer.
        ok("Content-Length: 2\r\n", "{}" + okResponse("\"poison\"")),
    };
    for (const QByteArray &bytes : broken) {
        ScriptServer server([&](Connection &connection) {
            if (connection.index() > 0)
                return always(okResponse("\"good\""))(connection);
            connection.readRequest();
            connection.write(bytes);
            while (connection.readRequest())
                connection.write(okResponse("\"bad\""));
        });
        const auto client = Client::create();
        fetch(*client, post(server.url()));
        QTest::qWait(10);
        const Fetched answer = fetch(*client, post(server.url()));
        QCOMPARE(answer.body, QByteArray("\"good\""));
        QCOMPARE(server.connections(), 2);
    }
}

void TestFailures::bodyAfterNoContentIsNobodysAnswer()
{
    for (const int pauseMs : {0, 30}) {
        ScriptServer server([=](Connection &connection) {
            if (connection.index() > 0)
                return always(okResponse("\"good\""))(connection);
            connection.readRequest();
            connection.write("HTTP/1.1 204 No Content\r\n\r\n");
            std::this_thread::sleep_for(std::chrono::milliseconds(pauseMs));
            connection.write(okResponse("\"poison\""));
            connection.waitClosed(1000);
        });
        const auto client = Client::create();
        QCOMPARE(fetch(*client, post(server.url())).status, 204);
        QCOMPARE(fetch(*client, post(server.url())).body, QByteArray("\"good\""));
    }
}

void TestFailures::killedUpstreamEndsTwoHundredStreams()
{
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.write(ok("Transfer-Encoding: chunked\r\n", chunk("data: 1\n\n")));
        connection.waitClosed(20'000);
    });
    const auto client = Client::create();
    std::vector<std::unique_ptr<Exchange>> exchanges;
    for (int i = 0; i < 200; ++i)
        exchanges.push_back(client->start(post(server.url())));
    QVERIFY(QTest::qWaitFor(
        [&] {
            return std::all_of(exchanges.begin(), exchanges.end(),
                               [](const auto &exchange) { return exchange->head() != nullptr; });
        },
        kPatienceMs));
    server.stop();
    QVERIFY(QTest::qWaitFor([&] { return client->running() == 0; }, kPatienceMs));
    for (const auto &exchange : exchanges)
        QVERIFY(exchange->failed() && exchange->failed()->kind == FailureKind::Truncated);
}

void TestFailures::messagesNameNoQueryAndNoKey()
{
    QByteArray url;
    {
        const ScriptServer gone(always(""));
        url = gone.url("/v1?key=sk-canary-123");
    }
    Request request = post(url);
    request.headers.append("Authorization", "Bearer sk-canary-123");
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failure && !answer.failure->message.contains(QStringLiteral("canary")));
}

TOLLGATE_GATEWAY_TEST(TestFailures)
#include "test_failures.moc"
