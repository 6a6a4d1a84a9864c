// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that are on their way: shown after a moment, so that quick answers do not flicker.
import QtQuick
import Tollgate

Column {
    id: skeleton

    property bool loading: false
    property int rows: 8

    visible: loading && patience.late
    onLoadingChanged: patience.late = false
    spacing: 0

    Timer {
        id: patience
        property bool late: false
        interval: 150
        running: skeleton.loading
        onTriggered: late = true
    }
    Repeater {
        model: skeleton.rows
        Item {
            required property int index
            width: skeleton.width
            height: Theme.row
            Rectangle {
                x: 12
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width * (0.35 + 0.4 * ((parent.index * 7) % 5) / 5)
                height: 10
                radius: 3
                color: Theme.sunken
            }
        }
    }
}
