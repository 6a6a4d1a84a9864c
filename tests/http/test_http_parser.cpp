// SPDX-License-Identifier: GPL-3.0-or-later
// The framing parser without sockets: limits at their cap and one beyond, every split, the request
// target, chunked and compressed bodies.
#include "core/http/bodyreader.h"
#include "core/http/headparser.h"
#include "core/http/target.h"

#include <QElapsedTimer>
#include <QTest>

#include <zlib.h>

using namespace tollgate;
using namespace tollgate::http;

namespace {

QByteArray compressed(const QByteArray &plain, int windowBits)
{
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    QByteArray out(static_cast<qsizetype>(deflateBound(&stream, static_cast<uLong>(plain.size())))
                       + 64,
                   Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(plain.constData()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return out;
}

struct Read
{
    Progress progress = Progress::NeedMore;
    QByteArray body;
    ErrorKind kind = ErrorKind::Internal;
    qsizetype left = 0;
};

Read readBody(const QByteArray &wire, std::int64_t length, std::int64_t limit,
              Coding coding = Coding::Identity, qsizetype step = 0)
{
    const Limits limits;
    BodyReader reader(limits);
    reader.start(length, limit, coding);
    Read read;
    QByteArrayView input(wire);
    while (read.progress == Progress::NeedMore) {
        QByteArrayView piece = step > 0 ? input.first(std::min(step, input.size())) : input;
        const qsizetype before = piece.size();
        read.progress = reader.feed(piece);
        input = input.sliced(before - piece.size());
        if (input.isEmpty())
            break;
    }
    read.left = input.size();
    if (read.progress == Progress::Failed)
        read.kind = reader.fault().kind;
    read.body = reader.take();
    return read;
}

int statusOf(const QByteArray &head, const Limits &limits = {})
{
    HeadParser parser(limits);
    switch (parser.feed(head)) {
    case Progress::NeedMore:
        return 0;
    case Progress::Done:
        return 200;
    case Progress::Failed:
        return parser.fault().answerStatus();
    }
    return -1;
}

} // namespace

class TestHttpParser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aHeadIsReadIntoItsParts()
    {
        const Limits limits;
        HeadParser parser(limits);
        const QByteArray wire
            = "\r\nPOST /v1/x%2Fy?a=b&c HTTP/1.1\r\nHOST:  h:1 \r\nX-Odd:\t a b \r\n"
              "Connection: keep-alive, CLOSE\r\nTransfer-Encoding: Chunked\r\n\r\nrest";
        QVERIFY(parser.feed(wire) == Progress::Done);
        QCOMPARE(parser.consumed(), wire.size() - 4);
        const ParsedHead parsed = parser.take(wire);
        QCOMPARE(parsed.head.method, "POST");
        QCOMPARE(parsed.head.target, "/v1/x%2Fy?a=b&c");
        QCOMPARE(parsed.head.path, "/v1/x%2Fy");
        QCOMPARE(parsed.head.query, "a=b&c");
        QCOMPARE(parsed.head.bodyLength, std::int64_t(-1));
        QCOMPARE(parsed.host, "h:1");
        QCOMPARE(parsed.head.headers.value("x-odd"), "a b");
        QVERIFY(!parsed.keepAlive);
        QCOMPARE(parsed.head.headers.size(), std::size_t(4));
    }

    void headLimitsHoldAtTheirCap()
    {
        Limits limits;
        limits.requestLine = 100;
        limits.headerField = 60;
        limits.headerBlock = 200;
        limits.headerCount = 5;
        const auto line
            = [](qsizetype size) { return "GET /" + QByteArray(size - 14, 'x') + " HTTP/1.1\r\n"; };
        QCOMPARE(statusOf(line(100) + "\r\n", limits), 200);
        QCOMPARE(statusOf(line(101) + "\r\n", limits), 414);
        QCOMPARE(statusOf("GET /" + QByteArray(200, 'x'), limits), 414); // without any end

        const auto field
            = [](qsizetype size) { return "a: " + QByteArray(size - 3, 'v') + "\r\n"; };
        QCOMPARE(statusOf(line(20) + field(60) + "\r\n", limits), 200);
        QCOMPARE(statusOf(line(20) + field(61) + "\r\n", limits), 431);
        QCOMPARE(statusOf(line(20) + "a: " + QByteArray(100, 'v'), limits), 431);

        // 60 + 2 three times, 10 + 2, and the empty line make 200.
        const QByteArray three = field(60) + field(60) + field(60);
        QCOMPARE(statusOf(line(20) + three + field(10) + "\r\n", limits), 200);
        QCOMPARE(statusOf(line(20) + three + field(11) + "\r\n", limits), 431);

        QByteArray five;
        for (int i = 0; i < 5; ++i)
            five += field(10);
        QCOMPARE(statusOf(line(20) + five + "\r\n", limits), 200);
        QCOMPARE(statusOf(line(20) + five + field(10) + "\r\n", limits), 431);
    }

    void theDefaultLimitsAreThoseOfTheTable()
    {
        const QByteArray top = "GET / HTTP/1.1\r\n";
        QCOMPARE(statusOf("GET /" + QByteArray(8192 - 14, 'x') + " HTTP/1.1\r\n\r\n"), 200);
        QCOMPARE(statusOf("GET /" + QByteArray(8193 - 14, 'x') + " HTTP/1.1\r\n\r\n"), 414);
        QCOMPARE(statusOf(top + "a: " + QByteArray(16 * 1024 - 3, 'v') + "\r\n\r\n"), 200);
        QCOMPARE(statusOf(top + "a: " + QByteArray(16 * 1024 - 2, 'v') + "\r\n\r\n"), 431);
        QByteArray hundred = top;
        for (int i = 0; i < 100; ++i)
            hundred += "a: b\r\n";
        QCOMPARE(statusOf(hundred + "\r\n"), 200);
        QCOMPARE(statusOf(hundred + "a: b\r\n\r\n"), 431);
    }

    void scanningIsLinear()
    {
        constexpr int fields = 10'000;
        constexpr qsizetype fieldSize = 300;
        Limits limits;
        limits.headerCount = fields;
        limits.headerBlock = 2 * fields * fieldSize;
        QByteArray head = "GET / HTTP/1.1\r\n";
        for (int i = 0; i < fields; ++i)
            head += "x-field-" + QByteArray::number(i) + ": " + QByteArray(fieldSize, 'v') + "\r\n";
        head += "\r\n";
        QElapsedTimer timer;
        timer.start();
        HeadParser parser(limits);
        Progress progress = Progress::NeedMore;
        for (qsizetype n = 1; n <= head.size() && timer.elapsed() < 60'000; ++n)
            progress = parser.feed(QByteArrayView(head).first(n));
        // 3 MB one byte at a time: a parser that begins anew each time looks at 5 TB.
        QVERIFY(progress == Progress::Done);
    }

    void aVerdictStays()
    {
        const Limits limits;
        HeadParser parser(limits);
        QVERIFY(parser.feed("GET / HTTP/1.1\r\n\r\n") == Progress::Done);
        QVERIFY(parser.feed("GET / HTTP/1.1\r\n\r\nGET nonsense\r\n") == Progress::Done);
        QCOMPARE(parser.consumed(), 18);
    }

    void badHeadsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<int>("status");
        const QByteArray get = "GET / HTTP/1.1\r\n";
        const auto row = [](const char *name, const QByteArray &head, int status = 400) {
            QTest::newRow(name) << head << status;
        };
        row("bare LF", "GET / HTTP/1.1\nHost: a\n\n");
        row("bare CR in a value", get + "a: b\rc\r\n\r\n");
        row("NUL in a value", get + QByteArray("a: b\0c\r\n\r\n", 11));
        row("control in a value",
            get
                + "a: b\x01"
                  "c\r\n\r\n");
        row("DEL in a value", get + "a: b\x7f\r\n\r\n");
        row("folding", get + "a: b\r\n c\r\n\r\n");
        row("folding by tab", get + "a: b\r\n\tc\r\n\r\n");
        row("space before the colon", get + "a : b\r\n\r\n");
        row("empty name", get + ": b\r\n\r\n");
        row("no colon", get + "abc\r\n\r\n");
        row("name with a space", get + "a b: c\r\n\r\n");
        row("two spaces in the line", "GET  / HTTP/1.1\r\n\r\n");
        row("trailing space in the line", "GET / HTTP/1.1 \r\n\r\n");
        row("tab in the line", "GET\t/ HTTP/1.1\r\n\r\n");
        row("no version", "GET /\r\n\r\n");
        row("lower-case version", "GET / http/1.1\r\n\r\n");
        row("lower-case method", "get / HTTP/1.1\r\n\r\n");
        row("unknown method", "BREW / HTTP/1.1\r\n\r\n");
        row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        row("HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505);
        row("HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", 505);
        row("HTTP/3.0", "GET / HTTP/3.0\r\n\r\n", 505);
        row("HTTP/1.10", "GET / HTTP/1.10\r\n\r\n");
        row("two empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        for (const char *length : {"", "-1", "+1", "1,1", "1, 1", "0x1", "1 1", "1.0",
                                   "9223372036854775808", "99999999999999999999", "abc", "\"1\""})
            row(length, get + "Content-Length: " + length + "\r\n\r\n");
        row("two equal lengths", get + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n");
        row("length and chunked", get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
        row("chunked and length", get + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n");
        for (const char *coding :
             {"", "gzip", "chunked, chunked", "gzip, chunked", "chunked,", ",chunked", "xchunked",
              "chunked;q=1", "identity", "\"chunked\"", "chunked\x0b"})
            row(coding, get + "Transfer-Encoding: " + coding + "\r\n\r\n");
        row("chunked twice",
            get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
        row("chunked in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
        row("good", get + "a: b\xe9\r\n\r\n", 200);
        row("good length", get + "Content-Length: 0042\r\n\r\n", 200);
        row("good chunked", get + "transfer-encoding:CHUNKED\t\r\n\r\n", 200);
    }

    void badHeadsAreRefused()
    {
        QFETCH(QByteArray, head);
        QFETCH(int, status);
        QCOMPARE(statusOf(head), status);
    }

    void everyByteOfANameOrValueIsJudged()
    {
        for (int c = 0; c < 256; ++c) {
            const QByteArray byte(1, static_cast<char>(c));
            const bool name = isHeaderName(byte);
            const bool value = isHeaderValue(byte);
            QCOMPARE(statusOf("GET / HTTP/1.1\r\nx" + byte + "y: z\r\n\r\n"),
                     name || c == ':' ? 200 : 400);
            QCOMPARE(statusOf("GET / HTTP/1.1\r\nx: a" + byte + "b\r\n\r\n"), value ? 200 : 400);
        }
    }

    void targets_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("path"); // empty: refused
        QTest::addColumn<QByteArray>("query");
        const auto row = [](const QByteArray &target, const QByteArray &path,
                            const QByteArray &query = {}, const QByteArray &method = "GET") {
            QTest::newRow((method + ' ' + target).constData()) << method << target << path << query;
        };
        row("/", "/");
        row("/v1/models", "/v1/models");
        row("/v1/models/a%2Fb", "/v1/models/a%2Fb");
        row("/v1beta/models/m:generateContent?key=k&alt=sse", "/v1beta/models/m:generateContent",
            "key=k&alt=sse");
        row("//host/path", "//host/path");
        row("/a;p=1/b", "/a;p=1/b");
        row("/a?b?c", "/a", "b?c");
        row("/a?", "/a", "");
        row("/a?x=|\"\\", "/a", "x=|\"\\");
        row("/...", "/...");
        row("/a..b/.c", "/a..b/.c");
        row("/%2e%2e%2e", "/%2e%2e%2e");
        row("http://h/x?y", "/x", "y");
        row("HTTP://h", "/");
        row("https://h?q", "/", "q");
        row("*", "*", {}, "OPTIONS");
        row("*", {});
        row("h:443", {});
        row("h:443", {}, {}, "OPTIONS");
        row("ftp://h/x", {});
        row("http://", {});
        row("http:///x", {});
        row("x", {});
        row("/..", {});
        row("/a/../b", {});
        row("/a/./b", {});
        row("/a/.", {});
        row("/%2e%2e/b", {});
        row("/%2E./b", {});
        row("/a/.%2e", {});
        row("/a%00b", {});
        row("/a%0", {});
        row("/a%zz", {});
        row("/a%", {});
        row("/a\\b", {});
        row("/a#f", {});
        row("/a?b#f", {});
        row("/\xc3\xa9", {});
        row("/a\x7f", {});
    }

    void targets()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, query);
        const auto parsed = parseTarget(method, target);
        QCOMPARE(parsed.has_value(), !path.isEmpty());
        if (!parsed)
            return;
        QCOMPARE(parsed->path.toByteArray(), path);
        QCOMPARE(parsed->query.toByteArray(), query);
    }

    void chunkedBodiesSurviveEverySplit()
    {
        const QByteArray wire = "4\r\nWiki\r\n005;x=\"y;z\"\r\npedia\r\nA;q\r\n0123456789\r\n"
                                "0\r\nExpires: now\r\nx: \r\n\r\nNEXT";
        for (qsizetype step = 1; step <= wire.size(); ++step) {
            const Read read = readBody(wire, -1, 100, Coding::Identity, step);
            QVERIFY(read.progress == Progress::Done);
            QCOMPARE(read.body, "Wikipedia0123456789");
            QCOMPARE(read.left, 4);
        }
    }

    void badChunksAreRefused_data()
    {
        QTest::addColumn<QByteArray>("wire");
        for (const char *wire : {"zz\r\n",
                                 "\r\n",
                                 "-1\r\n",
                                 "+1\r\na\r\n",
                                 " 1\r\na\r\n",
                                 "1 \r\na\r\n",
                                 "0x1\r\na\r\n",
                                 "1\na\r\n",
                                 "1\r\nab\r\n",
                                 "1\r\na\n0\r\n\r\n",
                                 "1\r\na\rX",
                                 "1;\r\na\r\n",
                                 "1;=b\r\n",
                                 "1;a=\r\n",
                                 "1;a=\"b\r\n",
                                 "1;a b\r\n",
                                 "1;a=\"b\"c\r\n",
                                 "00000000000000001\r\na\r\n",
                                 "0\r\nbad\r\n\r\n",
                                 "0\r\n x: y\r\n\r\n",
                                 "0\r\nx : y\r\n\r\n",
                                 "0\r\nx: y\n\r\n"})
            QTest::newRow(QByteArray(wire).toPercentEncoding(" ;=\"").constData())
                << QByteArray(wire);
        QTest::newRow("long extension") << "1;" + QByteArray(300, 'a') + "\r\na\r\n";
    }

    void badChunksAreRefused()
    {
        QFETCH(QByteArray, wire);
        for (const qsizetype step : {qsizetype(0), qsizetype(1)}) {
            const Read read = readBody(wire, -1, 1000, Coding::Identity, step);
            QVERIFY(read.progress == Progress::Failed);
            QVERIFY(read.kind == ErrorKind::InvalidRequest);
        }
    }

    void chunkExtensionsEndAt256Bytes()
    {
        const QByteArray ok = "0000000000000001;" + QByteArray(255, 'a') + "\r\na\r\n0\r\n\r\n";
        QVERIFY(readBody(ok, -1, 10).progress == Progress::Done);
        const QByteArray over = "0000000000000001;" + QByteArray(256, 'a') + "\r\na\r\n0\r\n\r\n";
        QVERIFY(readBody(over, -1, 10).progress == Progress::Failed);
    }

    void bodyLimitsHoldAtTheirCap()
    {
        const QByteArray ten(10, 'x');
        QVERIFY(readBody("a\r\n" + ten + "\r\n0\r\n\r\n", -1, 10).progress == Progress::Done);
        QVERIFY(readBody("b\r\n", -1, 10).kind == ErrorKind::TooLarge); // before its first byte
        QVERIFY(readBody("5\r\nxxxxx\r\n6\r\n", -1, 10).kind == ErrorKind::TooLarge);
        QVERIFY(readBody("ffffffffffffffff\r\n", -1, 10).kind == ErrorKind::TooLarge);
        QByteArray ones;
        for (int i = 0; i < 10; ++i)
            ones += "1\r\nx\r\n";
        QVERIFY(readBody(ones + "0\r\n\r\n", -1, 10).progress == Progress::Done);
        QVERIFY(readBody(ones + "1\r\nx\r\n0\r\n\r\n", -1, 10).kind == ErrorKind::TooLarge);
    }

    void compressedBodiesAreDecoded_data()
    {
        QTest::addColumn<int>("windowBits");
        QTest::addColumn<int>("coding");
        QTest::newRow("gzip") << 31 << int(Coding::Gzip);
        QTest::newRow("deflate in zlib") << 15 << int(Coding::Deflate);
        QTest::newRow("deflate without zlib") << -15 << int(Coding::Deflate);
    }

    void compressedBodiesAreDecoded()
    {
        QFETCH(int, windowBits);
        QFETCH(int, coding);
        QByteArray plain;
        for (int i = 0; i < 5000; ++i)
            plain += "{\"n\":" + QByteArray::number(i * 7919) + "}";
        const QByteArray wire = compressed(plain, windowBits);
        const auto size = static_cast<std::int64_t>(plain.size());
        for (const qsizetype step : {qsizetype(0), qsizetype(1), qsizetype(7)}) {
            const Read read = readBody(wire, wire.size(), size, Coding(coding), step);
            QVERIFY(read.progress == Progress::Done);
            QCOMPARE(read.body, plain);
        }
        // The limit counts decoded bytes.
        QVERIFY(readBody(wire, wire.size(), size - 1, Coding(coding)).kind == ErrorKind::TooLarge);
        // Cut short, damaged, with a tail.
        QVERIFY(readBody(wire.chopped(3), wire.size() - 3, size, Coding(coding)).kind
                == ErrorKind::InvalidRequest);
        QVERIFY(readBody(wire + "tail", wire.size() + 4, size, Coding(coding)).kind
                == ErrorKind::InvalidRequest);
        QVERIFY(readBody("not compressed at all", 21, size, Coding(coding)).kind
                == ErrorKind::InvalidRequest);
        QVERIFY(readBody({}, 0, size, Coding(coding)).progress == Progress::Done);
    }

    void aBombStopsAtTheLimit()
    {
        const QByteArray bomb = compressed(QByteArray(200 << 20, '\0'), 31);
        QVERIFY(bomb.size() < 300'000);
        const Limits limits;
        BodyReader reader(limits);
        reader.start(bomb.size(), 1 << 20, Coding::Gzip);
        QByteArrayView input(bomb);
        QVERIFY(reader.feed(input) == Progress::Failed);
        QVERIFY(reader.fault().kind == ErrorKind::TooLarge);
        QVERIFY(reader.take().capacity() <= 4 << 20);
    }
};

QTEST_GUILESS_MAIN(TestHttpParser)
#include "test_http_parser.moc"
