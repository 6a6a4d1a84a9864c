// SPDX-License-Identifier: GPL-3.0-or-later
// The state of the server and its address, on every page.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

T.AbstractButton {
    id: card

    property bool rail: false
    readonly property string state_: Snapshot.state
    readonly property string word: ({ running: qsTr("Running"), paused: qsTr("Paused"),
        stopped: qsTr("Stopped"), attention: qsTr("Needs attention") })[state_] ?? ""
    readonly property string shape: ({ running: "disc", paused: "bars", stopped: "solid",
        attention: "triangle" })[state_] ?? "disc"
    readonly property color tint: ({ running: Theme.ok, paused: Theme.warn, stopped: Theme.text3,
        attention: Theme.err })[state_] ?? Theme.text3

    implicitHeight: rail ? 40 : content.implicitHeight + 20
    focusPolicy: Qt.StrongFocus
    Accessible.name: qsTr("Server: %1, %2").arg(word).arg(Snapshot.baseUrl)
    onClicked: details.open()

    background: Rectangle {
        radius: Theme.radiusCard
        color: card.hovered ? Theme.hover : Theme.surface
        border.width: 1
        border.color: Theme.border
        FocusRing { target: card }
    }
    contentItem: Item {
        StatusShape {
            visible: card.rail
            anchors.centerIn: parent
            shape: card.shape
            color: card.tint
            size: 14
        }
        ColumnLayout {
            id: content
            visible: !card.rail
            x: 10
            y: 10
            width: parent.width - 20
            spacing: 4
            RowLayout {
                spacing: 6
                StatusShape { shape: card.shape; color: card.tint; size: 11 }
                Label { role: "strong"; text: card.word; Layout.fillWidth: true }
                Label {
                    role: "badge"
                    color: Theme.text2
                    text: Snapshot.lan ? qsTr("LAN") : qsTr("This computer")
                }
            }
            RowLayout {
                spacing: 0
                Label {
                    Layout.fillWidth: true
                    role: "mono"
                    elide: Text.ElideMiddle
                    text: Snapshot.baseUrl.replace(/^https?:\/\//, "")
                }
                IconButton {
                    symbol: "copy"
                    hint: qsTr("Copy base URL")
                    onClicked: {
                        System.copy(Snapshot.baseUrl + "/v1");
                        Toasts.show(qsTr("Base URL copied: %1").arg(Snapshot.baseUrl + "/v1"));
                    }
                }
            }
        }
    }
    ServerDetails { id: details; y: card.height + 6 }
}
