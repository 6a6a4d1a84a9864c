// SPDX-License-Identifier: GPL-3.0-or-later
// A box to tick, in forms and lists.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.CheckBox {
    id: box

    implicitWidth: 18 + (text !== "" ? words.implicitWidth : 0)
    implicitHeight: Theme.controlSmall
    focusPolicy: Qt.StrongFocus

    indicator: Rectangle {
        y: Math.round((box.height - height) / 2)
        width: 18
        height: 18
        radius: 4
        color: box.checkState === Qt.Unchecked ? Theme.surface : Theme.accent
        border.width: 1
        border.color: box.checkState === Qt.Unchecked ? Theme.borderStrong : color
        Icon {
            anchors.centerIn: parent
            visible: box.checkState !== Qt.Unchecked
            name: box.checkState === Qt.PartiallyChecked ? "remove" : "check"
            color: Theme.accentText
            size: 14
        }
        FocusRing { target: box }
    }
    contentItem: Label {
        id: words
        leftPadding: box.text !== "" ? 26 : 0
        text: box.text
    }
}
