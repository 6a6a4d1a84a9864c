// SPDX-License-Identifier: GPL-3.0-or-later
// Requests a second of one client on one thread against nginx. A measurement, so only with
// TOLLGATE_LONG set.
#include "tests/upstream/fetch.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>

#include <sys/resource.h>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

double cpuSeconds()
{
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](timeval t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace

class TestSpeed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void requestsASecond_data();
    void requestsASecond();

private:
    QTemporaryDir m_folder;
    QProcess m_nginx;
    int m_port = 0;
};

void TestSpeed::initTestCase()
{
    if (!qEnvironmentVariableIsSet("TOLLGATE_LONG"))
        QSKIP("Set TOLLGATE_LONG=1 to measure.");
    const QString nginx = QStandardPaths::findExecutable(
        QStringLiteral("nginx"), {QStringLiteral("/usr/sbin"), QStringLiteral("/usr/bin")});
    if (nginx.isEmpty())
        QSKIP("nginx is needed.");
    {
        QTcpServer probe;
        QVERIFY(probe.listen(QHostAddress::LocalHost));
        m_port = probe.serverPort();
    }
    QFile config(m_folder.filePath(QStringLiteral("nginx.conf")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;\n"
        "events { worker_connections 1024; }\nhttp { access_log off;\n"
        "keepalive_requests 100000000; client_body_temp_path body; proxy_temp_path proxy;\n"
        "fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
        "client_body_buffer_size 256k; client_max_body_size 8m;\n"
        "server { listen 127.0.0.1:"
        + QByteArray::number(m_port) + "; location / { return 200 '" + QByteArray(1024, 'x')
        + "'; } } }\n");
    config.close();
    m_nginx.setWorkingDirectory(m_folder.path());
    m_nginx.start(nginx,
                  {QStringLiteral("-p"), m_folder.path(), QStringLiteral("-c"),
                   QStringLiteral("nginx.conf"), QStringLiteral("-e"),
                   QStringLiteral("error.log")});
    QVERIFY(QTest::qWaitFor(
        [&] {
            QTcpSocket socket;
            socket.connectToHost(QHostAddress::LocalHost, static_cast<quint16>(m_port));
            return socket.waitForConnected(100);
        },
        10'000));
}

void TestSpeed::cleanupTestCase()
{
    m_nginx.kill();
    m_nginx.waitForFinished();
}

void TestSpeed::requestsASecond_data()
{
    QTest::addColumn<int>("parallel");
    QTest::addColumn<int>("size");
    QTest::newRow("1 KB, 32 at once") << 32 << 1024;
    QTest::newRow("1 KB, one at a time") << 1 << 1024;
    QTest::newRow("88 KB, 32 at once") << 32 << 88 * 1024;
}

void TestSpeed::requestsASecond()
{
    QFETCH(int, parallel);
    QFETCH(int, size);
    const QByteArray url
        = "http://127.0.0.1:" + QByteArray::number(m_port) + "/v1/chat/completions";
    const QByteArray body(size, 'b');
    const auto client = Client::create();
    std::vector<std::unique_ptr<Exchange>> exchanges(static_cast<std::size_t>(parallel));
    qint64 done = 0;
    qint64 failed = 0;
    bool stop = false;
    std::function<void(std::size_t)> next = [&](std::size_t slot) {
        Request request = post(url, body);
        request.headers.append("Authorization",
                               "Bearer sk-0123456789012345678901234567890123456789");
        request.headers.append("User-Agent", "tollgate");
        exchanges[slot] = client->start(std::move(request));
        exchanges[slot]->setWaker([&, slot] {
            exchanges[slot]->take();
            if (!exchanges[slot]->ended())
                return;
            ++done;
            failed += exchanges[slot]->failed().has_value();
            if (!stop)
                next(slot);
        });
    };
    for (std::size_t slot = 0; slot < exchanges.size(); ++slot)
        next(slot);
    QTest::qWait(300);
    QEventLoop loop;
    QTimer::singleShot(3000, &loop, [&] { loop.quit(); });
    const qint64 before = done;
    const double cpu = cpuSeconds();
    QElapsedTimer timer;
    timer.start();
    loop.exec();
    const auto count = static_cast<double>(done - before);
    const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
    const double spent = cpuSeconds() - cpu;
    stop = true;
    QVERIFY(QTest::qWaitFor([&] { return client->running() == 0; }));
    qInfo("%.0f requests/s, %.1f us of processor time each (%.0f a processor second)",
          count / seconds, spent * 1e6 / count, count / spent);
    QCOMPARE(failed, 0);
}

TOLLGATE_GATEWAY_TEST(TestSpeed)
#include "test_speed.moc"
