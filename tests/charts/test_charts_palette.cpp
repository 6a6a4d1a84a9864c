// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the colours can be told apart, and from the ground, by everybody. Contrast after WCAG 2,
// colour blindness after Machado, Oliveira and Fernandes (2009) at full severity, distance by
// CIEDE2000.
#include "looks.h"

#include <QTest>

#include <cmath>
#include <numbers>

using namespace tollgate::charts;

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

constexpr Matrix kSame{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix kProtan{{{0.152286, 1.052583, -0.204868},
                          {0.114503, 0.786281, 0.099216},
                          {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeutan{{{0.367322, 0.860646, -0.227968},
                          {0.280085, 0.672501, 0.047413},
                          {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix kTritan{{{1.255528, -0.076749, -0.178779},
                          {-0.078411, 0.930809, 0.147602},
                          {0.004733, 0.691367, 0.303900}}};

Triple linear(const QColor &colour)
{
    const auto one
        = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return {one(colour.red() / 255.0), one(colour.green() / 255.0), one(colour.blue() / 255.0)};
}

double luminance(const QColor &colour)
{
    const Triple v = linear(colour);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}

double contrast(const QColor &a, const QColor &b)
{
    const double x = luminance(a);
    const double y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

Triple seen(const QColor &colour, const Matrix &eye)
{
    const Triple v = linear(colour);
    Triple out{};
    for (std::size_t row = 0; row < 3; ++row)
        out[row]
            = std::clamp(eye[row][0] * v[0] + eye[row][1] * v[1] + eye[row][2] * v[2], 0.0, 1.0);
    return out;
}

Triple lab(const Triple &v)
{
    const double x = (0.4124564 * v[0] + 0.3575761 * v[1] + 0.1804375 * v[2]) / 0.95047;
    const double y = 0.2126729 * v[0] + 0.7151522 * v[1] + 0.0721750 * v[2];
    const double z = (0.0193339 * v[0] + 0.1191920 * v[1] + 0.9503041 * v[2]) / 1.08883;
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
    return {116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))};
}

double radians(double degrees)
{
    return degrees * std::numbers::pi / 180;
}

double hueAngle(double a, double b)
{
    const double angle = std::atan2(b, a) * 180 / std::numbers::pi;
    return angle < 0 ? angle + 360 : angle;
}

// Sharma, Wu and Dalal (2005), "The CIEDE2000 color-difference formula".
double distance(const Triple &one, const Triple &two)
{
    const double mean = (std::hypot(one[1], one[2]) + std::hypot(two[1], two[2])) / 2;
    const double seventh = std::pow(mean, 7);
    const double g = 0.5 * (1 - std::sqrt(seventh / (seventh + std::pow(25.0, 7))));
    const double a1 = (1 + g) * one[1];
    const double a2 = (1 + g) * two[1];
    const double c1 = std::hypot(a1, one[2]);
    const double c2 = std::hypot(a2, two[2]);
    const double h1 = hueAngle(a1, one[2]);
    const double h2 = hueAngle(a2, two[2]);
    const bool grey = c1 * c2 == 0;
    double dh = grey ? 0 : h2 - h1;
    if (dh > 180)
        dh -= 360;
    else if (dh < -180)
        dh += 360;
    const double dH = 2 * std::sqrt(c1 * c2) * std::sin(radians(dh / 2));
    const double lm = (one[0] + two[0]) / 2;
    const double cm = (c1 + c2) / 2;
    double hm = h1 + h2;
    if (!grey)
        hm = std::abs(h1 - h2) <= 180 ? hm / 2 : hm < 360 ? (hm + 360) / 2 : (hm - 360) / 2;
    const double t = 1 - 0.17 * std::cos(radians(hm - 30)) + 0.24 * std::cos(radians(2 * hm))
        + 0.32 * std::cos(radians(3 * hm + 6)) - 0.20 * std::cos(radians(4 * hm - 63));
    const double turn = 30 * std::exp(-std::pow((hm - 275) / 25, 2));
    const double c7 = std::pow(cm, 7);
    const double rc = 2 * std::sqrt(c7 / (c7 + std::pow(25.0, 7)));
    const double sl = 1 + 0.015 * std::pow(lm - 50, 2) / std::sqrt(20 + std::pow(lm - 50, 2));
    const double dl = (two[0] - one[0]) / sl;
    const double dc = (c2 - c1) / (1 + 0.045 * cm);
    const double dhh = dH / (1 + 0.015 * cm * t);
    return std::sqrt(dl * dl + dc * dc + dhh * dhh - std::sin(radians(2 * turn)) * rc * dc * dhh);
}

double nearest(const std::array<QColor, kHues> &colours, const Matrix &eye)
{
    double least = 1000;
    for (std::size_t a = 0; a < colours.size(); ++a) {
        for (std::size_t b = a + 1; b < colours.size(); ++b)
            least
                = std::min(least, distance(lab(seen(colours[a], eye)), lab(seen(colours[b], eye))));
    }
    return least;
}

} // namespace

class TestChartsPalette : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFormulaAgreesWithItsPublishedPairs();
    void everyMarkStandsOutFromTheGround_data();
    void everyMarkStandsOutFromTheGround();
    void noTwoColoursLookAlikeToAnybody_data();
    void noTwoColoursLookAlikeToAnybody();
    void textIsLegible_data();
    void textIsLegible();
    void heatGrowsSteadily_data();
    void heatGrowsSteadily();

private:
    static void looks();
    static Look look(int which)
    {
        return which == 0 ? lightLook() : which == 1 ? darkLook() : contrastLook();
    }
};

void TestChartsPalette::looks()
{
    QTest::addColumn<int>("which");
    QTest::newRow("light") << 0;
    QTest::newRow("dark") << 1;
    QTest::newRow("high contrast") << 2;
}

void TestChartsPalette::theFormulaAgreesWithItsPublishedPairs()
{
    // Pairs 1, 7 and 25 of the paper's table.
    QVERIFY(std::abs(distance({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) < 1e-4);
    QVERIFY(std::abs(distance({50, 0, 0}, {50, -1, 2}) - 2.3669) < 1e-4);
    QVERIFY(std::abs(distance({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) - 1.2644)
            < 1e-4);
}

void TestChartsPalette::everyMarkStandsOutFromTheGround_data()
{
    looks();
}

void TestChartsPalette::everyMarkStandsOutFromTheGround()
{
    QFETCH(int, which);
    const Look colours = look(which);
    for (const QColor &hue : colours.series)
        QVERIFY2(contrast(hue, colours.surface) >= 3, qPrintable(hue.name()));
    for (const QColor &hue : {colours.other, colours.accent, colours.ok, colours.warn, colours.err,
                              colours.borderStrong})
        QVERIFY2(contrast(hue, colours.surface) >= 3, qPrintable(hue.name()));
}

void TestChartsPalette::noTwoColoursLookAlikeToAnybody_data()
{
    looks();
}

void TestChartsPalette::noTwoColoursLookAlikeToAnybody()
{
    QFETCH(int, which);
    const Look colours = look(which);
    QVERIFY(nearest(colours.series, kSame) >= 19);
    for (const Matrix &eye : {kProtan, kDeutan, kTritan})
        QVERIFY2(nearest(colours.series, eye) >= 10,
                 qPrintable(QString::number(nearest(colours.series, eye))));
}

void TestChartsPalette::textIsLegible_data()
{
    looks();
}

void TestChartsPalette::textIsLegible()
{
    QFETCH(int, which);
    const Look colours = look(which);
    QVERIFY(contrast(colours.text, colours.surface) >= (which == 2 ? 15 : 7));
    QVERIFY(contrast(colours.text2, colours.surface) >= 4.5);
    // Labels stand on weekends, too.
    QVERIFY(contrast(colours.text2, mixed(colours.border, colours.surface, 0.38)) >= 4.5);
    QVERIFY(contrast(colours.warn, colours.surface) >= 4.5);
}

void TestChartsPalette::heatGrowsSteadily_data()
{
    looks();
}

void TestChartsPalette::heatGrowsSteadily()
{
    QFETCH(int, which);
    const Look colours = look(which);
    double before = 1;
    for (const QColor &step : colours.heat) {
        const double now = contrast(step, colours.surface);
        QVERIFY2(now > before * 1.15, qPrintable(step.name()));
        before = now;
    }
    QVERIFY(before >= 7);
}

QTEST_GUILESS_MAIN(TestChartsPalette)
#include "test_charts_palette.moc"
