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
    signal picked()
    signal pauseWanted()
    signal resumeWanted()
    signal revokeWanted()
    signal logWanted()
    signal copyWanted()
    signal rotateWanted()
    signal raiseWanted()
    signal removeWanted()

    readonly property string state_: token.condition ?? ""
    readonly property var budget: (token.budgets ?? [])[0] ?? ({})
    readonly property var shown: state_ === "revoked" ? [qsTr("Revoked"), "cross", ""]
        : state_ === "paused" ? [qsTr("Paused"), "bars", "info"]
        : state_ === "expired" ? [qsTr("Expired"), "clock", "warn"]
        : state_ === "budget_spent" ? [qsTr("Budget spent"), "half", "err"] : [qsTr("Active"), "disc", ""]
    readonly property string windowWord: ({ "day": qsTr("day"), "week": qsTr("week"), "month": qsTr("month") })[budget.window] ?? ""
    readonly property bool alarming: (token.error_percent ?? 0) >= 1 && (token.requests_24h ?? 0) >= 20

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
            Head { text: qsTr("Name"); Layout.fillWidth: true }
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
                visible: !row.header && row.shown[2] !== ""
                text: row.shown[0]
                shape: row.shown[1]
                tone: row.shown[2]
            }
            Row {
                anchors.verticalCenter: parent.verticalCenter
                visible: !row.header && row.shown[2] === ""
                spacing: 6
                StatusShape { anchors.verticalCenter: parent.verticalCenter; shape: row.shown[1]; color: Theme.text3 }
                Label { text: row.shown[0]; color: Theme.text2 }
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
                used: (row.budget.spent_nano_usd ?? 0) + (row.budget.reserved_nano_usd ?? 0)
                limit: row.budget.limit_nano_usd ?? 0
                period: row.windowWord
                Tip {
                    text: (row.budget.resets_us ?? 0) > 0 ? qsTr("Resets %1").arg(Format.dateTime(row.budget.resets_us))
                        + ((row.budget.raised_nano_usd ?? 0) > 0 ? " · " + qsTr("raised by %1 till then").arg(Format.money(row.budget.raised_nano_usd)) : "") : ""
                    shown: overBudget.hovered
                }
                HoverHandler { id: overBudget }
            }
        }
        Cell {
            wide: 84
            numeric: true
            mono: true
            head: qsTr("Today")
            upper: (row.token.today_nano_usd ?? 0) > 0 ? Format.money(row.token.today_nano_usd, (row.token.estimated_today ?? 0) > 0) : "–"
        }
        Cell {
            wide: 96
            numeric: true
            mono: true
            head: qsTr("Requests 24 h")
            upper: (row.token.requests_24h ?? 0) > 0 ? Format.count(row.token.requests_24h) : "–"
            lower: (row.token.failed_24h ?? 0) > 0 ? qsTr("%1 failed").arg(Format.percent((row.token.error_percent ?? 0) / 100)) : ""
            lowerColor: row.alarming ? Theme.err : Theme.text3
        }
        Cell {
            wide: 92
            Layout.leftMargin: Theme.s4
            visible: row.width > 960
            head: qsTr("Models")
            upper: (row.token.models ?? []).length === 0 ? qsTr("all") : row.token.models.length === 1 ? Format.line(row.token.models[0], 40) : qsTr("%1 models").arg(row.token.models.length)
        }
        Cell {
            wide: 150
            head: qsTr("Last used")
            upper: (row.token.last_used_us ?? 0) > 0 ? Format.ago(row.token.last_used_us) : qsTr("never")
            lower: [row.token.last_client ?? "", row.token.last_ip ?? ""].filter(part => part !== "").join(" · ")
        }
        Cell {
            wide: 84
            visible: row.width > 1080
            head: qsTr("Expires")
            upper: (row.token.expires_us ?? 0) === 0 ? qsTr("never") : new Date(row.token.expires_us / 1000).toLocaleDateString(Qt.locale(), Locale.ShortFormat)
        }
        IconButton {
            opacity: row.header ? 0 : 1
            enabled: !row.header
            symbol: "more"
            hint: row.header ? "" : qsTr("Actions for %1").arg(Format.line(row.token.name ?? "", 40))
            onClicked: menu.popup()
        }
    }
    component Cell: ColumnLayout {
        property int wide: 80
        property bool numeric: false
        property bool mono: false
        property string head: ""
        property string upper: ""
        property string lower: ""
        property color lowerColor: Theme.text3
        Layout.preferredWidth: Theme.px(wide)
        Layout.minimumWidth: Theme.px(wide)
        Layout.maximumWidth: Theme.px(wide)
        spacing: 1
        Label {
            Layout.fillWidth: true
            horizontalAlignment: parent.numeric ? Text.AlignRight : Text.AlignLeft
            role: row.header ? "caption" : parent.mono ? "mono" : "body"
            font.weight: row.header ? Font.Medium : Font.Normal
            color: row.header ? Theme.text2 : Theme.text
            text: row.header ? parent.head : parent.upper
        }
        Label {
            visible: !row.header && text !== ""
            Layout.fillWidth: true
            horizontalAlignment: parent.numeric ? Text.AlignRight : Text.AlignLeft
            role: "caption"
            color: parent.lowerColor
            text: parent.lower
        }
    }
    Menu {
        id: menu
        MenuEntry { text: qsTr("Copy token"); symbol: "copy"; visible: row.token.recoverable === true && row.state_ !== "revoked"; onTriggered: row.copyWanted() }
        MenuEntry { text: qsTr("Copy base URL"); symbol: "link"; onTriggered: { System.copy(Snapshot.baseUrl + "/v1"); Toasts.show(qsTr("Base URL copied")); } }
        MenuEntry { text: qsTr("View requests"); symbol: "requests"; visible: Nav.built.includes("requests"); onTriggered: row.logWanted() }
        MenuLine { visible: row.state_ !== "revoked" }
        MenuEntry { text: qsTr("Pause"); symbol: "pause"; visible: ["active", "budget_spent"].includes(row.state_); onTriggered: row.pauseWanted() }
        MenuEntry { text: qsTr("Resume"); symbol: "play"; visible: row.state_ === "paused"; onTriggered: row.resumeWanted() }
        MenuEntry { text: qsTr("Raise budget once…"); symbol: "money"; visible: (row.budget.resets_us ?? 0) > 0 && row.state_ !== "revoked"; onTriggered: row.raiseWanted() }
        MenuEntry { text: qsTr("Rotate…"); symbol: "rotate"; visible: row.state_ !== "revoked"; onTriggered: row.rotateWanted() }
        MenuLine { visible: row.state_ !== "revoked" }
        MenuEntry { text: qsTr("Remove"); symbol: "trash"; keys: "Del"; visible: row.state_ !== "revoked"; onTriggered: row.removeWanted() }
        MenuEntry { text: qsTr("Revoke for good…"); symbol: "lock"; danger: true; visible: row.state_ !== "revoked"; onTriggered: row.revokeWanted() }
    }
}
