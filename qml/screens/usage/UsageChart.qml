// SPDX-License-Identifier: GPL-3.0-or-later
// A chart on a card of the Usage page, with what the page knows of range, filter and coverage.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.Charts

Rectangle {
    id: card

    default property alias chart: frame.chart
    required property var page
    property alias title: frame.title
    property alias headline: frame.headline
    property alias emptyText: frame.emptyText
    property alias plotHeight: frame.plotHeight
    property alias legendVisible: frame.legendVisible
    property alias actions: frame.actions
    property string file: ""
    property bool drills: true // a point leads to its requests
    property bool zooms: true
    property var coverage: null
    property string wordsOfTotal: ""

    Layout.fillWidth: true
    implicitHeight: frame.implicitHeight + 2 * Theme.s5
    color: Theme.surface
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border

    ChartFrame {
        id: frame
        anchors.fill: parent
        anchors.margins: Theme.s5
        theme: card.page.look
        range: card.page.rangeText
        filter: card.page.filterText
        fromUs: card.page.sinceUs
        toUs: card.page.untilUs
        name: "usage-" + card.file
        coverage: card.coverage ? line.words : ""
        footer: CoverageLine {
            id: line
            coverage: card.coverage ?? ({})
            page: card.page
        }
        onExportWanted: anchor => card.page.exportChart(frame.chart, anchor)
    }
    Connections {
        target: frame.chart
        function onDrilled(column: int, row: int, key: string, fromUs: real, toUs: real, at: point): void {
            if (card.drills)
                card.page.drill(frame.chart, key, fromUs, toUs, at);
        }
        function onZoomRequested(fromUs: real, toUs: real): void {
            if (card.zooms)
                card.page.zoom(fromUs, toUs);
        }
        function onZoomReset(): void {
            card.page.resetZoom();
        }
        function onCrosshairMoved(us: real): void {
            card.page.crosshairUs = us;
        }
    }
    Binding {
        target: frame.chart
        property: "crosshairUs"
        value: card.page.crosshairUs
    }
    Binding {
        target: frame.chart
        property: "zoomed"
        value: card.page.isZoomed
    }
}
