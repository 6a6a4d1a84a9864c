// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/money.h"

#include <QTest>

#include <limits>

using namespace tollgate;

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 Wide;

// What the arithmetic would be without an end to the numbers.
std::optional<std::int64_t> narrowed(Wide value)
{
    if (value > kMax || value < kMin)
        return std::nullopt;
    return static_cast<std::int64_t>(value);
}
#endif

} // namespace

class TestMoney : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void arithmeticNeverWraps();
    void roundsUpOnce();
    void readsAmounts_data();
    void readsAmounts();
    void refusesWhatIsNoAmount_data();
    void refusesWhatIsNoAmount();
    void writesWhatItReads();
    void writesEveryAmount();
};

void TestMoney::arithmeticNeverWraps()
{
#ifdef __SIZEOF_INT128__
    const std::vector<std::int64_t> edges{
        kMin, kMin + 1,    -3'037'000'500, -1'000'000'007, -2,       -1,       0,   1,
        2,    999'999'999, 3'037'000'499,  3'037'000'500,  kMax / 2, kMax - 1, kMax};
    for (const std::int64_t a : edges) {
        for (const std::int64_t b : edges) {
            QCOMPARE(checkedAdd(a, b), narrowed(static_cast<Wide>(a) + b));
            QCOMPARE(checkedSubtract(a, b), narrowed(static_cast<Wide>(a) - b));
            QCOMPARE(checkedMultiply(a, b), narrowed(static_cast<Wide>(a) * b));
        }
    }
#else
    QSKIP("This compiler has no wider integer to compare with.");
#endif
}

void TestMoney::roundsUpOnce()
{
    QCOMPARE(roundUp(PicoUsd{0}), NanoUsd{0});
    QCOMPARE(roundUp(PicoUsd{1}), NanoUsd{1});
    QCOMPARE(roundUp(PicoUsd{1000}), NanoUsd{1});
    QCOMPARE(roundUp(PicoUsd{1001}), NanoUsd{2});
    QCOMPARE(roundUp(PicoUsd{kMax}), NanoUsd{kMax / 1000 + 1});
    QVERIFY(!roundUp(PicoUsd{-1}));
}

void TestMoney::readsAmounts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("nano");
    QTest::newRow("whole") << QByteArray("12") << qint64(12'000'000'000);
    QTest::newRow("decimals") << QByteArray("12.5") << qint64(12'500'000'000);
    QTest::newRow("smallest") << QByteArray("0.000000001") << qint64(1);
    QTest::newRow("no whole part") << QByteArray(".5") << qint64(500'000'000);
    QTest::newRow("point at the end") << QByteArray("3.") << qint64(3'000'000'000);
    QTest::newRow("zero") << QByteArray("0") << qint64(0);
    QTest::newRow("largest") << QByteArray("9223372036.854775807") << qint64(kMax);
}

void TestMoney::readsAmounts()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, nano);
    QCOMPARE(parseUsd(text), NanoUsd{nano});
}

void TestMoney::refusesWhatIsNoAmount_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"", ".", "-1", "+1", "1e3", "1,5", " 1", "1 ", "1.2.3", "0.0000000001",
                             "9223372036.854775808", "99999999999", "0x10", "NaN", "inf", "$1"})
        QTest::addRow("'%s'", text) << QByteArray(text);
}

void TestMoney::refusesWhatIsNoAmount()
{
    QFETCH(QByteArray, text);
    QVERIFY(!parseUsd(text));
}

void TestMoney::writesWhatItReads()
{
    for (const char *text :
         {"0", "0.0125", "12.5", "1000000", "0.000000001", "9223372036.854775807"})
        QCOMPARE(formatUsd(parseUsd(text).value()), QString::fromLatin1(text));
}

void TestMoney::writesEveryAmount()
{
    QCOMPARE(formatUsd(NanoUsd{-1}), QStringLiteral("-0.000000001"));
    QCOMPARE(formatUsd(NanoUsd{kMin}), QStringLiteral("-9223372036.854775808"));
    QCOMPARE(formatUsd(NanoUsd{100}), QStringLiteral("0.0000001"));
}

QTEST_GUILESS_MAIN(TestMoney)
#include "test_money.moc"
