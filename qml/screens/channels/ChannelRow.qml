// SPDX-License-Identifier: GPL-3.0-or-later
// One channel in the list: who it is, how it does, what it served today.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Rectangle {
    id: row

    property var channel: ({})
    property bool current: false
    property bool selected: false
    property bool narrow: false
    property bool tight: false
    property bool lifted: false
    property double dragY: 0
    readonly property var today: channel.today ?? {}
    readonly property bool off: !(channel.enabled ?? true)
    readonly property bool alarming: (today.error_percent ?? 0) >= 1 && (today.requests ?? 0) >= 20
    signal picked(int modifiers)
    signal opened()
    signal switched(bool on)
    signal acted(string what, var more)
    signal dragged(double y)
    signal dropped()

    implicitHeight: Theme.rowTall
    color: lifted ? Theme.raised : selected ? Theme.selected : current ? Theme.hover : area.containsMouse ? Theme.hover : "transparent"
    border.width: current ? 1 : 0
    border.color: Theme.focus
    Accessible.role: Accessible.Row
    Accessible.name: [channel.name, badge.word, channel.host, qsTr("%1 requests today").arg(today.requests ?? 0)].join(", ")

    Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
    MouseArea {
        id: area
        anchors.fill: parent
        hoverEnabled: true
        acceptedButtons: Qt.LeftButton | Qt.RightButton
        onClicked: mouse => {
            row.picked(mouse.modifiers);
            if (mouse.button === Qt.RightButton)
                menu.popup();
        }
        onDoubleClicked: row.acted("edit", null)
    }
    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.s2
        anchors.rightMargin: Theme.s4
        spacing: Theme.s4

        Item {
            implicitWidth: Theme.px(16)
            Layout.fillHeight: true
            Icon {
                anchors.centerIn: parent
                name: "grip"
                color: grip.containsMouse || grip.pressed ? Theme.text2 : Theme.text3
                opacity: area.containsMouse || grip.containsMouse || grip.pressed || row.current ? 1 : 0.35
            }
            MouseArea {
                id: grip
                anchors.fill: parent
                hoverEnabled: true
                preventStealing: true
                cursorShape: pressed ? Qt.ClosedHandCursor : Qt.OpenHandCursor
                onPositionChanged: mouse => { if (pressed) row.dragged(mapToItem(row, mouse.x, mouse.y).y + row.y); }
                onReleased: row.dropped()
            }
        }
        Toggle {
            checked: !row.off
            hint: qsTr("Use %1").arg(Format.line(row.channel.name ?? "", 40))
            onToggled: row.switched(checked)
        }
        ProviderTile {
            size: Theme.px(32)
            opacity: row.off ? 0.6 : 1
            initials: row.channel.tile ? row.channel.tile.initials : ""
            colour: row.channel.tile ? row.channel.tile.colour : Theme.text2
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: Theme.px(170)
            Layout.minimumWidth: Theme.px(110)
            spacing: 1
            Label { Layout.fillWidth: true; role: "strong"; color: row.off ? Theme.text2 : Theme.text; text: Format.line(row.channel.name ?? "", 80) }
            Label {
                Layout.fillWidth: true
                role: "caption"
                color: Theme.text3
                text: row.channel.host !== "" ? row.channel.host + " · " + (row.channel.provider_name ?? "") : row.channel.provider_name ?? ""
            }
        }
        HealthBadge {
            id: badge
            Layout.preferredWidth: Theme.px(144)
            Layout.minimumWidth: Theme.px(144)
            Layout.maximumWidth: Theme.px(144)
            health: row.channel.health ?? ({})
        }
        Cell {
            visible: !row.narrow
            wide: 76
            upper: row.channel.models_count === 1 ? qsTr("1 model") : qsTr("%1 models").arg(row.channel.models_count ?? 0)
            lower: row.channel.keys_total > 0 ? qsTr("%1/%2 keys").arg(row.channel.keys_usable).arg(row.channel.keys_total) : qsTr("no key")
            lowerColor: (row.channel.keys_usable ?? 0) < (row.channel.keys_total ?? 0) ? Theme.warn : Theme.text3
        }
        Cell {
            visible: !row.tight
            wide: 54
            numeric: true
            mono: true
            upper: row.off || row.channel.paused ? "–" : Math.round(row.channel.share_percent ?? 0) + " %"
            lower: qsTr("share")
        }
        Cell {
            wide: 92
            numeric: true
            mono: true
            upper: (row.today.requests ?? 0) > 0 ? Format.count(row.today.requests) : "–"
            lower: (row.today.failed ?? 0) > 0 ? qsTr("%1 failed").arg(Format.percent((row.today.error_percent ?? 0) / 100)) : qsTr("today")
            lowerColor: row.alarming ? Theme.err : Theme.text3
        }
        Cell {
            visible: !row.tight
            wide: 76
            numeric: true
            mono: true
            upper: (row.today.requests ?? 0) === 0 ? "–" : Format.money(row.today.cost_nano_usd ?? 0, (row.today.estimated ?? 0) > 0)
            lower: (row.today.unpriced ?? 0) > 0 ? qsTr("%1 unpriced").arg(row.today.unpriced) : qsTr("spent")
            lowerColor: (row.today.unpriced ?? 0) > 0 ? Theme.warn : Theme.text3
        }
        Cell {
            visible: !row.narrow
            wide: 66
            numeric: true
            mono: true
            upper: (row.channel.ttft_p50_us ?? -1) >= 0 ? Format.duration(row.channel.ttft_p50_us) : "–"
            lower: qsTr("first token")
        }
        IconButton {
            symbol: "more"
            hint: qsTr("Actions for %1").arg(Format.line(row.channel.name ?? "", 40))
            onClicked: menu.popup()
        }
    }

    component Cell: ColumnLayout {
        property int wide: 80
        property bool numeric: false
        property bool mono: false
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
            role: parent.mono ? "mono" : "body"
            color: row.off ? Theme.text3 : Theme.text
            text: parent.upper
        }
        Label {
            Layout.fillWidth: true
            horizontalAlignment: parent.numeric ? Text.AlignRight : Text.AlignLeft
            role: "caption"
            color: parent.lowerColor
            text: parent.lower
        }
    }

    Menu {
        id: menu
        MenuEntry { text: qsTr("Test now"); symbol: "bolt"; keys: "T"; onTriggered: row.acted("test", null) }
        MenuEntry { text: qsTr("Edit…"); symbol: "edit"; keys: "F2"; onTriggered: row.acted("edit", null) }
        MenuLine { }
        MenuEntry { text: qsTr("Pause for 15 minutes"); symbol: "pause"; visible: !row.channel.paused; onTriggered: row.acted("pause", 15) }
        MenuEntry { text: qsTr("Pause for an hour"); symbol: "pause"; visible: !row.channel.paused; onTriggered: row.acted("pause", 60) }
        MenuEntry { text: qsTr("Pause until resumed"); symbol: "pause"; visible: !row.channel.paused; onTriggered: row.acted("pause", 0) }
        MenuEntry { text: qsTr("Resume"); symbol: "play"; visible: row.channel.paused === true; onTriggered: row.acted("resume", null) }
        MenuEntry { text: qsTr("Try its keys again"); symbol: "refresh"; onTriggered: row.acted("reset", null) }
        MenuEntry { text: qsTr("Fetch models"); symbol: "download"; onTriggered: row.acted("models", null) }
        MenuLine { }
        MenuEntry { text: qsTr("Move up"); symbol: "chevron-up"; keys: "Alt+↑"; onTriggered: row.acted("up", null) }
        MenuEntry { text: qsTr("Move down"); symbol: "chevron-down"; keys: "Alt+↓"; onTriggered: row.acted("down", null) }
        MenuEntry { text: qsTr("To a tier of its own above"); symbol: "move"; keys: "Alt+Shift+↑"; onTriggered: row.acted("tier", -1) }
        MenuEntry { text: qsTr("To the tier below"); symbol: "move"; keys: "Alt+Shift+↓"; onTriggered: row.acted("tier", 1) }
        MenuLine { }
        MenuEntry { text: qsTr("Duplicate"); symbol: "copy"; onTriggered: row.acted("duplicate", null) }
        MenuEntry { text: qsTr("Copy base URL"); symbol: "link"; onTriggered: row.acted("copy", null) }
        MenuEntry { text: qsTr("View requests"); symbol: "requests"; visible: Nav.built.includes("requests"); onTriggered: row.acted("log", null) }
        MenuLine { }
        MenuEntry { text: qsTr("Remove"); symbol: "trash"; keys: "Del"; danger: true; onTriggered: row.acted("remove", null) }
    }
}
