// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates are always checked, and HTTP/2 is used where the provider offers it. The upstream is
// an nginx with certificates made here; without nginx or the openssl program these tests skip.
#include "tests/upstream/fetch.h"
#include "tests/upstream/scriptserver.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

int freePort()
{
    QTcpServer probe;
    probe.listen(QHostAddress::LocalHost);
    return probe.serverPort();
}

} // namespace

class TestTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void trustedCertificateOverHttp2AndHttp1();
    void untrustedCertificateIsRefused();
    void extraAnchorsOfOneRequestDoNotLeakIntoTheNext();
    void wrongHostIsRefused();
    void expiredCertificateIsRefused();
    void pooledConnectionIsDeniedToAChannelThatMayNotDialIt();
    void garbageAndHangUpInTheHandshake();
    void plainServerOnATlsPort();
    void parallelRequestsShareHttp2Connections();
    void connectionsEndedByTheServerCostNoRequest();

private:
    bool openssl(const QStringList &arguments);
    bool certificate(const QString &name, const QString &subjectAlternative, const QString &days);
    Request request(int port, const QByteArray &path = "/ok");
    int logged(const QByteArray &path);

    QTemporaryDir m_folder;
    QProcess m_nginx;
    int m_good = 0;
    int m_wrongHost = 0;
    int m_expired = 0;
};

bool TestTls::openssl(const QStringList &arguments)
{
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(QStringLiteral("openssl"), arguments);
    return process.waitForFinished(20'000) && process.exitCode() == 0;
}

bool TestTls::certificate(const QString &name, const QString &subjectAlternative,
                          const QString &days)
{
    QFile extensions(m_folder.filePath(name + QStringLiteral(".ext")));
    if (!extensions.open(QIODevice::WriteOnly))
        return false;
    extensions.write("subjectAltName=" + subjectAlternative.toUtf8() + "\n");
    extensions.close();
    return openssl({QStringLiteral("req"), QStringLiteral("-newkey"), QStringLiteral("rsa:2048"),
                    QStringLiteral("-nodes"), QStringLiteral("-subj"),
                    QStringLiteral("/CN=") + name, QStringLiteral("-keyout"),
                    name + QStringLiteral(".key"), QStringLiteral("-out"),
                    name + QStringLiteral(".csr")})
        && openssl({QStringLiteral("x509"), QStringLiteral("-req"), QStringLiteral("-in"),
                    name + QStringLiteral(".csr"), QStringLiteral("-CA"), QStringLiteral("ca.crt"),
                    QStringLiteral("-CAkey"), QStringLiteral("ca.key"),
                    QStringLiteral("-CAcreateserial"), QStringLiteral("-days"), days,
                    QStringLiteral("-extfile"), name + QStringLiteral(".ext"),
                    QStringLiteral("-out"), name + QStringLiteral(".crt")});
}

void TestTls::initTestCase()
{
    const QString nginx
        = QStandardPaths::findExecutable(QStringLiteral("nginx"),
                                         {QStringLiteral("/usr/sbin"), QStringLiteral("/usr/bin"),
                                          QStringLiteral("/usr/local/sbin")});
    if (nginx.isEmpty() || QStandardPaths::findExecutable(QStringLiteral("openssl")).isEmpty())
        QSKIP("nginx and openssl are needed for an upstream with TLS.");
    QVERIFY(openssl({QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"),
                     QStringLiteral("rsa:2048"), QStringLiteral("-nodes"), QStringLiteral("-subj"),
                     QStringLiteral("/CN=Test CA"), QStringLiteral("-days"), QStringLiteral("2"),
                     QStringLiteral("-keyout"), QStringLiteral("ca.key"), QStringLiteral("-out"),
                     QStringLiteral("ca.crt")}));
    QVERIFY(certificate(QStringLiteral("good"), QStringLiteral("IP:127.0.0.1,DNS:localhost"),
                        QStringLiteral("2")));
    QVERIFY(certificate(QStringLiteral("wronghost"), QStringLiteral("DNS:other.example"),
                        QStringLiteral("2")));
    QVERIFY(certificate(QStringLiteral("expired"), QStringLiteral("IP:127.0.0.1"),
                        QStringLiteral("-1")));
    m_good = freePort();
    m_wrongHost = freePort();
    m_expired = freePort();
    const auto server = [](int port, const QByteArray &name) {
        return "server { listen 127.0.0.1:" + QByteArray::number(port)
            + " ssl http2; ssl_certificate " + name + ".crt; ssl_certificate_key " + name
            + ".key;\n location /ok { access_log access.log p; return 200 '{\"ok\":true}'; }\n"
              " location /few { access_log access.log p; keepalive_requests 3;"
              " return 200 '{}'; } }\n";
    };
    QFile config(m_folder.filePath(QStringLiteral("nginx.conf")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;\n"
        "events { worker_connections 1024; }\n"
        "http { log_format p '$request_uri $server_protocol $connection'; access_log off;\n"
        "client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;\n"
        "uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
        + server(m_good, "good") + server(m_wrongHost, "wronghost") + server(m_expired, "expired")
        + "}\n");
    config.close();
    m_nginx.setWorkingDirectory(m_folder.path());
    m_nginx.start(nginx,
                  {QStringLiteral("-p"), m_folder.path(), QStringLiteral("-c"),
                   QStringLiteral("nginx.conf"), QStringLiteral("-e"),
                   QStringLiteral("error.log")});
    QVERIFY(m_nginx.waitForStarted());
    QVERIFY2(QTest::qWaitFor(
                 [&] {
                     QTcpSocket socket;
                     socket.connectToHost(QHostAddress::LocalHost, static_cast<quint16>(m_expired));
                     return socket.waitForConnected(100);
                 },
                 10'000),
             m_nginx.readAllStandardError().constData());
}

void TestTls::cleanupTestCase()
{
    m_nginx.kill();
    m_nginx.waitForFinished();
}

Request TestTls::request(int port, const QByteArray &path)
{
    Request request = post("https://127.0.0.1:" + QByteArray::number(port) + path);
    request.caFile = m_folder.filePath(QStringLiteral("ca.crt")).toUtf8();
    return request;
}

int TestTls::logged(const QByteArray &path)
{
    QFile log(m_folder.filePath(QStringLiteral("access.log")));
    return log.open(QIODevice::ReadOnly) ? static_cast<int>(log.readAll().count(path)) : 0;
}

void TestTls::trustedCertificateOverHttp2AndHttp1()
{
    const auto client = Client::create();
    for (const bool http2 : {true, false}) {
        for (int i = 0; i < 3; ++i) {
            Request over = request(m_good, http2 ? "/ok?two" : "/ok?one");
            over.http2 = http2;
            const Fetched answer = fetch(*client, std::move(over));
            QVERIFY2(answer.complete(),
                     answer.failure ? qPrintable(answer.failure->message) : "no end");
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.body, QByteArray("{\"ok\":true}"));
            QCOMPARE(answer.timing.reused, i > 0);
        }
    }
    QVERIFY(QTest::qWaitFor([&] { return logged("/ok?one HTTP/1.1") == 3; }, kPatienceMs));
    QCOMPARE(logged("/ok?two HTTP/2.0"), 3);
}

void TestTls::untrustedCertificateIsRefused()
{
    Request unknown = request(m_good, "/ok?untrusted");
    unknown.caFile.clear();
    const auto client = Client::create();
    const Fetched answer = fetch(*client, std::move(unknown));
    QVERIFY(answer.failedAs(FailureKind::Tls));
    QVERIFY(!answer.sent);
    QCOMPARE(logged("untrusted"), 0);
}

void TestTls::extraAnchorsOfOneRequestDoNotLeakIntoTheNext()
{
    const auto client = Client::create();
    for (int i = 0; i < 3; ++i) {
        QVERIFY(fetch(*client, request(m_good)).complete());
        Request unknown = request(m_good);
        unknown.caFile.clear();
        QVERIFY(fetch(*client, std::move(unknown)).failedAs(FailureKind::Tls));
    }
}

void TestTls::wrongHostIsRefused()
{
    const auto client = Client::create();
    const Fetched answer = fetch(*client, request(m_wrongHost));
    QVERIFY(answer.failedAs(FailureKind::Tls));
    QVERIFY(!answer.sent);
}

void TestTls::expiredCertificateIsRefused()
{
    const auto client = Client::create();
    const Fetched answer = fetch(*client, request(m_expired));
    QVERIFY(answer.failedAs(FailureKind::Tls));
    QVERIFY(!answer.sent);
    QVERIFY(answer.failure->message.contains(QStringLiteral("expired")));
}

void TestTls::pooledConnectionIsDeniedToAChannelThatMayNotDialIt()
{
    const auto client = Client::create();
    for (const bool local : {true, false, true, false}) {
        Request named = request(m_good);
        named.url = "https://localhost:" + QByteArray::number(m_good) + "/ok?pooled";
        named.local = local;
        const Fetched answer = fetch(*client, std::move(named));
        QCOMPARE(answer.complete(), local);
        QCOMPARE(answer.failedAs(FailureKind::Denied), !local);
        QCOMPARE(answer.sent, local);
    }
    QVERIFY(QTest::qWaitFor([&] { return logged("/ok?pooled") == 2; }, kPatienceMs));
}

void TestTls::garbageAndHangUpInTheHandshake()
{
    ScriptServer garbage([](Connection &connection) {
        connection.read();
        connection.write("this is not a server hello, whatever you may think of it\r\n");
        connection.waitClosed(1000);
    });
    ScriptServer hangUp([](Connection &connection) { connection.read(); });
    ScriptServer reset([](Connection &connection) {
        connection.read();
        connection.reset();
    });
    const auto client = Client::create();
    for (const ScriptServer *server : {&garbage, &hangUp, &reset}) {
        const Fetched answer = fetch(*client, request(server->port()));
        QVERIFY(answer.failedAs(FailureKind::Tls));
        QVERIFY(!answer.sent);
    }
}

void TestTls::plainServerOnATlsPort()
{
    ScriptServer plain([](Connection &connection) {
        connection.read();
        connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const auto client = Client::create();
    QVERIFY(fetch(*client, request(plain.port())).failedAs(FailureKind::Tls));
}

void TestTls::parallelRequestsShareHttp2Connections()
{
    const auto client = Client::create();
    QVERIFY(fetch(*client, request(m_good)).complete());
    std::vector<std::unique_ptr<Exchange>> exchanges;
    for (int i = 0; i < 60; ++i)
        exchanges.push_back(client->start(request(m_good, "/ok?parallel")));
    QVERIFY(QTest::qWaitFor([&] { return client->running() == 0; }, kPatienceMs));
    int reused = 0;
    for (const auto &exchange : exchanges) {
        QVERIFY(!exchange->failed());
        reused += exchange->timing().reused;
    }
    QCOMPARE(reused, 60);
    QVERIFY(QTest::qWaitFor([&] { return logged("/ok?parallel") == 60; }, kPatienceMs));
}

// nginx sends GOAWAY after three requests: none may be lost, none may arrive twice.
void TestTls::connectionsEndedByTheServerCostNoRequest()
{
    const auto client = Client::create();
    for (const bool http2 : {true, false}) {
        const QByteArray path = http2 ? "/few?two" : "/few?one";
        for (int i = 0; i < 30; ++i) {
            Request one = request(m_good, path);
            one.http2 = http2;
            const Fetched answer = fetch(*client, std::move(one));
            QVERIFY2(answer.complete(),
                     answer.failure ? qPrintable(answer.failure->message) : "no end");
        }
        QVERIFY(QTest::qWaitFor([&] { return logged(path) >= 30; }, kPatienceMs));
        QCOMPARE(logged(path), 30);
    }
}

TOLLGATE_GATEWAY_TEST(TestTls)
#include "test_tls.moc"
