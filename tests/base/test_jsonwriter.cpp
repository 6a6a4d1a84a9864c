// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/jsonwriter.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <limits>

using namespace tollgate;

class TestJsonWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void placesCommas();
    void numbersKeepTheirValue();
    void stringsRoundTrip();
    void invalidUtf8BecomesReplacementCharacters();
    void takeLeavesNothingBehind();
};

void TestJsonWriter::placesCommas()
{
    JsonWriter json;
    json.beginObject()
        .member("a", 1)
        .key("b")
        .beginArray()
        .number(std::int64_t(1))
        .string(QByteArrayView("x"))
        .beginObject()
        .endObject()
        .beginArray()
        .endArray()
        .null()
        .endArray()
        .member("c", true)
        .key("d")
        .raw("{\"raw\": 1.0}")
        .member("e", "text")
        .endObject();
    QCOMPARE(json.bytes(),
             QByteArray("{\"a\":1,\"b\":[1,\"x\",{},[],null],\"c\":true,\"d\":{\"raw\": 1.0},"
                        "\"e\":\"text\"}"));
}

void TestJsonWriter::numbersKeepTheirValue()
{
    JsonWriter json;
    json.beginArray()
        .number(std::numeric_limits<std::int64_t>::max())
        .number(std::numeric_limits<std::int64_t>::min())
        .number(0.1)
        .number(1e300)
        .number(std::nan(""))
        .number(INFINITY)
        .endArray();
    QCOMPARE(json.bytes(),
             QByteArray("[9223372036854775807,-9223372036854775808,0.1,1e+300,null,null]"));
}

void TestJsonWriter::stringsRoundTrip()
{
    QRandomGenerator random(7);
    for (int round = 0; round < 2000; ++round) {
        QString text;
        for (int i = random.bounded(0, 20); i > 0; --i)
            text += QChar(random.bounded(2) ? random.bounded(0, 0x80)
                                            : random.bounded(0xA0, 0xD7FF));
        JsonWriter json;
        json.beginObject().member("k", text).endObject();
        const QJsonObject object = QJsonDocument::fromJson(json.bytes()).object();
        QCOMPARE(object.value(QStringLiteral("k")).toString(), text);
        QVERIFY(!json.bytes().contains('\n'));
    }
    QByteArray out;
    appendJsonString(out, QByteArrayView("\x01\x1f\"\\\b", 5));
    QCOMPARE(out, QByteArray("\"\\u0001\\u001f\\\"\\\\\\u0008\""));
}

void TestJsonWriter::invalidUtf8BecomesReplacementCharacters()
{
    for (const char *bad : {"a\xFF"
                            "b",
                            "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
        QByteArray out;
        appendJsonString(out, QByteArrayView(bad));
        QVERIFY(QByteArrayView(out).isValidUtf8());
        QVERIFY(out.contains("\xEF\xBF\xBD"));
    }
}

void TestJsonWriter::takeLeavesNothingBehind()
{
    JsonWriter json;
    json.beginArray().endArray();
    QCOMPARE(json.take(), QByteArray("[]"));
    QVERIFY(json.bytes().isEmpty());
    json.beginObject().endObject();
    QCOMPARE(json.bytes(), QByteArray("{}"));
}

QTEST_GUILESS_MAIN(TestJsonWriter)
#include "test_jsonwriter.moc"
