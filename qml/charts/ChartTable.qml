// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's numbers to read, row by row: the same texts as its tooltips.
import QtQuick
import Tollgate.Charts

ListView {
    id: table

    required property ChartItem chart
    readonly property ChartTheme theme: chart.theme
    readonly property var content: chart.table
    readonly property var about: chart.about
    readonly property var headers: content.headers ?? []
    readonly property real first: Math.max(150, Math.min(240, width * 0.3)) * theme.scale
    readonly property real other: Math.max(96 * theme.scale, (width - first) / Math.max(1, headers.length - 1))

    clip: true
    model: content.rows ?? []
    contentWidth: Math.max(width, first + other * Math.max(0, headers.length - 1))
    flickableDirection: contentWidth > width ? Flickable.HorizontalAndVerticalFlick : Flickable.VerticalFlick
    boundsBehavior: Flickable.StopAtBounds
    headerPositioning: ListView.OverlayHeader
    activeFocusOnTab: true
    keyNavigationEnabled: true
    reuseItems: true
    Accessible.role: Accessible.Table
    Accessible.name: (about.title ?? "") === "" ? qsTr("Table") : about.title

    component Cell: Text {
        property int column: 0
        width: column === 0 ? table.first : table.other
        height: Math.round(28 * table.theme.scale)
        leftPadding: 8 * table.theme.scale
        rightPadding: 8 * table.theme.scale
        verticalAlignment: Text.AlignVCenter
        horizontalAlignment: column === 0 ? Text.AlignLeft : Text.AlignRight
        elide: Text.ElideRight
        maximumLineCount: 1
        textFormat: Text.PlainText
        color: table.theme.text
        font.pixelSize: Math.round(12 * table.theme.scale)
        font.family: column === 0 ? table.theme.sans : table.theme.mono
    }

    header: Rectangle {
        z: 2
        width: table.contentWidth
        height: Math.round(28 * table.theme.scale)
        color: table.theme.surface
        Row {
            Repeater {
                model: table.headers
                delegate: Cell {
                    required property int index
                    required property string modelData
                    column: index
                    text: modelData
                    color: table.theme.text2
                    font.family: table.theme.sans
                    font.weight: Font.Medium
                    Accessible.role: Accessible.ColumnHeader
                    Accessible.name: text
                }
            }
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: 1
            color: table.theme.border
        }
    }

    delegate: Rectangle {
        id: row
        required property int index
        required property var modelData
        width: table.contentWidth
        height: Math.round(28 * table.theme.scale)
        color: table.activeFocus && ListView.isCurrentItem ? Qt.alpha(table.theme.accent, 0.14) : "transparent"
        Accessible.role: Accessible.Row
        Accessible.name: {
            const parts = [];
            for (let column = 0; column < modelData.length; ++column)
                parts.push(column === 0 ? modelData[0] : qsTr("%1: %2").arg(table.headers[column]).arg(modelData[column]));
            return parts.join(", ");
        }
        Row {
            Repeater {
                model: row.modelData
                delegate: Cell {
                    required property int index
                    required property string modelData
                    column: index
                    text: modelData
                    Accessible.ignored: true
                }
            }
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: 1
            color: table.theme.border
            opacity: 0.5
        }
    }
}
