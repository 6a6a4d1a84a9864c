// SPDX-License-Identifier: GPL-3.0-or-later
// Several lines of text to fill in.
import QtQuick
import QtQuick.Templates as T
import Tollgate

Flickable {
    id: block

    property alias text: area.text
    property alias placeholderText: area.placeholderText
    property alias readOnly: area.readOnly
    property alias area: area
    property bool mono: true
    property bool invalid: false

    implicitHeight: 88
    implicitWidth: 320
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ScrollBar { }

    T.TextArea.flickable: T.TextArea {
        id: area
        padding: 10
        color: Theme.text
        placeholderTextColor: Theme.text3
        selectionColor: Theme.accent
        selectedTextColor: Theme.accentText
        selectByMouse: true
        textFormat: TextEdit.PlainText
        wrapMode: TextEdit.Wrap
        font.family: block.mono ? Theme.mono : Theme.sans
        font.pixelSize: block.mono ? Math.round(Theme.sizeMono) : Theme.sizeBody
        background: Rectangle {
            radius: Theme.radius
            color: area.readOnly ? Theme.sunken : Theme.surface
            border.width: area.activeFocus ? 2 : 1
            border.color: block.invalid ? Theme.err
                : area.activeFocus ? Theme.focus : area.readOnly ? Theme.border : Theme.borderStrong
        }
        KeyNavigation.priority: KeyNavigation.BeforeItem
        Keys.onTabPressed: nextItemInFocusChain().forceActiveFocus(Qt.TabFocusReason)
        Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
    }
    Text {
        parent: block
        x: area.leftPadding
        y: area.topPadding
        width: block.width - area.leftPadding - area.rightPadding
        visible: area.text === "" && area.preeditText === ""
        text: area.placeholderText
        textFormat: Text.PlainText
        color: Theme.text3
        font: area.font
        wrapMode: Text.Wrap
    }
}
