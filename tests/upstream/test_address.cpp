// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/address.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::upstream;

class TestAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void addresses_data();
    void addresses();
    void urls_data();
    void urls();
    void everySpellingOfLoopbackIsRefused_data();
    void everySpellingOfLoopbackIsRefused();
    void loopbackIsRecognised();
    void proxies_data();
    void proxies();
};

void TestAddress::addresses_data()
{
    QTest::addColumn<QByteArray>("address");
    QTest::addColumn<bool>("open");
    QTest::addColumn<bool>("local");
    const auto rows = [](bool open, bool local, std::initializer_list<const char *> addresses) {
        for (const char *address : addresses)
            QTest::newRow(address) << QByteArray(address) << open << local;
    };
    rows(true, true,
         {"8.8.8.8",          "1.1.1.1",         "9.255.255.255",        "11.0.0.0",
          "100.63.255.255",   "100.128.0.0",     "126.255.255.255",      "128.0.0.0",
          "172.15.255.255",   "172.32.0.0",      "192.167.255.255",      "192.169.0.0",
          "198.17.255.255",   "198.20.0.0",      "223.255.255.255",      "169.253.255.255",
          "169.255.0.0",      "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8",
          "64:ff9b::808:808", "2002:808:808::1"});
    rows(false, true, {"127.0.0.1",        "127.255.255.255",
                       "10.0.0.0",         "10.255.255.255",
                       "100.64.0.1",       "100.127.255.255",
                       "172.16.0.1",       "172.31.255.255",
                       "192.168.0.1",      "192.168.255.255",
                       "192.0.0.8",        "198.18.0.1",
                       "198.19.255.255",   "::1",
                       "fc00::1",          "fd12:3456::1",
                       "fdff:ffff::1",     "fe80::1",
                       "febf::1",          "fec0::1",
                       "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                       "64:ff9b::7f00:1",  "64:ff9b:1::1",
                       "2002:7f00:1::",    "2002:a00:1::",
                       "::10.0.0.1",       "fe80::1%eth0"});
    rows(false, false,
         {"169.254.169.254",
          "169.254.170.2",
          "169.254.0.1",
          "0.0.0.0",
          "0.1.2.3",
          "224.0.0.1",
          "239.255.255.255",
          "240.0.0.1",
          "255.255.255.255",
          "100.100.100.200",
          "192.0.0.192",
          "::",
          "fd00:ec2::254",
          "fe80::a9fe:a9fe",
          "ff02::1",
          "::ffff:169.254.169.254",
          "::ffff:0.0.0.0",
          "64:ff9b::a9fe:a9fe",
          "2002:a9fe:a9fe::",
          "2001::1",
          "::169.254.169.254",
          "",
          "localhost",
          "1.2.3",
          "1.2.3.4.5",
          "256.1.1.1",
          "0x7f.1",
          "not an address"});
}

void TestAddress::addresses()
{
    QFETCH(QByteArray, address);
    QFETCH(bool, open);
    QFETCH(bool, local);
    QCOMPARE(addressAllowed(address.constData(), false), open);
    QCOMPARE(addressAllowed(address.constData(), true), local);
}

void TestAddress::urls_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<bool>("local");
    QTest::addColumn<QByteArray>("host"); // empty: refused
    QTest::addColumn<int>("port");
    const auto ok = [](const char *url, bool local, const char *host, int port) {
        QTest::newRow(url) << QByteArray(url) << local << QByteArray(host) << port;
    };
    const auto no = [](const char *url, bool local) {
        QTest::newRow(url) << QByteArray(url) << local << QByteArray() << 0;
    };
    ok("https://api.openai.com/v1/chat/completions", false, "api.openai.com", 443);
    ok("HTTPS://API.OpenAI.com", false, "api.openai.com", 443);
    ok("https://x.openai.azure.com/openai/deployments/a%20b/chat?api-version=2024-10-21", false,
       "x.openai.azure.com", 443);
    ok("https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse",
       false, "generativelanguage.googleapis.com", 443);
    ok("https://8.8.8.8:8443/", false, "8.8.8.8", 8443);
    ok("https://[2606:4700::1111]/", false, "2606:4700::1111", 443);
    ok("http://127.0.0.1:11434/api/chat", true, "127.0.0.1", 11434);
    ok("http://[::1]:1234", true, "::1", 1234);
    ok("http://ollama:11434/v1", true, "ollama", 11434);
    ok("http://host_with_underscore/", true, "host_with_underscore", 80);
    ok("http://nas.local:5432/", true, "nas.local", 5432);
    no("http://api.openai.com/", false);
    no("https://127.0.0.1/", false);
    no("https://[::1]/", false);
    no("https://[::ffff:7f00:1]/", false);
    no("https://10.0.0.1/", false);
    no("https://192.168.1.1/", false);
    no("http://169.254.169.254/latest/meta-data/", true);
    no("http://[fd00:ec2::254]/", true);
    no("http://0.0.0.0/", true);
    no("http://[::]/", true);
    no("https://api.example.com:25/", false);
    no("https://api.example.com:6379/", false);
    no("https://api.example.com:0/", true);
    no("https://api.example.com:65536/", true);
    no("https://api.example.com:/", true);
    no("https://api.example.com:80a/", true);
    no("https://api.example.com:-1/", true);
    no("https://user@api.example.com/", true);
    no("https://user:pw@api.example.com/", true);
    no("https://good.com\\@127.0.0.1/", true);
    no("https://good.com#@evil.com/", true);
    no("https://good.com/#x", true);
    no("https://good.com /", true);
    no("https://good.com/a b", true);
    no("https://good.com/a\tb", true);
    no("https://good.com/a\r\nHost: evil", true);
    no("https://good.com/%zz", true);
    no("https://good.com/%2", true);
    no("https://good.com/\xC3\xA9", true);
    no("https://g\xC3\xB6od.com/", true);
    no("https://good..com/", true);
    no("https://.good.com/", true);
    no("https://good.com./", true);
    no("https://-good.com/", true);
    no("https://[::1/", true);
    no("https://[::1]evil/", true);
    no("https://[fe80::1%25eth0]/", true);
    no("https://[1.2.3.4]/", true);
    no("https:///path", true);
    no("https://", true);
    no("https:/api.example.com", true);
    no("//api.example.com/", true);
    no("file:///etc/passwd", true);
    no("ftp://example.com/", true);
    no("gopher://127.0.0.1/", true);
    no("dict://127.0.0.1:11211/stat", true);
    no("", true);
}

void TestAddress::urls()
{
    QFETCH(QByteArray, url);
    QFETCH(bool, local);
    QFETCH(QByteArray, host);
    QFETCH(int, port);
    const auto target = checkUrl(url, local);
    QCOMPARE(target.has_value(), !host.isEmpty());
    if (!target) {
        QVERIFY(target.error().message.endsWith(u'.'));
        return;
    }
    QCOMPARE(target->host, host);
    QCOMPARE(int(target->port), port);
}

void TestAddress::everySpellingOfLoopbackIsRefused_data()
{
    QTest::addColumn<QByteArray>("host");
    for (const char *host : {"127.0.0.1",
                             "127.1",
                             "127.0.1",
                             "2130706433",
                             "017700000001",
                             "0x7f000001",
                             "0x7f.1",
                             "0x7f.0.0.1",
                             "0177.0.0.1",
                             "0177.0.0.01",
                             "127.0.0.01",
                             "127.00.0.1",
                             "127.0.0.1.",
                             "0x7F000001",
                             "0X7f.0x0.0x0.0x1",
                             "[::1]",
                             "[0:0:0:0:0:0:0:1]",
                             "[::ffff:127.0.0.1]",
                             "[::ffff:7f00:1]",
                             "[0:0:0:0:0:ffff:7f00:1]",
                             "[::127.0.0.1]",
                             "[64:ff9b::7f00:1]",
                             "[2002:7f00:1::]",
                             "0",
                             "0.0.0.0",
                             "00000000",
                             "[::]",
                             "1",
                             "127.127.127.127",
                             "%31%32%37.0.0.1",
                             "127%2e0.0.1",
                             "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1",
                             "4294967295",
                             "0xffffffff",
                             "300.1.1.1"})
        QTest::newRow(host) << QByteArray(host);
}

void TestAddress::everySpellingOfLoopbackIsRefused()
{
    QFETCH(QByteArray, host);
    QVERIFY(!checkUrl("https://" + host + "/", false));
    QVERIFY(!checkUrl("https://" + host + ":443/x", false));
}

void TestAddress::loopbackIsRecognised()
{
    for (const char *url : {"http://127.0.0.1/", "http://127.9.9.9:1/", "http://[::1]:80/",
                            "http://localhost:1/", "http://LOCALHOST/", "http://a.localhost/"})
        QVERIFY2(checkUrl(url, true)->isLoopback(), url);
    for (const char *url : {"http://127.example.com/", "http://10.0.0.1/", "http://localhost.evil/",
                            "http://notlocalhost/", "http://[fd00::1]/"})
        QVERIFY2(!checkUrl(url, true)->isLoopback(), url);
}

void TestAddress::proxies_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<bool>("valid");
    for (const char *url :
         {"http://proxy:3128", "http://user:p%40ss@proxy.example.com:3128/", "https://proxy:443",
          "socks5://127.0.0.1:1080", "socks5h://[::1]:1080", "SOCKS5H://proxy:1080"})
        QTest::newRow(url) << QByteArray(url) << true;
    for (const char *url : {"", "proxy:3128", "ftp://proxy", "http://", "http://proxy:99999",
                            "http://a b:1", "http://proxy:1/path", "http://proxy\r\nX: 1",
                            "http://user@evil@proxy:1", "socks4://proxy:1", "http://127.1:80"})
        QTest::newRow(url) << QByteArray(url) << false;
}

void TestAddress::proxies()
{
    QFETCH(QByteArray, url);
    QFETCH(bool, valid);
    QCOMPARE(isProxyUrl(url), valid);
}

QTEST_GUILESS_MAIN(TestAddress)
#include "test_address.moc"
