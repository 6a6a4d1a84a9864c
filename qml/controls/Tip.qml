// SPDX-License-Identifier: GPL-3.0-or-later
// A few words on what is pointed at or has the keyboard.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.ToolTip {
    id: tip

    property bool shown: false

    visible: shown && text !== ""
    delay: 500
    x: parent ? Math.round((parent.width - implicitWidth) / 2) : 0
    y: parent ? parent.height + 6 : 0
    margins: 6
    padding: 8
    implicitWidth: Math.min(320, words.implicitWidth + 16)
    implicitHeight: words.implicitHeight + 12
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent

    contentItem: Label {
        id: words
        text: tip.text
        wrapMode: Text.Wrap
        role: "caption"
        color: Theme.text
        elide: Text.ElideNone
    }
    background: Rectangle {
        color: Theme.raised
        border.color: Theme.border
        radius: Theme.radius
    }
}
