// SPDX-License-Identifier: GPL-3.0-or-later
// Charts as items of a window: pointer, keyboard, frame, legend, table, files.
#include "qml/charts/chartitem.h"
#include "samples.h"

#include <QAccessible>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QQmlExtensionPlugin>
#include <QQuickItem>
#include <QQuickView>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

Q_IMPORT_QML_PLUGIN(Tollgate_ChartsPlugin)

using namespace tollgate::charts;

namespace {

QtMessageHandler s_before = nullptr;
QStringList s_warnings;

void listen(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (type == QtWarningMsg && !text.contains(QLatin1String("XDG_RUNTIME_DIR")))
        s_warnings.push_back(text);
    s_before(type, context, text);
}

class Window
{
public:
    explicit Window(const QByteArray &body, QSize size = {800, 420})
    {
        m_view.engine()->addImportPath(QStringLiteral(":/qt/qml"));
        m_component = std::make_unique<QQmlComponent>(m_view.engine());
        m_component->setData("import QtQuick\nimport Tollgate.Charts\n" + body, QUrl());
        m_root = qobject_cast<QQuickItem *>(m_component->create());
        if (!m_root)
            qFatal("%s", qPrintable(m_component->errorString()));
        m_view.setContent(QUrl(), m_component.get(), m_root);
        m_view.setResizeMode(QQuickView::SizeRootObjectToView);
        m_view.resize(size);
        m_view.show();
        m_view.requestActivate();
        if (!QTest::qWaitForWindowExposed(&m_view) || !QTest::qWaitForWindowActive(&m_view))
            qFatal("the window does not show");
    }

    [[nodiscard]] QQuickItem *root() const { return m_root; }
    [[nodiscard]] QQuickView *view() { return &m_view; }
    [[nodiscard]] ChartItem *chart() const
    {
        return m_root->findChild<ChartItem *>(QStringLiteral("chart"));
    }
    [[nodiscard]] QPoint at(QPointF inChart) const
    {
        return chart()->mapToScene(inChart).toPoint();
    }
    // A frame is drawn first: what was just made has its place only then.
    void click(const QString &text, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::keyClick(&m_view, key, modifiers);
    }

private:
    QQuickView m_view;
    std::unique_ptr<QQmlComponent> m_component;
    QQuickItem *m_root = nullptr;
};

QByteArray framed(const QByteArray &chart)
{
    return "Rectangle { ChartTheme { id: look; locale: 'en_US'; zone: 'Europe/Berlin' }\n"
           "ChartFrame { objectName: 'frame'; anchors.fill: parent; anchors.margins: 12; theme: "
           "look; title: 'Spend'; headline: '$12.40'\n"
           "coverage: 'unpriced 3'; name: 'usage-spend-by-model'\n"
        + chart + " } }";
}

QQuickItem *named(const QQuickItem *root, const QString &text)
{
    const auto items = root->childItems();
    for (QQuickItem *item : items) {
        if (item->isVisible() && item->property("text").toString() == text)
            return item;
        if (QQuickItem *found = named(item, text))
            return found;
    }
    return nullptr;
}

void Window::click(const QString &text, Qt::KeyboardModifiers modifiers)
{
    m_view.grabWindow();
    const QQuickItem *item = named(m_root, text);
    QVERIFY2(item, qPrintable(text));
    QTest::mouseClick(&m_view, Qt::LeftButton, modifiers,
                      item->mapToScene(QPointF(4, 6)).toPoint());
}

} // namespace

class TestChartsItems : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { s_before = qInstallMessageHandler(listen); }
    void cleanup()
    {
        QCOMPARE(s_warnings, QStringList());
        s_warnings.clear();
    }

    void everyItemShowsItsData_data();
    void everyItemShowsItsData();
    void thePointerFindsABarAndItsSegment();
    void arrowsMoveTheCursorAndEnterDrills();
    void escapeLeavesThePointAndThenTheChart();
    void draggingAsksForARange();
    void shiftAndArrowsAskForARangeToo();
    void aDoubleClickResetsTheZoom();
    void theCrosshairIsShared();
    void theLegendHidesAndIsolates();
    void theTableTakesTheChartsPlace();
    void aChartSpeaks();
    void filesAreWrittenByTheirKind();
    void newDataDoNotMoveTheCursor();
    void anEmptyChartSaysSo();
};

void TestChartsItems::everyItemShowsItsData_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QVariantMap>("data");
    QTest::newRow("StackedBars") << QByteArray("StackedBars") << spendSample(30, 10);
    QTest::newRow("Lines") << QByteArray("Lines") << speedSample();
    QTest::newRow("Fan") << QByteArray("Fan") << fanSample();
    QTest::newRow("Heatmap") << QByteArray("Heatmap") << weekSample();
    QTest::newRow("BurnDown") << QByteArray("BurnDown") << burnSample(0.7);
    QTest::newRow("Sparkline") << QByteArray("Sparkline") << speedSample();
    QTest::newRow("HealthStrip") << QByteArray("HealthStrip") << healthSample();
    QTest::newRow("Waterfall") << QByteArray("Waterfall") << waterfallSample();
    QTest::newRow("RankedBars") << QByteArray("RankedBars") << spendSample(30, 6);
    QTest::newRow("BoxPlot") << QByteArray("BoxPlot") << boxSample();
    QTest::newRow("Scatter") << QByteArray("Scatter") << scatterSample(300);
}

void TestChartsItems::everyItemShowsItsData()
{
    QFETCH(QByteArray, type);
    QFETCH(QVariantMap, data);
    Window window(framed(type + " { objectName: 'chart' }"));
    window.chart()->setSource(data);
    QVERIFY(!window.chart()->isEmpty());
    QVERIFY(window.chart()->plotRect().width() > 50);
    QVERIFY(!window.chart()->table().value(QStringLiteral("rows")).toList().isEmpty());
    // By keyboard to a point that has something to say.
    window.chart()->forceActiveFocus();
    window.key(type == "Heatmap" || type == "Waterfall" || type == "BoxPlot" || type == "RankedBars"
                   ? Qt::Key_Down
                   : Qt::Key_Left);
    if (type == "Heatmap" || type == "Waterfall")
        window.key(Qt::Key_Down);
    QVERIFY(window.chart()->cursorColumn() >= 0);
    QVERIFY2(!window.chart()->spokenText().isEmpty(), type.constData());
    QVERIFY(window.chart()->cursorRect().isValid());
    const QImage image = window.view()->grabWindow();
    QVERIFY(!image.isNull());
    const QString folder = qEnvironmentVariable("TOLLGATE_CHART_PICTURES");
    if (!folder.isEmpty())
        QVERIFY(image.save(
            QDir(folder).filePath(QStringLiteral("frame-%1.png").arg(QLatin1String(type)))));
}

void TestChartsItems::thePointerFindsABarAndItsSegment()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    chart->moveCursor(3, 1);
    const QPointF middle = chart->cursorRect().center();
    const QString key = chart->cursorKey();
    chart->clearCursor();
    QTest::mouseMove(window.view(), window.at(middle));
    QTRY_COMPARE(chart->cursorColumn(), 3);
    QCOMPARE(chart->cursorRow(), 1);
    QCOMPARE(chart->cursorKey(), key);
    QVERIFY(!chart->isByKeyboard());
    const QVariantList rows = chart->tip().value(QStringLiteral("rows")).toList();
    QCOMPARE(rows.size(), 3); // the whole column, with the segment marked
    int current = 0;
    for (const QVariant &row : rows)
        current += row.toMap().value(QStringLiteral("current")).toBool() ? 1 : 0;
    QCOMPARE(current, 1);
}

void TestChartsItems::arrowsMoveTheCursorAndEnterDrills()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    chart->forceActiveFocus();
    QSignalSpy drilled(chart, &ChartItem::drilled);
    window.key(Qt::Key_Return); // there is nothing under no cursor
    QCOMPARE(drilled.size(), 0);
    window.key(Qt::Key_Left);
    QCOMPARE(chart->cursorColumn(), 6);
    window.key(Qt::Key_Left);
    window.key(Qt::Key_Up);
    QCOMPARE(chart->cursorColumn(), 5);
    QCOMPARE(chart->cursorRow(), 0);
    window.key(Qt::Key_Up);
    QCOMPARE(chart->cursorRow(), 1);
    window.key(Qt::Key_Down);
    window.key(Qt::Key_Home);
    window.key(Qt::Key_Left);
    QCOMPARE(chart->cursorColumn(), 0);
    window.key(Qt::Key_Return);
    QCOMPARE(drilled.size(), 1);
    QCOMPARE(drilled.at(0).at(2).toString(), chart->cursorKey());
    QVERIFY(drilled.at(0).at(4).toDouble() > drilled.at(0).at(3).toDouble());
}

void TestChartsItems::escapeLeavesThePointAndThenTheChart()
{
    Window window(
        "FocusScope { property int escapes: 0; Keys.onEscapePressed: escapes += 1; ChartTheme { "
        "id: look "
        "}\n"
        "StackedBars { objectName: 'chart'; theme: look; anchors.fill: parent; focus: true } }");
    window.chart()->setSource(spendSample(7, 3));
    window.chart()->forceActiveFocus();
    window.key(Qt::Key_Left);
    window.key(Qt::Key_Escape);
    QCOMPARE(window.chart()->cursorColumn(), -1);
    QCOMPARE(window.root()->property("escapes").toInt(), 0);
    window.key(Qt::Key_Escape);
    QCOMPARE(window.root()->property("escapes").toInt(), 1);
}

void TestChartsItems::draggingAsksForARange()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    QSignalSpy zoomed(chart, &ChartItem::zoomRequested);
    QSignalSpy drilled(chart, &ChartItem::drilled);
    const QRectF plot = chart->plotRect();
    const auto at = [&](double column) {
        return window.at({plot.left() + plot.width() * column / 7, plot.center().y()});
    };
    QTest::mousePress(window.view(), Qt::LeftButton, {}, at(1.1));
    QTest::mouseMove(window.view(), at(2));
    QTest::mouseMove(window.view(), at(3.9));
    QVERIFY(chart->selection().width() > plot.width() * 2 / 7);
    QTest::mouseRelease(window.view(), Qt::LeftButton, {}, at(3.9));
    QCOMPARE(zoomed.size(), 1);
    QCOMPARE(drilled.size(), 0);
    QVERIFY(chart->selection().isEmpty());
    constexpr double kDay = 86'400e6;
    QCOMPARE(zoomed.at(0).at(1).toDouble() - zoomed.at(0).at(0).toDouble(),
             3 * kDay); // columns 1, 2 and 3
}

void TestChartsItems::shiftAndArrowsAskForARangeToo()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    chart->forceActiveFocus();
    QSignalSpy zoomed(chart, &ChartItem::zoomRequested);
    window.key(Qt::Key_Left);
    window.key(Qt::Key_Left, Qt::ShiftModifier);
    window.key(Qt::Key_Left, Qt::ShiftModifier);
    QVERIFY(chart->selection().width() > 0);
    window.key(Qt::Key_Return);
    QCOMPARE(zoomed.size(), 1);
    QCOMPARE(zoomed.at(0).at(1).toDouble() - zoomed.at(0).at(0).toDouble(), 3 * 86'400e6);
}

void TestChartsItems::aDoubleClickResetsTheZoom()
{
    Window window(framed("StackedBars { objectName: 'chart'; zoomed: true }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    QSignalSpy reset(chart, &ChartItem::zoomReset);
    QSignalSpy drilled(chart, &ChartItem::drilled);
    QTest::mouseDClick(window.view(), Qt::LeftButton, {}, window.at(chart->plotRect().center()));
    QCOMPARE(reset.size(), 1);
    QCOMPARE(drilled.size(), 0);
    window.key(Qt::Key_Backspace);
    QCOMPARE(reset.size(), 2);
    QVERIFY(named(window.root(), QStringLiteral("Reset zoom")));
}

void TestChartsItems::theCrosshairIsShared()
{
    Window window("Item { id: both; property real us: -1; ChartTheme { id: look }\n"
                  "StackedBars { objectName: 'chart'; theme: look; width: 400; height: 200; "
                  "crosshairUs: both.us; onCrosshairMoved: us => both.us = us }\n"
                  "Lines { objectName: 'second'; theme: look; y: 210; width: 400; height: 200; "
                  "crosshairUs: both.us } }");
    auto *second = window.root()->findChild<ChartItem *>(QStringLiteral("second"));
    window.chart()->setSource(spendSample(7, 3));
    second->setSource(spendSample(7, 2));
    QCOMPARE(second->crosshairX(), -1.0);
    window.chart()->moveCursor(4, -1);
    QVERIFY(second->crosshairX() > second->plotRect().left() + second->plotRect().width() * 4 / 7);
    QVERIFY(second->crosshairX() < second->plotRect().left() + second->plotRect().width() * 5 / 7);
    window.chart()->clearCursor();
    QCOMPARE(second->crosshairX(), -1.0);
}

void TestChartsItems::theLegendHidesAndIsolates()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    window.click(QStringLiteral("gpt-5"));
    QCOMPARE(chart->hiddenKeys(), QStringList{QStringLiteral("gpt-5")});
    QVERIFY(!chart->table()
                 .value(QStringLiteral("headers"))
                 .toStringList()
                 .contains(QStringLiteral("gpt-5")));
    QVERIFY(chart->csv().contains(QStringLiteral("gpt-5"))); // hidden, and listed as hidden
    window.click(QStringLiteral("claude-sonnet-4.5"), Qt::AltModifier);
    QCOMPARE(chart->hiddenKeys().size(), 2);
    QVERIFY(!chart->hiddenKeys().contains(QStringLiteral("claude-sonnet-4.5")));
    window.click(QStringLiteral("claude-sonnet-4.5"), Qt::AltModifier);
    QCOMPARE(chart->hiddenKeys(), QStringList());
}

void TestChartsItems::theTableTakesTheChartsPlace()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    window.chart()->setSource(spendSample(7, 3));
    window.click(QStringLiteral("View as table"));
    QTRY_VERIFY(!window.chart()->isVisible());
    const QStringList first = window.chart()
                                  ->table()
                                  .value(QStringLiteral("rows"))
                                  .toList()
                                  .constFirst()
                                  .toStringList();
    QTRY_VERIFY(named(window.root(), first.at(1)));
    const QString folder = qEnvironmentVariable("TOLLGATE_CHART_PICTURES");
    if (!folder.isEmpty())
        QVERIFY(window.view()->grabWindow().save(
            QDir(folder).filePath(QStringLiteral("frame-table.png"))));
}

void TestChartsItems::aChartSpeaks()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    chart->moveCursor(2, -1);
    const QString words = chart->spokenText();
    QVERIFY(words.startsWith(QStringLiteral("Tue, Aug 4 2026")));
    QVERIFY(words.contains(QStringLiteral("gpt-5: $")));
    QVERIFY(words.contains(QStringLiteral("Total $")));
    chart->moveCursor(2, 0);
    QVERIFY(chart->spokenText().contains(chart->cursorKey()));
    QVERIFY(!chart->spokenText().contains(QStringLiteral("Total")));
    QAccessibleInterface *shown = QAccessible::queryAccessibleInterface(chart->parentItem());
    QVERIFY(shown);
    QCOMPARE(shown->role(), QAccessible::Chart);
    QCOMPARE(shown->text(QAccessible::Name), QStringLiteral("Spend"));
    QCOMPARE(shown->text(QAccessible::Description), chart->spokenText());
}

void TestChartsItems::filesAreWrittenByTheirKind()
{
    QTemporaryDir folder;
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    const auto write = [&](const char *name) {
        const QString path = folder.filePath(QLatin1String(name));
        const QString error = chart->exportTo(QUrl::fromLocalFile(path), 2);
        QFile file(path);
        return error.isEmpty() && file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    QVERIFY(write("a.png").startsWith("\x89PNG"));
    QVERIFY(write("a.svg").contains("<svg"));
    QVERIFY(write("a.svg").contains("Spend"));
    QVERIFY(write("a.csv").startsWith("from,to,"));
    QVERIFY(write("a.json").contains("unpriced 3"));
    QVERIFY(!chart->exportTo(QUrl::fromLocalFile(folder.filePath(QStringLiteral("a.exe"))), 1)
                 .isEmpty());
    QVERIFY(
        !chart->exportTo(QUrl::fromLocalFile(folder.filePath(QStringLiteral("no/such/a.csv"))), 1)
             .isEmpty());
    QCOMPARE(chart->fileName(QStringLiteral("csv")), QStringLiteral("usage-spend-by-model.csv"));
}

void TestChartsItems::newDataDoNotMoveTheCursor()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    ChartItem *chart = window.chart();
    chart->setSource(spendSample(7, 3));
    chart->moveCursor(5, 1);
    chart->setSource(spendSample(8, 3));
    QCOMPARE(chart->cursorColumn(), 5);
    chart->setSource(spendSample(3, 3));
    QCOMPARE(chart->cursorColumn(), -1);
}

void TestChartsItems::anEmptyChartSaysSo()
{
    Window window(framed("StackedBars { objectName: 'chart' }"));
    QVERIFY(window.chart()->isEmpty());
    QVERIFY(named(window.root(), QStringLiteral("No requests in this range")));
    QVERIFY(!named(window.root(), QStringLiteral("Export")));
    window.chart()->setSource(spendSample(3, 3));
    QVERIFY(!named(window.root(), QStringLiteral("No requests in this range")));
    QVERIFY(named(window.root(), QStringLiteral("Export")));
}

int main(int argc, char **argv)
{
    QGuiApplication app(argc, argv);
    TestChartsItems test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_charts_items.moc"
