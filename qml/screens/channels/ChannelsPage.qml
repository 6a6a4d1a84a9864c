// SPDX-License-Identifier: GPL-3.0-or-later
// Channels: the provider accounts in the order in which they are tried, how each does, and what to do
// about it.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    readonly property var all: channels.answer.channels ?? []
    readonly property string wanted: filter.text.trim().toLowerCase()
    readonly property var shown: all.filter(one => fits(one))
    property string stateShown: "all"
    property string problem: ""
    property var chosen: [] // names
    property string focused: ""
    readonly property var inspected: all.find(one => one.name === focused) ?? null
    readonly property bool wide: width > 960 // room for the details beside the list
    property bool detailsAlone: false // where there is not: instead of it, by F4
    // Tier heads and channels, as the list shows them.
    readonly property var lines: {
        const out = [];
        let tier = 0;
        for (const one of shown) {
            if (one.tier !== tier) {
                tier = one.tier;
                out.push({ tier: tier, count: shown.filter(each => each.tier === tier).length });
            }
            out.push({ tier: tier, channel: one });
        }
        return out;
    }
    property int dropAt: -1 // line before which a dragged row would land
    property string lifted: ""

    function fits(one: var): bool {
        const state = one.health ? one.health.state : "";
        const right = stateShown === "all" || (stateShown === "on" && one.enabled && !one.paused)
            || (stateShown === "trouble" && ["failing", "degraded", "cooling_down", "rate_limited", "slow"].includes(state))
            || (stateShown === "off" && (!one.enabled || one.paused));
        return right && (wanted === "" || [one.name, one.host, one.provider_name, (one.models ?? []).join(" ")].join(" ").toLowerCase().includes(wanted));
    }
    function call(command: string, fields: var, said: string, undo: var) {
        Backend.call(command, fields, (answer, error) => {
            page.problem = error ? error.message : "";
            if (!error && said !== "")
                Toasts.show(said, undo ? () => undo(answer) : undefined);
        });
    }
    function move(fields: var) {
        call("channel move", fields, qsTr("Order changed"), answer => Backend.call("channel move", { order: answer.before }));
    }
    function act(what: string, more: var, one: var) {
        const name = one.name;
        const at = all.findIndex(each => each.name === name);
        switch (what) {
        case "edit": sheet.edit(one); break;
        case "test": focused = name; detailsAlone = !wide; inspector.test(); break;
        case "pause":
            call("channel pause", more > 0 ? { channel: name, minutes: more } : { channel: name }, qsTr("%1 paused").arg(name),
                 () => Backend.call("channel resume", { channel: name }));
            break;
        case "resume": call("channel resume", { channel: name }, qsTr("%1 resumed").arg(name)); break;
        case "reset": call("channel reset", { channel: name }, qsTr("Keys of %1 are tried again").arg(name)); break;
        case "models": call("channel models", { channel: name, save: true }, qsTr("Models of %1 fetched").arg(name)); break;
        case "duplicate": call("channel duplicate", { channel: name }, qsTr("%1 copied").arg(name)); break;
        case "copy": System.copy(one.base_url); Toasts.show(qsTr("Base URL copied")); break;
        case "log": Nav.go("requests", { filter: "channel:\"" + name + "\"" }); break;
        case "remove":
            call("channel rm", { channel: name }, qsTr("%1 moved to the trash").arg(name), () => Backend.call("channel restore", { channel: name }));
            break;
        case "up": if (at > 0) move({ channel: name, before: all[at - 1].name }); break;
        case "down": if (at >= 0 && at + 1 < all.length) move({ channel: name, after: all[at + 1].name }); break;
        case "tier": {
            const last = Math.max(...all.map(each => each.tier));
            const alone = all.filter(each => each.tier === one.tier).length === 1;
            if (more < 0)
                move(alone && one.tier > 1 ? { channel: name, tier: one.tier - 1 } : { channel: name, new_tier: one.tier });
            else if (one.tier < last)
                move({ channel: name, tier: alone ? one.tier : one.tier + 1 });
            else if (!alone)
                move({ channel: name, new_tier: last + 1 });
            break;
        }
        }
    }
    function drop() {
        const name = lifted, at = dropAt;
        lifted = "";
        dropAt = -1;
        if (name === "" || at < 0)
            return;
        const before = lines[at - 1], after = lines[at];
        if (before && before.channel && before.channel.name !== name)
            move({ channel: name, after: before.channel.name });
        else if (after && after.channel && after.channel.name !== name)
            move({ channel: name, before: after.channel.name });
        else if (after && !after.channel && lines[at + 1] && lines[at + 1].channel && lines[at + 1].channel.name !== name)
            move({ channel: name, before: lines[at + 1].channel.name });
    }
    function toggleDetails() {
        if (!wide)
            detailsAlone = !detailsAlone && shown.length > 0;
        const shut = wide ? focused !== "" : !detailsAlone;
        if (wide && shut)
            focused = "";
        else if (focused === "" && shown.length > 0)
            focused = shown[0].name;
    }
    function take() {
        if (Nav.page !== "channels")
            return;
        if (Nav.wish.add)
            sheet.add(null);
        else
            sheet.close();
        if (Nav.wish.simulate)
            simulate.open();
        else
            simulate.close();
        if (Nav.wish.name)
            focused = Nav.wish.name;
    }
    Component.onCompleted: take()
    Connections {
        target: Nav
        function onWishChanged() { page.take(); }
    }
    Query { id: channels; command: "channel list"; follows: ["channel", "trash", "pause", "resume"]; every: 2000; active: page.visible && page.lifted === "" }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s5
        spacing: Theme.s4

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Channels")
            count: channels.ready ? Format.count(page.all.length) : ""
            Button { symbol: "spark"; text: qsTr("Simulate routing…"); visible: page.all.length > 0; onClicked: simulate.open() }
            Button { symbol: "upload"; text: qsTr("Import…"); onClicked: paste.open() }
            Button { kind: "primary"; symbol: "add"; text: qsTr("Add channel"); hint: "Ctrl+N"; onClicked: sheet.add(null) }
        }
        RowLayout {
            spacing: Theme.s3
            visible: page.all.length > 0
            Field {
                id: filter
                Layout.preferredWidth: Theme.px(320)
                symbol: "search"
                clearable: true
                placeholderText: qsTr("Find by name, host, provider or model")
                Accessible.name: placeholderText
            }
            Segments {
                hint: qsTr("State")
                options: [{ value: "all", text: qsTr("All") }, { value: "on", text: qsTr("In use") },
                          { value: "trouble", text: qsTr("In trouble") }, { value: "off", text: qsTr("Off") }]
                value: page.stateShown
                onChosen: picked => page.stateShown = picked
            }
            Item { Layout.fillWidth: true }
        }
        BulkBar {
            Layout.fillWidth: true
            visible: page.chosen.length > 1
            names: page.chosen
            onCleared: page.chosen = []
        }
        InlineMessage { Layout.fillWidth: true; text: channels.error ? channels.error.message : page.problem }

        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.s5

            Rectangle {
                Layout.fillWidth: true
                Layout.fillHeight: true
                visible: page.wide || !inspector.visible
                color: Theme.surface
                radius: Theme.radiusCard
                border.width: 1
                border.color: Theme.border
                clip: true

                ListView {
                    id: list
                    anchors.fill: parent
                    anchors.margins: 1
                    clip: true
                    model: page.lines.length
                    boundsBehavior: Flickable.StopAtBounds
                    activeFocusOnTab: true
                    T.ScrollBar.vertical: ScrollBar { }
                    Accessible.role: Accessible.Table
                    Accessible.name: qsTr("Channels in the order in which they are tried")

                    function go(by: int) {
                        const names = page.shown.map(one => one.name);
                        const at = Math.max(0, Math.min(names.length - 1, names.indexOf(page.focused) + by));
                        page.focused = names[at] ?? "";
                        const line = page.lines.findIndex(one => one.channel && one.channel.name === page.focused);
                        positionViewAtIndex(line, ListView.Contain);
                    }
                    Keys.onPressed: event => {
                        const one = page.inspected;
                        const alt = event.modifiers & Qt.AltModifier, shift = event.modifiers & Qt.ShiftModifier;
                        event.accepted = true;
                        if (event.key === Qt.Key_Up && alt && one)
                            page.act(shift ? "tier" : "up", -1, one);
                        else if (event.key === Qt.Key_Down && alt && one)
                            page.act(shift ? "tier" : "down", 1, one);
                        else if (event.key === Qt.Key_Up || event.key === Qt.Key_K)
                            go(-1);
                        else if (event.key === Qt.Key_Down || event.key === Qt.Key_J)
                            go(1);
                        else if (event.key === Qt.Key_Space && one)
                            Backend.call(one.enabled ? "channel disable" : "channel enable", { channel: one.name });
                        else if (event.key === Qt.Key_Delete && one)
                            page.act("remove", null, one);
                        else if ((event.key === Qt.Key_F2 || event.key === Qt.Key_Return) && one)
                            page.act("edit", null, one);
                        else if (event.key === Qt.Key_T && one)
                            page.act("test", null, one);
                        else
                            event.accepted = false;
                    }
                    delegate: Item {
                        id: line
                        required property int index
                        readonly property var shown: page.lines[index] ?? ({})
                        width: ListView.view.width
                        implicitHeight: shown.channel ? Theme.rowTall : Theme.row
                        Rectangle {
                            anchors.fill: parent
                            visible: !line.shown.channel
                            color: Theme.sunken
                            Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
                            RowLayout {
                                anchors.fill: parent
                                anchors.leftMargin: Theme.s4
                                anchors.rightMargin: Theme.s4
                                spacing: Theme.s3
                                Label { role: "caption"; font.weight: Font.DemiBold; color: Theme.text; text: qsTr("Tier %1").arg(line.shown.tier ?? 0) }
                                Label {
                                    Layout.fillWidth: true
                                    role: "caption"
                                    color: Theme.text3
                                    text: line.shown.tier === 1
                                        ? (line.shown.count > 1 ? qsTr("tried first, shared by weight") : qsTr("tried first"))
                                        : qsTr("tried when tier %1 cannot answer").arg(line.shown.tier - 1)
                                }
                            }
                        }
                        Loader {
                            anchors.fill: parent
                            active: line.shown.channel !== undefined
                            sourceComponent: ChannelRow {
                                channel: line.shown.channel ?? ({})
                                narrow: list.width < 820
                                tight: list.width < 700
                                current: list.activeFocus && page.focused === channel.name
                                selected: page.focused === channel.name || page.chosen.includes(channel.name)
                                lifted: page.lifted === channel.name
                                onPicked: modifiers => {
                                    list.forceActiveFocus();
                                    if (modifiers & Qt.ControlModifier) {
                                        const base = page.chosen.length > 0 ? page.chosen : page.focused !== "" ? [page.focused] : [];
                                        page.chosen = base.includes(channel.name) ? base.filter(one => one !== channel.name) : base.concat([channel.name]);
                                    } else if (modifiers & Qt.ShiftModifier && page.focused !== "") {
                                        const names = page.shown.map(one => one.name);
                                        const from = names.indexOf(page.focused), to = names.indexOf(channel.name);
                                        page.chosen = names.slice(Math.min(from, to), Math.max(from, to) + 1);
                                        return;
                                    } else {
                                        page.chosen = [];
                                    }
                                    page.focused = channel.name;
                                }
                                onSwitched: on => page.call(on ? "channel enable" : "channel disable", { channel: channel.name },
                                    on ? qsTr("%1 switched on").arg(channel.name) : qsTr("%1 switched off").arg(channel.name),
                                    () => Backend.call(on ? "channel disable" : "channel enable", { channel: channel.name }))
                                onActed: (what, more) => page.act(what, more, channel)
                                onDragged: y => {
                                    page.lifted = channel.name;
                                    const at = list.indexAt(10, line.y + y);
                                    const item = list.itemAtIndex(at);
                                    page.dropAt = at < 0 ? (line.y + y < 0 ? 1 : page.lines.length)
                                        : Math.max(1, item && line.y + y > item.y + item.height / 2 ? at + 1 : at);
                                }
                                onDropped: page.drop()
                            }
                        }
                        Rectangle {
                            visible: page.dropAt === line.index || (page.dropAt === page.lines.length && line.index === page.lines.length - 1)
                            y: page.dropAt === line.index ? -1 : parent.height - 2
                            z: 2
                            width: parent.width
                            height: 2
                            color: Theme.accent
                        }
                    }
                }
                Skeleton { anchors.fill: parent; loading: channels.loading && !channels.ready }
                FirstChannel {
                    anchors.centerIn: parent
                    visible: channels.ready && page.all.length === 0
                    shown: visible
                    onPicked: draft => sheet.add(draft)
                }
                Placeholder {
                    anchors.centerIn: parent
                    visible: channels.ready && page.all.length > 0 && page.shown.length === 0
                    symbol: "channels"
                    title: qsTr("No channel matches")
                    action: qsTr("Clear filters")
                    onActed: {
                        filter.clear();
                        page.stateShown = "all";
                    }
                }
            }
            ChannelInspector {
                id: inspector
                Layout.fillWidth: !page.wide
                Layout.preferredWidth: Theme.px(page.width > 1120 ? 380 : 350)
                Layout.maximumWidth: page.wide ? Layout.preferredWidth : page.width
                Layout.fillHeight: true
                visible: page.inspected !== null && (page.wide || page.detailsAlone)
                channel: page.inspected ?? ({})
                onActed: (what, more) => page.act(what, more, page.inspected)
                onClosed: {
                    page.detailsAlone = false;
                    if (page.wide)
                        page.focused = "";
                }
            }
        }
    }
    ChannelSheet { id: sheet; taken: page.all.map(one => one.name); onSaved: name => page.focused = name }
    PasteSheet { id: paste; onPicked: draft => sheet.add(draft) }
    SimulateRouting { id: simulate }

    Shortcut { sequence: "Ctrl+N"; enabled: page.visible; onActivated: sheet.add(null) }
    Shortcut { sequence: "Ctrl+F"; enabled: page.visible; onActivated: filter.forceActiveFocus() }
    Shortcut { sequence: "F4"; enabled: page.visible; onActivated: page.toggleDetails() }
}
