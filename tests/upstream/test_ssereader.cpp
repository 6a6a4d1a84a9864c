// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/ssereader.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

#include <ctime>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

struct Plain
{
    QByteArray type;
    QByteArray data;
    bool hasData = false;
    bool operator==(const Plain &) const = default;
};

// The standard's algorithm, straight: cut into lines, then interpret. Blocks without any data are
// kept, as the reader keeps them.
std::vector<Plain> reference(QByteArray stream)
{
    if (stream.startsWith("\xEF\xBB\xBF"))
        stream.remove(0, 3);
    std::vector<Plain> events;
    Plain event;
    QByteArray line;
    for (qsizetype i = 0; i < stream.size(); ++i) {
        const char c = stream[i];
        if (c != '\r' && c != '\n') {
            line += c;
            continue;
        }
        if (c == '\r' && i + 1 < stream.size() && stream[i + 1] == '\n')
            ++i;
        if (line.isEmpty()) {
            events.push_back(std::exchange(event, {}));
        } else {
            const qsizetype colon = line.indexOf(':');
            const QByteArray name = colon < 0 ? line : line.first(colon);
            QByteArray value = colon < 0 ? QByteArray() : line.mid(colon + 1);
            if (value.startsWith(' '))
                value.remove(0, 1);
            if (name == "data") {
                event.data += (event.hasData ? "\n" : "") + value;
                event.hasData = true;
            } else if (name == "event") {
                event.type = value;
            }
        }
        line.clear();
    }
    return events;
}

struct Seen
{
    std::vector<Plain> events;
    QByteArray raw;
    QByteArray rest;
};

Seen read(const std::vector<QByteArray> &pieces)
{
    SseReader reader;
    Seen seen;
    for (const QByteArray &piece : pieces) {
        reader.append(piece);
        for (;;) {
            const auto event = reader.next();
            if (!event || !*event)
                break;
            seen.events.push_back(
                {(*event)->type.toByteArray(), (*event)->data.toByteArray(), (*event)->hasData});
            seen.raw += (*event)->raw.toByteArray();
        }
    }
    seen.rest = reader.rest().toByteArray();
    return seen;
}

std::vector<QByteArray> samples()
{
    std::vector<QByteArray> all{
        "data: a\n\n",
        "data:a\n\ndata:  b\n\n",
        "event: message_start\ndata: {\"a\":1}\n\nevent: ping\ndata: {}\n\n",
        ": OPENROUTER PROCESSING\n\ndata: x\n\n",
        ": keep-alive\ndata: x\n\n\n\ndata: y\n\n",
        "data: 1\ndata: 2\ndata\ndata:\ndata: 3\n\n",
        "id: 7\nretry: 10\nfoo: bar\ndata\n\n",
        "data: [DONE]\n\n",
        "event: a\nevent: b\ndata: x\n\n",
        "event:\ndata: x\n\n",
        "event: only\n\n",
        "data: \xE2\x82\xAC\xF0\x9F\x98\x80\n\n",
        "\n\n\ndata: x\n\n",
        "dat: x\ndatas: x\ndata x\n:data: x\n\n",
        QByteArray("data: a\0b\n\n", 11),
        "data: unfinished",
        "data: finished\n\ndata: half\n",
        "",
    };
    const std::size_t plain = all.size();
    for (std::size_t i = 0; i < plain; ++i) {
        all.push_back(QByteArray(all[i]).replace("\n", "\r\n"));
        all.push_back(QByteArray(all[i]).replace("\n", "\r"));
        all.push_back("\xEF\xBB\xBF" + all[i]);
        all.push_back("\xEF\xBB\xBF" + QByteArray(all[i]).replace("\n", "\r\n"));
    }
    all.push_back("data: a\r\n\ndata: b\n\r\n\rdata: c\r\r\n");
    return all;
}

} // namespace

class TestSseReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheStandardAtEverySplit();
    void agreesWithTheStandardOnRandomBytes();
    void keepsEachEventsOwnBytes();
    void eventsDoNotWaitForTheByteAfterACr();
    void lineLimit();
    void eventLimit();
    void limitsHoldForUnfinishedInputToo();
    void lastEventWithoutItsBlankLine();
    void restIsWhatNeverBecameAnEvent();
    void timeGrowsLinearly_data();
    void timeGrowsLinearly();
    void speed();
};

void TestSseReader::agreesWithTheStandardAtEverySplit()
{
    int splits = 0;
    for (const QByteArray &stream : samples()) {
        const std::vector<Plain> expected = reference(stream);
        std::vector<QByteArray> bytes;
        for (const char c : stream)
            bytes.emplace_back(1, c);
        QVERIFY2(read({stream}).events == expected, stream.toHex().constData());
        QVERIFY2(read(bytes).events == expected, stream.toHex().constData());
        for (qsizetype a = 0; a <= stream.size(); ++a) {
            for (qsizetype b = a; b <= stream.size(); b += 3, ++splits) {
                const Seen seen = read({stream.first(a), stream.mid(a, b - a), stream.mid(b)});
                QVERIFY2(seen.events == expected, stream.toHex().constData());
                // The LF of a CRLF split after an event is no part of an unfinished one.
                QVERIFY(seen.raw + seen.rest == stream || seen.raw + '\n' + seen.rest == stream);
            }
        }
    }
    QVERIFY(splits > 10'000);
}

void TestSseReader::agreesWithTheStandardOnRandomBytes()
{
    static const std::vector<QByteArray> pieces{
        "data:",     "data: ",       "event: ", "id: ", ":",    " ",
        "\n",        "\r",           "\r\n",    "\n\n", "\r\r", "a",
        "{\"b\":1}", "\xEF\xBB\xBF", "\xC3",    "data", "\n\r", QByteArray(1, 0)};
    QRandomGenerator random(20240611);
    for (int round = 0; round < 20'000; ++round) {
        QByteArray stream;
        std::vector<QByteArray> parts(1);
        const int count = random.bounded(1, 25);
        for (int i = 0; i < count; ++i) {
            const QByteArray &piece = pieces[random.bounded(quint32(pieces.size()))];
            for (const char c : piece) {
                stream += c;
                if (random.bounded(3) == 0)
                    parts.emplace_back();
                parts.back() += c;
            }
        }
        QVERIFY2(read(parts).events == reference(stream), stream.toHex().constData());
    }
}

void TestSseReader::keepsEachEventsOwnBytes()
{
    SseReader reader;
    reader.append("\xEF\xBB\xBF: hi\nevent: x\r\ndata: 1\n\ndata: 2\r\n\r\n: bye\n\n");
    const auto first = reader.next();
    QCOMPARE((*first)->raw.toByteArray(), QByteArray("\xEF\xBB\xBF: hi\nevent: x\r\ndata: 1\n\n"));
    QCOMPARE((*first)->type.toByteArray(), QByteArray("x"));
    const auto second = reader.next();
    QCOMPARE((*second)->raw.toByteArray(), QByteArray("data: 2\r\n\r\n"));
    const auto third = reader.next();
    QCOMPARE((*third)->raw.toByteArray(), QByteArray(": bye\n\n"));
    QVERIFY(!(*third)->hasData);
    QVERIFY(!*reader.next());
}

void TestSseReader::eventsDoNotWaitForTheByteAfterACr()
{
    SseReader reader;
    reader.append("data: a\r\r");
    const auto event = reader.next();
    QVERIFY(event && *event);
    QCOMPARE((*event)->data.toByteArray(), QByteArray("a"));
    reader.append("\n");
    QVERIFY(!*reader.next());
    QVERIFY(reader.rest().isEmpty());
}

void TestSseReader::lineLimit()
{
    for (const int size : {100, 101}) {
        SseReader reader(100, 1000);
        reader.append(QByteArray(size, 'x') + "\n\n");
        QCOMPARE(reader.next().has_value(), size == 100);
    }
}

void TestSseReader::eventLimit()
{
    SseReader reader(100, 1000);
    for (int i = 0; i < 50; ++i)
        reader.append("data: 0123456789\n");
    QVERIFY(reader.next().has_value());
    for (int i = 0; i < 50; ++i)
        reader.append("data: 0123456789\n");
    const auto event = reader.next();
    QVERIFY(!event.has_value());
    QCOMPARE(event.error().kind, ErrorKind::TooLarge);
    reader.append("\n\ndata: later\n\n");
    QVERIFY(!reader.next().has_value()); // dead
}

void TestSseReader::limitsHoldForUnfinishedInputToo()
{
    SseReader reader(1000, 2000);
    Result<std::optional<SseEvent>> event;
    int bytes = 0;
    for (; bytes < 5000 && event.has_value(); bytes += 10) {
        reader.append("0123456789");
        event = reader.next();
    }
    QVERIFY(!event.has_value());
    QVERIFY(bytes <= 1020);
}

void TestSseReader::lastEventWithoutItsBlankLine()
{
    for (const char *end : {"", "\n", "\r\n", "\r"}) {
        SseReader reader;
        reader.append(QByteArray("data: one\n\nevent: usage\ndata: {\"n\":1}") + end);
        QVERIFY(*reader.next());
        QVERIFY(!*reader.next());
        QVERIFY(!reader.rest().isEmpty());
        const auto event = reader.last();
        QVERIFY(event);
        QCOMPARE(event->type.toByteArray(), QByteArray("usage"));
        QCOMPARE(event->data.toByteArray(), QByteArray("{\"n\":1}"));
        QVERIFY(!reader.last());
        QVERIFY(reader.rest().isEmpty());
    }
    SseReader comment;
    comment.append(": only this\n");
    QVERIFY(!*comment.next());
    QVERIFY(!comment.last());
}

void TestSseReader::restIsWhatNeverBecameAnEvent()
{
    SseReader reader;
    reader.append("data: 1\n\ndata: 2\ndata: 3");
    QVERIFY(*reader.next());
    QVERIFY(!*reader.next());
    QCOMPARE(reader.rest().toByteArray(), QByteArray("data: 2\ndata: 3"));
}

void TestSseReader::timeGrowsLinearly_data()
{
    QTest::addColumn<QByteArray>("unit");
    QTest::addColumn<int>("piece");
    QTest::newRow("one long line, small pieces") << QByteArray("x") << 100;
    QTest::newRow("CR only") << QByteArray("data: x\r\r") << 4096;
    QTest::newRow("CR only, no blank lines") << QByteArray("data: x\r") << 100;
    QTest::newRow("LF only, no blank lines") << QByteArray("data: x\n") << 100;
    QTest::newRow("events, in one piece") << QByteArray("data: x\n\n") << (1 << 30);
    QTest::newRow("CR events, in one piece") << QByteArray("data: x\r\r") << (1 << 30);
    QTest::newRow("blank lines") << QByteArray("\n") << 64;
}

void TestSseReader::timeGrowsLinearly()
{
    QFETCH(QByteArray, unit);
    QFETCH(int, piece);
    const auto cost = [&](qsizetype size) {
        const QByteArray stream = unit.repeated(size / unit.size());
        qint64 best = std::numeric_limits<qint64>::max();
        for (int round = 0; round < 3; ++round) {
            SseReader reader;
            const std::clock_t before = std::clock(); // processor time: others run here too
            for (qsizetype at = 0; at < stream.size(); at += piece) {
                reader.append(QByteArrayView(stream).sliced(
                    at, std::min<qsizetype>(piece, stream.size() - at)));
                for (auto event = reader.next(); event && *event; event = reader.next()) { }
            }
            best = std::min<qint64>(best, std::clock() - before);
        }
        return best;
    };
    const qint64 small = cost(400'000);
    const qint64 large = cost(3'200'000);
    // Linear is 8, quadratic 64.
    QVERIFY2(large < (small + 200) * 36,
             qPrintable(QStringLiteral("%1, then %2 for 8 times as much").arg(small).arg(large)));
}

void TestSseReader::speed()
{
    const QByteArray event
        = "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":"
          "[{\"index\":0,\"delta\":{\"content\":\" hello\"}}]}\n\n";
    const QByteArray block = event.repeated(100);
    SseReader reader;
    qint64 events = 0;
    qint64 bytes = 0;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 300) {
        reader.append(block);
        for (auto next = reader.next(); next && *next; next = reader.next()) {
            ++events;
            bytes += (*next)->data.size();
        }
    }
    const double perSecond
        = static_cast<double>(events) * 1e9 / static_cast<double>(timer.nsecsElapsed());
    qInfo("%.2f million events/s of %lld bytes", perSecond / 1e6, qint64(event.size()));
    QCOMPARE(bytes, events * (event.size() - 8));
}

QTEST_GUILESS_MAIN(TestSseReader)
#include "test_ssereader.moc"
