// SPDX-License-Identifier: GPL-3.0-or-later
// The ground of everything that floats over the window.
import QtQuick
import Tollgate

Rectangle {
    color: Theme.raised
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border

    Rectangle { // a soft edge instead of a blurred shadow, which costs a pass a frame
        anchors.fill: parent
        anchors.margins: -1
        anchors.topMargin: 1
        anchors.bottomMargin: -4
        z: -1
        radius: parent.radius + 2
        color: "#000000"
        opacity: Theme.dark ? 0.35 : 0.08
    }
}
