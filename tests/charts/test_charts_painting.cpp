// SPDX-License-Identifier: GPL-3.0-or-later
// What is painted, at known places; and every chart in every look. With
// TOLLGATE_CHART_PICTURES=folder the pictures are kept to be looked at.
#include "looks.h"
#include "qml/charts/bars.h"
#include "qml/charts/boxes.h"
#include "qml/charts/burn.h"
#include "qml/charts/exporter.h"
#include "qml/charts/heat.h"
#include "qml/charts/lines.h"
#include "qml/charts/ranked.h"
#include "qml/charts/scatter.h"
#include "qml/charts/small.h"
#include "qml/charts/waterfall.h"
#include "samples.h"

#include <QDir>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QImage>
#include <QPainter>
#include <QSvgRenderer>
#include <QTest>

using namespace tollgate::charts;

namespace {

constexpr qint64 kDay = 86'400'000'000;

struct Sample
{
    QString name;
    std::unique_ptr<Chart> chart;
    QSizeF size;
};

ChartData coloured(const QVariantMap &source, int keep = 0)
{
    ChartData data = readChartData(source);
    if (keep > 0)
        data = folded(data, keep, QStringLiteral("Other"));
    giveColours(data, {});
    return data;
}

std::vector<Sample> samples(const Look &look)
{
    std::vector<Sample> out;
    const auto add = [&out](const char *name, std::unique_ptr<Chart> chart, QSizeF size) {
        out.push_back({QLatin1String(name), std::move(chart), size});
    };
    LineOptions lines;
    lines.limit = 2'000'000;
    LineOptions log = lines;
    log.logarithmic = true;
    LineOptions fan;
    fan.fan = true;
    fan.bandLow = QStringLiteral("p20");
    fan.bandHigh = QStringLiteral("p80");
    ChartData forecast = readChartData(fanSample());
    for (Series &series : forecast.series)
        series.slot = 0;
    add("bars",
        std::make_unique<StackedBars>(coloured(spendSample(30, 10), 7), QSet<QString>(), false),
        {760, 260});
    add("shares",
        std::make_unique<StackedBars>(coloured(spendSample(14, 5)), QSet<QString>(), true),
        {560, 220});
    add("calls", std::make_unique<StackedBars>(coloured(callsSample()), QSet<QString>(), false),
        {560, 220});
    add("one-bar",
        std::make_unique<StackedBars>(coloured(spendSample(1, 3)), QSet<QString>(), false),
        {420, 200});
    add("empty", std::make_unique<StackedBars>(coloured(spendSample(7, 0)), QSet<QString>(), false),
        {420, 160});
    add("lines", std::make_unique<Lines>(coloured(speedSample()), QSet<QString>(), lines),
        {760, 240});
    add("lines-log", std::make_unique<Lines>(coloured(speedSample()), QSet<QString>(), log),
        {560, 220});
    add("fan", std::make_unique<Lines>(forecast, QSet<QString>(), fan), {560, 220});
    add("week", std::make_unique<Heat>(gridOf(readChartData(weekSample()), look)), {640, 230});
    add("year", std::make_unique<Heat>(calendarOf(readChartData(yearSample()), look)), {860, 170});
    add("burn-over", std::make_unique<BurnDown>(readBurnFacts(burnSample(0.74)), false),
        {560, 220});
    add("burn-lasts", std::make_unique<BurnDown>(readBurnFacts(burnSample(0.32)), false),
        {560, 220});
    add("burn-mini", std::make_unique<BurnDown>(readBurnFacts(burnSample(0.74)), true), {180, 48});
    add("sparkline", std::make_unique<Sparkline>(coloured(speedSample())), {180, 40});
    add("health", std::make_unique<HealthStrip>(readHealth(healthSample())), {480, 22});
    auto waterfall = std::make_unique<Waterfall>(readWaterfall(waterfallSample()));
    const double high = waterfall->wantedHeight(look);
    add("waterfall", std::move(waterfall), {720, high});
    auto ranked = std::make_unique<RankedBars>(coloured(spendSample(30, 8)), QSet<QString>());
    const double rows = ranked->wantedHeight(look);
    add("ranked", std::move(ranked), {760, rows});
    auto boxes = std::make_unique<BoxPlot>(readBoxes(boxSample()));
    const double boxRows = boxes->wantedHeight(look);
    add("boxes", std::move(boxes), {620, boxRows});
    add("scatter", std::make_unique<Scatter>(readScatter(scatterSample(600)), QSet<QString>()),
        {560, 260});
    add("density", std::make_unique<Scatter>(readScatter(scatterSample(10'000)), QSet<QString>()),
        {560, 260});
    return out;
}

QImage painted(const Chart &chart, const Look &look, QSizeF size)
{
    QImage image(size.toSize(), QImage::Format_ARGB32_Premultiplied);
    image.fill(look.surface);
    QPainter painter(&image);
    chart.paint(painter, look, size);
    return image;
}

// Three days; the second has 10 of "a" and 30 of "b", the last is not over.
ChartData plainData()
{
    ChartData data;
    for (int day = 0; day < 3; ++day)
        data.buckets.push_back(
            {day * kDay, (day + 1) * kDay, QString::number(day), day == 2, false});
    data.series.push_back(
        {QStringLiteral("a"), QStringLiteral("a"), 0, Tone::None, {Value(), 10, 20}, {}, {}});
    data.series.push_back(
        {QStringLiteral("b"), QStringLiteral("b"), 1, Tone::None, {Value(), 30, 0}, {}, {}});
    return data;
}

int coloursIn(const QImage &image)
{
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            colours.insert(image.pixel(x, y));
    }
    return int(colours.size());
}

} // namespace

class TestChartsPainting : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyChartIsPaintedInEveryLook_data();
    void everyChartIsPaintedInEveryLook();
    void barsAreAsHighAsTheirValues();
    void neighboursInAStackAreParted();
    void aDayThatIsNotOverIsHatched();
    void oneBucketIsNoWiderThanFortyEightPixels();
    void weekendsAreShaded();
    void patternsShowOnlyWhenTheyAreOn();
    void anEmptyChartHasNoNumbersOnItsAxis();
    void sharesFillThePlot();
    void linesAreBrokenWhereNothingIsKnown();
    void fewCallsAreHollowDots();
    void aCellOfNothingIsNotACellOfZero();
    void theBurnDownFlagsItsReset();
    void badHealthIsHigherThanGood();
    void aPictureSaysWhatItShows();
    void anSvgIsReadByAReader();
    void hostileNamesArePaintedAsOneShortLine();
    void howLongItTakes();
};

void TestChartsPainting::everyChartIsPaintedInEveryLook_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("light") << 0;
    QTest::newRow("dark") << 1;
    QTest::newRow("patterns") << 2;
}

void TestChartsPainting::everyChartIsPaintedInEveryLook()
{
    QFETCH(int, which);
    const Look look = which == 0 ? lightLook() : which == 1 ? darkLook() : contrastLook();
    const QString folder = qEnvironmentVariable("TOLLGATE_CHART_PICTURES");
    for (const Sample &sample : samples(look)) {
        const QImage image = painted(*sample.chart, look, sample.size);
        // A chart without data has its base line and the dates of its range.
        QVERIFY2(coloursIn(image) > 3, qPrintable(sample.name));
        QVERIFY2(image.pixelColor(image.width() - 1, 0) == look.surface
                     || sample.name == QLatin1String("health"),
                 qPrintable(sample.name));
        if (!folder.isEmpty()) {
            About about;
            about.title = sample.name;
            about.range = QStringLiteral("2 - 31 Aug 2026");
            about.coverage = QStringLiteral(
                "Priced 1,204 \u00b7 estimated 31 \u00b7 unpriced 3 \u2014 local time (CEST)");
            QFile file(QDir(folder).filePath(sample.name + QLatin1Char('-')
                                             + QLatin1String(QTest::currentDataTag())
                                             + QStringLiteral(".png")));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(pngOf(*sample.chart, look, about, sample.size, 1));
        }
    }
}

void TestChartsPainting::barsAreAsHighAsTheirValues()
{
    const Look look = lightLook();
    const StackedBars bars(plainData(), {}, false);
    const QSizeF size(400, 300);
    const QRectF plot = bars.plot(look, size);
    const QRectF first = bars.rectOf({1, 0}, look, size);
    const QRectF second = bars.rectOf({1, 1}, look, size);
    QVERIFY(std::abs(first.height() / plot.height() - 0.25) < 0.01);
    QVERIFY(std::abs(second.height() / plot.height() - 0.75) < 0.01);
    QCOMPARE(first.top(), second.bottom());
    const QImage image = painted(bars, look, size);
    QCOMPARE(image.pixelColor(first.center().toPoint()), look.series[0]);
    QCOMPARE(image.pixelColor(second.center().toPoint()), look.series[1]);
    QCOMPARE(image.pixelColor(int(bars.rectOf({0, -1}, look, size).center().x()),
                              int(plot.center().y()) + 7),
             look.surface);
}

void TestChartsPainting::neighboursInAStackAreParted()
{
    const Look look = lightLook();
    const StackedBars bars(plainData(), {}, false);
    const QRectF lower = bars.rectOf({1, 0}, look, {400, 300});
    const QImage image = painted(bars, look, {400, 300});
    QCOMPARE(image.pixelColor(int(lower.center().x()), int(lower.top())), look.surface);
    QCOMPARE(image.pixelColor(int(lower.center().x()), int(lower.top()) + 1), look.series[0]);
    QCOMPARE(image.pixelColor(int(lower.center().x()), int(lower.top()) - 1), look.series[1]);
}

void TestChartsPainting::aDayThatIsNotOverIsHatched()
{
    const Look look = lightLook();
    const StackedBars bars(plainData(), {}, false);
    const QImage image = painted(bars, look, {400, 300});
    const QRect today = bars.rectOf({2, 0}, look, {400, 300}).toRect().adjusted(3, 3, -3, -3);
    QVERIFY(coloursIn(image.copy(today)) > 2);
    const QRect yesterday = bars.rectOf({1, 0}, look, {400, 300}).toRect().adjusted(3, 3, -3, -3);
    QCOMPARE(coloursIn(image.copy(yesterday)), 1);
}

void TestChartsPainting::oneBucketIsNoWiderThanFortyEightPixels()
{
    ChartData data = plainData();
    data.buckets.erase(data.buckets.begin());
    data.buckets.pop_back();
    for (Series &series : data.series)
        series.values = {Value(5)};
    const StackedBars bars(std::move(data), {}, false);
    QCOMPARE(bars.rectOf({0, 0}, lightLook(), {900, 200}).width(), 48.0);
}

void TestChartsPainting::weekendsAreShaded()
{
    const Look look = lightLook();
    ChartData data = plainData();
    data.buckets[0].weekend = true;
    const StackedBars bars(std::move(data), {}, false);
    const QRectF plot = bars.plot(look, {400, 300});
    const QImage image = painted(bars, look, {400, 300});
    QVERIFY(image.pixelColor(int(plot.left()) + 3, int(plot.top()) + 12) != look.surface);
    QCOMPARE(image.pixelColor(int(plot.left() + plot.width() / 3) + 3, int(plot.top()) + 12),
             look.surface);
}

void TestChartsPainting::patternsShowOnlyWhenTheyAreOn()
{
    Look look = lightLook();
    const StackedBars bars(plainData(), {}, false);
    const QRect second = bars.rectOf({1, 1}, look, {400, 300}).toRect().adjusted(3, 3, -3, -3);
    QCOMPARE(coloursIn(painted(bars, look, {400, 300}).copy(second)), 1);
    look.patterns = true;
    QVERIFY(coloursIn(painted(bars, look, {400, 300}).copy(second)) > 3);
}

void TestChartsPainting::anEmptyChartHasNoNumbersOnItsAxis()
{
    const Look look = lightLook();
    const StackedBars bars(readChartData(spendSample(7, 0)), {}, false);
    QVERIFY(bars.empty());
    const QRectF plot = bars.plot(look, {400, 200});
    const QImage image = painted(bars, look, {400, 200});
    QCOMPARE(coloursIn(image.copy(0, 0, int(plot.left()), int(plot.bottom()) - 2)), 1);
}

void TestChartsPainting::sharesFillThePlot()
{
    const Look look = lightLook();
    const StackedBars bars(plainData(), {}, true);
    const QRectF plot = bars.plot(look, {400, 300});
    QCOMPARE(bars.rectOf({1, 1}, look, {400, 300}).top(), std::round(plot.top()));
    QVERIFY(std::abs(bars.rectOf({1, 0}, look, {400, 300}).height() / plot.height() - 0.25) < 0.01);
    QCOMPARE(bars.rectOf({0, -1}, look, {400, 300}).height(), 0.0);
}

void TestChartsPainting::linesAreBrokenWhereNothingIsKnown()
{
    const Look look = lightLook();
    ChartData data;
    for (int day = 0; day < 5; ++day)
        data.buckets.push_back({day * kDay, (day + 1) * kDay, QString::number(day), false, false});
    data.series.push_back({QStringLiteral("x"),
                           QStringLiteral("x"),
                           0,
                           Tone::None,
                           {50, 50, Value(), 50, 50},
                           {},
                           {}});
    const Lines lines(std::move(data), {}, {});
    const QSizeF size(500, 200);
    const QImage image = painted(lines, look, size);
    const auto at = [&](int column, double shift) {
        const QRectF place = lines.rectOf({column, -1}, look, size);
        const double y = lines.rectOf({0, 0}, look, size).center().y();
        return image.pixelColor(int(place.center().x() + shift), int(y));
    };
    QCOMPARE(at(0, 40), look.series[0]);
    QVERIFY(at(2, 0) != look.series[0]);
    QCOMPARE(at(3, 40), look.series[0]);
}

void TestChartsPainting::fewCallsAreHollowDots()
{
    const Look look = lightLook();
    ChartData data;
    for (int day = 0; day < 3; ++day)
        data.buckets.push_back({day * kDay, (day + 1) * kDay, QString::number(day), false, false});
    data.series.push_back(
        {QStringLiteral("x"), QStringLiteral("x"), 0, Tone::None, {70, 70, 70}, {90, 4, 90}, {}});
    const Lines lines(std::move(data), {}, {});
    const QImage image = painted(lines, look, {500, 200});
    const QPoint few = lines.rectOf({1, 0}, look, {500, 200}).center().toPoint();
    QCOMPARE(image.pixelColor(few), look.surface);
    const QPoint many = lines.rectOf({0, 0}, look, {500, 200}).center().toPoint();
    QCOMPARE(image.pixelColor(many), look.series[0]);
}

void TestChartsPainting::aCellOfNothingIsNotACellOfZero()
{
    const Look look = lightLook();
    HeatGrid grid;
    grid.rowLabels = grid.rowNames = {QStringLiteral("Mon")};
    grid.columnLabels = grid.columnNames
        = {QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("3"), QStringLiteral("4")};
    grid.rows = {{{CellState::Known, 60, {}},
                  {CellState::Known, 0, {}},
                  {CellState::Unknown, 0, {}},
                  {CellState::Known, 1, {}}}};
    const Heat heat(std::move(grid));
    const QSizeF size(300, 110);
    const QImage image = painted(heat, look, size);
    const auto inside = [&](int column) {
        return image.copy(heat.rectOf({column, 0}, look, size).toRect().adjusted(4, 4, -4, -4));
    };
    QCOMPARE(inside(0).pixelColor(0, 0), look.heat[5]);
    QCOMPARE(coloursIn(inside(1)), 1);
    QCOMPARE(inside(1).pixelColor(0, 0), look.surface);
    QVERIFY(coloursIn(inside(2)) > 2);
    QCOMPARE(inside(3).pixelColor(0, 0), look.heat[0]);
}

void TestChartsPainting::theBurnDownFlagsItsReset()
{
    const Look look = lightLook();
    const BurnDown burn(readBurnFacts(burnSample(0.74)), false);
    const QRectF plot = burn.plot(look, {500, 200});
    const QImage image = painted(burn, look, {500, 200});
    QCOMPARE(image.pixelColor(int(std::round(plot.right())) - 1, int(plot.top()) + 9), look.text2);
    QCOMPARE(image.pixelColor(int(std::round(plot.right())) - 4, int(plot.top()) + 2), look.text2);
}

void TestChartsPainting::badHealthIsHigherThanGood()
{
    const Look look = lightLook();
    const HealthStrip strip(readHealth(healthSample()));
    const QImage image = painted(strip, look, {960, 20});
    QCOMPARE(image.pixelColor(204, 2), look.surface); // cell 20: healthy, quiet at its top
    QVERIFY(image.pixelColor(204, 18) != look.surface);
    QCOMPARE(image.pixelColor(644, 1), look.err); // cell 64: failing, up to the top
    QCOMPARE(image.pixelColor(44, 18), look.border); // cell 4: no calls
}

void TestChartsPainting::aPictureSaysWhatItShows()
{
    const Look look = lightLook();
    const StackedBars bars(plainData(), {QStringLiteral("b")}, false);
    About about;
    const QImage bare = QImage::fromData(pngOf(bars, look, about, {400, 200}, 1));
    about.title = QStringLiteral("Spend");
    about.range = QStringLiteral("3 days");
    about.coverage = QStringLiteral("unpriced 3");
    const QImage told = QImage::fromData(pngOf(bars, look, about, {400, 200}, 1));
    QVERIFY(told.height() >= bare.height() + 60);
    const QImage large = QImage::fromData(pngOf(bars, look, about, {400, 200}, 3));
    QCOMPARE(large.size(), told.size() * 3);
    QVERIFY(coloursIn(told.copy(0, 0, 200, 44)) > 2);
    QVERIFY(coloursIn(told.copy(0, told.height() - 38, 200, 38)) > 2);
}

void TestChartsPainting::anSvgIsReadByAReader()
{
    const Look look = contrastLook();
    for (const Sample &sample : samples(look)) {
        const QByteArray svg = svgOf(*sample.chart, look, {}, sample.size);
        QVERIFY2(!svg.contains("nan") && !svg.contains("inf\""), qPrintable(sample.name));
        QSvgRenderer reader(svg);
        QVERIFY2(reader.isValid(), qPrintable(sample.name));
        QImage image(reader.defaultSize(), QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::white);
        QPainter painter(&image);
        reader.render(&painter);
        QVERIFY2(coloursIn(image) > 3, qPrintable(sample.name));
    }
}

void TestChartsPainting::hostileNamesArePaintedAsOneShortLine()
{
    const Look look = lightLook();
    ChartData data = plainData();
    data.series[0].label
        = QStringLiteral("<b>x</b>\n\u202E") + QString(10'000'000, QLatin1Char('W'));
    data.series[1].label = QString(20'000, QChar(0x0300));
    const RankedBars bars(std::move(data), {});
    QElapsedTimer timer;
    timer.start();
    const QImage image = painted(bars, look, {600, bars.wantedHeight(look)});
    QVERIFY(timer.elapsed() < 30'000); // and not minutes
    QCOMPARE(image.pixelColor(bars.plot(look, {600, 60}).topLeft().toPoint() + QPoint(4, 14)),
             look.series[0]);
}

void TestChartsPainting::howLongItTakes()
{
    const Look look = lightLook();
    const auto time = [&look](const char *name, const Chart &chart, QSizeF size) {
        painted(chart, look, size);
        QElapsedTimer timer;
        timer.start();
        constexpr int kTimes = 20;
        for (int at = 0; at < kTimes; ++at)
            painted(chart, look, size);
        qInfo("%s: %.2f ms", name, double(timer.nsecsElapsed()) / kTimes / 1e6);
    };
    time("30 days of 8 series", StackedBars(coloured(spendSample(30, 8)), {}, false), {900, 300});
    time("10,000 requests", Scatter(readScatter(scatterSample(10'000)), {}), {900, 300});
    time("2,000 dots", Scatter(readScatter(scatterSample(2'000)), {}), {900, 300});
    time("a year", Heat(calendarOf(readChartData(yearSample()), look)), {900, 200});
}

int main(int argc, char **argv)
{
    QGuiApplication app(argc, argv);
    TestChartsPainting test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_charts_painting.moc"
