// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/filefetch.h"
#include "tests/upstream/fetch.h"
#include "tests/upstream/scriptserver.h"

#include <QElapsedTimer>
#include <QTest>

#include <dlfcn.h>
#include <netdb.h>
#include <zlib.h>

#include <atomic>
#include <cstring>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

std::atomic<int> lookUps{0};

} // namespace

// libcurl asks this one: "flip.test" is this machine at the first question, and the metadata
// service at every later one, as a hostile name server would have it.
extern "C" int getaddrinfo(const char *node, const char *service, const addrinfo *hints,
                           addrinfo **out)
{
    using Real = int (*)(const char *, const char *, const addrinfo *, addrinfo **);
    static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node == nullptr || std::strcmp(node, "flip.test") != 0)
        return real(node, service, hints, out);
    return real(++lookUps == 1 ? "127.0.0.1" : "169.254.169.254", service, hints, out);
}

namespace {

FileRules open(const ScriptServer &server)
{
    FileRules rules;
    rules.localHosts = {"127.0.0.1:" + QByteArray::number(server.port())};
    return rules;
}

Result<FetchedFile> fetchFile(Client &client, const QByteArray &url, const FileRules &rules)
{
    QEventLoop loop;
    FileFetch *running = nullptr;
    FileFetch fetch(client, url, rules, [&] {
        if (running && running->ended())
            loop.quit();
    });
    running = &fetch;
    QTimer::singleShot(kPatienceMs, &loop, &QEventLoop::quit);
    if (!fetch.ended())
        loop.exec();
    return fetch.ended() ? fetch.take()
                         : failure(ErrorKind::Internal, QStringLiteral("it never ended"));
}

QByteArray redirect(const QByteArray &to)
{
    return "HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n";
}

QByteArray codeOf(const Result<FetchedFile> &result)
{
    return result ? QByteArray("fetched") : result.error().code;
}

QByteArray gzipped(const QByteArray &bytes)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    QByteArray out(qsizetype(deflateBound(&stream, uLong(bytes.size()))), 0);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = uInt(out.size());
    deflate(&stream, Z_FINISH);
    out.truncate(qsizetype(stream.total_out));
    deflateEnd(&stream);
    return out;
}

} // namespace

class TestFileFetch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFileIsFetchedWithoutAnythingSecret()
    {
        ScriptServer server(always("HTTP/1.1 200 OK\r\nContent-Type: Image/PNG; q=1\r\n"
                                   "Content-Length: 3\r\n\r\nPNG"));
        const auto file = fetchFile(*m_client, server.url("/a.png?key=1#part"), open(server));
        QVERIFY(file);
        QCOMPARE(file->bytes, QByteArray("PNG"));
        QCOMPARE(file->type, QByteArray("image/png"));
        const QByteArray asked = server.lastRequest().toLower();
        QVERIFY(asked.startsWith("get /a.png?key=1 http/1.1"));
        for (const char *secret : {"authorization", "cookie", "referer", "api-key"})
            QVERIFY2(!asked.contains(secret), secret);
    }

    void privateAddressesAreNotDialledUnlessListed_data()
    {
        QTest::addColumn<QByteArray>("host");
        for (const char *host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
                                 "169.254.169.254", "2130706433", "0x7f.1", "127.1"})
            QTest::newRow(host) << QByteArray(host);
    }

    void privateAddressesAreNotDialledUnlessListed()
    {
        QFETCH(QByteArray, host);
        ScriptServer server(always(okResponse("secret")));
        const QByteArray port = QByteArray::number(server.port());
        QCOMPARE(codeOf(fetchFile(*m_client, "http://" + host + ':' + port + "/x", {})),
                 QByteArray("media_denied"));
        FileRules elsewhere;
        elsewhere.localHosts = {"127.0.0.1:1", "10.0.0.7", "host.lan"};
        QCOMPARE(codeOf(fetchFile(*m_client, "http://" + host + ':' + port + "/x", elsewhere)),
                 QByteArray("media_denied"));
        QCOMPARE(server.connections(), 0);
    }

    void theListOpensNoMetadataService()
    {
        FileRules rules;
        rules.localHosts = {"169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"};
        for (const char *url : {"http://169.254.169.254/latest", "http://[fd00:ec2::254]/",
                                "http://100.100.100.200/"})
            QCOMPARE(codeOf(fetchFile(*m_client, url, rules)), QByteArray("media_denied"));
    }

    void whatIsNoUrlOfAFileIsRefused_data()
    {
        QTest::addColumn<QByteArray>("url");
        for (const char *url :
             {"", "file:///etc/passwd", "ftp://example.org/x", "gopher://example.org", "x.png",
              "http://user:word@example.org/", "http://example.org:6379/", "http://example.org:25/",
              "http://exa mple.org/", "https://", "http://good.com\\@127.0.0.1/",
              "//example.org/x"})
            QTest::newRow(url) << QByteArray(url);
    }

    void whatIsNoUrlOfAFileIsRefused()
    {
        QFETCH(QByteArray, url);
        QCOMPARE(codeOf(fetchFile(*m_client, url, {})), QByteArray("media_denied"));
    }

    void aNameThatFlipsIsLookedAtWhenItIsDialled()
    {
        lookUps = 0;
        ScriptServer server([](Connection &connection) {
            (void)connection.readRequest();
            connection.write(okResponse("once", "Connection: close\r\n"));
            connection.close();
        });
        FileRules rules;
        rules.localHosts = {"flip.test"};
        const QByteArray url = "http://flip.test:" + QByteArray::number(server.port()) + "/x";
        const auto first = Client::create();
        QCOMPARE(codeOf(fetchFile(*first, url, rules)), QByteArray("fetched"));
        QCOMPARE(lookUps.load(), 1); // one answer is checked and dialled: nothing lies between
        const auto second = Client::create(); // remembers no name
        QCOMPARE(codeOf(fetchFile(*second, url, rules)), QByteArray("media_denied"));
        QCOMPARE(lookUps.load(), 2);
        QCOMPARE(server.connections(), 1);
    }

    void anOpenConnectionOfSomebodyElseIsNoWayIn()
    {
        ScriptServer server(always(okResponse("secret")));
        const QByteArray url = "http://localhost:" + QByteArray::number(server.port()) + "/v1/chat";
        QVERIFY(fetch(*m_client, post(url)).complete()); // a local channel's, kept open
        QCOMPARE(codeOf(fetchFile(*m_client, url, {})), QByteArray("media_denied"));
        QCOMPARE(server.requests(), 1);
    }

    void redirectsAreFollowedAFewTimes_data()
    {
        QTest::addColumn<int>("hops");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("three") << 3 << QByteArray("fetched");
        QTest::newRow("four") << 4 << QByteArray("media_redirect");
    }

    void redirectsAreFollowedAFewTimes()
    {
        QFETCH(int, hops);
        QFETCH(QByteArray, code);
        std::atomic<int> seen{0};
        ScriptServer server([&](Connection &connection) {
            while (connection.readRequest()) {
                const bool last = seen++ == hops;
                connection.write(last ? okResponse("there") : redirect("next?x=1"));
            }
        });
        QCOMPARE(codeOf(fetchFile(*m_client, server.url("/a/b"), open(server))), code);
        if (code == "fetched")
            QVERIFY(server.lastRequest().startsWith("GET /a/next?x=1 "));
    }

    void aRedirectOpensNoOtherDoor_data()
    {
        QTest::addColumn<QByteArray>("to");
        for (const char *to : {"http://127.0.0.1:PORT/", "http://localhost:PORT/", "//[::1]:PORT/",
                               "http://169.254.169.254/latest/meta-data", "file:///etc/passwd",
                               "gopher://127.0.0.1:PORT/", "http://user@127.0.0.1:PORT/", ""})
            QTest::newRow(to) << QByteArray(to);
    }

    void aRedirectOpensNoOtherDoor()
    {
        QFETCH(QByteArray, to);
        ScriptServer inner(always(okResponse("secret")));
        to.replace("PORT", QByteArray::number(inner.port()));
        ScriptServer outer(always(redirect(to)));
        const QByteArray code = codeOf(fetchFile(*m_client, outer.url(), open(outer)));
        QVERIFY2(code == "media_denied" || code == "media_redirect", code.constData());
        QCOMPARE(inner.connections(), 0);
    }

    void whereARedirectLeads_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("location");
        QTest::addColumn<QByteArray>("to");
        const auto row = [](const char *from, const char *location, const char *to) {
            QTest::newRow(location) << QByteArray(from) << QByteArray(location) << QByteArray(to);
        };
        row("https://a.org/x/y?q", "z", "https://a.org/x/z");
        row("https://a.org/x/y", "/z?p=1#f", "https://a.org/z?p=1");
        row("https://a.org/x", "//b.org/z", "https://b.org/z");
        row("http://a.org/x", "https://b.org:8443/", "https://b.org:8443/");
        row("https://a.org/x", "http://b.org/", "");
        row("https://a.org/x", "javascript:1", "");
        row("https://a.org/x", "http://[", "");
        row("https://a.org/x", "", "");
    }

    void whereARedirectLeads()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, location);
        QFETCH(QByteArray, to);
        QCOMPARE(redirectTarget(from, location).value_or(QByteArray()), to);
    }

    void aFileIsNoLargerThanAllowed_data()
    {
        QTest::addColumn<QByteArray>("answer");
        const QByteArray large(200'000, 'x');
        QTest::newRow("says so") << okResponse(large);
        QTest::newRow("in pieces")
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") + chunk(large)
                + chunk({});
        QTest::newRow("bomb") << okResponse(gzipped(QByteArray(50'000'000, 0)),
                                            "Content-Encoding: gzip\r\n");
    }

    void aFileIsNoLargerThanAllowed()
    {
        QFETCH(QByteArray, answer);
        ScriptServer server(always(answer));
        FileRules rules = open(server);
        rules.largest = 100'000;
        QCOMPARE(codeOf(fetchFile(*m_client, server.url(), rules)), QByteArray("media_too_large"));
        rules.largest = 60'000'000;
        QCOMPARE(codeOf(fetchFile(*m_client, server.url(), rules)), QByteArray("fetched"));
    }

    void aSlowServerIsLeft_data()
    {
        QTest::addColumn<QByteArray>("start");
        QTest::newRow("silent") << QByteArray();
        QTest::newRow("drop by drop")
            << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    }

    void aSlowServerIsLeft()
    {
        QFETCH(QByteArray, start);
        ScriptServer server([&](Connection &connection) {
            (void)connection.readRequest();
            connection.write(start);
            for (int i = 0; i < 600 && connection.waitClosed(50) < 0; ++i) {
                if (!start.isEmpty() && !connection.write("x"))
                    break;
            }
        });
        FileRules rules = open(server);
        rules.totalMs = 300;
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(codeOf(fetchFile(*m_client, server.url(), rules)), QByteArray("media_timeout"));
        QVERIFY(clock.elapsed() >= 250);
    }

    void timeIsCountedOverAllRedirects()
    {
        std::atomic<int> seen{0};
        ScriptServer server([&](Connection &connection) {
            while (connection.readRequest()) {
                if (++seen == 3)
                    (void)connection.waitClosed();
                else
                    QThread::msleep(150);
                connection.write(redirect("/next"));
            }
        });
        FileRules rules = open(server);
        rules.totalMs = 600;
        QCOMPARE(codeOf(fetchFile(*m_client, server.url(), rules)), QByteArray("media_timeout"));
    }

    void otherAnswersAreNoFile_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("missing") << QByteArray("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n"
                                               "no!")
                                 << QByteArray("media_status");
        QTest::newRow("partial") << QByteArray(
            "HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\nno!")
                                 << QByteArray("media_status");
        QTest::newRow("cut off") << QByteArray(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 30\r\n\r\nno!")
                                 << QByteArray("media_unreachable");
        QTest::newRow("no HTTP") << QByteArray("hello\r\n\r\n") << QByteArray("media_unreachable");
    }

    void otherAnswersAreNoFile()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QByteArray, code);
        ScriptServer server([&](Connection &connection) {
            (void)connection.readRequest();
            connection.write(answer);
            connection.close();
        });
        QCOMPARE(codeOf(fetchFile(*m_client, server.url(), open(server))), code);
    }

    void whoLosesInterestClosesTheConnection()
    {
        std::atomic<bool> closed{false};
        std::atomic<bool> asked{false};
        ScriptServer server([&](Connection &connection) {
            (void)connection.readRequest();
            asked = true;
            closed = connection.waitClosed() >= 0;
        });
        auto fetch = std::make_unique<FileFetch>(*m_client, server.url(), open(server), [] {});
        QTRY_VERIFY(asked);
        fetch.reset();
        QTRY_VERIFY(closed);
    }

    void theListKnowsHostsWithAndWithoutPort()
    {
        const QByteArrayList list{"nas.lan", "10.0.0.5:8080", "[fd00::5]", "[fd00::6]:81"};
        for (const char *url : {"http://nas.lan/x", "https://NAS.lan:8443/", "http://10.0.0.5:8080",
                                "http://[fd00::5]:7/", "http://[fd00::6]:81/"})
            QVERIFY2(isListed(list, url), url);
        for (const char *url : {"http://10.0.0.5/", "http://a.nas.lan/", "http://nas.lan.evil/",
                                "http://[fd00::6]/", "http://nas.lan@evil.org/", "nas.lan"})
            QVERIFY2(!isListed(list, url), url);
    }

private:
    std::unique_ptr<Client> m_client = Client::create();
};

TOLLGATE_GATEWAY_TEST(TestFileFetch)
#include "test_filefetch.moc"
