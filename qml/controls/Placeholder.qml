// SPDX-License-Identifier: GPL-3.0-or-later
// What stands where nothing is: a drawing, one sentence, why, and the one thing to do about it.
import QtQuick
import QtQuick.Layouts
import Tollgate

ColumnLayout {
    id: placeholder

    property string symbol: ""
    property string title: ""
    property string text: ""
    property string action: ""
    property string link: ""
    signal acted()
    signal linked()

    spacing: Theme.s4
    width: Math.min(parent ? parent.width - 48 : 420, 420)

    Icon {
        Layout.alignment: Qt.AlignHCenter
        visible: placeholder.symbol !== ""
        name: placeholder.symbol
        size: 32
        color: Theme.text3
    }
    Label {
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        role: "section"
        text: placeholder.title
    }
    Label {
        Layout.fillWidth: true
        visible: text !== ""
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        color: Theme.text2
        text: placeholder.text
    }
    Button {
        Layout.alignment: Qt.AlignHCenter
        Layout.topMargin: Theme.s2
        visible: placeholder.action !== ""
        kind: "primary"
        text: placeholder.action
        onClicked: placeholder.acted()
    }
    Button {
        Layout.alignment: Qt.AlignHCenter
        visible: placeholder.link !== ""
        kind: "quiet"
        text: placeholder.link
        onClicked: placeholder.linked()
    }
}
