// SPDX-License-Identifier: GPL-3.0-or-later
// The pure parts: round numbers, pieces of time, numbers in words, folding, colours, pace, files.
#include "looks.h"
#include "qml/charts/bars.h"
#include "qml/charts/buckets.h"
#include "qml/charts/burn.h"
#include "qml/charts/chartdata.h"
#include "qml/charts/exporter.h"
#include "qml/charts/hatch.h"
#include "qml/charts/heat.h"
#include "qml/charts/ranked.h"
#include "qml/charts/ticks.h"
#include "qml/charts/units.h"
#include "samples.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace tollgate::charts;

namespace {

constexpr qint64 kHour = 3'600'000'000;

QString plainSpaces(QString text)
{
    return text.replace(QChar(0x202F), QLatin1Char(' ')).replace(QChar(0x00A0), QLatin1Char(' '));
}

qint64 at(int year, int month, int day, int hour, const QTimeZone &zone)
{
    return QDateTime(QDate(year, month, day), QTime(hour, 0), zone).toMSecsSinceEpoch() * 1000;
}

std::vector<Bucket> cut(qint64 from, qint64 to, Step step, const QTimeZone &zone)
{
    return timeBuckets(from, to, step, zone, QLocale(QLocale::English, QLocale::UnitedStates));
}

} // namespace

class TestChartsNumbers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAxisHasThreeToFiveRoundLines_data();
    void anAxisHasThreeToFiveRoundLines();
    void noDataMeansNoTicks();
    void logarithmicTicksAreDecades();
    void numbersAreWrittenAsTheLocaleDoes_data();
    void numbersAreWrittenAsTheLocaleDoes();
    void shortNumbersKeepThreeDigits_data();
    void shortNumbersKeepThreeDigits();
    void aDayOfChangingClocksHasTwentyThreeOrTwentyFiveHours();
    void daysBeginAtLocalMidnightEverywhere_data();
    void daysBeginAtLocalMidnightEverywhere();
    void hoursOfHalfHourZonesBeginAtFullLocalHours();
    void theYearEndsWithoutAGap();
    void weeksBeginWhereTheLocaleSays();
    void theBucketOfNowIsNotOver();
    void sevenAreNamedAndTheRestIsOther();
    void eightAreAllNamed();
    void coloursStayWithTheirKeys();
    void whatIsNotANumberIsUnknown();
    void aBudgetIsJudgedByItsPace_data();
    void aBudgetIsJudgedByItsPace();
    void changesAreToldAgainstThePeriodBefore();
    void hatchesStayInsideAndMeetTheirNeighbours();
    void heatHasSixStepsAndNoneForZero();
    void filesAreNamedForWhatTheyHold();
    void aCsvIsForMachines();
    void aJsonHoldsTheSameNumbers();
    void theTableHoldsTheNumbersOfTheTooltip();
};

void TestChartsNumbers::anAxisHasThreeToFiveRoundLines_data()
{
    QTest::addColumn<double>("most");
    QTest::addColumn<Unit>("unit");
    for (const double most : {1e4, 1.7e7, 421e5, 9.99e9, 104.2e9, 5251e9})
        QTest::newRow(qPrintable(QStringLiteral("money %1").arg(most))) << most << Unit::NanoUsd;
    for (const double most : {7.0, 12.0, 99.0, 318.0, 53494.0, 1.2e9})
        QTest::newRow(qPrintable(QStringLiteral("count %1").arg(most))) << most << Unit::Count;
    for (const double most : {420e3, 1.8e6, 44e6, 61e6, 130e6, 3700e6})
        QTest::newRow(qPrintable(QStringLiteral("time %1").arg(most)))
            << most << Unit::Microseconds;
}

void TestChartsNumbers::anAxisHasThreeToFiveRoundLines()
{
    QFETCH(double, most);
    QFETCH(Unit, unit);
    const Ticks ticks = valueTicks(most, unit);
    const int lines = int(ticks.at.size()) - 1;
    QVERIFY2(lines >= 3 && lines <= 5, qPrintable(QString::number(lines)));
    QCOMPARE(ticks.at.front(), 0.0);
    QVERIFY(ticks.top >= most);
    QVERIFY(ticks.top - ticks.step < most);
    QCOMPARE(ticks.place(0), 0.0);
    QCOMPARE(ticks.place(ticks.top), 1.0);
}

void TestChartsNumbers::noDataMeansNoTicks()
{
    QVERIFY(valueTicks(0, Unit::Count).at.empty());
    QVERIFY(valueTicks(-5, Unit::Count).at.empty());
    QVERIFY(valueTicks(qQNaN(), Unit::Count).at.empty());
    // One and two are whole: there is no half of a call.
    QCOMPARE(valueTicks(1, Unit::Count).at, (std::vector<double>{0, 1}));
    QCOMPARE(valueTicks(2, Unit::Count).at, (std::vector<double>{0, 1, 2}));
}

void TestChartsNumbers::logarithmicTicksAreDecades()
{
    QCOMPARE(logTicks(420e3, 2.7e6).at, (std::vector<double>{1e5, 1e6, 1e7}));
    QCOMPARE(logTicks(1000, 1000).at, (std::vector<double>{1e3, 1e4}));
    QCOMPARE(logTicks(10, 1000).place(100), 0.5);
    QCOMPARE(logTicks(10, 1000).place(0), 0.0);
}

void TestChartsNumbers::numbersAreWrittenAsTheLocaleDoes_data()
{
    QTest::addColumn<QString>("locale");
    QTest::addColumn<Unit>("unit");
    QTest::addColumn<qint64>("value");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *locale, Unit unit, qint64 value, const char *words) {
        QTest::newRow(qPrintable(
            QStringLiteral("%1 %2 %3").arg(QLatin1String(locale)).arg(int(unit)).arg(value)))
            << QString::fromLatin1(locale) << unit << value << QString::fromUtf8(words);
    };
    row("en_US", Unit::NanoUsd, 42'100'000, "$0.0421");
    row("en_US", Unit::NanoUsd, 20'000, "$0.000020");
    row("en_US", Unit::NanoUsd, 0, "$0");
    row("en_US", Unit::NanoUsd, 5'251'230'000'000, "$5,251.23");
    row("en_US", Unit::NanoUsd, -1'500'000'000, "-$1.50");
    row("de_DE", Unit::NanoUsd, 1'234'560'000'000, "1.234,56 $");
    row("fr_FR", Unit::NanoUsd, 1'234'560'000'000, "1 234,56 $");
    row("es_MX", Unit::NanoUsd, 1'500'000'000, "US$1.50");
    row("en_CA", Unit::NanoUsd, 1'500'000'000, "US$1.50");
    row("en_US", Unit::Tokens, 12'412, "12,412");
    row("de_DE", Unit::Count, 5000, "5.000");
    row("en_US", Unit::Microseconds, 850, "850 \xC2\xB5s");
    row("en_US", Unit::Microseconds, 42'500, "43 ms");
    row("en_US", Unit::Microseconds, 1'800'000, "1.80 s");
    row("de_DE", Unit::Microseconds, 1'800'000, "1,80 s");
    row("en_US", Unit::Microseconds, 150'000'000, "2.5 min");
    row("en_US", Unit::BasisPoints, 412, "4.12 %");
    row("en_US", Unit::MilliPerSecond, 48'200, "48.2/s");
}

void TestChartsNumbers::numbersAreWrittenAsTheLocaleDoes()
{
    QFETCH(QString, locale);
    QFETCH(Unit, unit);
    QFETCH(qint64, value);
    QFETCH(QString, words);
    QCOMPARE(plainSpaces(inFull(value, unit, QLocale(locale))), words);
}

void TestChartsNumbers::shortNumbersKeepThreeDigits_data()
{
    QTest::addColumn<QString>("locale");
    QTest::addColumn<Unit>("unit");
    QTest::addColumn<qint64>("value");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *locale, Unit unit, qint64 value, const char *words) {
        QTest::newRow(qPrintable(
            QStringLiteral("%1 %2 %3").arg(QLatin1String(locale)).arg(int(unit)).arg(value)))
            << QString::fromLatin1(locale) << unit << value << QString::fromUtf8(words);
    };
    row("en_US", Unit::Tokens, 999, "999");
    row("en_US", Unit::Tokens, 12'412, "12.4 k");
    row("en_US", Unit::Tokens, 999'950, "1 M");
    row("en_US", Unit::Tokens, 1'240'000, "1.24 M");
    row("en_US", Unit::Tokens, 3'000'000'000, "3 B");
    row("de_DE", Unit::Tokens, 12'412, "12,4 k");
    row("zh_CN", Unit::Tokens, 12'412, "1.24\xE4\xB8\x87");
    row("zh_CN", Unit::Tokens, 340'000'000, "3.4\xE4\xBA\xBF");
    row("ja_JP", Unit::Tokens, 340'000'000, "3.4\xE5\x84\x84");
    row("zh_TW", Unit::Tokens, 12'412, "1.24\xE8\x90\xAC");
    row("zh_CN", Unit::Tokens, 9999, "1\xE4\xB8\x87");
    row("en_US", Unit::NanoUsd, 1'234'000'000'000, "$1.23k");
    row("de_DE", Unit::NanoUsd, 1'234'000'000'000, "1,23k $");
    row("en_US", Unit::Microseconds, 1'800'000, "1.8 s");
}

void TestChartsNumbers::shortNumbersKeepThreeDigits()
{
    QFETCH(QString, locale);
    QFETCH(Unit, unit);
    QFETCH(qint64, value);
    QFETCH(QString, words);
    QCOMPARE(plainSpaces(inShort(value, unit, QLocale(locale))), words);
}

void TestChartsNumbers::aDayOfChangingClocksHasTwentyThreeOrTwentyFiveHours()
{
    const QTimeZone berlin("Europe/Berlin");
    const auto spring
        = cut(at(2026, 3, 29, 0, berlin), at(2026, 3, 30, 0, berlin), Step::Hour, berlin);
    QCOMPARE(spring.size(), std::size_t(23));
    const auto autumn
        = cut(at(2026, 10, 25, 0, berlin), at(2026, 10, 26, 0, berlin), Step::Hour, berlin);
    QCOMPARE(autumn.size(), std::size_t(25));
    for (std::size_t hour = 1; hour < autumn.size(); ++hour)
        QCOMPARE(autumn.at(hour).fromUs, autumn.at(hour - 1).toUs);
    const auto days
        = cut(at(2026, 3, 28, 0, berlin), at(2026, 3, 31, 0, berlin), Step::Day, berlin);
    QCOMPARE(days.size(), std::size_t(3));
    QCOMPARE(days.at(1).toUs - days.at(1).fromUs, 23 * kHour);
    QCOMPARE(stepOf(days), Step::Day);
    QCOMPARE(stepOf(autumn), Step::Hour);
}

void TestChartsNumbers::daysBeginAtLocalMidnightEverywhere_data()
{
    QTest::addColumn<QByteArray>("id");
    for (const char *id : {"Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata", "America/New_York",
                           "UTC", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut"})
        QTest::newRow(id) << QByteArray(id);
}

void TestChartsNumbers::daysBeginAtLocalMidnightEverywhere()
{
    QFETCH(QByteArray, id);
    const QTimeZone zone(id);
    if (!zone.isValid())
        QSKIP("this machine's time zone data lack the zone");
    const auto days = cut(at(2026, 1, 1, 12, zone), at(2026, 12, 31, 12, zone), Step::Day, zone);
    QCOMPARE(days.size(), std::size_t(365));
    for (std::size_t day = 0; day < days.size(); ++day) {
        const QDateTime from = momentOf(days.at(day).fromUs, zone);
        QCOMPARE(from.date(), QDate(2026, 1, 1).addDays(qint64(day)));
        // Where clocks change at midnight, the day begins at one.
        QVERIFY(from.time() == QTime(0, 0) || from.time() == QTime(1, 0));
        if (day > 0)
            QCOMPARE(days.at(day).fromUs, days.at(day - 1).toUs);
    }
}

void TestChartsNumbers::hoursOfHalfHourZonesBeginAtFullLocalHours()
{
    for (const char *id : {"Asia/Kolkata", "Australia/Lord_Howe"}) {
        const QTimeZone zone(id);
        const auto hours = cut(at(2026, 4, 4, 0, zone), at(2026, 4, 6, 0, zone), Step::Hour, zone);
        for (std::size_t hour = 1; hour < hours.size(); ++hour) {
            QCOMPARE(hours.at(hour).fromUs, hours.at(hour - 1).toUs);
            QCOMPARE(momentOf(hours.at(hour).fromUs, zone).time().minute(), 0);
        }
    }
}

void TestChartsNumbers::theYearEndsWithoutAGap()
{
    const QTimeZone zone("Europe/Berlin");
    const auto days = cut(at(2026, 12, 30, 0, zone), at(2027, 1, 3, 0, zone), Step::Day, zone);
    QCOMPARE(days.size(), std::size_t(4));
    QCOMPARE(momentOf(days.at(2).fromUs, zone).date(), QDate(2027, 1, 1));
    const auto months = cut(at(2026, 11, 15, 0, zone), at(2027, 2, 2, 0, zone), Step::Month, zone);
    QCOMPARE(months.size(), std::size_t(4));
    QCOMPARE(momentOf(months.at(2).fromUs, zone).date(), QDate(2027, 1, 1));
    QCOMPARE(stepOf(months), Step::Month);
}

void TestChartsNumbers::weeksBeginWhereTheLocaleSays()
{
    const QTimeZone zone("UTC");
    const qint64 from = at(2026, 8, 5, 0, zone);
    const auto german = timeBuckets(from, from + kHour, Step::Week, zone,
                                    QLocale(QLocale::German, QLocale::Germany));
    QCOMPARE(momentOf(german.front().fromUs, zone).date(), QDate(2026, 8, 3));
    const auto american = timeBuckets(from, from + kHour, Step::Week, zone,
                                      QLocale(QLocale::English, QLocale::UnitedStates));
    QCOMPARE(momentOf(american.front().fromUs, zone).date(), QDate(2026, 8, 2));
    QCOMPARE(stepOf(german), Step::Week);
}

void TestChartsNumbers::theBucketOfNowIsNotOver()
{
    const QTimeZone zone("UTC");
    const QLocale english(QLocale::English, QLocale::UnitedStates);
    const auto days = timeBuckets(at(2026, 8, 1, 0, zone), at(2026, 8, 4, 0, zone), Step::Day, zone,
                                  english, at(2026, 8, 3, 9, zone));
    QVERIFY(days.at(0).weekend && days.at(1).weekend
            && !days.at(2).weekend); // Saturday, Sunday, Monday
    QVERIFY(!days.at(1).incomplete && days.at(2).incomplete);
    QVERIFY(rangeLabel(days.at(2), Step::Day, zone, english).contains(QStringLiteral("so far")));
    QCOMPARE(axisLabel(days.at(2), Step::Day, zone, english), QStringLiteral("Aug 3"));
    QCOMPARE(axisLabel(days.at(2), Step::Day, zone, QLocale(QStringLiteral("de_DE"))),
             QStringLiteral("3 Aug."));
    QCOMPARE(axisLabel(days.at(2), Step::Day, zone, QLocale(QStringLiteral("ja_JP"))),
             QStringLiteral("8/3"));
}

void TestChartsNumbers::sevenAreNamedAndTheRestIsOther()
{
    const ChartData all = readChartData(spendSample(5, 10));
    const ChartData data = folded(all, 7, QStringLiteral("Other"));
    QCOMPARE(data.series.size(), std::size_t(8));
    QCOMPARE(data.series.back().key, QString(kOtherKey));
    QCOMPARE(data.series.back().slot, kOther);
    for (std::size_t at = 1; at < 7; ++at)
        QVERIFY(sumOf(data.series.at(at - 1)) >= sumOf(data.series.at(at)));
    for (int column = 0; column < 5; ++column)
        QCOMPARE(columnSum(data, column), columnSum(all, column)); // no money is lost in the fold
}

void TestChartsNumbers::eightAreAllNamed()
{
    const ChartData eight = folded(readChartData(spendSample(5, 8)), 7, QStringLiteral("Other"));
    QCOMPARE(eight.series.size(), std::size_t(8));
    for (const Series &series : eight.series)
        QVERIFY(series.key != kOtherKey);
    ChartData nothing = readChartData(spendSample(2, 10));
    for (Series &series : nothing.series)
        series.values = {Value(), 4};
    const ChartData data = folded(nothing, 7, QStringLiteral("Other"));
    QVERIFY(!data.series.back().values.at(0)); // nothing known stays nothing, not zero
    QCOMPARE(data.series.back().values.at(1), Value(12));
}

void TestChartsNumbers::coloursStayWithTheirKeys()
{
    const QStringList keys{QStringLiteral("gpt-5"), QStringLiteral("claude"),
                           QStringLiteral("qwen")};
    const auto colours = assignedColours(keys, {});
    QCOMPARE(assignedColours(keys, {}), colours);
    QCOMPARE(QSet<int>(colours.begin(), colours.end()).size(), 3);
    QStringList more = keys;
    more.prepend(QStringLiteral("mistral"));
    const auto later = assignedColours(more, colours);
    for (const QString &key : keys)
        QCOMPARE(later.value(key), colours.value(key));
    QStringList eight;
    for (int at = 0; at < 8; ++at)
        eight.push_back(QString::number(at * 8));
    const auto full = assignedColours(eight, {{QStringLiteral("24"), 5}});
    QCOMPARE(QSet<int>(full.begin(), full.end()).size(), 8);
    QCOMPARE(full.value(QStringLiteral("24")), 5);
}

void TestChartsNumbers::whatIsNotANumberIsUnknown()
{
    QVERIFY(!readValue({}));
    QVERIFY(!readValue(QVariant::fromValue(nullptr)));
    QVERIFY(!readValue(QStringLiteral("12")));
    QVERIFY(!readValue(qQNaN()));
    QVERIFY(!readValue(1e300));
    QCOMPARE(readValue(2.0), Value(2));
    QCOMPARE(readValue(qint64(9'000'000'000'000'000'001)), Value(9'000'000'000'000'000'001));
    // Shorter rows than columns are filled with nothing.
    const ChartData data = readChartData(
        QVariantMap{{QStringLiteral("buckets"), QVariantList{QVariantMap(), QVariantMap()}},
                    {QStringLiteral("series"),
                     QVariantList{QVariantMap{{QStringLiteral("values"), QVariantList{1}}}}}});
    QCOMPARE(data.series.at(0).values, (std::vector<Value>{1, Value()}));
}

void TestChartsNumbers::aBudgetIsJudgedByItsPace_data()
{
    QTest::addColumn<double>("elapsed");
    QTest::addColumn<double>("used");
    QTest::addColumn<Pace>("pace");
    QTest::addColumn<QString>("words");
    QTest::newRow("too early") << 0.02 << 0.5 << Pace::TooEarly
                               << QStringLiteral("Too early to tell");
    QTest::newRow("even") << 0.5 << 0.51 << Pace::Even << QStringLiteral("On pace");
    QTest::newRow("over") << 0.5 << 0.59 << Pace::Over
                          << QStringLiteral("Over pace by 9 %, runs out Sat 10:22 PM");
    QTest::newRow("lasts") << 0.5 << 0.3 << Pace::Lasts << QStringLiteral("Lasts until reset");
    QTest::newRow("spent") << 0.5 << 1.0 << Pace::Spent
                           << QStringLiteral("Spent. Resets Mon 12:00 AM");
}

void TestChartsNumbers::aBudgetIsJudgedByItsPace()
{
    QFETCH(double, elapsed);
    QFETCH(double, used);
    QFETCH(Pace, pace);
    QFETCH(QString, words);
    Look look = lightLook();
    look.zone = QTimeZone("UTC");
    BurnFacts facts;
    facts.fromUs = at(2026, 8, 3, 0, look.zone); // a Monday
    facts.toUs = facts.fromUs + 7 * 24 * kHour;
    facts.nowUs = facts.fromUs + qint64(elapsed * double(facts.toUs - facts.fromUs));
    facts.limit = 10'000'000'000;
    facts.points
        = {{facts.fromUs, facts.limit}, {facts.nowUs, qint64(double(facts.limit) * (1 - used))}};
    const Verdict verdict = verdictOf(facts);
    QCOMPARE(verdict.pace, pace);
    QCOMPARE(plainSpaces(wordsOf(facts, verdict, look)), words);
}

void TestChartsNumbers::changesAreToldAgainstThePeriodBefore()
{
    const QLocale english(QLocale::English, QLocale::UnitedStates);
    QCOMPARE(plainSpaces(deltaOf(120, 100, english)), QStringLiteral("+20 %"));
    QCOMPARE(plainSpaces(deltaOf(80, 100, english)), QStringLiteral("\u221220 %"));
    QCOMPARE(deltaOf(80, Value(), english), QString());
    QCOMPARE(deltaOf(80, 0, english), QString());
    QCOMPARE(plainSpaces(shareOf(1234, 10'000, english)), QStringLiteral("12.3 %"));
    QCOMPARE(plainSpaces(shareOf(1, 10'000, english)), QStringLiteral("<0.1 %"));
    QCOMPARE(plainSpaces(shareOf(10, 10, english)), QStringLiteral("100 %"));
}

void TestChartsNumbers::hatchesStayInsideAndMeetTheirNeighbours()
{
    const QRectF area(10.5, 7, 33, 41);
    const QRectF grown = area.adjusted(-0.001, -0.001, 0.001, 0.001);
    for (const Pattern pattern : {Pattern::Rising, Pattern::Falling, Pattern::Horizontal,
                                  Pattern::Cross, Pattern::Vertical, Pattern::Grid}) {
        const auto lines = hatchLines(area, pattern, 5);
        QVERIFY(lines.size() > 4);
        for (const QLineF &line : lines)
            QVERIFY(grown.contains(line.p1()) && grown.contains(line.p2()));
    }
    for (const QPointF &dot : hatchDots(area, 5))
        QVERIFY(area.contains(dot));
    // The line through one area goes on in the next.
    const auto left = hatchLines(QRectF(0, 0, 20, 20), Pattern::Rising, 5);
    const auto right = hatchLines(QRectF(20, 0, 20, 20), Pattern::Rising, 5);
    const auto sums = [](const QVector<QLineF> &lines) {
        QSet<int> out;
        for (const QLineF &line : lines)
            out.insert(qRound((line.x1() + line.y1()) * 1000));
        return out;
    };
    QVERIFY(sums(left).intersects(sums(right)));
    QVERIFY(hatchLines(QRectF(0, 0, 1e7, 1e7), Pattern::Cross, 5).size() <= 8000);
    QVERIFY(hatchLines({}, Pattern::Cross, 5).isEmpty());
}

void TestChartsNumbers::heatHasSixStepsAndNoneForZero()
{
    QCOMPARE(heatStep(0, 60), -1);
    QCOMPARE(heatStep(1, 60), 0);
    QCOMPARE(heatStep(10, 60), 0);
    QCOMPARE(heatStep(11, 60), 1);
    QCOMPARE(heatStep(60, 60), 5);
    const HeatGrid grid = calendarOf(readChartData(yearSample()), lightLook());
    QCOMPARE(grid.rows.size(), std::size_t(7));
    QCOMPARE(grid.rowNames.front(), QStringLiteral("Sunday"));
    int known = 0;
    for (const auto &row : grid.rows) {
        for (const Cell &cell : row)
            known += cell.state != CellState::Outside ? 1 : 0;
    }
    QCOMPARE(known, 365);
}

void TestChartsNumbers::filesAreNamedForWhatTheyHold()
{
    const QTimeZone zone("Europe/Berlin");
    About about;
    about.name = QStringLiteral("usage spend by model");
    about.fromUs = at(2026, 8, 1, 0, zone);
    about.toUs = at(2026, 9, 1, 0, zone);
    QCOMPARE(fileNameOf(about, zone, QStringLiteral("csv")),
             QStringLiteral("usage-spend-by-model-2026-08-01_2026-08-31.csv"));
    about.name = QStringLiteral("../../etc/passwd\n");
    QCOMPARE(fileNameOf(about, zone, QStringLiteral("png")),
             QStringLiteral("etc-passwd-2026-08-01_2026-08-31.png"));
    QCOMPARE(fileNameOf({}, zone, QStringLiteral("svg")), QStringLiteral("chart.svg"));
}

void TestChartsNumbers::aCsvIsForMachines()
{
    Look look = lightLook();
    look.locale = QLocale(QStringLiteral("de_DE"));
    ChartData data;
    data.unit = Unit::NanoUsd;
    data.buckets.push_back(
        {at(2026, 8, 1, 0, look.zone), at(2026, 8, 2, 0, look.zone), {}, false, true});
    data.series.push_back({QStringLiteral("=cmd()"),
                           QStringLiteral("a, \"b\""),
                           0,
                           Tone::None,
                           {1'234'567'890'123},
                           {},
                           {}});
    data.series.push_back(
        {QStringLiteral("x"), QStringLiteral("x"), 1, Tone::None, {Value()}, {}, {}});
    const QList<QByteArray> lines = csvOf(StackedBars(data, {}, false), look).split('\n');
    QCOMPARE(lines.at(0), QByteArray("from,to,bucket,key,label,value,unit,incomplete,hidden\r"));
    QCOMPARE(lines.at(1),
             QByteArray("2026-08-01T00:00:00+02:00,2026-08-02T00:00:00+02:00,,'=cmd(),\"a, "
                        "\"\"b\"\"\",1234567890123,"
                        "nano_usd,false,false\r"));
    QVERIFY(lines.at(2).contains(",x,x,,nano_usd"));
}

void TestChartsNumbers::aJsonHoldsTheSameNumbers()
{
    About about;
    about.title = QStringLiteral("Spend");
    const StackedBars bars(readChartData(spendSample(3, 2)), {}, false);
    const QJsonObject whole = QJsonDocument::fromJson(jsonOf(bars, lightLook(), about)).object();
    QCOMPARE(whole.value(QStringLiteral("title")).toString(), QStringLiteral("Spend"));
    const QJsonArray rows = whole.value(QStringLiteral("rows")).toArray();
    QCOMPARE(rows.size(), 6);
    qint64 sum = 0;
    for (const QJsonValue &row : rows)
        sum += row.toObject().value(QStringLiteral("value")).toInteger();
    const ChartData data = readChartData(spendSample(3, 2));
    QCOMPARE(sum, sumOf(data.series.at(0)) + sumOf(data.series.at(1)));
}

void TestChartsNumbers::theTableHoldsTheNumbersOfTheTooltip()
{
    const Look look = lightLook();
    const StackedBars bars(readChartData(spendSample(4, 3)), {}, false);
    const Table table = bars.table(look);
    QCOMPARE(table.rows.size(), std::size_t(4));
    for (int column = 0; column < 4; ++column) {
        const Tip tip = bars.tip({column, -1}, look);
        const QStringList &row = table.rows.at(std::size_t(column));
        QCOMPARE(row.front(), tip.title);
        for (const TipRow &entry : tip.rows)
            QVERIFY(row.contains(entry.value));
        QCOMPARE(row.back(), tip.total);
        for (std::size_t at = 1; at < tip.rows.size(); ++at)
            QVERIFY(tip.rows.at(at).share.size() > 0);
    }
    const StackedBars many(readChartData(spendSample(2, 16)), {}, false);
    QCOMPARE(many.tip({0, -1}, look).rows.size(), std::size_t(10));
    QCOMPARE(many.tip({0, -1}, look).more, 6);
}

QTEST_GUILESS_MAIN(TestChartsNumbers)
#include "test_charts_numbers.moc"
