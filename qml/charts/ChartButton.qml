// SPDX-License-Identifier: GPL-3.0-or-later
// A quiet button of a chart's header, in the chart's own colours.
pragma ComponentBehavior: Bound
import QtQuick
import Tollgate.Charts

Item {
    id: button

    required property ChartTheme theme
    property string text
    property bool checked: false
    property bool checkable: false

    signal clicked

    implicitWidth: label.implicitWidth + 16 * theme.scale
    implicitHeight: 28 * theme.scale
    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.checkable: checkable
    Accessible.checked: checked
    Accessible.onPressAction: button.clicked()
    Keys.onSpacePressed: button.clicked()
    Keys.onReturnPressed: button.clicked()
    Keys.onEnterPressed: button.clicked()

    Rectangle {
        anchors.fill: parent
        radius: 4
        color: button.theme.border
        opacity: pointer.pressed ? 0.9 : pointer.containsMouse || button.checked ? 0.55 : 0
    }
    Rectangle {
        anchors.fill: parent
        anchors.margins: -3
        radius: 7
        color: "transparent"
        border.width: 2
        border.color: button.theme.accent
        visible: button.activeFocus
    }
    Text {
        id: label
        anchors.centerIn: parent
        text: button.text
        textFormat: Text.PlainText
        color: pointer.containsMouse || button.checked ? button.theme.text : button.theme.text2
        font.family: button.theme.sans
        font.pixelSize: Math.round(12 * button.theme.scale)
        font.weight: Font.Medium
    }
    MouseArea {
        id: pointer
        anchors.fill: parent
        hoverEnabled: true
        onClicked: {
            button.forceActiveFocus(Qt.MouseFocusReason);
            button.clicked();
        }
    }
}
