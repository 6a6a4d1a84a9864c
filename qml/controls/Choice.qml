// SPDX-License-Identifier: GPL-3.0-or-later
// One of several, from a list that opens. `options` is a list of {value, text}; `value` the chosen one.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.ComboBox {
    id: choice

    property var options: []
    property var value
    property string hint: ""
    property bool small: false
    signal chosen(var value)

    model: options
    textRole: "text"
    valueRole: "value"
    implicitHeight: small ? Theme.controlSmall : Theme.control
    implicitWidth: 160
    leftPadding: 10
    rightPadding: 28
    focusPolicy: Qt.StrongFocus
    font.family: Theme.sans
    font.pixelSize: Theme.sizeBody
    Accessible.name: hint
    function indexOf(wanted: var): int {
        for (let i = 0; i < options.length; ++i)
            if (options[i].value === wanted)
                return i;
        return -1;
    }
    currentIndex: indexOf(value)
    onActivated: index => {
        const picked = options[index].value;
        currentIndex = Qt.binding(() => indexOf(value));
        chosen(picked);
    }

    contentItem: Label {
        text: choice.currentIndex >= 0 ? choice.displayText : ""
        color: choice.enabled ? Theme.text : Theme.disabledText
    }
    indicator: Icon {
        x: choice.width - width - 8
        y: Math.round((choice.height - height) / 2)
        name: "chevron-down"
        color: Theme.text3
    }
    background: Rectangle {
        radius: Theme.radius
        color: choice.hovered ? Theme.hover : Theme.surface
        border.width: 1
        border.color: Theme.borderStrong
        FocusRing { target: choice }
    }
    delegate: T.ItemDelegate {
        id: row
        required property var modelData
        required property int index
        width: ListView.view ? ListView.view.width : 0
        implicitHeight: Theme.controlSmall + 2
        leftPadding: 10
        highlighted: choice.highlightedIndex === index
        contentItem: Label { text: row.modelData.text }
        background: Rectangle {
            radius: Theme.radius
            color: row.highlighted ? Theme.selected : "transparent"
        }
    }
    popup: T.Popup {
        y: choice.height + 4
        width: Math.max(choice.width, 180)
        implicitHeight: Math.min(list.contentHeight + 8, 320)
        padding: 4
        margins: 8
        contentItem: ListView {
            id: list
            clip: true
            model: choice.delegateModel
            currentIndex: choice.highlightedIndex
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }
        }
        background: PopupFrame { }
    }
    Tip { text: choice.hint; shown: choice.hovered && !choice.popup.visible }
}
