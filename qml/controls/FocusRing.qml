// SPDX-License-Identifier: GPL-3.0-or-later
// What shows where the keyboard is: two pixels outside its parent, with a gap.
import QtQuick
import Tollgate

Rectangle {
    property Item target: parent

    visible: target !== null && target.visualFocus === true
    anchors.fill: parent
    anchors.margins: -3
    radius: Theme.radius + 3
    color: "transparent"
    border.width: 2
    border.color: Theme.focus
    z: 10
}
