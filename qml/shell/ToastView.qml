// SPDX-License-Identifier: GPL-3.0-or-later
// The toast that is up. It waits while somebody points at it or has it in focus.
import QtQuick
import QtQuick.Layouts
import Tollgate

Rectangle {
    id: view

    readonly property var toast: Toasts.current

    visible: toast !== null
    width: Math.min(row.implicitWidth + 32, parent.width - 48)
    height: 44
    radius: Theme.radiusCard
    color: Theme.dark ? Theme.raised : "#1E2530"
    border.width: 1
    border.color: Theme.dark ? Theme.border : "#1E2530"
    Accessible.role: Accessible.AlertMessage
    Accessible.name: toast ? toast.text : ""

    HoverHandler { id: pointed }
    Timer {
        running: view.toast !== null && !pointed.hovered && !undo.activeFocus
        interval: view.toast && view.toast.undo ? 10000 : 4000
        onTriggered: Toasts.next()
    }
    RowLayout {
        id: row
        anchors.fill: parent
        anchors.leftMargin: 16
        anchors.rightMargin: 8
        spacing: Theme.s5
        Label {
            Layout.fillWidth: true
            text: view.toast ? view.toast.text : ""
            color: "#ECEFF3"
        }
        Button {
            id: undo
            visible: view.toast !== null && view.toast.undo !== null
            small: true
            kind: "primary"
            text: qsTr("Undo")
            onClicked: Toasts.undo()
        }
        IconButton {
            symbol: "close"
            hint: qsTr("Dismiss")
            onClicked: Toasts.next()
        }
    }
}
