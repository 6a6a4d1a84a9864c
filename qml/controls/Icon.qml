// SPDX-License-Identifier: GPL-3.0-or-later
// One drawing of resources/icons in a colour of the theme.
import QtQuick
import Tollgate

Item {
    id: icon

    required property string name
    property color color: Theme.text2
    property int size: Math.round(16 * Theme.scale)

    implicitWidth: size
    implicitHeight: size

    Image {
        anchors.fill: parent
        visible: icon.name !== ""
        source: icon.name === "" ? "" : "image://icon/" + icon.name + "/" + String(icon.color).slice(-6)
        sourceSize: Qt.size(icon.size * Screen.devicePixelRatio, icon.size * Screen.devicePixelRatio)
        fillMode: Image.PreserveAspectFit
        smooth: true
    }
}
