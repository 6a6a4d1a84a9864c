// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/eventstreamreader.h"

#include <QDirIterator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>
#include <QtEndian>

#include <zlib.h>

#include <algorithm>
#include <ctime>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

struct Plain
{
    QByteArray type;
    QByteArray payload;
    bool failed = false;
    bool operator==(const Plain &) const = default;
};

QByteArray big32(quint32 value)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(value, bytes.data());
    return bytes;
}

quint32 sumOf(const QByteArray &bytes)
{
    return quint32(
        crc32(0, reinterpret_cast<const Bytef *>(bytes.constData()), uInt(bytes.size())));
}

QByteArray stringHeader(const QByteArray &name, const QByteArray &value)
{
    return char(name.size()) + name + char(7) + char(value.size() >> 8) + char(value.size() & 0xff)
        + value;
}

// Framed as the documentation says; zlib sums.
QByteArray framed(const QByteArray &headers, const QByteArray &payload)
{
    QByteArray message
        = big32(quint32(16 + headers.size() + payload.size())) + big32(quint32(headers.size()));
    message += big32(sumOf(message));
    message += headers + payload;
    return message + big32(sumOf(message));
}

QByteArray told(const QByteArray &type, const QByteArray &payload)
{
    return framed(stringHeader(":message-type", "event") + stringHeader(":event-type", type)
                      + stringHeader(":content-type", "application/json"),
                  payload);
}

struct Outcome
{
    std::vector<Plain> messages;
    QByteArray code; // of the error
    QByteArray rest;
};

Outcome readIn(const QByteArray &stream, qsizetype slice, qsizetype limit = 16 << 20)
{
    EventStreamReader reader(limit);
    Outcome outcome;
    for (qsizetype at = 0; at < stream.size(); at += slice) {
        reader.append(QByteArrayView(stream).sliced(at, std::min(slice, stream.size() - at)));
        for (;;) {
            auto message = reader.next();
            if (!message) {
                outcome.code = message.error().code;
                return outcome;
            }
            if (!*message)
                break;
            outcome.messages.push_back({(*message)->type().toByteArray(),
                                        (*message)->payload.toByteArray(), (*message)->failed()});
        }
    }
    outcome.rest = reader.rest().toByteArray();
    return outcome;
}

} // namespace

class TestEventStreamReader final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySplitGivesTheSameMessages();
    void headersOfEveryTypeAreRead();
    void exceptionsAndErrorsAreTold();
    void everyFlippedBitIsNoticed();
    void contradictingLengthsAreRefused_data();
    void contradictingLengthsAreRefused();
    void messagesAboveTheLimitAreRefused();
    void theHeadIsJudgedBeforeTheRestIsHere();
    void aCutMessageIsNoMessage();
    void recordedStreamsDecodeAsRecorded();
    void manySmallMessagesTakeLinearTime();
};

void TestEventStreamReader::everySplitGivesTheSameMessages()
{
    const QByteArray stream = told("messageStart", R"({"role":"assistant"})")
        + told("contentBlockDelta", "") + told("contentBlockDelta", QByteArray(3000, 'x'))
        + framed({}, "bare");
    const std::vector<Plain> expected{{"messageStart", R"({"role":"assistant"})"},
                                      {"contentBlockDelta", ""},
                                      {"contentBlockDelta", QByteArray(3000, 'x')},
                                      {"", "bare"}};
    for (const qsizetype slice : {1, 2, 3, 7, 11, 12, 13, 64, 1000, 100000}) {
        const Outcome outcome = readIn(stream, slice);
        QCOMPARE(outcome.code, QByteArray());
        QVERIFY2(outcome.messages == expected, qPrintable(QString::number(slice)));
        QVERIFY(outcome.rest.isEmpty());
    }
}

void TestEventStreamReader::headersOfEveryTypeAreRead()
{
    using Type = EventStreamHeader::Type;
    const QByteArray headers = QByteArray("\1a\0", 3) + QByteArray("\1b\1", 3)
        + QByteArray("\1c\2\x7f", 4) + QByteArray("\1d\3\0\2", 5) + QByteArray("\1e\4\0\0\0\3", 7)
        + QByteArray("\1f\5", 3) + QByteArray(8, '\4') + QByteArray("\1g\6\0\2xy", 7)
        + stringHeader("h", "text") + QByteArray("\1i\10", 3) + QByteArray(8, '\5')
        + QByteArray("\1j\11", 3) + QByteArray(16, '\6');
    EventStreamReader reader;
    reader.append(framed(headers, {}));
    const auto message = reader.next();
    QVERIFY(message && *message);
    const std::vector<EventStreamHeader> &read = (*message)->headers;
    QCOMPARE(read.size(), std::size_t(10));
    for (std::size_t i = 0; i < read.size(); ++i) {
        QCOMPARE(read[i].name.toByteArray(), QByteArray(1, char('a' + i)));
        QCOMPARE(int(read[i].type), int(i));
    }
    QCOMPARE(read[6].value.toByteArray(), QByteArray("xy"));
    QCOMPARE(read[9].value.size(), 16);
    QCOMPARE((*message)->text("h").toByteArray(), QByteArray("text"));
    QVERIFY((*message)->text("g").isEmpty()); // bytes are no text
    QCOMPARE(read[7].type, Type::String);
}

void TestEventStreamReader::exceptionsAndErrorsAreTold()
{
    const QByteArray stream = framed(stringHeader(":message-type", "exception")
                                         + stringHeader(":exception-type", "throttlingException"),
                                     R"({"message":"slow down"})")
        + framed(stringHeader(":message-type", "error") + stringHeader(":error-code", "oops"), {});
    const Outcome outcome = readIn(stream, 5);
    const std::vector<Plain> expected{{"throttlingException", R"({"message":"slow down"})", true},
                                      {"oops", "", true}};
    QVERIFY(outcome.messages == expected);
}

void TestEventStreamReader::everyFlippedBitIsNoticed()
{
    const QByteArray good = told("metadata", R"({"usage":{"inputTokens":3}})");
    for (qsizetype at = 0; at < good.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            QByteArray bad = good;
            bad[at] = char(bad[at] ^ (1 << bit));
            const Outcome outcome = readIn(bad, 9);
            QVERIFY2(outcome.messages.empty(), qPrintable(QString::number(at)));
            QVERIFY2(outcome.code == "bad_event_stream", qPrintable(QString::number(at)));
        }
    }
}

void TestEventStreamReader::contradictingLengthsAreRefused_data()
{
    QTest::addColumn<quint32>("total");
    QTest::addColumn<quint32>("headers");
    QTest::newRow("shorter than its frame") << 15U << 0U;
    QTest::newRow("nothing at all") << 0U << 0U;
    QTest::newRow("headers beyond the message") << 32U << 17U;
    QTest::newRow("headers wrap around") << 32U << 0xffffffffU;
    QTest::newRow("headers above their limit") << (1U << 20) << (128U * 1024 + 1);
}

void TestEventStreamReader::contradictingLengthsAreRefused()
{
    QFETCH(quint32, total);
    QFETCH(quint32, headers);
    QByteArray head = big32(total) + big32(headers);
    head += big32(sumOf(head));
    QCOMPARE(readIn(head + QByteArray(64, '\0'), 100).code, QByteArray("bad_event_stream"));
}

void TestEventStreamReader::messagesAboveTheLimitAreRefused()
{
    const QByteArray message = told("chunk", QByteArray(1000, 'x'));
    QCOMPARE(readIn(message, 1 << 20, 500).code, QByteArray("upstream_event_too_large"));
    QCOMPARE(readIn(message, 1 << 20, message.size()).messages.size(), std::size_t(1));
    QByteArray head = big32((16U << 20) + 1) + big32(0);
    head += big32(sumOf(head));
    QCOMPARE(readIn(head, 12).code, QByteArray("upstream_event_too_large"));
}

void TestEventStreamReader::theHeadIsJudgedBeforeTheRestIsHere()
{
    QByteArray head = big32(8U << 20) + big32(0) + big32(0xdeadbeef);
    QCOMPARE(readIn(head, 1).code, QByteArray("bad_event_stream"));
}

void TestEventStreamReader::aCutMessageIsNoMessage()
{
    const QByteArray message = told("messageStop", R"({"stopReason":"end_turn"})");
    for (qsizetype size = 0; size < message.size(); ++size) {
        const Outcome outcome = readIn(message.first(size), 10);
        QVERIFY(outcome.messages.empty());
        QCOMPARE(outcome.rest, message.first(size));
    }
}

void TestEventStreamReader::recordedStreamsDecodeAsRecorded()
{
    const QString folder = qEnvironmentVariable("TOLLGATE_FIXTURES");
    if (folder.isEmpty())
        QSKIP("TOLLGATE_FIXTURES does not say where the recorded traffic is.");
    int streams = 0;
    QDirIterator files(folder + QStringLiteral("/recorded/pydantic-ai"), {QStringLiteral("*.json")},
                       QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.fileName().contains(u"bedrock-converse-stream"))
            continue;
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray exchanges
            = QJsonDocument::fromJson(file.readAll()).object().value(u"interactions").toArray();
        for (const QJsonValue exchange : exchanges) {
            const QJsonObject response = exchange.toObject().value(u"response").toObject();
            const QJsonArray decoded = response.value(u"decoded_events").toArray();
            if (decoded.isEmpty())
                continue;
            ++streams;
            const QByteArray body
                = QByteArray::fromBase64(response.value(u"body_base64").toString().toLatin1());
            for (const qsizetype slice : {1, 100, 1 << 20}) {
                const Outcome outcome = readIn(body, slice);
                QCOMPARE(qsizetype(outcome.messages.size()), decoded.size());
                QVERIFY(outcome.rest.isEmpty());
                for (qsizetype i = 0; i < decoded.size(); ++i) {
                    const QJsonObject expected = decoded.at(i).toObject();
                    const Plain &message = outcome.messages[std::size_t(i)];
                    QCOMPARE(
                        QString::fromUtf8(message.type),
                        expected.value(u"headers").toObject().value(u":event-type").toString());
                    QCOMPARE(QJsonDocument::fromJson(message.payload).object(),
                             expected.value(u"payload").toObject());
                }
            }
        }
    }
    QVERIFY2(streams >= 6, qPrintable(QString::number(streams)));
}

void TestEventStreamReader::manySmallMessagesTakeLinearTime()
{
    const QByteArray one = told("contentBlockDelta", R"({"delta":{"text":"a"}})");
    const auto cost = [&one](int messages) {
        const QByteArray stream = one.repeated(messages);
        const std::clock_t begin = std::clock();
        const bool all = readIn(stream, stream.size()).messages.size() == std::size_t(messages);
        return all ? std::clock() - begin : std::clock_t(-1);
    };
    // Processor time, of two sizes: a quadratic step would take 64 times as much.
    const std::clock_t few = cost(2500);
    const std::clock_t many = cost(20000);
    QVERIFY(few >= 0 && many >= 0);
    QVERIFY2(many < 24 * std::max<std::clock_t>(few, 1000),
             qPrintable(QString::number(double(many) / double(few))));
}

QTEST_APPLESS_MAIN(TestEventStreamReader)
#include "test_eventstreamreader.moc"
