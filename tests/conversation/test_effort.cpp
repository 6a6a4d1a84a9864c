// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/effort.h"

#include <QtTest>

using namespace tollgate::conversation;

class TestEffort final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void budgetsFollowTheTable_data();
    void budgetsFollowTheTable();
    void aBudgetHasAName_data();
    void aBudgetHasAName();
    void budgetsRiseWithTheEffort();
    void theNearestNameIsTaken_data();
    void theNearestNameIsTaken();
};

void TestEffort::budgetsFollowTheTable_data()
{
    QTest::addColumn<QByteArray>("effort");
    QTest::addColumn<int>("scale");
    QTest::addColumn<qint64>("cap");
    QTest::addColumn<qint64>("budget");
    const auto row = [](const char *effort, BudgetScale scale, qint64 cap, qint64 budget) {
        QTest::addRow("%s, scale %d, cap %lld", effort, int(scale), static_cast<long long>(cap))
            << QByteArray(effort) << int(scale) << cap << budget;
    };
    row("none", BudgetScale::Anthropic, 0, 0);
    row("none", BudgetScale::Anthropic, 9000, 0);
    row("minimal", BudgetScale::Anthropic, 0, 1024);
    row("low", BudgetScale::Anthropic, 0, 2048);
    row("medium", BudgetScale::Anthropic, 0, 10000);
    row("high", BudgetScale::Anthropic, 0, 16384);
    row("xhigh", BudgetScale::Anthropic, 0, 32768);
    row("high", BudgetScale::Anthropic, 4000, 4000);
    row("max", BudgetScale::Anthropic, 63999, 63999);
    row("medium", BudgetScale::Gemini, 0, 8192);
    row("high", BudgetScale::Gemini, 0, 24576);
    row("max", BudgetScale::Gemini, 32768, 32768);
    row("max", BudgetScale::Gemini, 0, 24576);
    row("minimal", BudgetScale::Cohere, 0, 512);
    row("xhigh", BudgetScale::Cohere, 0, 16384);
    row("a word of tomorrow", BudgetScale::Cohere, 0, 4096);
}

void TestEffort::budgetsFollowTheTable()
{
    QFETCH(QByteArray, effort);
    QFETCH(int, scale);
    QFETCH(qint64, cap);
    QTEST(qint64(budgetOfEffort(effort, BudgetScale(scale), cap)), "budget");
}

void TestEffort::aBudgetHasAName_data()
{
    QTest::addColumn<qint64>("budget");
    QTest::addColumn<QByteArray>("effort");
    const auto row = [](qint64 budget, const char *effort) {
        QTest::addRow("%lld", static_cast<long long>(budget)) << budget << QByteArray(effort);
    };
    row(-1, "medium");
    row(0, "none");
    row(1, "minimal");
    row(1024, "minimal");
    row(1025, "low");
    row(4096, "low");
    row(12000, "medium");
    row(12001, "high");
    row(24000, "high");
    row(31999, "xhigh");
}

void TestEffort::aBudgetHasAName()
{
    QFETCH(qint64, budget);
    QTEST(effortOfBudget(budget), "effort");
}

void TestEffort::budgetsRiseWithTheEffort()
{
    const QByteArrayList names{"none", "minimal", "low", "medium", "high", "xhigh", "max"};
    for (const auto scale : {BudgetScale::Anthropic, BudgetScale::Gemini, BudgetScale::Cohere}) {
        std::int64_t before = -1;
        for (const QByteArray &name : names) {
            const std::int64_t budget = budgetOfEffort(name, scale);
            QVERIFY2(budget >= before, name.constData());
            QVERIFY(budgetOfEffort(name, scale, 700) <= 700);
            before = budget;
        }
    }
}

void TestEffort::theNearestNameIsTaken_data()
{
    QTest::addColumn<QByteArray>("effort");
    QTest::addColumn<QByteArrayList>("accepted");
    QTest::addColumn<QByteArray>("taken");
    const QByteArrayList three{"low", "medium", "high"};
    QTest::addRow("accepted itself") << QByteArray("high") << three << QByteArray("high");
    QTest::addRow("every name") << QByteArray("odd") << QByteArrayList() << QByteArray("odd");
    QTest::addRow("the next lower") << QByteArray("max") << three << QByteArray("high");
    QTest::addRow("any order") << QByteArray("xhigh") << QByteArrayList{"max", "high", "low"}
                               << QByteArray("high");
    QTest::addRow("below all") << QByteArray("minimal") << three << QByteArray("low");
    QTest::addRow("off is not little thinking")
        << QByteArray("minimal") << QByteArrayList{"none", "low", "high"} << QByteArray("low");
    QTest::addRow("off where it cannot be") << QByteArray("none") << three << QByteArray("low");
    QTest::addRow("off where it can")
        << QByteArray("none") << QByteArrayList{"none", "low"} << QByteArray("none");
    QTest::addRow("nothing but off")
        << QByteArray("high") << QByteArrayList{"none"} << QByteArray("none");
    QTest::addRow("unknown stands in the middle")
        << QByteArray("odd") << three << QByteArray("medium");
}

void TestEffort::theNearestNameIsTaken()
{
    QFETCH(QByteArray, effort);
    QFETCH(QByteArrayList, accepted);
    QTEST(nearestEffort(effort, accepted), "taken");
}

QTEST_APPLESS_MAIN(TestEffort)
#include "test_effort.moc"
