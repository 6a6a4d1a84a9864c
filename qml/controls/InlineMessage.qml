// SPDX-License-Identifier: GPL-3.0-or-later
// Something to know at the place where it matters: what failed, why, what to do.
import QtQuick
import QtQuick.Layouts
import Tollgate

Rectangle {
    id: message

    property string text: ""
    property string detail: ""
    property string tone: "err" // err warn info ok
    property string action: ""
    property bool open: false
    signal acted()

    visible: text !== ""
    implicitHeight: row.implicitHeight + 16
    radius: Theme.radius
    color: Theme.toneSoft(tone)
    border.width: 1
    border.color: Theme.tone(tone)
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: 12
        spacing: Theme.s3
        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 2
            name: message.tone === "ok" ? "check" : message.tone === "info" ? "info"
                : message.tone === "warn" ? "warning" : "error"
            color: Theme.tone(message.tone)
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 4
            Label {
                Layout.fillWidth: true
                text: message.text
                wrapMode: Text.Wrap
                maximumLineCount: 8
            }
            Label {
                Layout.fillWidth: true
                visible: message.open && message.detail !== ""
                role: "mono"
                color: Theme.text2
                text: message.detail
                wrapMode: Text.WrapAnywhere
                maximumLineCount: 20
            }
        }
        Button {
            visible: message.detail !== ""
            small: true
            kind: "quiet"
            text: message.open ? qsTr("Hide details") : qsTr("Details")
            onClicked: message.open = !message.open
        }
        Button {
            visible: message.action !== ""
            small: true
            text: message.action
            onClicked: message.acted()
        }
    }
}
