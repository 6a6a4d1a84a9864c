// SPDX-License-Identifier: GPL-3.0-or-later
// The price of one model, or the list's head.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Rectangle {
    id: row

    property bool header: false
    property bool current: false
    property var price: ({})
    signal picked()
    signal editWanted()

    implicitHeight: Theme.row
    color: current ? Theme.selected : header ? Theme.sunken : area.containsMouse ? Theme.hover : "transparent"
    Accessible.role: Accessible.Row
    Accessible.name: header ? qsTr("Column names")
        : qsTr("%1, %2: input %3, output %4 dollars a million").arg(price.model).arg(price.provider).arg(price.input ?? "–").arg(price.output ?? "–")

    function shown(value: var): string {
        return value === null || value === undefined ? "–" : value;
    }

    Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
    MouseArea {
        id: area
        anchors.fill: parent
        hoverEnabled: true
        enabled: !row.header
        onClicked: row.picked()
        onDoubleClicked: row.editWanted()
    }

    component Cell: Label {
        property int wide: 90
        Layout.preferredWidth: Theme.px(wide)
        Layout.minimumWidth: Theme.px(wide)
        Layout.maximumWidth: Theme.px(wide)
        horizontalAlignment: Text.AlignRight
        role: row.header ? "caption" : "mono"
        font.weight: row.header ? Font.Medium : Font.Normal
    }

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.s4
        anchors.rightMargin: Theme.s3
        spacing: Theme.s4
        Label {
            Layout.fillWidth: true
            Layout.preferredWidth: 100
            role: row.header ? "caption" : "mono"
            font.weight: row.header ? Font.Medium : Font.Normal
            text: row.header ? qsTr("Model") : Format.line(row.price.model ?? "", 120)
        }
        Cell {
            wide: 130
            horizontalAlignment: Text.AlignLeft
            role: row.header ? "caption" : "body"
            color: Theme.text2
            text: row.header ? qsTr("Provider") : (row.price.provider ?? "") === "" ? qsTr("any") : row.price.provider
        }
        Cell { text: row.header ? qsTr("Input") : row.shown(row.price.input) }
        Cell { text: row.header ? qsTr("Output") : row.shown(row.price.output) }
        Cell { text: row.header ? qsTr("Cache read") : row.shown(row.price.cache_read) }
        Cell { text: row.header ? qsTr("Cache write") : row.shown(row.price.cache_write) }
        Item {
            Layout.preferredWidth: Theme.px(150)
            Layout.maximumWidth: Theme.px(150)
            Layout.fillHeight: true
            Label {
                anchors.verticalCenter: parent.verticalCenter
                visible: row.header || row.price.source !== "user"
                role: "caption"
                color: row.header ? Theme.text2 : Theme.text3
                font.weight: row.header ? Font.Medium : Font.Normal
                text: row.header ? qsTr("Source") : row.price.source ?? ""
            }
            Badge {
                anchors.verticalCenter: parent.verticalCenter
                visible: !row.header && row.price.source === "user"
                text: qsTr("your own")
                tone: "info"
            }
        }
        IconButton {
            opacity: row.header ? 0 : 1
            enabled: !row.header
            symbol: "edit"
            hint: row.header ? "" : qsTr("Set a price for %1").arg(Format.line(row.price.model ?? "", 40))
            onClicked: row.editWanted()
        }
    }
}
