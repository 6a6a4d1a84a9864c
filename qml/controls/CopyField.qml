// SPDX-License-Identifier: GPL-3.0-or-later
// A value to take along: mono text with a copy button. Secrets are masked, can be looked at for a
// while, and leave the clipboard by themselves.
import QtQuick
import Tollgate
import Tollgate.App

Rectangle {
    id: field

    property string text: ""
    property string what: "" // "Base URL": for the button's name and the toast
    property bool secret: false
    property bool shown: !secret

    implicitHeight: Theme.control
    implicitWidth: Math.min(420, words.implicitWidth + 90)
    radius: Theme.radius
    color: Theme.sunken
    border.width: 1
    border.color: Theme.border

    Label {
        id: words
        anchors.left: parent.left
        anchors.leftMargin: 10
        anchors.right: buttons.left
        anchors.rightMargin: 6
        anchors.verticalCenter: parent.verticalCenter
        role: "mono"
        elide: Text.ElideMiddle
        text: field.shown ? field.text : field.text.slice(0, 6) + "…" + field.text.slice(-4)
    }
    Row {
        id: buttons
        anchors.right: parent.right
        anchors.rightMargin: 2
        anchors.verticalCenter: parent.verticalCenter
        IconButton {
            visible: field.secret
            symbol: field.shown ? "eye-off" : "eye"
            hint: field.shown ? qsTr("Hide %1").arg(field.what) : qsTr("Show %1").arg(field.what)
            onClicked: {
                field.shown = !field.shown;
                hide.restart();
            }
        }
        IconButton {
            symbol: "copy"
            hint: qsTr("Copy %1").arg(field.what)
            onClicked: {
                if (field.secret) {
                    System.copySecret(field.text);
                    Toasts.show(qsTr("%1 copied, will be cleared in 45 s").arg(field.what));
                } else {
                    System.copy(field.text);
                    Toasts.show(qsTr("%1 copied").arg(field.what));
                }
            }
        }
    }
    Timer {
        id: hide
        interval: 15000
        onTriggered: if (field.secret) field.shown = false
    }
}
