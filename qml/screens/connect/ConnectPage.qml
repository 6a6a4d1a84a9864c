// SPDX-License-Identifier: GPL-3.0-or-later
// Connect a client: what is installed here stands first; each is set up with its own few settings, shown
// before anything is written, backed up, and taken back byte by byte.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    property string chosen: ""
    readonly property var all: clients.answer.clients ?? []
    readonly property var sorted: all.slice().sort((a, b) => rank(b) - rank(a))
    readonly property var client: all.find(one => one.id === chosen) ?? sorted[0] ?? null

    function rank(one: var): int {
        return (one.connected ? 4 : 0) + (one.found ? 2 : 0) + (one.way === "oneclick" ? 1 : 0);
    }

    Query { id: clients; command: "client list"; follows: ["client"]; active: page.visible }
    Connections {
        target: Nav
        function onWishChanged() {
            if (Nav.page === "connect" && Nav.wish.client)
                page.chosen = Nav.wish.client;
        }
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0
        ColumnLayout {
            Layout.fillHeight: true
            Layout.preferredWidth: Theme.px(260)
            Layout.maximumWidth: Theme.px(260)
            Layout.margins: Theme.s5
            spacing: Theme.s3
            Label { role: "title"; text: qsTr("Connect a client"); Layout.preferredHeight: 40 }
            InlineMessage { Layout.fillWidth: true; text: clients.error ? clients.error.message : "" }
            ListView {
                id: list
                Layout.fillWidth: true
                Layout.fillHeight: true
                clip: true
                spacing: 2
                model: page.sorted
                boundsBehavior: Flickable.StopAtBounds
                T.ScrollBar.vertical: ScrollBar { }
                delegate: T.AbstractButton {
                    id: entry
                    required property var modelData
                    readonly property bool here: page.client !== null && page.client.id === modelData.id
                    width: ListView.view.width
                    implicitHeight: Theme.rowTall
                    focusPolicy: Qt.StrongFocus
                    text: modelData.name
                    Accessible.name: text
                    onClicked: page.chosen = modelData.id
                    background: Rectangle {
                        radius: Theme.radius
                        color: entry.here ? Theme.selected : entry.hovered ? Theme.hover : "transparent"
                        FocusRing { target: entry }
                    }
                    contentItem: RowLayout {
                        spacing: Theme.s3
                        ColumnLayout {
                            Layout.fillWidth: true
                            Layout.leftMargin: 10
                            spacing: 1
                            Label { role: "strong"; Layout.fillWidth: true; text: entry.modelData.name }
                            Label {
                                Layout.fillWidth: true
                                role: "caption"
                                color: Theme.text3
                                text: entry.modelData.way === "impossible" ? qsTr("Not on this computer alone")
                                    : entry.modelData.found ? entry.modelData.version !== "" ? qsTr("Found, version %1").arg(entry.modelData.version) : qsTr("Found on this computer")
                                    : entry.modelData.vendor
                            }
                        }
                        Badge {
                            Layout.rightMargin: 6
                            visible: entry.modelData.connected
                            text: qsTr("Connected")
                            tone: "ok"
                            shape: "check"
                        }
                    }
                }
            }
        }
        Rectangle { Layout.fillHeight: true; implicitWidth: 1; color: Theme.border }
        Flickable {
            id: flick
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentHeight: card.implicitHeight + 2 * Theme.s6
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }
            ClientCard {
                id: card
                x: Theme.s6
                y: Theme.s6
                width: Math.min(680, flick.width - 2 * Theme.s6)
                visible: page.client !== null
                client: page.client ?? ({})
                shown: page.visible
            }
        }
    }
}
