// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.MenuItem {
    id: entry

    property string symbol: ""
    property string keys: ""
    property bool danger: false
    readonly property color ink: !enabled ? Theme.disabledText : danger ? Theme.err : Theme.text

    implicitHeight: visible ? Theme.controlSmall + 2 : 0
    implicitWidth: words.implicitWidth + hintText.implicitWidth + 72
    contentItem: Item {
        Icon {
            x: 8
            anchors.verticalCenter: parent.verticalCenter
            visible: name !== ""
            name: entry.checkable ? (entry.checked ? "check" : "") : entry.symbol
            color: entry.danger ? Theme.err : Theme.text3
        }
        Label {
            id: words
            x: 32
            anchors.verticalCenter: parent.verticalCenter
            text: entry.text
            color: entry.ink
        }
        Label {
            id: hintText
            anchors.right: parent.right
            anchors.rightMargin: entry.subMenu ? 26 : 10
            anchors.verticalCenter: parent.verticalCenter
            role: "caption"
            color: Theme.text3
            text: entry.keys
        }
    }
    arrow: Icon {
        x: entry.width - width - 6
        y: Math.round((entry.height - height) / 2)
        visible: entry.subMenu !== null
        name: "chevron-right"
        color: Theme.text3
    }
    background: Rectangle {
        radius: Theme.radius
        color: entry.highlighted ? Theme.selected : "transparent"
    }
}
