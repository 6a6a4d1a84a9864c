// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures, seconds, letters and searches: what requests and answers say of them.
#include "core/protocol/soundlength.h"
#include "core/protocol/units.h"

#include <QTest>
#include <QtEndian>

using namespace tollgate;
using namespace tollgate::protocol;

namespace {

template <class T> QByteArray little(T value)
{
    QByteArray out(sizeof(T), 0);
    qToLittleEndian(value, out.data());
    return out;
}

template <class T> QByteArray big(T value)
{
    QByteArray out(sizeof(T), 0);
    qToBigEndian(value, out.data());
    return out;
}

// 16 kHz, 16 bit, one channel: 32,000 bytes a second.
QByteArray wav(quint32 declared, qsizetype there)
{
    const QByteArray format = little<quint16>(1) + little<quint16>(1) + little<quint32>(16'000)
        + little<quint32>(32'000) + little<quint16>(2) + little<quint16>(16);
    return "RIFF" + little<quint32>(36 + declared) + "WAVEfmt " + little<quint32>(16) + format
        + "data" + little<quint32>(declared) + QByteArray(there, 0);
}

QByteArray flac(quint64 samples, quint64 rate)
{
    const quint64 bits = (rate << 44) | samples;
    return "fLaC" + QByteArray(4, 0) + QByteArray(10, 0) + big<quint64>(bits)
        + QByteArray(200'000, 0);
}

QByteArray page(quint64 granule, const QByteArray &packet)
{
    return "OggS" + QByteArray(2, 0) + little<quint64>(granule) + QByteArray(12, 0)
        + QByteArray(1, 1) + QByteArray(1, char(packet.size())) + packet;
}

QByteArray box(const char *kind, const QByteArray &body)
{
    return big<quint32>(quint32(8 + body.size())) + kind + body;
}

QByteArray mp4(quint32 scale, quint32 duration)
{
    const QByteArray head = QByteArray(12, 0) + big<quint32>(scale) + big<quint32>(duration);
    return box("ftyp", "M4A isom") + box("free", QByteArray(1'000, 0))
        + box("mdat", QByteArray(100'000, 0)) + box("moov", box("mvhd", head));
}

Endpoint endpointOf(Operation operation, bool form = false)
{
    Endpoint endpoint;
    endpoint.operation = operation;
    endpoint.form = form;
    return endpoint;
}

QByteArray formOf(std::initializer_list<std::pair<QByteArray, QByteArray>> fields)
{
    QByteArray form;
    for (const auto &[name, value] : fields)
        form += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value
            + "\r\n";
    return form + "--b--\r\n";
}

UnitsAsked asked(Operation operation, const QByteArray &json)
{
    return readUnitsAsked(endpointOf(operation), "application/json", json);
}

} // namespace

class TestUnits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void soundFilesTellHowLongTheyPlay_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<qint64>("ms"); // -1: they do not
        QTest::newRow("wav") << wav(64'000, 64'000) << qint64(2'000);
        QTest::newRow("wav from a pipe, without a size") << wav(0, 48'000) << qint64(1'500);
        QTest::newRow("wav from a pipe, endless") << wav(0xFFFF'FFFF, 32'000) << qint64(1'000);
        QTest::newRow("wav with less than it says") << wav(64'000, 16'000) << qint64(500);
        QTest::newRow("flac") << flac(441'000, 44'100) << qint64(10'000);
        QTest::newRow("flac that does not say") << flac(0, 44'100) << qint64(-1);
        QTest::newRow("opus") << page(0, "OpusHead" + QByteArray(11, 0))
                + page(48'000 * 3, QByteArray(100, 0)) + QByteArray(9'000, 0)
                              << qint64(3'000);
        QTest::newRow("vorbis") << page(0,
                                        QByteArray("\x01vorbis\0\0\0\0\x01", 12)
                                            + little<quint32>(44'100) + QByteArray(12, 0))
                + page(22'050, QByteArray(100, 0)) + QByteArray(9'000, 0)
                                << qint64(500);
        QTest::newRow("mp4") << mp4(1'000, 12'345) << qint64(12'345);
        QTest::newRow("mp4 without a scale") << mp4(0, 12'345) << qint64(-1);
        QTest::newRow("one second in many bytes is a lie")
            << mp4(1, 1) + box("free", QByteArray(20'000'000, 0)) << qint64(-1);
        QTest::newRow("an hour in few bytes is a lie") << mp4(1, 3'600) << qint64(-1);
        QTest::newRow("mp3 tells nothing")
            << QByteArray("ID3") + QByteArray(1'000, 1) << qint64(-1);
        QTest::newRow("nothing") << QByteArray() << qint64(-1);
        for (const qsizetype cut : {5, 13, 21, 30, 40}) {
            QTest::addRow("wav cut at %lld", qlonglong(cut)) << wav(9, 9).left(cut) << qint64(-1);
            QTest::addRow("flac cut at %lld", qlonglong(cut))
                << flac(9, 9).left(cut % 26) << qint64(-1);
        }
    }

    void soundFilesTellHowLongTheyPlay()
    {
        QFETCH(QByteArray, file);
        QFETCH(qint64, ms);
        QCOMPARE(declaredMilliseconds(file).value_or(-1), ms);
    }

    void picturesHaveAClass_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("imageClass");
        const auto row = [](const char *body, const char *imageClass) {
            QTest::newRow(body) << QByteArray(body) << QByteArray(imageClass);
        };
        row(R"({"quality":"hd","size":"1024x1792"})", "hd/1024x1792");
        row(R"({"size":"256x256"})", "256x256");
        row(R"({"quality":"hd"})", "hd");
        row(R"({"quality":"auto","size":"auto"})", "");
        row(R"({"quality":7,"size":null})", "");
        row(R"({"quality":"a/b","size":"<1x1>"})", "");
        row("{}", "");
    }

    void picturesHaveAClass()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, imageClass);
        Peek peek;
        peek.choices = 3;
        const UnitCounts most = mostUnits(Operation::Image, peek, asked(Operation::Image, body));
        QCOMPARE(most.imageClass, imageClass);
        QCOMPARE(most.images, 3);
    }

    void aFormTellsTheSame()
    {
        const auto edit = readUnitsAsked(
            endpointOf(Operation::Image, true), "multipart/form-data; boundary=b",
            formOf({{"model", "m"}, {"quality", "hd"}, {"size", "512x512"}, {"image", "PNG"}}));
        QCOMPARE(edit.imageClass, QByteArray("hd/512x512"));
        const auto sound = readUnitsAsked(endpointOf(Operation::Transcribe, true),
                                          "multipart/form-data; boundary=b",
                                          formOf({{"file", wav(64'000, 64'000)}, {"model", "m"}}));
        QCOMPARE(sound.soundMs.value_or(-1), 2'000);
        const auto broken = readUnitsAsked(endpointOf(Operation::Transcribe, true),
                                           "multipart/form-data", formOf({}));
        QCOMPARE(broken.soundBytes, 0);
    }

    void soundIsHeldForAsLongAsItMayPlay()
    {
        UnitsAsked known;
        known.soundBytes = 64'044;
        known.soundMs = 1'200;
        QCOMPARE(mostUnits(Operation::Transcribe, {}, known).audioInputMs, 3'000);
        UnitsAsked unknown;
        unknown.soundBytes = 6'000; // eight seconds at 6 kbit/s
        QCOMPARE(mostUnits(Operation::Transcribe, {}, unknown).audioInputMs, 10'000);
    }

    void lettersAreCountedAsPeopleCountThem()
    {
        const auto speech = asked(
            Operation::Speak,
            R"({"input":"Gr\u00fc\u00df \ud83d\ude00","response_format":"pcm","speed":0.5})");
        QCOMPARE(speech.characters, 6);
        const UnitCounts most = mostUnits(Operation::Speak, {}, speech);
        QCOMPARE(most.characters, 6);
        QCOMPARE(most.audioOutputMs, 1'000 + 6 * 200);
        const UnitsUsed used = usedUnits(Operation::Speak, speech, {}, 96'000);
        QCOMPARE(used.counts.characters, 6);
        QCOMPARE(used.counts.audioOutputMs, 2'000);
    }

    void longDocumentsAreSeveral()
    {
        const QByteArray longOne = '"' + QByteArray(10'000, 'x') + '"';
        const auto few
            = asked(Operation::Rerank, R"({"query":"q","documents":["a",{"text":"b"}]})");
        QCOMPARE(few.documents, 2);
        QCOMPARE(mostUnits(Operation::Rerank, {}, few).searches, 1);
        QByteArray list = longOne;
        for (int i = 1; i < 10; ++i)
            list += ',' + longOne;
        const auto many = asked(Operation::Rerank, "{\"documents\":[" + list + "]}");
        QCOMPARE(many.documents, 10);
        QCOMPARE(mostUnits(Operation::Rerank, {}, many).searches, 5); // 41 chunks each
        const UnitsUsed guessed = usedUnits(Operation::Rerank, many, {}, 0);
        QCOMPARE(guessed.counts.searches, 1);
        QVERIFY(guessed.estimated);
        const UnitsUsed told = usedUnits(Operation::Rerank, many, {.searches = 4}, 0);
        QCOMPARE(told.counts.searches, 4);
        QVERIFY(!told.estimated);
    }

    void answersTellUnits_data()
    {
        QTest::addColumn<int>("operation");
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<UnitCounts>("told");
        const auto row = [](const char *name, Operation operation, const char *answer,
                            const UnitCounts &told) {
            QTest::newRow(name) << int(operation) << QByteArray(answer) << told;
        };
        row("two pictures", Operation::Image,
            R"({"created":1,"data":[{"url":"a"},{"b64_json":"eA=="}],"quality":"hd","size":"1x1"})",
            {.images = 2, .imageClass = "hd/1x1"});
        row("a picture in the making", Operation::Image,
            R"({"type":"image_generation.partial_image","b64_json":"eA=="})", {});
        row("a picture that is done", Operation::Image,
            R"({"type":"image_edit.completed","b64_json":"eA==","size":"1x1"})",
            {.images = 1, .imageClass = "1x1"});
        row("duration as usage", Operation::Transcribe,
            R"({"text":"x","usage":{"type":"duration","seconds":12}})", {.audioInputMs = 12'000});
        row("verbose", Operation::Transcribe, R"({"duration":1.2344,"text":"x"})",
            {.audioInputMs = 1'235});
        row("tokens", Operation::Transcribe, R"({"text":"x","usage":{"input_tokens":5}})", {});
        row("plain text", Operation::Transcribe, "hello", {});
        row("absurd", Operation::Transcribe, R"({"duration":1e300})", {});
        row("negative", Operation::Transcribe, R"({"usage":{"seconds":-3}})", {});
        row("searches", Operation::Rerank,
            R"({"results":[],"meta":{"billed_units":{"search_units":3}}})", {.searches = 3});
        row("no units", Operation::Rerank, R"({"results":[],"meta":{}})", {});
        row("no search", Operation::Generate, R"({"data":[1,2]})", {});
    }

    void answersTellUnits()
    {
        QFETCH(int, operation);
        QFETCH(QByteArray, answer);
        QFETCH(UnitCounts, told);
        QVERIFY(readUnitsTold(Operation(operation), answer) == told);
    }

    void whatIsNotToldIsTakenFromTheRequest()
    {
        UnitsAsked sound;
        sound.soundBytes = 32'000;
        const UnitsUsed guessed = usedUnits(Operation::Transcribe, sound, {}, 0);
        QVERIFY(guessed.estimated);
        QCOMPARE(guessed.counts.audioInputMs, 3'000); // two seconds and a bit, of 16 KB each
        sound.soundMs = 700;
        QCOMPARE(usedUnits(Operation::Transcribe, sound, {}, 0).counts.audioInputMs, 1'000);
        const UnitsUsed told
            = usedUnits(Operation::Transcribe, sound, {.audioInputMs = 640, .imageClass = ""}, 0);
        QCOMPARE(told.counts.audioInputMs, 640);
        QVERIFY(!told.estimated);
        // Nobody saw a picture: nobody pays for one.
        QCOMPARE(usedUnits(Operation::Image, {}, {}, 0).counts.images, 0);
    }
};

QTEST_APPLESS_MAIN(TestUnits)
#include "test_units.moc"
