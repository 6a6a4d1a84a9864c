// SPDX-License-Identifier: GPL-3.0-or-later
// A word with a shape on a soft ground: a state that needs to be seen.
import QtQuick
import Tollgate

Rectangle {
    id: badge

    property string text: ""
    property string tone: "" // ok warn err info live accent, or none
    property string shape: "" // of StatusShape

    implicitHeight: Math.round(20 * Theme.scale)
    implicitWidth: row.implicitWidth + 14
    radius: height / 2
    color: Theme.toneSoft(tone)
    border.width: Theme.contrast ? 1 : 0
    border.color: Theme.tone(tone)
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Row {
        id: row
        anchors.centerIn: parent
        spacing: 5
        StatusShape {
            anchors.verticalCenter: parent.verticalCenter
            visible: badge.shape !== ""
            shape: badge.shape
            color: Theme.tone(badge.tone)
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            role: "badge"
            text: badge.text
            color: Theme.tone(badge.tone)
        }
    }
}
