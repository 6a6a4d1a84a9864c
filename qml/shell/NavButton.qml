// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate

T.AbstractButton {
    id: button

    required property var modelData
    property bool rail: false
    readonly property bool here: Nav.page === modelData.id

    Layout.fillWidth: true
    implicitHeight: Theme.control
    focusPolicy: Qt.StrongFocus
    text: modelData.title
    Accessible.role: Accessible.PageTab
    Accessible.name: text
    Accessible.checked: here
    onClicked: Nav.go(modelData.id)

    background: Rectangle {
        radius: Theme.radius
        color: button.here ? Theme.selected : button.hovered ? Theme.hover : "transparent"
        border.width: Theme.contrast && button.here ? 1 : 0
        border.color: Theme.borderStrong
        FocusRing { target: button }
    }
    contentItem: Item {
        Icon {
            x: button.rail ? Math.round((parent.width - width) / 2) : 10
            anchors.verticalCenter: parent.verticalCenter
            name: button.modelData.icon
            size: Math.round(18 * Theme.scale)
            color: button.here ? Theme.accent : Theme.text2
        }
        Label {
            x: Theme.px(38)
            width: parent.width - x - 6
            visible: !button.rail
            anchors.verticalCenter: parent.verticalCenter
            text: button.text
            font.weight: button.here ? Font.DemiBold : Font.Normal
        }
    }
    Tip {
        text: button.text
        shown: button.rail && (button.hovered || button.visualFocus)
        x: button.width + 8
        y: 4
    }
}
