// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/upstream/fetch.h"
#include "tests/upstream/scriptserver.h"

using namespace tollgate;
using namespace tollgate::upstream;

class TestExchange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersWithHeadAndBody();
    void sendsHeadAndBodyAsGiven();
    void addsNothingButHostLengthAndEncoding();
    void methodsArriveAsGiven_data();
    void methodsArriveAsGiven();
    void reusesTheConnection();
    void letsGoOfConnectionsThatNobodyUses();
    void streamsAsBytesArrive();
    void readsChunkedAndCloseDelimitedBodies();
    void passesOverInterimHeads();
    void redirectsAreJustHeads();
    void storesNoCookies();
    void ignoresTheEnvironmentsProxies();
    void timingIsInOrder();
    void wakerSetLateHearsWhatHappened();
    void wakerMayDestroyItsExchange();
    void wakerMayStartTheNextExchange();
    void wakersAreNeverCalledFromInsideACall();
    void destroyingAnExchangeCancelsIt();
    void cancelClosesTheConnectionAtOnce();
    void twoHundredStreamsAtOnce();
    void earlyAnswerWhileUploading();
    void answersOverIpv6();
    void fallsBackFromIpv6ToIpv4();
};

void TestExchange::answersWithHeadAndBody()
{
    ScriptServer server(always(okResponse("{\"ok\":true}", "X-Request-Id: r1\r\n")));
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(server.url()));
    QVERIFY(answer.complete());
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, QByteArray("{\"ok\":true}"));
    QCOMPARE(answer.headers.value("x-request-id"), QByteArray("r1"));
    QVERIFY(answer.sent);
    QCOMPARE(client->running(), 0);
}

void TestExchange::sendsHeadAndBodyAsGiven()
{
    ScriptServer server(always(okResponse("{}")));
    const auto client = Client::create();
    for (const qsizetype size : {0, 1, 1024, 88'000, 3'000'000}) {
        QByteArray body(size, 'x');
        for (qsizetype i = 0; i < size; i += 97)
            body[i] = static_cast<char>(i);
        Request request = post(server.url("/v1/chat/completions?beta=true"), body);
        request.headers.append("Authorization", "Bearer sk-test-0123456789");
        QVERIFY(fetch(*client, std::move(request)).complete());
        const QByteArray seen = server.lastRequest();
        QVERIFY(seen.startsWith("POST /v1/chat/completions?beta=true HTTP/1.1\r\n"));
        QVERIFY(seen.contains("\r\nAuthorization: Bearer sk-test-0123456789\r\n"));
        QVERIFY(seen.contains("\r\nContent-Length: " + QByteArray::number(size) + "\r\n"));
        QCOMPARE(seen.mid(seen.indexOf("\r\n\r\n") + 4), body);
    }
    QCOMPARE(server.connections(), 1);
}

void TestExchange::addsNothingButHostLengthAndEncoding()
{
    ScriptServer server(always(okResponse("{}")));
    const auto client = Client::create();
    Request request = post(server.url("/x"), "{}");
    request.headers = Headers{{"X-One", "1"},
                              {"X-Empty", ""},
                              {"Host", "evil.example"},
                              {"Expect", "100-continue"},
                              {"Transfer-Encoding", "chunked"}};
    QVERIFY(fetch(*client, std::move(request)).complete());
    const QByteArray host = "127.0.0.1:" + QByteArray::number(server.port());
    QCOMPARE(server.lastRequest(),
             "POST /x HTTP/1.1\r\nHost: " + host
                 + "\r\nAccept-Encoding: identity\r\nX-One: 1\r\nX-Empty:\r\n"
                   "Content-Length: 2\r\n\r\n{}");
}

void TestExchange::methodsArriveAsGiven_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("startsWith");
    QTest::newRow("get") << QByteArray("GET") << QByteArray() << QByteArray("GET /m HTTP/1.1\r\n");
    QTest::newRow("head") << QByteArray("HEAD") << QByteArray() << QByteArray("HEAD /m ");
    QTest::newRow("delete") << QByteArray("DELETE") << QByteArray() << QByteArray("DELETE /m ");
    QTest::newRow("put") << QByteArray("PUT") << QByteArray("abc") << QByteArray("PUT /m ");
    QTest::newRow("post") << QByteArray("POST") << QByteArray("abc") << QByteArray("POST /m ");
    QTest::newRow("get again") << QByteArray("GET") << QByteArray() << QByteArray("GET /m ");
}

void TestExchange::methodsArriveAsGiven()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, startsWith);
    ScriptServer server([](Connection &connection) {
        while (const auto request = connection.readRequest()) {
            const QByteArray answer = okResponse("hello");
            connection.write(request->startsWith("HEAD") ? answer.chopped(5) : answer);
        }
    });
    static const auto client = Client::create(); // shared: handles are used again between methods
    for (int round = 0; round < 2; ++round) {
        Request request = post(server.url("/m"), body);
        request.method = method;
        const Fetched answer = fetch(*client, std::move(request));
        QVERIFY(answer.complete());
        QVERIFY2(server.lastRequest().startsWith(startsWith), server.lastRequest().constData());
        QVERIFY(server.lastRequest().endsWith("\r\n\r\n" + body));
        QCOMPARE(answer.body, method == "HEAD" ? QByteArray() : QByteArray("hello"));
    }
}

void TestExchange::reusesTheConnection()
{
    ScriptServer server(always(okResponse("{}")));
    const auto client = Client::create();
    for (int i = 0; i < 20; ++i) {
        const Fetched answer = fetch(*client, post(server.url()));
        QVERIFY(answer.complete());
        QCOMPARE(answer.timing.reused, i > 0);
    }
    QCOMPARE(server.connections(), 1);
    QCOMPARE(server.requests(), 20);
}

void TestExchange::letsGoOfConnectionsThatNobodyUses()
{
    std::atomic<int> closedAfterMs = -1;
    ScriptServer server([&](Connection &connection) {
        while (connection.readRequest(400)) {
            if (!connection.write(okResponse("{}")))
                return;
        }
        closedAfterMs = connection.waitClosed();
    });
    const auto client = Client::create(Clock::system(), std::chrono::milliseconds(2000));
    for (int round = 0; round < 2; ++round) {
        closedAfterMs = -1;
        for (int i = 0; i < 2; ++i) {
            const Fetched answer = fetch(*client, post(server.url()));
            QVERIFY(answer.complete());
            QCOMPARE(answer.timing.reused, i > 0);
        }
        QTRY_VERIFY_WITH_TIMEOUT(closedAfterMs >= 0, kPatienceMs);
        QCOMPARE(server.connections(), round + 1);
    }
}

void TestExchange::streamsAsBytesArrive()
{
    std::atomic<bool> go{false};
    ScriptServer server([&](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n");
        connection.write(chunk("data: one\n\n"));
        while (!go)
            std::this_thread::yield();
        connection.write(chunk("data: two\n\n") + chunk(""));
        connection.waitClosed(1000);
    });
    const auto client = Client::create();
    const auto exchange = client->start(post(server.url()));
    QVERIFY(QTest::qWaitFor([&] { return exchange->head() != nullptr; }));
    QByteArray body;
    QVERIFY(QTest::qWaitFor([&] { return !(body += exchange->take()).isEmpty(); }));
    QCOMPARE(body, QByteArray("data: one\n\n"));
    QVERIFY(!exchange->ended());
    go = true;
    const Fetched rest = run(*exchange);
    QVERIFY(rest.complete());
    QCOMPARE(rest.body, QByteArray("data: two\n\n"));
}

void TestExchange::readsChunkedAndCloseDelimitedBodies()
{
    ScriptServer server([](Connection &connection) {
        const auto request = connection.readRequest();
        if (request && request->contains("/chunked"))
            connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n"
                             + chunk("abc") + chunk("def") + "0\r\nX-Trailer: t\r\n\r\n");
        else
            connection.write("HTTP/1.1 200 OK\r\n\r\nabcdef");
        connection.close();
    });
    const auto client = Client::create();
    for (const char *path : {"/chunked", "/close"}) {
        const Fetched answer = fetch(*client, post(server.url(path)));
        QVERIFY2(answer.complete(), path);
        QCOMPARE(answer.body, QByteArray("abcdef"));
        QVERIFY(!answer.headers.contains("x-trailer"));
    }
}

void TestExchange::passesOverInterimHeads()
{
    ScriptServer server(always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                               "Link: </a>\r\n\r\n"
                               + okResponse("{}")));
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(server.url()));
    QVERIFY(answer.complete());
    QCOMPARE(answer.status, 200);
    QVERIFY(!answer.headers.contains("link"));
}

void TestExchange::redirectsAreJustHeads()
{
    ScriptServer canary(always(okResponse("stolen")));
    const QByteArray target = canary.url("/steal");
    for (const int status : {301, 302, 303, 307, 308}) {
        ScriptServer server(always("HTTP/1.1 " + QByteArray::number(status) + " Moved\r\nLocation: "
                                   + target + "\r\nContent-Length: 0\r\n\r\n"));
        const auto client = Client::create();
        Request request = post(server.url());
        request.headers.append("Authorization", "Bearer sk-secret");
        const Fetched answer = fetch(*client, std::move(request));
        QVERIFY(answer.complete());
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.headers.value("location"), target);
        QCOMPARE(server.requests(), 1);
    }
    QCOMPARE(canary.connections(), 0);
}

void TestExchange::storesNoCookies()
{
    ScriptServer server(always(okResponse("{}", "Set-Cookie: a=b; Path=/\r\n")));
    const auto client = Client::create();
    for (int i = 0; i < 3; ++i)
        QVERIFY(fetch(*client, post(server.url())).complete());
    QVERIFY(!server.lastRequest().toLower().contains("cookie"));
}

void TestExchange::ignoresTheEnvironmentsProxies()
{
    ScriptServer proxy(always(okResponse("from the proxy")));
    ScriptServer server(always(okResponse("direct")));
    const QByteArray url = "http://127.0.0.1:" + QByteArray::number(proxy.port());
    for (const char *name : {"http_proxy", "all_proxy", "ALL_PROXY"})
        qputenv(name, url);
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(server.url()));
    for (const char *name : {"http_proxy", "all_proxy", "ALL_PROXY"})
        qunsetenv(name);
    QCOMPARE(answer.body, QByteArray("direct"));
    QCOMPARE(proxy.connections(), 0);
}

void TestExchange::timingIsInOrder()
{
    ScriptServer server([](Connection &connection) {
        while (connection.readRequest()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            connection.write(okResponse("{}"));
        }
    });
    const auto client = Client::create();
    const Timing first = fetch(*client, post(server.url())).timing;
    QVERIFY(first.startedUs > 0 && !first.reused);
    QVERIFY(first.connectedUs > first.startedUs);
    QVERIFY(first.sentUs >= first.connectedUs);
    QVERIFY(first.firstByteUs >= first.sentUs + 15'000);
    QVERIFY(first.endedUs >= first.firstByteUs);
    const Timing second = fetch(*client, post(server.url())).timing;
    QVERIFY(second.reused);
    QCOMPARE(second.connectedUs, second.startedUs);
}

void TestExchange::wakerSetLateHearsWhatHappened()
{
    ScriptServer server(always(okResponse("{}")));
    const auto client = Client::create();
    const auto exchange = client->start(post(server.url()));
    QVERIFY(QTest::qWaitFor([&] { return exchange->ended(); }));
    int calls = 0;
    exchange->setWaker([&] { ++calls; });
    QCOMPARE(calls, 0);
    QVERIFY(QTest::qWaitFor([&] { return calls > 0; }, kPatienceMs));
}

void TestExchange::wakerMayDestroyItsExchange()
{
    ScriptServer server(always(okResponse("{}")));
    const auto client = Client::create();
    int destroyed = 0;
    for (int i = 0; i < 50; ++i) {
        auto exchange = client->start(post(server.url()));
        Exchange *raw = exchange.get();
        raw->setWaker([&destroyed,
                       held = std::make_shared<std::unique_ptr<Exchange>>(std::move(exchange))]() {
            held->reset();
            ++destroyed;
        });
        QVERIFY(QTest::qWaitFor([&] { return destroyed == i + 1; }));
    }
    QCOMPARE(client->running(), 0);
}

void TestExchange::wakerMayStartTheNextExchange()
{
    ScriptServer server(always(okResponse("{}")));
    const auto client = Client::create();
    std::vector<std::unique_ptr<Exchange>> exchanges;
    std::function<void()> next = [&] {
        if (!exchanges.empty() && !exchanges.back()->ended())
            return;
        if (exchanges.size() >= 50)
            return;
        exchanges.push_back(client->start(post(server.url())));
        exchanges.back()->setWaker(next);
    };
    next();
    QVERIFY(QTest::qWaitFor([&] { return exchanges.size() == 50 && exchanges.back()->ended(); }));
    QCOMPARE(server.requests(), 50);
}

void TestExchange::wakersAreNeverCalledFromInsideACall()
{
    ScriptServer server(always(okResponse(QByteArray(600'000, 'x'))));
    const auto client = Client::create();
    bool inside = false;
    bool broken = false;
    std::vector<std::unique_ptr<Exchange>> exchanges;
    qsizetype total = 0;
    const auto guarded = [&](auto call) {
        const bool outer = std::exchange(inside, true);
        auto result = call();
        inside = outer;
        return result;
    };
    for (int i = 0; i < 20; ++i) {
        exchanges.push_back(guarded([&] { return client->start(post(server.url())); }));
        Exchange *exchange = exchanges.back().get();
        exchange->setWaker([&, exchange] {
            broken = broken || inside;
            total += guarded([&] { return exchange->take(); }).size();
        });
    }
    QVERIFY(QTest::qWaitFor([&] { return total == 20 * 600'000; }));
    Request refused = post("ftp://127.0.0.1/");
    const auto failing = guarded([&] { return client->start(std::move(refused)); });
    QVERIFY(failing->ended());
    QVERIFY(!broken);
}

void TestExchange::destroyingAnExchangeCancelsIt()
{
    std::atomic<int> closedAfterMs{-2};
    ScriptServer server([&](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("x"));
        closedAfterMs = connection.waitClosed();
    });
    const auto client = Client::create();
    auto exchange = client->start(post(server.url()));
    QVERIFY(QTest::qWaitFor([&] { return exchange->head() != nullptr; }));
    exchange.reset();
    QCOMPARE(client->running(), 0);
    QVERIFY(QTest::qWaitFor([&] { return closedAfterMs >= 0; }, kPatienceMs));
}

void TestExchange::cancelClosesTheConnectionAtOnce()
{
    using Steady = std::chrono::steady_clock;
    std::atomic<std::int64_t> closedAtNs{0};
    ScriptServer server([&](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("x"));
        connection.waitClosed();
        closedAtNs = Steady::now().time_since_epoch().count();
    });
    const auto client = Client::create();
    std::int64_t worstNs = 0;
    for (int i = 0; i < 20; ++i) {
        closedAtNs = 0;
        const auto exchange = client->start(post(server.url()));
        QVERIFY(QTest::qWaitFor([&] { return exchange->head() != nullptr; }));
        const std::int64_t before = Steady::now().time_since_epoch().count();
        exchange->cancel();
        QVERIFY(exchange->ended());
        QVERIFY(exchange->failed() && exchange->failed()->kind == FailureKind::Cancelled);
        while (closedAtNs == 0
               && Steady::now().time_since_epoch().count() - before
                   < kPatienceMs * std::int64_t{1'000'000})
            std::this_thread::yield();
        QVERIFY(closedAtNs != 0);
        worstNs = std::max(worstNs, closedAtNs - before);
    }
    qInfo("cancel seen by the upstream after at most %.2f ms", static_cast<double>(worstNs) / 1e6);
}

void TestExchange::twoHundredStreamsAtOnce()
{
    constexpr int kStreams = 200;
    constexpr int kEvents = 50;
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < kEvents; ++i) {
            connection.write(chunk("data: " + QByteArray::number(i) + "\n\n"));
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        connection.write(chunk(""));
        connection.waitClosed(2000);
    });
    const auto client = Client::create();
    std::vector<std::unique_ptr<Exchange>> exchanges;
    std::vector<QByteArray> bodies(kStreams);
    for (std::size_t i = 0; i < kStreams; ++i) {
        exchanges.push_back(client->start(post(server.url())));
        exchanges.back()->setWaker([&, i] { bodies[i] += exchanges[i]->take(); });
    }
    QVERIFY(QTest::qWaitFor([&] { return client->running() == 0; }, kPatienceMs));
    QByteArray expected;
    for (int i = 0; i < kEvents; ++i)
        expected += "data: " + QByteArray::number(i) + "\n\n";
    for (std::size_t i = 0; i < kStreams; ++i) {
        QVERIFY(!exchanges[i]->failed());
        QCOMPARE(bodies[i] + exchanges[i]->take(), expected);
    }
}

void TestExchange::earlyAnswerWhileUploading()
{
    ScriptServer server([](Connection &connection) {
        connection.read();
        connection.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        connection.waitClosed(3000);
    });
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(server.url(), QByteArray(8 << 20, 'x')));
    QVERIFY(answer.complete());
    QCOMPARE(answer.status, 413);
    QCOMPARE(answer.body, QByteArray("big"));
}

void TestExchange::answersOverIpv6()
{
    ScriptServer server(always(okResponse("six")), true);
    const auto client = Client::create();
    const Fetched answer = fetch(*client, post(server.url()));
    QCOMPARE(answer.body, QByteArray("six"));
}

void TestExchange::fallsBackFromIpv6ToIpv4()
{
    // "localhost" resolves to ::1 first, where nobody listens on this port.
    ScriptServer server(always(okResponse("four")));
    const auto client = Client::create();
    Request request = post("http://localhost:" + QByteArray::number(server.port()) + "/");
    const Fetched answer = fetch(*client, std::move(request));
    QCOMPARE(answer.body, QByteArray("four"));
    QVERIFY(answer.timing.connectedUs - answer.timing.startedUs < 300'000);
}

TOLLGATE_GATEWAY_TEST(TestExchange)
#include "test_exchange.moc"
