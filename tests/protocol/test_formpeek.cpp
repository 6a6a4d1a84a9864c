// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/formpeek.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;

namespace {

constexpr char kType[] = "multipart/form-data; boundary=XyZ";

QByteArray part(const QByteArray &disposition, const QByteArray &value)
{
    return "--XyZ\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
}

QByteArray file(const QByteArray &bytes)
{
    return part("name=\"file\"; filename=\"a;name=model.mp3\"\r\nContent-Type: audio/mpeg", bytes);
}

const QByteArray kEnd = "--XyZ--\r\n";

} // namespace

class TestFormPeek : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void membersAreRead()
    {
        const QByteArray body = file("\r\n--XyX\r\n\r\n\0x") + part("name=\"model\"", "whisper-1")
            + part("name=n", "3") + part("name=\"stream\"", "true") + kEnd;
        const auto peek = peekForm(kType, body);
        QVERIFY(peek);
        QCOMPARE(peek->model, QByteArray("whisper-1"));
        QCOMPARE(body.mid(peek->modelValue.at, peek->modelValue.length), QByteArray("whisper-1"));
        QCOMPARE(peek->choices, 3);
        QVERIFY(peek->stream);
        QVERIFY(peek->inputTokensCeiling > 0);
    }

    void theModelIsEditedInPlace()
    {
        const QByteArray body = part("name=\"model\"", "m") + file("sound") + kEnd;
        const auto peek = peekForm("Multipart/Form-Data; Boundary=\"XyZ\"", body);
        QVERIFY(peek);
        Endpoint endpoint;
        endpoint.form = true;
        Edits edits;
        edits.model = "vendor/m";
        QCOMPARE(applyEdits(body, endpoint, *peek, edits),
                 part("name=\"model\"", "vendor/m") + file("sound") + kEnd);
    }

    void whatIsNoFormIsRefused_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("body");
        const QByteArray model = part("name=\"model\"", "m");
        QTest::addRow("no boundary") << QByteArray("multipart/form-data") << model + kEnd;
        QTest::addRow("other boundary")
            << QByteArray("multipart/form-data; boundary=abc") << model + kEnd;
        QTest::addRow("cut off") << QByteArray(kType) << model;
        QTest::addRow("cut inside a part") << QByteArray(kType) << model + "--XyZ\r\nContent-Di";
        QTest::addRow("empty") << QByteArray(kType) << QByteArray();
        QTest::addRow("no model") << QByteArray(kType) << file("x") + kEnd;
        QTest::addRow("two models") << QByteArray(kType) << model + model + kEnd;
        QTest::addRow("no name") << QByteArray(kType) << part("name=\"model\"", "a\nb") + kEnd;
        QTest::addRow("too many") << QByteArray(kType) << model + part("name=\"n\"", "129") + kEnd;
    }

    void whatIsNoFormIsRefused()
    {
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, body);
        const auto peek = peekForm(type, body);
        QVERIFY(!peek);
        QCOMPARE(peek.error().kind, ErrorKind::InvalidRequest);
    }

    void everyPrefixOfAFormIsSurvived()
    {
        const QByteArray body = file("sound") + part("name=\"model\"", "m") + kEnd;
        for (qsizetype size = 0; size < body.size() - 4; ++size)
            QVERIFY(!peekForm(kType, body.first(size)));
        QVERIFY(peekForm(kType, body));
    }

    void onlyFormsAreForms()
    {
        QVERIFY(isForm("multipart/form-data; boundary=x"));
        QVERIFY(!isForm("multipart/mixed; boundary=x"));
        QVERIFY(!isForm("application/json"));
        QVERIFY(!isForm(""));
    }
};

QTEST_APPLESS_MAIN(TestFormPeek)
#include "test_formpeek.moc"
