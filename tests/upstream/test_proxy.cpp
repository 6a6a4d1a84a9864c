// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/upstream/fetch.h"
#include "tests/upstream/scriptserver.h"

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

// A proxy that answers in the name of every target: what matters here is what it was asked.
struct FakeProxy
{
    std::mutex mutex;
    QByteArray connectHead;
    QByteArray socksTarget;
    QByteArray inner;

    void remember(QByteArray &where, const QByteArray &bytes)
    {
        const std::lock_guard lock(mutex);
        where = bytes;
    }

    ScriptServer::Script http(const QByteArray &reply = "HTTP/1.1 200 Connection established\r\n"
                                                        "Proxy-Agent: test\r\n\r\n")
    {
        return [this, reply](Connection &connection) {
            const auto head = connection.readRequest();
            if (!head)
                return;
            remember(connectHead, *head);
            connection.write(reply);
            answer(connection);
        };
    }

    ScriptServer::Script socks()
    {
        return [this](Connection &connection) {
            if (connection.read().isEmpty())
                return;
            connection.write(QByteArray("\x05\x00", 2));
            const QByteArray request = connection.read();
            remember(socksTarget, request);
            connection.write(QByteArray("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10));
            answer(connection);
        };
    }

    void answer(Connection &connection)
    {
        while (const auto request = connection.readRequest()) {
            remember(inner, *request);
            connection.write(okResponse("\"through the proxy\""));
        }
    }
};

QByteArray proxyUrl(const char *scheme, const ScriptServer &server)
{
    return QByteArray(scheme) + "://127.0.0.1:" + QByteArray::number(server.port());
}

} // namespace

class TestProxy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void httpProxyIsATunnelThatSeesNoKey();
    void socks5hLetsTheProxyResolve();
    void loopbackIsNeverProxied();
    void refusingProxyIsAConnectFailure();
    void deadProxyIsAConnectFailure();
    void silentProxyIsAConnectTimeout();
    void malformedProxyIsRefused();
    void connectionsOfDifferentProxiesAreNotMixed();
};

void TestProxy::httpProxyIsATunnelThatSeesNoKey()
{
    FakeProxy fake;
    ScriptServer proxy(fake.http());
    Request request = post("http://models.internal:8000/v1");
    request.proxy = proxyUrl("http", proxy);
    request.headers.append("Authorization", "Bearer sk-canary");
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QCOMPARE(answer.body, QByteArray("\"through the proxy\""));
    QVERIFY(fake.connectHead.startsWith("CONNECT models.internal:8000 HTTP/1.1\r\n"));
    QVERIFY(!fake.connectHead.contains("canary"));
    QVERIFY(fake.inner.contains("Bearer sk-canary"));
    QVERIFY(!answer.headers.contains("proxy-agent"));
}

void TestProxy::socks5hLetsTheProxyResolve()
{
    FakeProxy fake;
    ScriptServer proxy(fake.socks());
    Request request = post("http://models.internal:8000/v1");
    request.proxy = proxyUrl("socks5h", proxy);
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QCOMPARE(answer.body, QByteArray("\"through the proxy\""));
    QVERIFY(fake.socksTarget.contains("models.internal"));
}

void TestProxy::loopbackIsNeverProxied()
{
    FakeProxy fake;
    ScriptServer proxy(fake.http());
    ScriptServer server(always(okResponse("\"direct\"")));
    const auto client = Client::create();
    for (const char *host : {"127.0.0.1", "localhost"}) {
        Request request
            = post(QByteArray("http://") + host + ":" + QByteArray::number(server.port()) + "/");
        request.proxy = proxyUrl("http", proxy);
        QCOMPARE(fetch(*client, std::move(request)).body, QByteArray("\"direct\""));
    }
    QCOMPARE(proxy.connections(), 0);
}

void TestProxy::refusingProxyIsAConnectFailure()
{
    for (const char *status :
         {"403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway", "200"}) {
        FakeProxy fake;
        const QByteArray reply = status == QByteArray("200")
            ? QByteArray("nonsense\r\n\r\n")
            : "HTTP/1.1 " + QByteArray(status) + "\r\nContent-Length: 0\r\n\r\n";
        ScriptServer proxy(fake.http(reply));
        Request request = post("http://models.internal/v1");
        request.proxy = proxyUrl("http", proxy);
        request.timeouts.connectMs = 2000;
        const auto client = Client::create();
        const Fetched answer = fetch(*client, std::move(request));
        QVERIFY2(answer.failure, status);
        QVERIFY2(!answer.sent, status);
        if (status != QByteArray("200"))
            QVERIFY2(answer.failedAs(FailureKind::Connect), status);
    }
}

void TestProxy::deadProxyIsAConnectFailure()
{
    QByteArray url;
    {
        const ScriptServer gone(always(""));
        url = proxyUrl("socks5h", gone);
    }
    Request request = post("http://models.internal/v1");
    request.proxy = url;
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::Connect));
    QVERIFY(!answer.sent);
}

void TestProxy::silentProxyIsAConnectTimeout()
{
    ScriptServer proxy([](Connection &connection) { connection.waitClosed(3000); });
    for (const char *scheme : {"http", "socks5h"}) {
        Request request = post("http://models.internal/v1");
        request.proxy = proxyUrl(scheme, proxy);
        request.timeouts.connectMs = 150;
        const auto client = Client::create();
        const Fetched answer = fetch(*client, std::move(request));
        QVERIFY2(answer.failedAs(FailureKind::ConnectTimeout), scheme);
        QVERIFY(!answer.sent);
    }
}

void TestProxy::malformedProxyIsRefused()
{
    Request request = post("http://models.internal/v1");
    request.proxy = "ftp://proxy:1";
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(request));
    QVERIFY(answer.failedAs(FailureKind::Denied));
}

void TestProxy::connectionsOfDifferentProxiesAreNotMixed()
{
    FakeProxy one;
    FakeProxy two;
    ScriptServer first(one.http());
    ScriptServer second(two.socks());
    const auto client = Client::create();
    for (int i = 0; i < 3; ++i) {
        Request request = post("http://models.internal/v1");
        request.proxy = proxyUrl("http", first);
        QVERIFY(fetch(*client, std::move(request)).complete());
        request = post("http://models.internal/v1");
        request.proxy = proxyUrl("socks5h", second);
        QVERIFY(fetch(*client, std::move(request)).complete());
    }
    QCOMPARE(first.connections(), 1);
    QCOMPARE(second.connections(), 1);
}

TOLLGATE_GATEWAY_TEST(TestProxy)
#include "test_proxy.moc"
