// SPDX-License-Identifier: GPL-3.0-or-later
// What moves over a chart: crosshair, the marked point, the range being drawn, the tooltip. The chart
// below is not painted again for it.
pragma ComponentBehavior: Bound
import QtQuick
import Tollgate.Charts

Item {
    id: overlay

    required property ChartItem chart
    property bool crosshair: true
    property bool tooltip: true

    readonly property ChartTheme theme: chart.theme
    readonly property rect mark: chart.cursorRect
    readonly property rect plot: chart.plotRect
    readonly property bool active: chart.cursorColumn >= 0

    // Not for the pointer: the chart below hears it.
    enabled: false

    Rectangle {
        visible: overlay.crosshair && overlay.chart.crosshairX >= 0
        x: Math.round(overlay.chart.crosshairX)
        y: overlay.plot.y
        width: 1
        height: overlay.plot.height
        color: overlay.theme.text2
        opacity: 0.55
    }
    Rectangle {
        visible: overlay.active && overlay.mark.width > 0
        x: overlay.mark.x - 2
        y: overlay.mark.y - 2
        width: overlay.mark.width + 4
        height: overlay.mark.height + 4
        radius: Math.min(3, width / 2)
        color: "transparent"
        border.width: overlay.chart.byKeyboard ? 2 : 1
        border.color: overlay.chart.byKeyboard ? overlay.theme.accent : overlay.theme.text
        opacity: overlay.chart.byKeyboard ? 1 : 0.75
    }
    Rectangle {
        readonly property rect area: overlay.chart.selection
        visible: area.width > 0
        x: area.x
        y: area.y
        width: area.width
        height: area.height
        color: Qt.alpha(overlay.theme.accent, 0.14)
        border.width: 1
        border.color: overlay.theme.accent
    }
    Rectangle {
        visible: overlay.chart.activeFocus && !overlay.active
        anchors.fill: parent
        anchors.margins: -3
        radius: 6
        color: "transparent"
        border.width: 2
        border.color: overlay.theme.accent
    }
    ChartTooltip {
        id: tooltip
        // Beside what it speaks of, never over it: to the right while there is room.
        readonly property real gap: 12 * overlay.theme.scale
        readonly property real after: overlay.mark.x + overlay.mark.width + gap
        readonly property bool fitsAfter: after + width <= overlay.width
        readonly property real before: overlay.mark.x - gap - width
        readonly property bool beside: fitsAfter || before >= 0
        readonly property real below: overlay.mark.y + overlay.mark.height + gap
        width: implicitWidth
        height: implicitHeight
        visible: overlay.tooltip && overlay.active && ((tip.title ?? "") !== "" || rows.length > 0)
        z: 1
        x: beside ? (fitsAfter ? after : before)
                  : Math.max(0, Math.min(overlay.width - width, overlay.mark.x + overlay.mark.width / 2 - width / 2))
        y: beside ? Math.max(0, Math.min(overlay.height - height, Math.max(overlay.plot.y, overlay.mark.y)))
                  : (below + height <= overlay.height ? below : overlay.mark.y - gap - height)
        theme: overlay.theme
        tip: overlay.chart.tip
    }
}
