// SPDX-License-Identifier: GPL-3.0-or-later
// One line of text to fill in. `error` is shown under it, by the form row.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.TextField {
    id: field

    property string symbol: ""
    property bool invalid: false
    property bool mono: false
    property bool clearable: false

    implicitHeight: Theme.control
    implicitWidth: 220
    leftPadding: symbol !== "" ? Theme.px(30) : 10
    rightPadding: clearable && text !== "" ? Theme.px(30) : 10
    verticalAlignment: TextInput.AlignVCenter
    color: enabled ? Theme.text : Theme.disabledText
    placeholderTextColor: Theme.text3
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentText
    selectByMouse: true
    font.family: mono ? Theme.mono : Theme.sans
    font.pixelSize: mono ? Math.round(Theme.sizeMono) : Theme.sizeBody

    background: Rectangle {
        radius: Theme.radius
        color: field.enabled ? Theme.surface : Theme.sunken
        border.width: field.activeFocus ? 2 : 1
        border.color: field.invalid ? Theme.err : field.activeFocus ? Theme.focus : Theme.borderStrong
    }
    Text { // the template draws none
        x: field.leftPadding
        width: field.width - field.leftPadding - field.rightPadding
        height: field.height
        visible: field.text === "" && field.preeditText === ""
        text: field.placeholderText
        textFormat: Text.PlainText
        color: field.placeholderTextColor
        font: field.font
        elide: Text.ElideRight
        verticalAlignment: Text.AlignVCenter
    }
    Icon {
        x: 8
        anchors.verticalCenter: parent.verticalCenter
        visible: field.symbol !== ""
        name: field.symbol
        color: Theme.text3
    }
    IconButton {
        anchors.right: parent.right
        anchors.rightMargin: 2
        anchors.verticalCenter: parent.verticalCenter
        visible: field.clearable && field.text !== ""
        symbol: "close"
        hint: qsTr("Clear text")
        onClicked: field.clear()
    }
}
