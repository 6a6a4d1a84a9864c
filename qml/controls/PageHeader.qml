// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a page: what it is, how many, and the one thing most wanted there.
import QtQuick
import QtQuick.Layouts
import Tollgate

RowLayout {
    id: header

    property string title: ""
    property string count: ""
    default property alias actions: actions.data

    spacing: Theme.s4
    implicitHeight: 40

    Label { role: "title"; text: header.title; Accessible.role: Accessible.Heading }
    Label {
        Layout.alignment: Qt.AlignBaseline
        role: "mono"
        color: Theme.text3
        text: header.count
        visible: text !== ""
    }
    Item { Layout.fillWidth: true }
    Row { id: actions; spacing: Theme.s3; layoutDirection: Qt.LeftToRight }
}
