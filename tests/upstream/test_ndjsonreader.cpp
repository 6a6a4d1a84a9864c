// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/ndjsonreader.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::upstream;

namespace {

QByteArrayList read(const QByteArrayList &pieces, QByteArray *rest = nullptr)
{
    NdjsonReader reader;
    QByteArrayList lines;
    for (const QByteArray &piece : pieces) {
        reader.append(piece);
        for (auto line = reader.next(); line && *line; line = reader.next())
            lines.append((*line)->toByteArray());
    }
    if (rest)
        *rest = reader.rest().toByteArray();
    return lines;
}

} // namespace

class TestNdjsonReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameLinesAtEverySplit();
    void blankLinesArePassedOver();
    void lastLineWithoutItsEnd();
    void lineLimit();
    void longStreamKeepsNoMoreThanItsRest();
};

void TestNdjsonReader::sameLinesAtEverySplit()
{
    const QByteArray stream = "{\"a\":1}\n{\"b\":2}\r\n\r\n{\"c\":\"\xC3\xA9\"}\n{\"d\"";
    const QByteArrayList expected{"{\"a\":1}", "{\"b\":2}", "{\"c\":\"\xC3\xA9\"}"};
    for (qsizetype a = 0; a <= stream.size(); ++a) {
        for (qsizetype b = a; b <= stream.size(); ++b) {
            QByteArray rest;
            QCOMPARE(read({stream.first(a), stream.mid(a, b - a), stream.mid(b)}, &rest), expected);
            QCOMPARE(rest, QByteArray("{\"d\""));
        }
    }
}

void TestNdjsonReader::blankLinesArePassedOver()
{
    QCOMPARE(read({"\n\n\r\n1\n\n2\n"}), (QByteArrayList{"1", "2"}));
}

void TestNdjsonReader::lastLineWithoutItsEnd()
{
    QByteArray rest;
    QCOMPARE(read({"1\n2\r"}, &rest), (QByteArrayList{"1"}));
    QCOMPARE(rest, QByteArray("2"));
    read({"1\n"}, &rest);
    QVERIFY(rest.isEmpty());
}

void TestNdjsonReader::lineLimit()
{
    NdjsonReader reader(10);
    reader.append("0123456789\n0123");
    QVERIFY(reader.next().has_value());
    QVERIFY(reader.next().has_value());
    reader.append("4567890");
    const auto line = reader.next();
    QVERIFY(!line.has_value());
    QCOMPARE(line.error().kind, ErrorKind::TooLarge);
    reader.append("\n1\n");
    QVERIFY(!reader.next().has_value());
    QVERIFY(reader.rest().isEmpty());
}

void TestNdjsonReader::longStreamKeepsNoMoreThanItsRest()
{
    NdjsonReader reader;
    int lines = 0;
    for (int i = 0; i < 10'000; ++i) {
        reader.append("{\"n\":" + QByteArray::number(i) + "}\n{\"half\":");
        for (auto line = reader.next(); line && *line; line = reader.next())
            ++lines;
        reader.append("1}\n");
        for (auto line = reader.next(); line && *line; line = reader.next())
            ++lines;
        QVERIFY(reader.rest().isEmpty());
    }
    QCOMPARE(lines, 20'000);
}

QTEST_GUILESS_MAIN(TestNdjsonReader)
#include "test_ndjsonreader.moc"
