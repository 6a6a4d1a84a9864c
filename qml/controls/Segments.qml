// SPDX-License-Identifier: GPL-3.0-or-later
// A few choices side by side, of which one holds. `options` is a list of {value, text}.
import QtQuick
import QtQuick.Templates as T
import Tollgate

Rectangle {
    id: segments

    property var options: []
    property var value
    property string hint: ""
    signal chosen(var value)

    implicitHeight: Theme.controlSmall + 4
    implicitWidth: row.implicitWidth + 4
    radius: Theme.radius + 2
    color: Theme.sunken
    border.width: Theme.contrast ? 1 : 0
    border.color: Theme.border
    Accessible.role: Accessible.PageTabList
    Accessible.name: hint

    Row {
        id: row
        x: 2
        y: 2
        Repeater {
            model: segments.options
            T.Button {
                id: one
                required property var modelData
                required property int index
                readonly property bool chosen: segments.value === modelData.value
                implicitHeight: Theme.controlSmall
                implicitWidth: words.implicitWidth + 24
                focusPolicy: Qt.StrongFocus
                text: modelData.text
                Accessible.role: Accessible.PageTab
                Accessible.checked: chosen
                onClicked: segments.chosen(modelData.value)
                Keys.onLeftPressed: {
                    const before = segments.options[Math.max(0, index - 1)];
                    segments.chosen(before.value);
                    nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason);
                }
                Keys.onRightPressed: {
                    const after = segments.options[Math.min(segments.options.length - 1, index + 1)];
                    segments.chosen(after.value);
                    nextItemInFocusChain().forceActiveFocus(Qt.TabFocusReason);
                }
                contentItem: Label {
                    id: words
                    text: one.text
                    horizontalAlignment: Text.AlignHCenter
                    color: one.chosen ? Theme.text : Theme.text2
                    font.weight: one.chosen ? Font.DemiBold : Font.Normal
                }
                background: Rectangle {
                    radius: Theme.radius
                    color: one.chosen ? Theme.surface : one.hovered ? Theme.hover : "transparent"
                    border.width: one.chosen ? 1 : 0
                    border.color: Theme.border
                    FocusRing { target: one }
                }
            }
        }
    }
}
