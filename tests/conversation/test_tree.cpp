// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/jsontree.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::protocol;

class TestTree final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsEverySpelling();
    void findsTheLastOfTwins();
    void readsIntegersHoweverSpelt_data();
    void readsIntegersHoweverSpelt();
    void refusesWhatIsNotJson_data();
    void refusesWhatIsNotJson();
    void isLinearInDeepAndWideTexts();
};

void TestTree::keepsEverySpelling()
{
    const QByteArray text
        = R"( {"a":[1.0,{"b":"x\u00e9\n"},null], "n\u0061me" : true, "big":12345678901234567890})";
    const auto tree = JsonTree::parse(text);
    QVERIFY(tree.has_value());
    const JsonValue root = tree->root();
    QCOMPARE(root.size(), 3);
    QCOMPARE(root["a"].json(), QByteArray(R"([1.0,{"b":"x\u00e9\n"},null])"));
    QByteArrayList elements;
    for (const JsonValue element : root["a"])
        elements.append(element.json());
    QCOMPARE(elements, (QByteArrayList{"1.0", R"({"b":"x\u00e9\n"})", "null"}));
    QCOMPARE((*++root["a"].begin())["b"].string(), QByteArray("x\xc3\xa9\n"));
    QVERIFY(root["name"].isTrue());
    QCOMPARE(root["big"].digits(), QByteArray("12345678901234567890"));
    QVERIFY(!root["big"].integer());
    QVERIFY(!root["none"]);
    QVERIFY(!root["none"]["deeper"].isSet());
}

void TestTree::findsTheLastOfTwins()
{
    const auto tree = JsonTree::parse(R"({"a":1,"b":2,"a":3})");
    QVERIFY(tree.has_value());
    QCOMPARE(tree->root()["a"].integer(), std::optional<std::int64_t>(3));
}

void TestTree::readsIntegersHoweverSpelt_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("is");
    QTest::addColumn<qlonglong>("value");
    QTest::newRow("plain") << QByteArray("42") << true << 42LL;
    QTest::newRow("with a fraction of nothing") << QByteArray("42.0") << true << 42LL;
    QTest::newRow("exponent") << QByteArray("4.2e1") << true << 42LL;
    QTest::newRow("negative") << QByteArray("-1") << true << -1LL;
    QTest::newRow("fraction") << QByteArray("4.25") << false << 0LL;
    QTest::newRow("beyond exact doubles") << QByteArray("1e300") << false << 0LL;
    QTest::newRow("text") << QByteArray("\"42\"") << false << 0LL;
}

void TestTree::readsIntegersHoweverSpelt()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, is);
    QFETCH(qlonglong, value);
    const auto tree = JsonTree::parse(text);
    QVERIFY(tree.has_value());
    const auto read = tree->root().integer();
    QCOMPARE(read.has_value(), is);
    if (is)
        QCOMPARE(qlonglong(*read), value);
}

void TestTree::refusesWhatIsNotJson_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("two values") << QByteArray("{} {}");
    QTest::newRow("trailing comma") << QByteArray("[1,]");
    QTest::newRow("cut") << QByteArray("{\"a\":[1");
    QTest::newRow("too deep") << QByteArray(300, '[') + QByteArray(300, ']');
}

void TestTree::refusesWhatIsNotJson()
{
    QFETCH(QByteArray, text);
    const auto tree = JsonTree::parse(text);
    QVERIFY(!tree);
    QCOMPARE(tree.error().kind, ErrorKind::InvalidRequest);
}

void TestTree::isLinearInDeepAndWideTexts()
{
    QByteArray wide = "[";
    for (int i = 0; i < 200'000; ++i)
        wide += "{\"a\":[]},";
    wide.chop(1);
    wide += ']';
    const auto tree = JsonTree::parse(wide);
    QVERIFY(tree.has_value());
    qsizetype seen = 0;
    for (const JsonValue element : tree->root())
        seen += element["a"].isArray() ? 1 : 0;
    QCOMPARE(seen, 200'000);
}

QTEST_APPLESS_MAIN(TestTree)
#include "test_tree.moc"
