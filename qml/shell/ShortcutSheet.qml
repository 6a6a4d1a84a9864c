// SPDX-License-Identifier: GPL-3.0-or-later
// F1: the keys.
import QtQuick
import QtQuick.Layouts
import Tollgate

Sheet {
    id: sheet
    title: qsTr("Keyboard")
    wide: 620

    readonly property var keys: [
        ["Ctrl+1 … 8", qsTr("Go to a page")], ["Ctrl+K", qsTr("Find and do anything")],
        ["Ctrl+F", qsTr("Filter this page")], ["Ctrl+N", qsTr("New on this page")],
        ["Ctrl+,", qsTr("Settings")], ["Ctrl+B", qsTr("Narrow or wide sidebar")],
        ["F4", qsTr("Open or close the inspector")], ["Enter / Esc", qsTr("Open / close")],
        ["↑ ↓ j k", qsTr("Move between rows")], ["Space", qsTr("Pause or resume the live log")],
        ["Del", qsTr("Delete, with undo")], ["Ctrl+Z", qsTr("Undo the last change")],
        ["Ctrl+C", qsTr("Copy")], ["Ctrl+Shift+C", qsTr("Copy a request as cURL")],
        ["R / Shift+R", qsTr("Replay / edit and replay")], ["[ ]", qsTr("Next or previous tab")],
        ["Ctrl+E", qsTr("Export")], ["F6", qsTr("Go round the panes")],
        ["Ctrl+Shift+P", qsTr("Pause or resume the gateway")], ["F1", qsTr("These keys")]
    ]

    GridLayout {
        Layout.fillWidth: true
        columns: 2
        columnSpacing: Theme.s6
        rowSpacing: Theme.s3
        Repeater {
            model: sheet.keys
            RowLayout {
                id: row
                required property var modelData
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                spacing: Theme.s3
                Label { Layout.preferredWidth: 110; role: "mono"; color: Theme.text2; text: row.modelData[0] }
                Label { Layout.fillWidth: true; text: row.modelData[1] }
            }
        }
    }
    Item { implicitHeight: Theme.s4 }
}
