// SPDX-License-Identifier: GPL-3.0-or-later
// The way around: the server's card, the pages in groups, settings. A rail of drawings when narrow.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate

Rectangle {
    id: sidebar

    property bool rail: false

    implicitWidth: rail ? 56 : Math.round(224 * Math.min(1.25, Theme.scale))
    color: Theme.bg

    Rectangle { anchors.right: parent.right; width: 1; height: parent.height; color: Theme.border }

    function titleOf(group: string): string {
        return group === "work" ? qsTr("Work") : group === "manage" ? qsTr("Manage")
            : group === "help" ? qsTr("Help") : "";
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.rightMargin: 1
        spacing: 0

        ServerCard {
            Layout.fillWidth: true
            Layout.margins: sidebar.rail ? 6 : Theme.s4
            rail: sidebar.rail
        }
        Repeater {
            model: ["work", "manage", "help"]
            ColumnLayout {
                id: group
                required property string modelData
                readonly property var pages: Nav.pages.filter(page => page.group === modelData)
                visible: pages.length > 0
                spacing: 2
                Layout.fillWidth: true
                Layout.leftMargin: sidebar.rail ? 6 : Theme.s3
                Layout.rightMargin: sidebar.rail ? 6 : Theme.s3
                Layout.bottomMargin: Theme.s3
                Label {
                    Layout.leftMargin: 10
                    Layout.bottomMargin: 2
                    visible: !sidebar.rail
                    role: "badge"
                    color: Theme.text3
                    text: sidebar.titleOf(group.modelData)
                }
                Repeater {
                    model: group.pages
                    NavButton { rail: sidebar.rail }
                }
            }
        }
        Item { Layout.fillHeight: true }
        Repeater {
            model: Nav.pages.filter(page => page.group === "foot")
            NavButton {
                rail: sidebar.rail
                Layout.leftMargin: sidebar.rail ? 6 : Theme.s3
                Layout.rightMargin: sidebar.rail ? 6 : Theme.s3
                Layout.bottomMargin: Theme.s3
            }
        }
    }
}
