// SPDX-License-Identifier: GPL-3.0-or-later
// A button: verb and noun. `kind` is "primary", "plain", "quiet" or "danger".
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.Button {
    id: button

    property string kind: "plain"
    property string symbol: ""
    property bool small: false
    property string hint: ""

    readonly property color ink: !enabled ? Theme.disabledText
        : kind === "primary" ? Theme.accentText
        : kind === "danger" ? Theme.err
        : kind === "quiet" ? Theme.accent : Theme.text

    implicitHeight: small ? Theme.controlSmall : Theme.control
    implicitWidth: Math.max(implicitHeight, (symbol !== "" ? Math.round(16 * Theme.scale) : 0)
        + (symbol !== "" && text !== "" ? 6 : 0) + (text !== "" ? words.implicitWidth : 0) + 2 * (small ? 8 : 12))
    focusPolicy: Qt.StrongFocus
    font.family: Theme.sans
    font.pixelSize: Theme.sizeBody
    Accessible.name: text !== "" ? text : hint
    Accessible.description: text !== "" ? hint : ""

    background: Rectangle {
        radius: Theme.radius
        color: {
            if (button.kind === "primary")
                return !button.enabled ? Theme.sunken : button.down ? Theme.accentPressed
                    : button.hovered ? Theme.accentHover : Theme.accent;
            if (button.kind === "quiet")
                return button.down || button.hovered ? Theme.hover : "transparent";
            return button.down ? Theme.sunken : button.hovered ? Theme.hover : Theme.surface;
        }
        border.width: button.kind === "plain" || button.kind === "danger" ? 1 : 0
        border.color: button.kind === "danger" ? Theme.err : Theme.border
        Behavior on color { ColorAnimation { duration: Theme.quick } }
        FocusRing { target: button }
    }
    contentItem: Item {
        Row {
            id: content
            anchors.centerIn: parent
            spacing: 6
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: button.symbol !== ""
                name: button.symbol
                color: button.ink
            }
            Label {
                id: words
                anchors.verticalCenter: parent.verticalCenter
                visible: button.text !== ""
                width: Math.min(implicitWidth, button.width - (button.symbol !== "" ? Math.round(16 * Theme.scale) + 6 : 0) - 12)
                text: button.text
                color: button.ink
                font.weight: button.kind === "primary" ? Font.DemiBold : Font.Medium
            }
        }
    }
    Tip { text: button.hint; shown: (button.hovered || button.visualFocus) && button.hint !== "" }
}
