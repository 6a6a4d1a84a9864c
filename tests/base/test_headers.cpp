// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/headers.h"

#include <QTest>

using namespace tollgate;

class TestHeaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesCompareWithoutCase();
    void orderAndRepetitionAreKept();
    void setReplacesAllOfThatName();
    void everyByteInANameAndAValue();
    void wipedValuesAreGone();
};

void TestHeaders::namesCompareWithoutCase()
{
    const Headers headers{{"Content-Type", "a"}, {"X-B", "b"}};
    QCOMPARE(headers.value("content-TYPE"), QByteArray("a"));
    QVERIFY(headers.contains("x-b"));
    QVERIFY(!headers.find("x-c"));
    QVERIFY(headers.value("x-c").isNull());
    QVERIFY(sameName("AbC", "aBc"));
    QVERIFY(!sameName("ab", "abc"));
    QVERIFY(!sameName("\xC4", "\xE4")); // only ASCII letters have a case here
}

void TestHeaders::orderAndRepetitionAreKept()
{
    Headers headers;
    headers.append("A", "1");
    headers.append("B", "2");
    headers.append("a", "3");
    QCOMPARE(headers.count("A"), 2);
    QCOMPARE(headers.value("A"), QByteArray("1"));
    QByteArray order;
    for (const Header &field : headers)
        order += field.name + field.value;
    QCOMPARE(order, QByteArray("A1B2a3"));
}

void TestHeaders::setReplacesAllOfThatName()
{
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    headers.set("A", "4");
    QCOMPARE(headers.count("a"), 1);
    QCOMPARE(headers.value("a"), QByteArray("4"));
    headers.remove("b");
    QCOMPARE(headers.size(), std::size_t(1));
}

void TestHeaders::everyByteInANameAndAValue()
{
    const QByteArray marks = "!#$%&'*+-.^_`|~";
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool alnum = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
            || (byte >= 'a' && byte <= 'z');
        const QByteArray text = "a" + QByteArray(1, c) + "b";
        QCOMPARE(isHeaderName(text), alnum || (byte != 0 && marks.contains(c)));
        QCOMPARE(isHeaderValue(text), byte == '\t' || (byte >= 0x20 && byte != 0x7f));
    }
    QVERIFY(!isHeaderName(""));
    QVERIFY(isHeaderValue(""));
}

void TestHeaders::wipedValuesAreGone()
{
    Headers headers{{"Authorization", QByteArray("Bearer ") + QByteArray(100, 'k')}, {"B", "2"}};
    headers.wipe();
    QVERIFY(headers.isEmpty());
    const QByteArray shared = QByteArray("kept") + QByteArray(50, 'x');
    Headers other{{"A", shared}};
    other.wipe();
    QCOMPARE(shared.first(4), QByteArray("kept")); // a copy elsewhere is not ours to overwrite
}

QTEST_GUILESS_MAIN(TestHeaders)
#include "test_headers.moc"
