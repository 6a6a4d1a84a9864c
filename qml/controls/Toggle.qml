// SPDX-License-Identifier: GPL-3.0-or-later
// A switch for what is on or off at once.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.Switch {
    id: toggle

    property string hint: ""

    implicitWidth: 36 + (text !== "" ? words.implicitWidth + 8 : 0)
    implicitHeight: Theme.controlSmall
    spacing: 8
    focusPolicy: Qt.StrongFocus
    Accessible.name: text !== "" ? text : hint

    indicator: Rectangle {
        y: Math.round((toggle.height - height) / 2)
        width: 36
        height: 20
        radius: 10
        color: toggle.checked ? (toggle.enabled ? Theme.accent : Theme.disabledText) : Theme.surface
        border.width: 1
        border.color: toggle.checked ? color : Theme.borderStrong
        Rectangle {
            x: toggle.checked ? parent.width - width - 3 : 3
            anchors.verticalCenter: parent.verticalCenter
            width: 14
            height: 14
            radius: 7
            color: toggle.checked ? Theme.accentText : Theme.borderStrong
            Behavior on x { NumberAnimation { duration: Theme.brisk } }
        }
        FocusRing { target: toggle; radius: 13 }
    }
    contentItem: Label {
        id: words
        leftPadding: 44
        text: toggle.text
    }
}
