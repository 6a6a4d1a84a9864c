// SPDX-License-Identifier: GPL-3.0-or-later
// However fast the provider and however slow the reader, memory stays bounded, compressed or not.
#include "tests/upstream/fetch.h"
#include "tests/upstream/scriptserver.h"

#include <QElapsedTimer>
#include <QFile>

#include <zlib.h>
#include <zstd.h>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

// AddressSanitizer keeps freed memory for a while to catch its late use: 256 MiB by default.
constexpr qint64 bound(qint64 kib)
{
#if defined(__SANITIZE_ADDRESS__)
    return kib + (512 << 10);
#else
    return kib;
#endif
}

qint64 residentKiB(const char *field)
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return -1;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith(field))
            return line.mid(static_cast<qsizetype>(qstrlen(field)))
                .trimmed()
                .split(' ')[0]
                .toLongLong();
    }
    return -1;
}

QByteArray deflated(const QByteArray &bytes, int windowBits)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, windowBits, 9, Z_DEFAULT_STRATEGY);
    QByteArray out(static_cast<qsizetype>(deflateBound(&stream, static_cast<uLong>(bytes.size()))),
                   Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.constData()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.truncate(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return out;
}

QByteArray gzip(const QByteArray &bytes)
{
    return deflated(bytes, 15 + 16);
}

QByteArray zstd(const QByteArray &bytes)
{
    QByteArray out(
        static_cast<qsizetype>(ZSTD_compressBound(static_cast<std::size_t>(bytes.size()))),
        Qt::Uninitialized);
    const std::size_t size
        = ZSTD_compress(out.data(), static_cast<std::size_t>(out.size()), bytes.constData(),
                        static_cast<std::size_t>(bytes.size()), 19);
    out.truncate(static_cast<qsizetype>(size));
    return out;
}

QByteArray encoded(const QByteArray &encoding, const QByteArray &bytes)
{
    return okResponse(bytes, "Content-Encoding: " + encoding + "\r\n");
}

} // namespace

class TestBackpressure : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bufferStaysSmallAndTheProviderWaits();
    void fastProviderAndSlowReaderStayWithinMemory();
    void pausedExchangeDoesNotTimeOutAsIdle();
    void pausedExchangeCanBeCancelled();
    void everyByteArrivesInOrder();
    void uninvitedCompressionIsDecoded_data();
    void uninvitedCompressionIsDecoded();
    void bombsAreStopped_data();
    void bombsAreStopped();
    void compressedBodyLargerThanTheBufferArrivesWhole();
};

void TestBackpressure::bufferStaysSmallAndTheProviderWaits()
{
    std::atomic<qint64> written{0};
    ScriptServer server([&](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        const QByteArray block = chunk(QByteArray(65536, 'x'));
        while (written < (256 << 20) && connection.write(block))
            written += 65536;
    });
    const auto client = Client::create();
    const auto exchange = client->start(post(server.url()));
    QVERIFY(QTest::qWaitFor([&] { return exchange->head() != nullptr; }, kPatienceMs));
    // Until the socket's window is closed.
    for (qint64 before = -1; std::exchange(before, written.load()) != written;)
        QTest::qWait(300);
    QVERIFY2(written < 64 << 20, QByteArray::number(written.load()).constData());
    const qsizetype buffered = exchange->take().size();
    QVERIFY2(buffered > 0 && buffered <= (256 << 10), QByteArray::number(buffered).constData());
}

void TestBackpressure::fastProviderAndSlowReaderStayWithinMemory()
{
    constexpr qint64 kTotal = 1 << 30;
    ScriptServer server([](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(kTotal)
                         + "\r\n\r\n");
        const QByteArray block(1 << 20, 'x');
        for (qint64 sent = 0; sent < kTotal && connection.write(block); sent += block.size()) { }
    });
    const auto client = Client::create();
    fetch(*client, post(server.url("/warm")), 1); // threads and buffers are there before we measure
    const qint64 before = residentKiB("VmRSS:");
    Request request = post(server.url());
    request.bodyLimit = 4LL << 30;
    const auto exchange = client->start(std::move(request));
    qint64 received = 0;
    qint64 peak = 0;
    int calls = 0;
    QElapsedTimer timer;
    timer.start();
    QEventLoop loop;
    exchange->setWaker([&] {
        received += exchange->take().size();
        if (++calls % 1000 == 0)
            peak = std::max(peak, residentKiB("VmRSS:"));
        if (calls % 500 == 0)
            QThread::msleep(2); // now and then the reader is slow
        if (exchange->ended())
            loop.quit();
    });
    QTimer::singleShot(4 * kPatienceMs, &loop, [&] { loop.quit(); });
    loop.exec();
    received += exchange->take().size();
    QVERIFY(exchange->ended() && !exchange->failed());
    QCOMPARE(received, kTotal);
    qInfo("1 GiB at %.0f MB/s; resident memory grew by at most %lld KiB",
          static_cast<double>(kTotal) / 1e3 / static_cast<double>(timer.elapsed()), peak - before);
    QVERIFY(peak - before < bound(16 << 10));
}

void TestBackpressure::pausedExchangeDoesNotTimeOutAsIdle()
{
    ScriptServer server(always(okResponse(QByteArray(3 << 20, 'x'))));
    const auto client = Client::create();
    Request request = post(server.url());
    request.timeouts.idleMs = 500;
    const auto exchange = client->start(std::move(request));
    QTest::qWait(1500);
    QVERIFY(exchange->head());
    QVERIFY(!exchange->ended());
    const Fetched rest = run(*exchange);
    QVERIFY(rest.complete());
    QCOMPARE(rest.body.size(), 3 << 20);
}

void TestBackpressure::pausedExchangeCanBeCancelled()
{
    std::atomic<bool> closed{false};
    ScriptServer server([&](Connection &connection) {
        connection.readRequest();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n");
        const QByteArray block(65536, 'x');
        while (connection.write(block)) { }
        closed = true;
    });
    const auto client = Client::create();
    const auto exchange = client->start(post(server.url()));
    QTest::qWait(200);
    exchange->cancel();
    QVERIFY(QTest::qWaitFor([&] { return closed.load(); }, kPatienceMs));
}

void TestBackpressure::everyByteArrivesInOrder()
{
    QByteArray body(5'000'000, Qt::Uninitialized);
    quint32 state = 12345;
    for (char &c : body) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    ScriptServer server(always(okResponse(body)));
    const auto client = Client::create();
    const auto exchange = client->start(post(server.url()));
    QByteArray received;
    QElapsedTimer timer;
    timer.start();
    while (!exchange->ended() && timer.elapsed() < kPatienceMs) {
        QTest::qWait(1);
        received += exchange->take();
    }
    received += exchange->take();
    QVERIFY(!exchange->failed());
    QVERIFY(received == body);
}

void TestBackpressure::uninvitedCompressionIsDecoded_data()
{
    QTest::addColumn<QByteArray>("answer");
    const QByteArray text = "{\"text\":\"" + QByteArray("hello ").repeated(5000) + "\"}";
    QTest::newRow("gzip") << encoded("gzip", gzip(text));
    QTest::newRow("x-gzip, upper case") << encoded("GZIP", gzip(text));
    QTest::newRow("deflate") << encoded("deflate", deflated(text, 15));
    QTest::newRow("raw deflate") << encoded("deflate", deflated(text, -15));
    QTest::newRow("zstd") << encoded("zstd", zstd(text));
    QTest::newRow("identity") << encoded("identity", text);
    QTest::newRow("twice gzip") << encoded("gzip, gzip", gzip(gzip(text)));
}

void TestBackpressure::uninvitedCompressionIsDecoded()
{
    QFETCH(QByteArray, answer);
    ScriptServer server(always(answer));
    const auto client = Client::create();
    const Fetched seen = fetch(*client, post(server.url()));
    QVERIFY2(seen.complete(), seen.failure ? qPrintable(seen.failure->message) : "");
    QCOMPARE(seen.body, "{\"text\":\"" + QByteArray("hello ").repeated(5000) + "\"}");
    QVERIFY(server.lastRequest().contains("Accept-Encoding: identity\r\n"));
}

void TestBackpressure::bombsAreStopped_data()
{
    QTest::addColumn<QByteArray>("answer");
    const QByteArray zeros(200 << 20, 0);
    const QByteArray once = gzip(zeros);
    QTest::newRow("gzip") << encoded("gzip", once);
    QTest::newRow("zstd") << encoded("zstd", zstd(zeros));
    QTest::newRow("gzip in gzip") << encoded("gzip, gzip", gzip(once));
}

void TestBackpressure::bombsAreStopped()
{
    QFETCH(QByteArray, answer);
    ScriptServer server(always(answer));
    const auto client = Client::create();
    for (const bool reading : {false, true}) {
        const qint64 before = residentKiB("VmRSS:");
        Request request = post(server.url());
        request.bodyLimit = 32 << 20;
        const auto exchange = client->start(std::move(request));
        qint64 received = 0;
        qint64 peak = 0;
        QElapsedTimer timer;
        timer.start();
        while (!exchange->ended() && timer.elapsed() < (reading ? kPatienceMs : 700)) {
            QTest::qWait(1);
            peak = std::max(peak, residentKiB("VmRSS:"));
            if (reading)
                received += exchange->take().size();
        }
        peak = std::max(peak, residentKiB("VmRSS:"));
        qInfo("%s: resident memory grew by at most %lld KiB", reading ? "reading" : "not reading",
              peak - before);
        QVERIFY(peak - before < bound(32 << 10));
        if (!reading)
            continue;
        QVERIFY(exchange->ended());
        QVERIFY(exchange->failed());
        QVERIFY(exchange->failed()->kind == FailureKind::TooLarge
                || exchange->failed()->kind == FailureKind::Decode);
        QVERIFY(received <= 32 << 20);
    }
}

void TestBackpressure::compressedBodyLargerThanTheBufferArrivesWhole()
{
    QByteArray body;
    for (int i = 0; body.size() < 6'000'000; ++i)
        body += "line " + QByteArray::number(std::int64_t{i} * 7919) + "\n";
    ScriptServer server(always(encoded("gzip", gzip(body))));
    const auto client = Client::create();
    const auto exchange = client->start(post(server.url()));
    QByteArray received;
    qsizetype most = 0;
    QElapsedTimer timer;
    timer.start();
    while (!exchange->ended() && timer.elapsed() < kPatienceMs) {
        QTest::qWait(2);
        const QByteArray bytes = exchange->take();
        most = std::max(most, bytes.size());
        received += bytes;
    }
    received += exchange->take();
    QVERIFY(!exchange->failed());
    QVERIFY(received == body);
    QVERIFY2(most < 1 << 20, QByteArray::number(most).constData());
}

TOLLGATE_GATEWAY_TEST(TestBackpressure)
#include "test_backpressure.moc"
