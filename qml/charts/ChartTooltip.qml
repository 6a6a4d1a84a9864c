// SPDX-License-Identifier: GPL-3.0-or-later
// What a chart knows of the place under the cursor. It shows nothing that the table does not show.
pragma ComponentBehavior: Bound
import QtQuick
import Tollgate.Charts

Rectangle {
    id: tooltip

    required property ChartTheme theme
    property var tip: ({})

    readonly property var rows: tip.rows ?? []
    readonly property real pad: 10 * theme.scale

    implicitWidth: Math.min(320 * theme.scale, content.implicitWidth + 2 * pad)
    implicitHeight: content.implicitHeight + 2 * pad - 2
    color: theme.surface
    border.width: 1
    border.color: theme.borderStrong
    radius: 6

    component Line: Text {
        textFormat: Text.PlainText
        elide: Text.ElideRight
        maximumLineCount: 1
        font.family: tooltip.theme.sans
        font.pixelSize: Math.round(12 * tooltip.theme.scale)
        color: tooltip.theme.text
    }
    component Figure: Text {
        textFormat: Text.PlainText
        maximumLineCount: 1
        font.family: tooltip.theme.mono
        font.pixelSize: Math.round(12 * tooltip.theme.scale)
        color: tooltip.theme.text
        horizontalAlignment: Text.AlignRight
    }

    Column {
        id: content
        x: tooltip.pad
        y: tooltip.pad - 1
        width: Math.max(implicitWidth, tooltip.width - 2 * tooltip.pad)
        spacing: 3 * tooltip.theme.scale

        Line {
            text: tooltip.tip.title ?? ""
            width: Math.min(implicitWidth, 300 * tooltip.theme.scale)
            visible: text !== ""
            font.weight: Font.DemiBold
            bottomPadding: 2
        }
        Repeater {
            model: tooltip.rows
            delegate: Item {
                id: row
                required property var modelData
                readonly property real names: row.modelData.label === "" ? 0 : Math.min(label.implicitWidth, 150 * tooltip.theme.scale)
                implicitWidth: swatch.space + names + 20 * tooltip.theme.scale + value.implicitWidth + share.space
                width: Math.max(implicitWidth, content.width)
                implicitHeight: Math.round(18 * tooltip.theme.scale)

                Rectangle {
                    anchors.fill: parent
                    anchors.margins: -2
                    radius: 3
                    visible: row.modelData.current && tooltip.rows.length > 1
                    color: tooltip.theme.border
                    opacity: 0.5
                }
                Swatch {
                    id: swatch
                    readonly property real space: row.modelData.marked ? 16 * tooltip.theme.scale : 0
                    anchors.verticalCenter: parent.verticalCenter
                    width: Math.round(9 * tooltip.theme.scale)
                    height: width
                    visible: row.modelData.marked
                    theme: tooltip.theme
                    slot: row.modelData.slot
                    tone: row.modelData.tone
                }
                Line {
                    id: label
                    x: swatch.space
                    width: row.names
                    anchors.verticalCenter: parent.verticalCenter
                    text: row.modelData.label
                }
                Figure {
                    id: value
                    anchors.right: share.left
                    anchors.verticalCenter: parent.verticalCenter
                    text: row.modelData.value
                }
                Figure {
                    id: share
                    readonly property real space: row.modelData.share === "" ? 0 : 58 * tooltip.theme.scale
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    width: space
                    text: row.modelData.share
                    color: tooltip.theme.text2
                }
            }
        }
        Line {
            visible: (tooltip.tip.more ?? 0) > 0
            text: qsTr("and %n more", "", tooltip.tip.more ?? 0)
            color: tooltip.theme.text2
        }
        Rectangle {
            visible: total.visible && tooltip.rows.length > 0
            width: content.width
            height: 1
            color: tooltip.theme.border
        }
        Item {
            id: total
            visible: (tooltip.tip.total ?? "") !== ""
            implicitWidth: totalName.implicitWidth + 24 + sum.implicitWidth
            width: Math.max(implicitWidth, content.width)
            implicitHeight: Math.round(18 * tooltip.theme.scale)
            Line {
                id: totalName
                anchors.verticalCenter: parent.verticalCenter
                text: qsTr("Total")
                color: tooltip.theme.text2
            }
            Figure {
                id: sum
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                text: tooltip.tip.total ?? ""
            }
        }
    }
}
