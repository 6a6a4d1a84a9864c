// SPDX-License-Identifier: GPL-3.0-or-later
// One token in the list, or the list's head.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Rectangle {
    id: row

    property bool header: false
    property bool current: false
    property var token: ({})
    readonly property var parts: String(token.budget ?? "").split("/")
    signal picked()
    signal pauseWanted()
    signal resumeWanted()
    signal revokeWanted()
    signal logWanted()

    readonly property string state_: token.state ?? ""
    readonly property bool spent: token.left_nano_usd !== undefined && token.left_nano_usd <= 0 && (token.budget ?? "") !== ""
    readonly property bool expired: (token.expires ?? "") !== "" && Date.parse(token.expires) < Date.now()
    readonly property var shown: state_ === "revoked" ? [qsTr("Revoked"), "cross", ""]
        : state_ === "disabled" ? [qsTr("Paused"), "bars", "warn"]
        : expired || state_ === "expired" ? [qsTr("Expired"), "clock", "err"]
        : spent ? [qsTr("Budget spent"), "half", "err"] : [qsTr("Active"), "disc", ""]

    implicitHeight: header ? Theme.row : Theme.rowTall
    color: current ? Theme.selected : !header && area.containsMouse ? Theme.hover : header ? Theme.sunken : "transparent"
    Accessible.role: Accessible.Row
    Accessible.name: header ? qsTr("Column names") : [token.name, shown[0], Format.money(token.spent_nano_usd ?? 0)].join(", ")

    Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
    MouseArea {
        id: area
        anchors.fill: parent
        hoverEnabled: true
        enabled: !row.header
        acceptedButtons: Qt.LeftButton | Qt.RightButton
        onClicked: mouse => {
            row.picked();
            if (mouse.button === Qt.RightButton)
                menu.popup();
        }
    }

    component Head: Label {
        role: "caption"
        font.weight: Font.Medium
        visible: row.header
    }

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.s4
        anchors.rightMargin: Theme.s4
        spacing: Theme.s4

        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: Theme.px(120)
            spacing: 1
            Head { text: qsTr("Name") }
            Label { visible: !row.header; role: "strong"; Layout.fillWidth: true; text: Format.line(row.token.name ?? "", 80) }
            Label { visible: !row.header; role: "mono"; color: Theme.text3; text: (row.token.prefix ?? "") + "…" }
        }
        Item {
            Layout.preferredWidth: Theme.px(120)
            Layout.minimumWidth: Theme.px(120)
            Layout.maximumWidth: Theme.px(120)
            Layout.fillHeight: true
            Head { anchors.verticalCenter: parent.verticalCenter; text: qsTr("State") }
            Badge {
                anchors.verticalCenter: parent.verticalCenter
                visible: !row.header
                text: row.shown[0]
                shape: row.shown[1]
                tone: row.shown[2]
            }
        }
        Item {
            Layout.preferredWidth: Theme.px(190)
            Layout.minimumWidth: Theme.px(190)
            Layout.maximumWidth: Theme.px(190)
            Layout.fillHeight: true
            Head { anchors.verticalCenter: parent.verticalCenter; text: qsTr("Budget") }
            BudgetBar {
                anchors.verticalCenter: parent.verticalCenter
                visible: !row.header
                width: parent.width - 8
                used: (row.token.spent_nano_usd ?? 0) + (row.token.reserved_nano_usd ?? 0)
                limit: row.parts[0] !== "" ? Number(row.parts[0]) * 1e9 : 0
                period: row.parts.length > 1 ? row.parts[1] : ""
            }
        }
        Label {
            Layout.preferredWidth: Theme.px(130)
            Layout.minimumWidth: Theme.px(130)
            Layout.maximumWidth: Theme.px(130)
            visible: true
            role: row.header ? "caption" : "body"
            font.weight: row.header ? Font.Medium : Font.Normal
            color: Theme.text2
            text: row.header ? qsTr("Models")
                : (row.token.models ?? []).length === 0 ? qsTr("all")
                : Format.line(row.token.models.join(", "), 60)
        }
        Label {
            Layout.preferredWidth: Theme.px(110)
            Layout.minimumWidth: Theme.px(110)
            Layout.maximumWidth: Theme.px(110)
            role: row.header ? "caption" : "body"
            font.weight: row.header ? Font.Medium : Font.Normal
            color: Theme.text2
            text: row.header ? qsTr("Last used")
                : (row.token.last_used ?? "") === "" ? qsTr("never") : Format.ago(Date.parse(row.token.last_used) * 1000)
        }
        Label {
            Layout.preferredWidth: Theme.px(110)
            Layout.minimumWidth: Theme.px(110)
            Layout.maximumWidth: Theme.px(110)
            role: row.header ? "caption" : "body"
            font.weight: row.header ? Font.Medium : Font.Normal
            color: Theme.text2
            text: row.header ? qsTr("Expires")
                : (row.token.expires ?? "") === "" ? qsTr("never") : new Date(row.token.expires).toLocaleDateString(Qt.locale(), Locale.ShortFormat)
        }
        IconButton {
            opacity: row.header ? 0 : 1
            enabled: !row.header
            symbol: "more"
            hint: row.header ? "" : qsTr("Actions for %1").arg(Format.line(row.token.name ?? "", 40))
            onClicked: menu.popup()
        }
    }
    Menu {
        id: menu
        MenuEntry { text: qsTr("Pause"); symbol: "pause"; visible: row.state_ === "active"; onTriggered: row.pauseWanted() }
        MenuEntry { text: qsTr("Resume"); symbol: "play"; visible: row.state_ === "disabled"; onTriggered: row.resumeWanted() }
        MenuEntry { text: qsTr("View requests"); symbol: "requests"; visible: Nav.built.includes("requests"); onTriggered: row.logWanted() }
        MenuEntry { text: qsTr("Copy base URL"); symbol: "copy"; onTriggered: System.copy(Snapshot.baseUrl + "/v1") }
        MenuLine { visible: row.state_ !== "revoked" }
        MenuEntry { text: qsTr("Revoke…"); symbol: "trash"; danger: true; visible: row.state_ !== "revoked"; onTriggered: row.revokeWanted() }
    }
}
