// SPDX-License-Identifier: GPL-3.0-or-later
// HTTPS with a certificate made on the spot.
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QFile>
#include <QProcess>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QStandardPaths>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

namespace {

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestHttpTls : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    ListenerOptions m_options;

    // A connected client, or one with an error.
    std::unique_ptr<QSslSocket> client(quint16 port,
                                       QSsl::SslProtocol protocol = QSsl::TlsV1_2OrLater)
    {
        auto socket = std::make_unique<QSslSocket>();
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setPeerVerifyMode(QSslSocket::VerifyNone);
        tls.setProtocol(protocol);
        socket->setSslConfiguration(tls);
        socket->connectToHostEncrypted(QStringLiteral("127.0.0.1"), port);
        socket->waitForEncrypted(kPatienceMs);
        return socket;
    }

    static bool ended(QTcpSocket &socket)
    {
        return socket.state() == QAbstractSocket::UnconnectedState
            || socket.waitForDisconnected(kPatienceMs);
    }

    static QByteArray exchange(QSslSocket &socket, const QByteArray &request,
                               const QByteArray &until)
    {
        socket.write(request);
        QByteArray got;
        while (!got.contains(until) && socket.waitForReadyRead(kPatienceMs))
            got += socket.readAll();
        return got;
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (!QSslSocket::supportsSsl())
            QSKIP("Qt has no TLS library here");
        if (QStandardPaths::findExecutable(QStringLiteral("openssl")).isEmpty())
            QSKIP("the openssl command is not installed");
        QProcess openssl;
        openssl.setWorkingDirectory(m_folder.path());
        openssl.start(QStringLiteral("openssl"),
                      {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"),
                       QStringLiteral("ec"), QStringLiteral("-pkeyopt"),
                       QStringLiteral("ec_paramgen_curve:prime256v1"), QStringLiteral("-nodes"),
                       QStringLiteral("-keyout"), QStringLiteral("key.pem"), QStringLiteral("-out"),
                       QStringLiteral("cert.pem"), QStringLiteral("-days"), QStringLiteral("2"),
                       QStringLiteral("-subj"), QStringLiteral("/CN=localhost")});
        QVERIFY(openssl.waitForFinished(kPatienceMs));
        m_options.certificatePem = contents(m_folder.filePath(QStringLiteral("cert.pem")));
        m_options.privateKeyPem = contents(m_folder.filePath(QStringLiteral("key.pem")));
        QVERIFY(!m_options.certificatePem.isEmpty());
        QVERIFY(!m_options.privateKeyPem.isEmpty());
    }

    void answersOverTlsAndKeepsTheConnection()
    {
        std::atomic<bool> tls{false};
        TestServer server(m_options, [&](TestHandler &handler) {
            handler.admission = [&](const RequestHead &head) {
                tls = head.peer.tls;
                return Admission{};
            };
            handler.paths["/big"] = [](Request request, const Out &out) {
                Response response;
                response.body = request.body + "!end!";
                out->respond(response);
            };
            handler.paths["/stream"] = [](Request, const Out &out) {
                out->begin(200, {});
                auto *timer = new QTimer;
                QObject::connect(timer, &QTimer::timeout, timer, [=, n = 0]() mutable {
                    out->write("event " + QByteArray::number(n++) + ";");
                    if (n == 20) {
                        out->end("done");
                        timer->deleteLater();
                    }
                });
                timer->start(2);
            };
        });
        QVERIFY2(!server.error(), server.error() ? qPrintable(server.error()->message) : "");
        const auto socket = client(server.port());
        QVERIFY(socket->isEncrypted());
        QVERIFY(exchange(*socket, server.request("GET", "/a"), "GET /a\n")
                    .startsWith("HTTP/1.1 200 OK"));
        QVERIFY(tls);
        const QByteArray body(3 << 20, 'b');
        QVERIFY(exchange(*socket, server.request("POST", "/big", {}, body), "!end!").size()
                > body.size());
        const QByteArray streamed
            = exchange(*socket, server.request("GET", "/stream"), "\r\n0\r\n\r\n");
        QVERIFY(streamed.contains("event 19;"));
        // Pipelined behind a stream: in order.
        const QByteArray both = exchange(
            *socket, server.request("GET", "/stream") + server.request("GET", "/z"), "GET /z\n");
        QVERIFY(both.indexOf("event 19;") < both.indexOf("GET /z"));
        QCOMPARE(server.census().accepted.load(), 1);
    }

    void anEarlyRefusalArrives()
    {
        ListenerOptions options = m_options;
        options.limits.lingerMs = kPatienceMs; // the client reads when it has written
        TestServer server(options, [](TestHandler &handler) {
            handler.admission = [](const RequestHead &) { return Admission{std::nullopt, 1000}; };
        });
        const auto socket = client(server.port());
        const QByteArray got = exchange(*socket,
                                        server.request("POST", "/", "Content-Length: 100000\r\n")
                                            + QByteArray(90'000, 'x'),
                                        "\r\n\r\n");
        QVERIFY(got.startsWith("HTTP/1.1 413"));
    }

    void aClientThatLeavesIsNoticed()
    {
        std::atomic<bool> gone{false};
        Keep keep;
        TestServer server(m_options, [&](TestHandler &handler) {
            handler.paths["/hold"] = [&](Request, const Out &out) {
                out->onGone([&] { gone = true; });
                keep.streams.push_back(out);
            };
        });
        const auto socket = client(server.port());
        socket->write(server.request("GET", "/hold"));
        socket->waitForBytesWritten(kPatienceMs);
        QVERIFY(eventually([&] { return server.handler().handled == 1; }));
        socket->abort();
        QVERIFY(eventually([&] { return gone.load(); }));
        server.run([&] { keep.streams.clear(); });
        QVERIFY(server.waitForConnections(0));
    }

    // Reading that was to go on in the next turn, when there is nobody left to read.
    void aListenerMayDieUnderAClientThatSendsAhead()
    {
        Keep keep;
        TestServer server(m_options, [&](TestHandler &handler) {
            handler.paths["/hold"] = [&](Request, const Out &out) { keep.streams.push_back(out); };
        });
        const auto socket = client(server.port());
        socket->write(server.request("GET", "/hold"));
        while (socket->bytesToWrite() + socket->encryptedBytesToWrite() > 0)
            QVERIFY(socket->waitForBytesWritten(kPatienceMs));
        QVERIFY(eventually([&] { return server.handler().handled == 1; }));
        socket->write(QByteArray(256 * 1024, 'x'));
        while (socket->waitForBytesWritten(300)) { }
        server.runAndCloseListener([&] {
            keep.streams.front()->respond({});
            keep.streams.clear();
        });
        server.run([] {}); // what was put off is over
        QCOMPARE(server.handler().handled.load(), 1);
    }

    void plainTextAndSilenceEndTheHandshake()
    {
        ListenerOptions options = m_options;
        options.limits.handshakeTimeoutMs = 200;
        TestServer server(options);
        QTcpSocket plain;
        plain.connectToHost(QStringLiteral("127.0.0.1"), server.port());
        QVERIFY(plain.waitForConnected(kPatienceMs));
        plain.write(server.request("GET", "/"));
        QVERIFY(ended(plain));
        QVERIFY(!plain.readAll().contains("HTTP/1.1"));
        QTcpSocket silent;
        silent.connectToHost(QStringLiteral("127.0.0.1"), server.port());
        QVERIFY(silent.waitForConnected(kPatienceMs));
        QVERIFY(ended(silent));
        QVERIFY(server.waitForConnections(0));
        QCOMPARE(server.handler().handled.load(), 0);
    }

    void oldTlsIsRefused()
    {
        TestServer server(m_options);
        QT_WARNING_PUSH
        QT_WARNING_DISABLE_DEPRECATED
        const auto old = client(server.port(), QSsl::TlsV1_1);
        QT_WARNING_POP
        QVERIFY(!old->isEncrypted());
    }

    void badKeysAreExplained()
    {
        ListenerOptions options = m_options;
        options.privateKeyPem = "nonsense";
        QVERIFY(TestServer(options).error());
        options = m_options;
        options.certificatePem.clear();
        QVERIFY(TestServer(options).error());
    }
};

QTEST_GUILESS_MAIN(TestHttpTls)
#include "test_http_tls.moc"
